"""Tool servers behind a URL: every request within reach, and no failure fatal to the other calls."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import MCP_SESSION_ID, streamable_http_client
from typing_extensions import override

from bot.connectors.addresses import Address, Reach, addresses_of, check_url
from bot.connectors.failures import clause_for_status, clause_of, printable
from bot.connectors.sending import Sending, current
from bot.domain.connectors import OverHttp
from bot.domain.errors import Refusal

MAX_MESSAGE_BYTES: Final = 8_000_000
"""Bytes that one message of a server may have."""

_TIMEOUT: Final = httpx2.Timeout(10, read=None)
"""Seconds to connect and to write; how long an answer may take is the connector's own setting."""

_LIMITS: Final = httpx2.Limits(max_connections=200, max_keepalive_connections=20)

_GOODBYE_S: Final = 2.0
"""Seconds that a server has to take note that we leave."""

_NEVER_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)

_SESSION_ERRORS: Final = frozenset({-32000, -32600})
"""JSON-RPC codes with which servers answer HTTP 400 where no session is known; it should be 404.

Source: https://github.com/modelcontextprotocol/typescript-sdk (the example servers: "No valid session ID").
"""


_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")
"""Source: https://www.rfc-editor.org/rfc/rfc9110#section-5."""


class BadHeader(Refusal):
    """The connector’s header {name} holds something that HTTP does not allow."""


class Trouble:
    """What went wrong last on the way to a server."""

    def __init__(self) -> None:
        self.clause = ""
        """Empty while the server answers as it should."""
        self.noticed = asyncio.Event()
        """Set with every trouble; whoever looks into it clears it."""

    def note(self, clause: str) -> None:
        """Takes a trouble in."""
        self.clause = clause
        self.noticed.set()


@asynccontextmanager
async def over_http(
    transport: OverHttp, trouble: Trouble, *, reach: Reach
) -> AsyncGenerator[TransportStreams]:
    """Opens the streams to the server; nothing is sent yet.

    Raises:
        BadUrl: no connector may have this URL.
        BadHeader: no request may have one of its headers.
        AddressRefused: it leads out of reach.
    """
    check_url(transport.url, reach)
    for name, value in transport.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise BadHeader(name=printable(name, 40))
    headers = {"accept-encoding": "identity", **transport.headers}
    guarded = _Guarded(trouble, reach)
    async with (
        httpx2.AsyncClient(transport=guarded, headers=headers, timeout=_TIMEOUT, trust_env=False) as client,
        streamable_http_client(
            transport.url, http_client=client, max_sse_event_size=MAX_MESSAGE_BYTES
        ) as streams,
    ):
        yield streams


class _Guarded(httpx2.AsyncBaseTransport):
    """Connects only to addresses within reach, and answers failures instead of raising them.

    The SDK ends the whole connection, with all calls on it, when one request raises.
    """

    def __init__(self, trouble: Trouble, reach: Reach) -> None:
        self._trouble = trouble
        self._reach = reach
        self._inner = httpx2.AsyncHTTPTransport(limits=_LIMITS, trust_env=False)

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        record = current()
        record.lost = False
        try:
            async with asyncio.timeout(_GOODBYE_S if request.method == "DELETE" else None):
                response = await self._sent(request)
                return await self._judged(request, response, record)
        except Refusal as refusal:
            return self._failed(clause_of(refusal), never_sent=(request, record))
        except _NEVER_SENT as error:
            return self._failed(_never_sent(error), never_sent=(request, record))
        except (httpx2.TransportError, TimeoutError):
            record.lost = True
            return self._failed("it broke off the connection")

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _sent(self, request: httpx2.Request) -> httpx2.Response:
        """Sends it to the first of the host's addresses that can be connected."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        *others, last = await addresses_of(host, port, self._reach)
        for address in others:
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_pinned(request, last))

    async def _judged(
        self, request: httpx2.Request, response: httpx2.Response, record: Sending
    ) -> httpx2.Response:
        if response.status_code == 202:
            record.lost = True  # it takes a call without ever answering it
        if not response.is_success:
            return await self._unsuccessful(request, response, record)
        kind = _media_type(response)
        encoding = response.headers.get("content-encoding", "identity")
        is_event_stream = kind == "text/event-stream"
        if encoding != "identity" or (
            request.method == "POST"
            and response.status_code != 202
            and not (is_event_stream or kind == "application/json")
        ):
            await response.aclose()
            record.lost = True
            return self._failed(
                "it answers, but not as an MCP server does; check that the URL is the right one"
            )
        self._trouble.clause = ""
        response.stream = _Watched(response, record, is_event_stream=is_event_stream)
        return response

    async def _unsuccessful(
        self, request: httpx2.Request, response: httpx2.Response, record: Sending
    ) -> httpx2.Response:
        body = await _beginning(response)
        code = _error_code(body) if _media_type(response) == "application/json" else None
        status = response.status_code
        in_session = MCP_SESSION_ID in request.headers
        is_answer = code is not None and status not in {401, 403, 429}
        ended = in_session and (status == 404 or (status == 400 and code in _SESSION_ERRORS))
        if ended or not is_answer:
            clause = clause_for_status(404 if ended else status, in_session=in_session)
            if status >= 500 or status == 408:
                record.lost = True
            else:
                _refuse(request, record, clause)
            if request.method == "POST":
                self._trouble.note(clause)
        headers = {"content-type": response.headers.get("content-type", "")}
        if "location" in response.headers:
            headers["location"] = response.headers["location"]
        return httpx2.Response(status, headers=headers, content=body)

    def _failed(
        self, clause: str, *, never_sent: tuple[httpx2.Request, Sending] | None = None
    ) -> httpx2.Response:
        if never_sent is not None:
            _refuse(*never_sent, clause)
        self._trouble.note(clause)
        return httpx2.Response(502)


class _Watched(httpx2.AsyncByteStream):
    """A response's body, up to the limit; a break in it is its end, noted as such."""

    def __init__(self, response: httpx2.Response, record: Sending, *, is_event_stream: bool) -> None:
        stream = response.stream
        if not isinstance(stream, httpx2.AsyncByteStream):
            raise TypeError("an asynchronous response has an asynchronous body")
        self._inner = stream
        self._record = record
        self._is_event_stream = is_event_stream

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for chunk in self._inner:
                size += len(chunk)
                if size > MAX_MESSAGE_BYTES and not self._is_event_stream:
                    self._record.lost = True
                    return
                yield chunk
        except httpx2.TransportError:
            self._record.lost = True
            return
        # The SDK stops reading a stream of events at the answer: whoever gets here has none.
        self._record.lost = self._is_event_stream

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()


def _refuse(request: httpx2.Request, record: Sending, clause: str) -> None:
    """Notes that a request came to nothing; only a POST carries a call, a GET asks again for its answer."""
    if request.method == "POST":
        record.refused = clause
    else:
        record.lost = True


def _pinned(request: httpx2.Request, address: Address) -> httpx2.Request:
    """Gives the request for exactly this address, so that a second look at the name cannot lead elsewhere."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def _never_sent(error: httpx2.TransportError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return _untrusted(cause)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.ConnectTimeout):
        return "it does not take our connection in time; check its URL and the network"
    if isinstance(error, httpx2.PoolTimeout):
        return "too many calls to it are under way"
    if isinstance(error, httpx2.ConnectError):
        return "nothing listens at its URL; check that it runs, and the host and port"
    return "its URL or its headers hold something that HTTP does not allow"


def _untrusted(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its TLS certificate cannot be trusted ({printable(error.verify_message, 100)})"
    return f"no TLS connection comes about ({printable(error.reason or 'unknown', 100)}); check http or https"


def _media_type(response: httpx2.Response) -> str:
    kind = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower()


async def _beginning(response: httpx2.Response, limit: int = 64_000) -> bytes:
    """Gives the body, or nothing if it is longer than the limit."""
    body = b""
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > limit:
                return b""
    except httpx2.TransportError:
        return b""
    finally:
        await response.aclose()
    return body


def _error_code(body: bytes) -> int | None:
    """Gives the code of the JSON-RPC error that the body is; None when it is none."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = value.get("error") if isinstance(value, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None
