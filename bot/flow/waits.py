"""Whom a surface takes nothing more for at the moment."""

from datetime import datetime, timedelta

from bot.domain.events import Notice
from bot.domain.people import PersonId, TenantId
from bot.flow.seams import Seams


class Waits:
    """Has what comes for a person later wait with what waits already: nobody hears the end first."""

    def __init__(self) -> None:
        self._until: dict[tuple[TenantId, PersonId | None], datetime] = {}

    def of(self, seams: Seams, notice: Notice, now: datetime) -> datetime | None:
        """Gives until when the notice, taken up at this moment, has to wait; None when it need not.

        What was taken up before the end of the wait is without the one that waits, and must not overtake it.
        """
        until = self._until.get((seams.tenant, notice.person))
        return until if until is not None and now < until else None

    def begin(self, seams: Seams, notice: Notice, after: timedelta) -> datetime:
        """Has what comes for the notice's person wait so long; gives until when that is."""
        now = seams.clock.now()
        self._until = {whose: until for whose, until in self._until.items() if now < until}
        until = self._until[seams.tenant, notice.person] = now + after
        return until
