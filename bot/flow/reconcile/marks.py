"""What is remembered of rounds: which nights are done, who is at it, and who was gone already."""

from datetime import date, datetime, timedelta
from typing import Final

from bot.domain.people import PersonId
from bot.flow.seams import Seams
from bot.flow.tell_once import SURFACE, TellOnce
from bot.ports.chat import Postings

PAUSE: Final = timedelta(minutes=15)
"""After how long another try is made, if a night's round began and did not end."""
LATE: Final = timedelta(hours=6)
"""For how long a round is tried in silence: what began at night is over by the morning."""
_BACK: Final = 30
"""How many nights back the last round is looked for; marks are kept no longer."""


class Marks:
    """Marks that all processes share. They only spare work: what was done stands in the audit log."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._postings = postings
        self._tell = TellOnce(seams, postings)

    async def claim(self, night: date, now: datetime) -> bool:
        """Whether this process is to make the night's round now; of several at once, one is.

        Raises:
            StoreUnreachable: it is not certain.
        """
        if await self.is_done(night):
            return False
        number = 1
        while True:
            key = _try(night, number)
            mark = await self._postings.begin(self._seams.tenant, SURFACE, key, place="", now=now)
            if mark.is_new:
                return True
            if now < mark.begun + PAUSE:
                return False
            number += 1

    async def is_late(self, night: date, now: datetime) -> bool:
        """Whether the night's round has been tried for so long that somebody has to hear of it."""
        first = await self._tell.mark(_try(night, 1))
        return first is not None and now >= first.begun + LATE

    async def is_done(self, night: date) -> bool:
        """Whether a round was made for this night, and came to its end."""
        mark = await self._tell.mark(_night(night))
        return mark is not None and bool(mark.reference)

    async def last(self, tonight: date) -> date | None:
        """Gives the newest night up to this one whose round came to its end; None for none in a month."""
        nights = (tonight - timedelta(days=ago) for ago in range(_BACK + 1))
        for night in nights:
            if await self.is_done(night):
                return night
        return None

    async def was_gone(self, person: PersonId, nights: set[date]) -> bool:
        """Whether the person was reported by then, and was gone in one of these nights."""
        marks = [await self._tell.mark(_gone(person, night)) for night in sorted(nights)]
        return any(mark is not None and mark.reference for mark in marks)

    async def keep(self, person: PersonId, night: date) -> None:
        """Notes that the person is gone and reported."""
        if not await self.was_gone(person, {night}):
            await self._tell.keep(_gone(person, night))

    async def close(self, night: date) -> None:
        """Notes that the night's round came to its end."""
        await self._tell.keep(_night(night))


def _night(night: date) -> str:
    return f"reconcile/{night}"


def _try(night: date, number: int) -> str:
    return f"{_night(night)}/try-{number}"


def _gone(person: PersonId, night: date) -> str:
    return f"gone/{night}/{person}"
