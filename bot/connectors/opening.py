"""How a connection to a tool server is opened, and what to say when it cannot be."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from mcp import Client, MCPError
from mcp.client import IncomingMessage
from mcp.client._transport import TransportStreams
from mcp_types import Implementation, ToolListChangedNotification

from bot.connectors.addresses import Reach
from bot.connectors.connection import Connection
from bot.connectors.failures import CannotConnect, ListingRefused, clause_of, printable
from bot.connectors.http import Trouble, over_http
from bot.connectors.listing import Listing
from bot.connectors.stdio import LastWords, over_stdio
from bot.connectors.wire import Wire
from bot.domain.connectors import Connector, OverStdio
from bot.domain.errors import Refusal

_US: Final = Implementation(name="countersign", version="1")

# These log what servers send, and URLs with what may be secret in them.
for _talkative in ("mcp.client", "mcp.shared", "httpx2"):
    logging.getLogger(_talkative).setLevel(logging.CRITICAL + 1)


@asynccontextmanager
async def connected(connector: Connector, *, reach: Reach, patience_s: float) -> AsyncGenerator[Connection]:
    """Opens a connection; leaving the block closes it, and ends the server if it is our child.

    Raises:
        CannotConnect: the server cannot be reached or is none; it says why.
    """
    failure: Exception | None = None
    try:
        async with AsyncExitStack() as stack:
            connection = await _opened(connector, stack, reach, patience_s)
            try:
                yield connection
            except Exception as error:  # noqa: BLE001 - raised below, past the SDK's task groups, which would wrap it
                failure = error
    except CannotConnect:
        raise
    except Exception as error:
        _raise_if_cancelled()
        failure = failure or CannotConnect(connector=connector.name, why="the connection broke")
        raise failure from error
    if failure is not None:
        raise failure


async def _opened(connector: Connector, stack: AsyncExitStack, reach: Reach, patience_s: float) -> Connection:
    opening = _Opening(connector, reach)
    try:
        return await opening.enter(stack, "auto", patience_s)
    except CannotConnect:
        if not isinstance(connector.transport, OverStdio) or not opening.hung_up:
            raise
    # Some servers end when the first message is not the older protocol's.
    return await _Opening(connector, reach).enter(stack, "legacy", patience_s)


async def probe(connector: Connector, *, reach: Reach, patience_s: float = 30.0) -> Listing:
    """Connects, lists the tools, and disconnects again.

    Raises:
        CannotConnect: it did not work; the sentence says what to do about it.
    """
    async with connected(connector, reach=reach, patience_s=patience_s) as connection:
        try:
            async with asyncio.timeout(patience_s):
                return await connection.listing()
        except ListingRefused as refusal:
            raise CannotConnect(connector=connector.name, why=clause_of(refusal)) from None
        except TimeoutError:
            why = f"it did not list its tools within {patience_s:g} seconds"
            raise CannotConnect(connector=connector.name, why=why) from None


def _raise_if_cancelled() -> None:
    """Brings a cancellation back to light where errors of the SDK's tasks have taken its place."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class _Opening:
    """One try to open a connection."""

    def __init__(self, connector: Connector, reach: Reach) -> None:
        self._connector = connector
        self._reach = reach
        self._wire = Wire()
        self._words = LastWords()
        self._trouble = Trouble()
        self._changed = asyncio.Event()

    @property
    def hung_up(self) -> bool:
        """Whether the server ended it."""
        return self._wire.hung_up

    async def enter(self, stack: AsyncExitStack, mode: str, patience_s: float) -> Connection:
        """Opens the connection on the stack.

        Raises:
            CannotConnect: it did not work.
        """
        client = Client(
            self._wire.over(self._transport()),
            mode=mode,
            cache=None,
            client_info=_US,
            message_handler=self._take,
        )
        try:
            async with asyncio.timeout(patience_s):
                await stack.enter_async_context(client)
        except Exception as error:
            _raise_if_cancelled()
            raise CannotConnect(connector=self._connector.name, why=self._why(error, patience_s)) from error
        self._wire.version = lambda: client.session.protocol_version
        return Connection(
            self._connector,
            client,
            self._wire,
            changed=self._changed,
            trouble=self._trouble,
            words=self._words,
        )

    def _transport(self) -> AbstractAsyncContextManager[TransportStreams]:
        match self._connector.transport:
            case OverStdio() as transport:
                return over_stdio(transport, self._words)
            case transport:
                return over_http(transport, self._trouble, reach=self._reach)

    async def _take(self, message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._changed.set()

    def _why(self, error: Exception, patience_s: float) -> str:
        if isinstance(error, Refusal):
            return clause_of(error)
        if self._trouble.clause:
            return self._trouble.clause
        said = f"; it said: {self._words.line}" if self._words.line else ""
        if isinstance(error, TimeoutError):
            if self._wire.garbled:
                return f"it writes something else than MCP messages to its output; check its command{said}"
            return f"it did not answer as an MCP server does within {patience_s:g} seconds{said}"
        if self._wire.hung_up:
            return f"it ended right after its start{said}"
        if isinstance(error, MCPError):
            return f"it refuses to connect ({printable(error.message)}){said}"
        return f"it does not speak MCP as it should{said}"
