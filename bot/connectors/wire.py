"""Both directions of one connection, watched: what left, what was answered, and when it closed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import Context
from types import TracebackType
from typing import Self

import anyio
import mcp_types
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCRequest, JSONRPCResponse, RequestId, methods
from pydantic import ValidationError

from bot.connectors.sending import Sending, beside_it, current


class Wire:
    """What is known of one connection's traffic."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        """Set when the server's side of the connection has ended."""
        self.hung_up = False
        """Whether the server ended it, not we."""
        self.garbled = 0
        """How many things came that are no messages of the protocol."""
        self.version: Callable[[], str | None] = lambda: None
        """The negotiated version of the protocol, once there is one."""
        self._calls: dict[str, Sending] = {}
        self._listings: set[str] = set()
        self._tools: list[object] = []

    @asynccontextmanager
    async def over(
        self, transport: AbstractAsyncContextManager[TransportStreams]
    ) -> AsyncGenerator[tuple["_Reading", "_Writing"]]:
        """Opens the transport, watched."""
        try:
            async with transport as (reading, writing):
                context = lambda: getattr(reading, "last_context", None)  # noqa: E731 - it closes over what is read at this moment
                yield (
                    _Reading(self, reading.receive, reading.aclose, context),
                    _Writing(self, writing.send, writing.aclose),
                )
        finally:
            self.closed.set()

    def forget(self, record: Sending) -> None:
        """Ends the wait for an answer, so that a late one is nobody's."""
        if record.id is not None:
            self._calls.pop(str(record.id), None)

    def listed(self) -> list[object]:
        """Gives the tools of the last page as they came, readable or not; a second time gives none."""
        tools, self._tools = self._tools, []
        return tools

    def leaving(self, message: SessionMessage) -> Sending | None:
        """Notes a message that is about to leave; gives the record of the tool call that it is."""
        request = message.message
        if not isinstance(request, JSONRPCRequest):
            return None
        if request.method == "tools/list":
            self._listings.add(str(request.id))
        if request.method != "tools/call":
            return None
        record = current()
        record.id, record.left = request.id, True
        self._calls[str(request.id)] = record
        return record

    def arrived(self, item: SessionMessage | Exception) -> SessionMessage | Exception:
        """Notes what came; gives it back, with only readable tools where it is a list of tools."""
        if isinstance(item, Exception):
            self.garbled += 1
            return item
        answer = item.message
        if isinstance(answer, JSONRPCResponse | JSONRPCError) and answer.id is not None:
            self._answered(answer, answer.id)
        return item

    def _answered(self, answer: JSONRPCResponse | JSONRPCError, request: RequestId) -> None:
        record = self._calls.pop(str(request), None)
        if record is not None:
            record.answer = answer
        if str(request) in self._listings:
            self._listings.discard(str(request))
            tools = answer.result.get("tools") if isinstance(answer, JSONRPCResponse) else None
            if isinstance(answer, JSONRPCResponse) and isinstance(tools, list):
                self._tools = tools
                # One tool that the SDK cannot read would cost the whole list.
                answer.result = {**answer.result, "tools": [raw for raw in tools if self._is_readable(raw)]}

    def _is_readable(self, raw: object) -> bool:
        version = self.version()
        try:
            mcp_types.Tool.model_validate(raw, by_name=False)
            if version is not None:
                page = {"tools": [raw], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
                methods.validate_server_result("tools/list", version, page)
        except (ValidationError, ValueError):
            return False
        return True


class _Closing:
    """What both directions share: leaving the block closes them."""

    def __init__(self, close: Callable[[], Awaitable[None]]) -> None:
        self._close = close

    async def aclose(self) -> None:
        await self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()


class _Reading(_Closing):
    """The server's messages to us."""

    def __init__(
        self,
        wire: Wire,
        receive: Callable[[], Awaitable[SessionMessage | Exception]],
        close: Callable[[], Awaitable[None]],
        context: Callable[[], Context | None],
    ) -> None:
        super().__init__(close)
        self._wire = wire
        self._receive = receive
        self._context = context

    @property
    def last_context(self) -> Context | None:
        return self._context()

    async def receive(self) -> SessionMessage | Exception:
        try:
            item = await self._receive()
        except anyio.EndOfStream:
            self._wire.hung_up = True
            self._wire.closed.set()
            raise
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._wire.closed.set()
            raise
        return self._wire.arrived(item)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


class _Writing(_Closing):
    """Our messages to the server."""

    def __init__(
        self,
        wire: Wire,
        send: Callable[[SessionMessage], Awaitable[None]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(close)
        self._wire = wire
        self._send = send

    async def send(self, item: SessionMessage, /) -> None:
        record = self._wire.leaving(item)
        try:
            with nullcontext() if record else beside_it():
                await self._send(item)
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._wire.closed.set()
            if record is not None:
                record.left = False
            raise
