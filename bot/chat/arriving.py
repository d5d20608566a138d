"""Takes up what came in and was stored: once, in order, and again later while something is away."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol
from weakref import WeakValueDictionary

import structlog

from bot.chat.background import Background
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.flow.seams import Seams
from bot.ports.chat import Arrival, Inbox
from bot.ports.directory import DirectoryUnreachable
from bot.ports.outside import Gone, Unreachable
from bot.ports.store import StoreUnreachable

LEASE: Final = timedelta(minutes=1)
BATCH: Final = 20
GIVE_UP: Final = 40
"""Tries before a message is given up; with the pauses between them, about eight hours."""
PARALLEL: Final = 16
"""Conversations that one process listens to at the same time."""
LINE: Final = "channel"
"""The name in an arrival's content of what it must keep its order in."""
LOST: Final = "Something went wrong here, and it is in the log. Nothing was done; please ask again."

log = structlog.get_logger()


class TakeUp(Protocol):
    """Takes one arrival up."""

    async def __call__(self, content: JsonObject, *, last: bool) -> None:
        """Takes the content up; `last` says that it is not tried again."""
        ...


class GivenUp(Refusal):
    """I could not take your message in, because something that I need was away. Please ask again."""


class WordsDoNotDecide(Refusal):
    """Only the buttons of the card decide; what is written below it changes nothing."""


class Arriving:
    """Takes arrivals of one surface up."""

    def __init__(
        self,
        *,
        seams: Seams,
        inbox: Inbox,
        surface: str,
        background: Background,
        worker: str,
        take_up: TakeUp,
    ) -> None:
        """Takes what it works with.

        Args:
            seams: the tenant's.
            inbox: where arrivals are kept.
            surface: whose arrivals.
            background: where they are taken up.
            worker: the name of this process's leases.
            take_up: takes one up. `Gone` ends it; where something is away it is tried again later.
        """
        self._seams = seams
        self._inbox = inbox
        self._surface = surface
        self._background = background
        self._worker = worker
        self._take_up = take_up
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(PARALLEL)

    async def keep(self, key: str, content: JsonObject) -> bool:
        """Stores what came; False when it came before.

        Raises:
            StoreUnreachable: it is not stored, so the platform must not be told that it was taken.
        """
        now = self._seams.clock.now()
        return await self._inbox.add(self._seams.tenant, self._surface, key, content, now=now)

    async def take(self) -> None:
        """Begins to take up all that is due; what came in one conversation in the order in which it came."""
        while True:
            now = self._seams.clock.now()
            claimed = await self._inbox.claim(
                self._seams.tenant, self._surface, self._worker, now=now, until=now + LEASE, limit=BATCH
            )
            lines: dict[str, list[Arrival]] = {}
            for arrival in claimed:
                lines.setdefault(text_at(arrival.content, LINE), []).append(arrival)
            for name, line in lines.items():
                self._background.start(self._in_order(name, line, now), "arrivals")
            if len(claimed) < BATCH:
                return

    async def _in_order(self, name: str, line: Sequence[Arrival], now: datetime) -> None:
        """Takes up one conversation's messages; behind one that has to wait the others wait as well."""
        lock = self._lines.setdefault(name, asyncio.Lock())
        async with lock, self._places:
            wait: timedelta | None = None
            for arrival in line:
                wait = wait or await self._tried(arrival)
                if wait is None:
                    await self._inbox.finish(self._worker, arrival.id)
                else:
                    await self._inbox.retry(self._worker, arrival.id, at=now + wait)

    async def _tried(self, arrival: Arrival) -> timedelta | None:
        """Takes one up; gives how long it has to wait where something that it needs is away."""
        last = arrival.attempts + 1 >= GIVE_UP
        try:
            await self._take_up(arrival.content, last=last)
        except Gone as refusal:
            log.warning("arrival.unanswerable", why=refusal.sentence)
        except (Unreachable, DirectoryUnreachable, StoreUnreachable) as refusal:
            log.warning("arrival.waits", why=type(refusal).__name__, attempts=arrival.attempts)
            return None if last else timedelta(seconds=min(2 ** (arrival.attempts + 1), 900))
        return None


async def answered(
    take_in: Callable[[], Awaitable[None]], say: Callable[[str], Awaitable[None]], *, last: bool
) -> None:
    """Takes a message in, and says to its writer in a sentence why it was not, if it was not.

    Args:
        take_in: takes it in.
        say: says a sentence where it was written; the same sentence twice says it once.
        last: whether it is not tried again.

    Raises:
        Refusal: something is away; it is tried again later.
    """
    try:
        await take_in()
    except (Unreachable, DirectoryUnreachable, StoreUnreachable) as refusal:
        refused = GivenUp() if last else refusal
        if last or isinstance(refusal, DirectoryUnreachable):
            await say(refused.sentence)
        raise
    except Refusal as refusal:
        await say(refusal.sentence)
    except Exception:
        log.exception("arrival.failed")
        await say(LOST)
