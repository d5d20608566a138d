"""The SDK's way to the wire: one request, one try, an end in time."""

import json
from typing import Any, Final

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, ConnectionTimeoutError
from msrest.pipeline import Request, Response
from msrest.pipeline.async_abc import AsyncHTTPSender
from msrest.universal_http import ClientRequest
from typing_extensions import override

from bot.chat.teams.connector.tokens import CONNECTOR_SCOPE
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.outgoing.kept_tokens import KeptTokens
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.session import Unreadable, new_session, object_in, retry_after

_OWN_HEADERS: Final = frozenset({"content-length"})
"""What aiohttp says itself."""


class Answered:
    """A good answer, as the SDK reads one."""

    def __init__(self, found: JsonObject) -> None:
        self.status_code = 200  # the SDK does not know every way to say yes
        self.found = found
        self.headers = {"content-type": "application/json"}
        self.context: dict[str, Any] = {}

    def text(self, encoding: str | None = None) -> str:
        """Gives the body again, as the SDK wants to parse it."""
        del encoding
        return json.dumps(self.found)


class Sender(AsyncHTTPSender[ClientRequest, Answered]):
    """Sends through sessions that are kept open; made, used and closed on one loop."""

    def __init__(self, tokens: KeptTokens) -> None:
        self._tokens = tokens
        self._sessions: dict[str, ClientSession] = {}

    @override
    async def send(self, request: Request[ClientRequest], **config: Any) -> Response[ClientRequest, Answered]:
        """Gives the connector's answer.

        Raises:
            Declined: it is no.
            Unsent: there was no connection.
            Lost: there was no answer, or it cannot be read.
            BadCredentials, TeamsAway: there is no token.
        """
        wanted = request.http_request
        headers = {name: text for name, text in wanted.headers.items() if name.lower() not in _OWN_HEADERS}
        token = await self._tokens.token(CONNECTOR_SCOPE)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._session(wanted.url).request(
                wanted.method, wanted.url, data=_compact(wanted.data), headers=headers, allow_redirects=False
            ) as response:
                return Response(request, await _read(response))
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise Unsent(type(error).__name__) from None
        except (ClientError, TimeoutError, OSError, Unreadable) as error:
            raise Lost(type(error).__name__) from None

    def _session(self, url: str) -> ClientSession:
        scheme = url.partition(":")[0]
        if scheme not in self._sessions:
            self._sessions[scheme] = new_session(url)
        return self._sessions[scheme]

    async def close(self) -> None:
        """Closes every connection."""
        for session in self._sessions.values():
            await session.close()

    @override
    async def __aexit__(self, *details: object) -> None:
        await self.close()


async def _read(response: ClientResponse) -> Answered:
    if 200 <= response.status < 300:
        return Answered(await object_in(response))
    try:
        found = await object_in(response)
    except Unreadable:
        found = {}
    code = text_at(found, "error", "code") or text_at(found, "errorCode")
    raise Declined(response.status, code[:100], retry_after(response))


def _compact(body: object) -> object:
    """Gives the JSON without the blanks that the SDK puts in: Teams counts them against its limit."""
    return json.dumps(json.loads(body), separators=(",", ":")) if isinstance(body, str) else body
