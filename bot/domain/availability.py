"""When somebody works, as far as their directory knows."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from zoneinfo import ZoneInfo


class Presence(StrEnum):
    """What somebody's own programs say of them at this moment."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"
    OUT_OF_OFFICE = "out_of_office"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """The hours of a working week, in the zone that they are meant in."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    """As ISO counts them: Monday is 1."""
    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What is known of when somebody can be expected to answer; None for what nobody knows."""

    zone: ZoneInfo | None = None
    hours: WorkingHours | None = None
    presence: Presence | None = None
