"""Looks after standing approvals now and then: warns, proposes removals, and suggests."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.errors import Refusal
from bot.flow.seams import Seams
from bot.flow.suggest import Suggest
from bot.flow.unused_grants import ProposeRemovals
from bot.flow.warn_grants import WarnGrants
from bot.ports.chat import Postings

SOON: Final = timedelta(minutes=5)
HOURLY: Final = timedelta(hours=1)

log = structlog.get_logger()


class GrantUpkeep:
    """Does what is due of it."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._clock = seams.clock
        self._stages: tuple[tuple[timedelta, Callable[[], Awaitable[int]]], ...] = (
            (SOON, WarnGrants(seams, postings)),
            (HOURLY, ProposeRemovals(seams, postings)),
            (HOURLY, Suggest(seams, postings)),
        )
        self._looked: dict[int, datetime] = {}

    async def __call__(self) -> None:
        """Looks where it did not look for a while; what one stage cannot do now holds up no other."""
        now = self._clock.now()
        for number, (every, stage) in enumerate(self._stages):
            looked = self._looked.get(number)
            if looked is not None and looked <= now < looked + every:
                continue
            self._looked[number] = now
            try:
                await stage()
            except Refusal as refusal:
                # What is not told by then is told at the next look.
                log.warning("upkeep.away", stage=type(stage).__name__, why=type(refusal).__name__)
