"""One open connection to a tool server: lists its tools and makes calls, each at most once."""

import asyncio
from contextlib import suppress
from typing import Final

import anyio
from mcp import Client, MCPError
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp_types import (
    PARSE_ERROR,
    REQUEST_TIMEOUT,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    JSONRPCError,
    JSONRPCResponse,
    PaginatedRequestParams,
)
from pydantic import TypeAdapter, ValidationError

from bot.connectors.failures import ListingRefused, printable
from bot.connectors.http import Trouble
from bot.connectors.listing import Listing, Page, all_pages, read_listing
from bot.connectors.results import NoAnswer, cut, read_result
from bot.connectors.sending import Sending, sending
from bot.connectors.stdio import LastWords
from bot.connectors.wire import Wire
from bot.domain.connectors import Connector
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.ports.outside import NotSent, OutcomeUnknown

_ANSWER: Final[TypeAdapter[CallToolResult | InputRequiredResult]] = TypeAdapter(
    CallToolResult | InputRequiredResult
)

_NO_ANSWERS: Final = frozenset({REQUEST_TIMEOUT, PARSE_ERROR})
"""Codes of errors that leave open what happened: a gateway gave up waiting, or the answer came garbled."""

_LISTEN_AGAIN_S: Final = 15.0
"""Seconds before a broken subscription is opened again."""


class Connection:
    """An open connection. It belongs to the task that opened it; any task may call."""

    def __init__(
        self,
        connector: Connector,
        client: Client,
        wire: Wire,
        *,
        changed: asyncio.Event,
        trouble: Trouble,
        words: LastWords,
    ) -> None:
        self.changed = changed
        """Set when the server says that its tools have changed."""
        self.closed = wire.closed
        """Set when the connection has ended."""
        self.trouble = trouble
        """What went wrong last; only behind a URL."""
        self.words = words
        """What our child said last; only over stdio."""
        self.idle = asyncio.Event()
        """Set while no call is under way."""
        self.idle.set()
        self._connector = connector
        self._client = client
        self._wire = wire
        self._under_way = 0

    @property
    def is_well(self) -> bool:
        """Whether it is open and the last thing on it went as it should."""
        return not self.closed.is_set() and not self.trouble.clause

    async def listing(self) -> Listing:
        """Gives all the tools that the server offers now.

        Raises:
            ListingRefused: the server gives no usable list.
        """
        try:
            pages = await all_pages(self._page)
        except MCPError as error:
            raise ListingRefused(why=printable(error.message) or "the server gives none") from None
        except (ValidationError, anyio.ClosedResourceError, anyio.BrokenResourceError):
            raise ListingRefused(why="the server sends something else") from None
        return await asyncio.to_thread(read_listing, self._connector.name, pages)

    async def call(self, call: ToolCall) -> CallResult:
        """Makes the call, once, and gives what the server answered; an error is an answer too.

        Raises:
            NotSent: it certainly did not reach the server, or was turned away at its door.
            OutcomeUnknown: it left, and no answer came in time or ever.
        """
        self._under_way += 1
        self.idle.clear()
        try:
            with sending() as record:
                try:
                    return await self._called(call, record)
                finally:
                    self._wire.forget(record)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self.idle.set()

    async def _called(self, call: ToolCall, record: Sending) -> CallResult:
        loop = asyncio.get_running_loop()
        began = loop.time()
        request = CallToolRequest(
            params=CallToolRequestParams(name=call.tool.name, arguments=dict(call.arguments))
        )
        # Whatever is raised, the record knows what came: an answer that the SDK cannot read is one.
        with suppress(
            MCPError, TimeoutError, ValidationError, anyio.ClosedResourceError, anyio.BrokenResourceError
        ):
            async with asyncio.timeout(self._connector.timeout_s):
                # The SDK's own `call_tool` would check the answer against patterns that the server chose, and
                # list the tools again in the middle of a call.
                await self._client.session.send_request(request, _ANSWER)
        return self._judged(call, record, loop.time() - began)

    def _judged(self, call: ToolCall, record: Sending, duration_s: float) -> CallResult:
        """Gives the answer that came, or says what its absence means."""
        name = call.tool.connector
        if record.refused:
            raise NotSent(connector=name, why=f"{record.refused}.")
        if not record.left:
            raise NotSent(connector=name, why="the connection has just closed.")
        match record.answer:
            case JSONRPCResponse(result=result):
                with suppress(NoAnswer):
                    return read_result(result, duration_s=duration_s)
            case JSONRPCError(error=error) if not record.lost and error.code not in _NO_ANSWERS:
                text = cut(error.message) or "The server refused the call without a word."
                return CallResult(ok=False, text=text, duration_s=duration_s)
            case _:
                pass
        raise OutcomeUnknown(connector=name)

    async def _page(self, cursor: str | None) -> Page:
        self._wire.listed()
        result = await self._client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        return Page(
            tools=self._wire.listed(),
            readable=frozenset(tool.name for tool in result.tools),
            next=result.next_cursor,
        )

    async def watch_changes(self) -> None:
        """Waits for the server to say that its tools have changed; ends when it never will.

        Servers of the older protocol say so unasked; there is nothing to wait for then.
        """
        tools = self._client.server_capabilities.tools
        while tools is not None and tools.list_changed:
            try:
                async with self._client.listen(tools_list_changed=True) as events:
                    async for _ in events:
                        self.changed.set()
            except SubscriptionLost:
                pass
            except (ListenNotSupportedError, MCPError, TimeoutError, ValidationError):
                return
            await asyncio.sleep(_LISTEN_AGAIN_S)
            self.changed.set()
