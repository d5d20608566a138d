"""Forgets what surfaces remember and nobody asks for any more."""

from datetime import datetime, timedelta
from typing import Final

from bot.ports.memory import Memory
from bot.ports.outside import Clock

KEPT: Final = timedelta(days=30)
"""How long it is remembered what was posted and what came in; both are asked for within hours."""
EVERY: Final = timedelta(hours=1)


class Tidying:
    """Tidies up once in a while."""

    def __init__(self, memory: Memory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock
        self._last: datetime | None = None

    async def __call__(self) -> None:
        """Forgets what is old, if that was not done within the last hour."""
        now = self._clock.now()
        if self._last is not None and now < self._last + EVERY:
            return
        self._last = now
        await self._memory.inbox.forget_before(now - KEPT)
        await self._memory.postings.forget_before(now - KEPT)
        await self._memory.sign_ins.forget_before(now - EVERY)
