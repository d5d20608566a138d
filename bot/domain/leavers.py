"""People who left: who counts as gone, when so many are gone that it is hardly true, and for which night."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from bot.domain.people import Person, PersonId

FEW: Final = 5
"""So many people may be gone at once, unless they are most of those that there are."""
SHARE: Final = 5
"""Where more than these and more than one in so many is gone, the directory more likely answers wrongly."""
HALF_FROM: Final = 4
"""Of so many people and more, no more than half may be gone at once."""
ALL_FROM: Final = 2
"""So many people and more are not all gone at once; one alone may be."""
DAYBREAK: Final = timedelta(hours=2)
"""When a night's round begins, by the tenant's clock: what was changed at midnight has arrived by then."""


class Departure(StrEnum):
    """How the directory shows that somebody left."""

    MISSING = "missing"
    DISABLED = "disabled"


class Part(StrEnum):
    """What a person is to a standing approval."""

    GIVER = "giver"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """Somebody who left."""

    id: PersonId
    name: str
    """As the directory says or said it; the id where nobody remembers one. In one line, all visible."""
    how: Departure


def departure(found: Person | None) -> Departure | None:
    """Gives how the person left, from what the directory answered just now; None for who is there."""
    if found is None:
        return Departure.MISSING
    return None if found.enabled else Departure.DISABLED


def too_many(gone: int, looked_up: int) -> bool:
    """Whether so many are gone at once that the directory is not believed.

    An emptied people file, or a search that finds nobody, says of everybody that they are gone.
    """
    if gone >= looked_up:
        return gone >= ALL_FROM
    is_most = looked_up >= HALF_FROM and gone * 2 > looked_up
    return is_most or (gone > FEW and gone * SHARE > looked_up)


def night_of(now: datetime, zone: tzinfo) -> date:
    """Gives the date of the newest night whose round may have begun, by the clock of this zone."""
    local = now.astimezone(zone)
    is_early = local.replace(tzinfo=None) - datetime.combine(local.date(), datetime.min.time()) < DAYBREAK
    return local.date() - timedelta(days=1) if is_early else local.date()


def why_suspended(leaver: Leaver, part: Part, on: date) -> str:
    """Gives why a standing approval is suspended, as a sentence."""
    who = f"{leaver.name}, {'who gave it' if part is Part.GIVER else 'whom it is for'},"
    day = f"{on.day} {on:%B %Y}"
    if leaver.how is Departure.MISSING:
        return f"{who} left the directory on {day}."
    return f"{who} was found disabled in the directory on {day}."
