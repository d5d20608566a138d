"""When rounds are made: once a night, by one process."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.errors import Refusal
from bot.domain.leavers import night_of
from bot.domain.terminal import in_terminal
from bot.flow.reconcile.marks import Marks
from bot.flow.reconcile.round import Reconcile, TooManyGone
from bot.flow.seams import Seams
from bot.flow.tell_once import TellOnce
from bot.ports.chat import Postings

EVERY: Final = timedelta(minutes=1)
"""How often it is looked whether a night's round is due."""

log = structlog.get_logger()


class Nightly:
    """Makes each night's round, at the first look after 02:00 by the tenant's clock."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._reconcile = Reconcile(seams, postings)
        self._marks = Marks(seams, postings)
        self._tell = TellOnce(seams, postings)
        self._looked: datetime | None = None

    async def __call__(self) -> None:
        """Makes a round if one is due; one that cannot be finished now is tried again after a while."""
        now = self._seams.clock.now()
        if self._looked is not None and self._looked <= now < self._looked + EVERY:
            return
        self._looked = now
        async with self._seams.store.view(self._seams.tenant) as view:
            zone = (await view.tenant()).zone
        night = night_of(now, zone)
        if not await self._marks.claim(night, now):
            return
        try:
            found = await self._reconcile()
        except TooManyGone as refusal:
            # Only people can tell whether it is true, and the next night looks again.
            await self._tell.admins("doubted-leavers", refusal.sentence)
            await self._marks.close(night)
        except Refusal as refusal:
            log.warning("reconcile.away", why=type(refusal).__name__)
            if await self._marks.is_late(night, now):
                await self._tell.admins("no-round", self._late_text(refusal), day=night)
        else:
            log.info("reconcile.done", night=str(night), looked_up=found.count, left=len(found.departed))

    def _late_text(self, refusal: Refusal) -> str:
        look = in_terminal("check directory", self._seams.tenant)
        return (
            f"Last night’s look for people who left could not be finished: {refusal.sentence} Until it is, "
            "what leavers left behind goes on counting. It is tried again every few minutes; the operator "
            f"sees more with: {look}"
        )
