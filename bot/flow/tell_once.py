"""Tell once: what people are to hear a single time, whatever crashes and however many processes look."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.flow.seams import Seams
from bot.ports.chat import Posting, Postings
from bot.ports.store import Unit

SURFACE: Final = "upkeep"
TOLD: Final = "told"
CUT_OFF: Final = timedelta(minutes=1)
"""After how long what was begun and not done counts as cut off."""
_SLACK: Final = timedelta(minutes=5)
"""How far apart the clocks of two processes may be."""
_PAGE: Final = 1000

log = structlog.get_logger()


class _ToldAlready(Exception):
    """Another try got there first, so this one is rolled back."""


class TellOnce:
    """Tells people something, together with its entry in the audit log.

    The mark keeps the looking cheap and tells since when a try may have got through; whether one did is read
    in the audit log, which nobody writes meanwhile.
    """

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._postings = postings

    async def mark(self, about: str) -> Posting | None:
        """Gives the first mark of a try to tell this; None while there was none."""
        return await self._postings.get(self._seams.tenant, SURFACE, about)

    async def __call__(
        self, about: str, entry: AuditEntry, notices: Sequence[Notice], *, also: Sequence[AuditEntry] = ()
    ) -> bool:
        """Tells it unless it was told under this key before; gives whether it was told now.

        `also` are further entries of the audit log, which are there exactly if it is told.

        Raises:
            StoreUnreachable: it is not certain that anything was told; a later call finds out, or tells it.
        """
        seams, now = self._seams, self._seams.clock.now()
        begun = await self._begun(about, now)
        if begun is None:
            return False
        key, since = begun
        logged = replace(entry, details={**entry.details, "about": about})
        told = await self._written([*also, logged], notices, since)
        seams.bell.ring()
        for one in dict.fromkeys((key, about)):
            await self._postings.done(seams.tenant, SURFACE, one, reference=TOLD)
        return told

    async def admins(self, about: str, text: str, *, day: date | None = None) -> bool:
        """Tells every admin what only an admin can set right, once a day; gives whether that was now.

        `day` is the day that it is told for; without it, the one that it is by UTC.

        Raises:
            StoreUnreachable: as above.
        """
        now = self._seams.clock.now()
        today = f"{about}/{day or now.date()}"
        mark = await self.mark(today)
        if mark is not None and mark.reference:
            return False
        log.warning("admins.alerted", about=about)
        entry = AuditEntry(at=now, kind="admins.alerted")
        return await self(today, entry, [Notice(kind=NoticeKind.SAY, text=text)])

    async def keep(self, about: str) -> None:
        """Notes that this was told already, under another key."""
        tenant = self._seams.tenant
        await self._postings.begin(tenant, SURFACE, about, place="", now=self._seams.clock.now())
        await self._postings.done(tenant, SURFACE, about, reference=TOLD)

    async def _written(
        self, entries: Sequence[AuditEntry], notices: Sequence[Notice], since: datetime
    ) -> bool:
        try:
            async with self._seams.store.unit(self._seams.tenant) as unit:
                after = await position(unit, since - _SLACK)
                await unit.outbox.add(*notices)
                for entry in entries:
                    await unit.audit.append(entry)
                await _check_first(unit, entries[-1], after=after)
        except _ToldAlready:
            return False
        return True

    async def _begun(self, about: str, now: datetime) -> tuple[str, datetime] | None:
        """Gives a mark that is ours, and when the first try began; None where nothing is left to do.

        What was begun and never done was cut off: after a while the next try has a key of its own, so that
        of many only one makes it.
        """
        number, since = 1, now
        while True:
            key = about if number == 1 else f"{about}#{number}"
            mark = await self._postings.begin(self._seams.tenant, SURFACE, key, place="", now=now)
            since = min(since, mark.begun)
            if mark.is_new:
                return key, since
            if mark.reference or now < mark.begun + CUT_OFF:
                return None
            number += 1


async def _check_first(unit: Unit, wanted: AuditEntry, *, after: int) -> None:
    """Passes if the log tells of it once; until the transaction ends, nobody else adds to the log.

    Raises:
        _ToldAlready: it did so before.
    """
    count = 0
    while found := await unit.audit.read(after=after, limit=_PAGE):
        after = found[-1].sequence
        count += sum(
            one.entry.kind == wanted.kind and one.entry.details.get("about") == wanted.details["about"]
            for one in found
        )
    if count > 1:
        raise _ToldAlready


async def position(unit: Unit, moment: datetime) -> int:
    """Gives a place in the log before which everything is older than the moment."""
    low, step = 0, 1
    while await _is_older(unit, low + step, moment):
        low, step = low + step, step * 2
    while step > 1:
        step //= 2
        if await _is_older(unit, low + step, moment):
            low += step
    return low


async def _is_older(unit: Unit, sequence: int, moment: datetime) -> bool:
    found = await unit.audit.read(after=sequence - 1, limit=1)
    return bool(found) and found[0].entry.at < moment
