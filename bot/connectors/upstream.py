"""One connector, kept connected by a task of its own."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from bot.connectors.connection import Connection
from bot.connectors.failures import CannotConnect, ListingRefused, clause_of, clause_of_text, sentence_of
from bot.connectors.listing import Listing
from bot.connectors.opening import connected
from bot.connectors.settings import ConnectorSettings
from bot.domain.connectors import Connector
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.ports.outside import NotSent

_log: Final = structlog.get_logger(__name__)

_STARTING: Final = "it is still being connected"

_NOTICE_S: Final = 0.02
"""Seconds between looks at a connection that has just come into trouble; its own task sees to it."""


_STOP_AGAIN_S: Final = 10.0
"""Seconds that a connection may take to close, its child's last chance to end by itself included."""


class Upstream:
    """Connects, lists, and connects again, for ever; what fails here fails nobody else."""

    def __init__(
        self, connector: Connector, settings: ConnectorSettings, *, ring: Callable[[], None] = lambda: None
    ) -> None:
        """Does nothing yet; `ring` is called whenever the health or the listing is another one."""
        self._connector = connector
        self._settings = settings
        self._ring = ring
        self._why: str | None = None
        self._listing: Listing | None = None
        self._connection: Connection | None = None
        self._ready = asyncio.Event()
        self._ready_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def health(self) -> str | None:
        """What is wrong, as a sentence; empty when nothing is, None as long as nobody knows."""
        return None if self._why is None else sentence_of(self._why)

    @property
    def listing(self) -> Listing | None:
        """What the server offered when it was last asked; None before the first time."""
        return self._listing

    def start(self, *, after: asyncio.Task[None] | None = None) -> None:
        """Begins to connect, once the other task has ended."""
        self._task = asyncio.create_task(self._run(after), name=f"connector {self._connector.name}")

    async def stop(self) -> None:
        """Disconnects, and ends the server if it is our child; at most some seconds.

        A child that is ending by itself at that moment is not waited for.
        """
        self._stopping.set()
        while self._task is not None and not self._task.done():
            # A cancellation that meets the SDK while it opens or closes may come out as another error.
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_STOP_AGAIN_S)

    async def call(self, call: ToolCall) -> CallResult:
        """Makes the call as soon as there is a connection, if that is soon.

        Raises:
            NotSent: there is none, or it certainly did not reach the server.
            OutcomeUnknown: it left, and no answer came.
        """
        connection = await self._usable()
        if connection is None:
            why = (self._connection and self._connection.trouble.clause) or self._why or _STARTING
            raise NotSent(connector=self._connector.name, why=f"{why}.")
        return await connection.call(call)

    async def _usable(self) -> Connection | None:
        """Gives the open connection; None when there is none, and none comes soon."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.ready_s):
                while True:
                    await self._ready.wait()
                    if self._connection is not None and self._connection.is_well:
                        return self._connection
                    await asyncio.sleep(_NOTICE_S)
        return None

    async def _run(self, after: asyncio.Task[None] | None) -> None:
        if after is not None:
            await asyncio.wait({after})
        loop = asyncio.get_running_loop()
        pause = self._settings.first_pause_s
        while not self._stopping.is_set():
            self._ready_at = loop.time()
            why = await self._one_life()
            if self._stopping.is_set():
                return
            self._set_health(why)
            if loop.time() - self._ready_at > self._settings.settled_s:
                pause = self._settings.first_pause_s
            # Many connectors on one failed host must not all come back in the same moment.
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret depends on it
            pause = min(pause * 2, self._settings.longest_pause_s)

    async def _one_life(self) -> str:
        """Gives why the connection, or the try to make one, came to its end."""
        try:
            async with connected(
                self._connector, reach=self._settings.reach, patience_s=self._settings.connect_s
            ) as connection:
                self._take(await self._listed(connection))
                self._connection = connection
                self._ready_at = asyncio.get_running_loop().time()
                self._ready.set()
                try:
                    why = await self._attended(connection)
                    self._set_health(why)
                    return why
                finally:
                    self._connection = None
                    self._ready.clear()
                    await _within(self._settings.drain_s, connection.idle)
        except CannotConnect as refusal:
            return str(refusal.facts["why"])
        except ListingRefused as refusal:
            return clause_of(refusal)
        except Exception as error:  # noqa: BLE001 - whatever breaks a connection must not end this task
            _log.warning("connector.broke", connector=self._connector.name, error=type(error).__name__)
            return "the connection broke"

    async def _attended(self, connection: Connection) -> str:
        """Lists again whenever there is a reason to; gives why the connection cannot be used any longer."""
        watching = asyncio.create_task(connection.watch_changes())
        try:
            while True:
                await _first(
                    connection.closed,
                    connection.changed,
                    connection.trouble.noticed,
                    s=self._settings.relist_s,
                )
                if connection.closed.is_set():
                    said = connection.words.line
                    return f"it ended; it said: {said}" if said else "it ended"
                connection.changed.clear()
                connection.trouble.noticed.clear()
                try:
                    self._take(await self._listed(connection))
                except ListingRefused as refusal:
                    if connection.closed.is_set() or connection.idle.is_set() or connection.trouble.clause:
                        return connection.trouble.clause or clause_of(refusal)
                    # A server that does one thing at a time is busy with somebody's call.
                await _within(self._settings.quiet_s, connection.closed)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _listed(self, connection: Connection) -> Listing:
        try:
            async with asyncio.timeout(self._settings.list_s):
                return await connection.listing()
        except TimeoutError:
            raise ListingRefused(why=f"it took longer than {self._settings.list_s:g} seconds") from None

    def _take(self, listing: Listing) -> None:
        if listing != self._listing:
            self._listing = listing
            self._ring()
        self._set_health(_refusals_in(listing))

    def _set_health(self, why: str) -> None:
        if why != self._why:
            self._why = why
            _log.info("connector.health", connector=self._connector.name, well=not why)
            self._ring()


def _refusals_in(listing: Listing) -> str:
    """Gives what is wrong with a server that answers: tools of it that are not taken."""
    if not listing.refused:
        return ""
    more = len(listing.refused) - 1
    first = clause_of_text(listing.refused[0])
    return f"{first}, and {more} more of its tools are not taken" if more else first


async def _first(*events: asyncio.Event, s: float) -> None:
    """Returns when the first of the events is set, or after so many seconds."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _within(s: float, event: asyncio.Event) -> None:
    """Returns when the event is set, or after so many seconds."""
    await _first(event, s=s)
