"""What mailbox settings and presence say of when somebody works; what cannot be read is not known.

Source: https://learn.microsoft.com/graph/api/resources/mailboxsettings,
https://learn.microsoft.com/graph/api/resources/presence
"""

from collections.abc import Mapping
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from bot.documents.json_reading import object_at, text_at
from bot.domain.availability import Presence, WorkingHours
from bot.domain.canonical import JsonObject

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PRESENCES: Final[Mapping[str, Presence]] = {
    "Available": Presence.AVAILABLE,
    "AvailableIdle": Presence.AVAILABLE,
    "Busy": Presence.BUSY,
    "BusyIdle": Presence.BUSY,
    "DoNotDisturb": Presence.BUSY,
    "Away": Presence.AWAY,
    "BeRightBack": Presence.AWAY,
    "Offline": Presence.OFFLINE,
}
"""Whoever is not in here, such as PresenceUnknown, is not known."""


def zone_of(name: str) -> ZoneInfo | None:
    """Gives the zone that Outlook names as Windows does, or as the rest of the world does.

    A zone that somebody made up for their mailbox has no name that means anything.
    """
    try:
        return ZoneInfo(win_tz.get(name, name)) if name else None
    except (ValueError, OSError, KeyError):
        # A name that is a path, a folder of zones, or no zone's.
        return None


def hours_of(said: JsonObject) -> WorkingHours | None:
    """Gives the working hours of a mailbox; None where days, hours or their zone cannot be read."""
    zone = zone_of(text_at(said, "timeZone", "name"))
    days = said.get("daysOfWeek")
    starts, ends = _time(text_at(said, "startTime")), _time(text_at(said, "endTime"))
    if zone is None or starts is None or ends is None or not starts < ends:
        return None
    if not isinstance(days, list) or not days or not all(day in _DAYS for day in days):
        return None
    weekdays = frozenset(number for number, day in enumerate(_DAYS, start=1) if day in days)
    return WorkingHours(zone=zone, weekdays=weekdays, starts=starts, ends=ends)


def presence_of(said: JsonObject) -> Presence | None:
    """Gives the presence; whoever says that they are out of office is so, whatever their programs do."""
    is_out = object_at(said, "outOfOfficeSettings").get("isOutOfOffice") is True
    if is_out or text_at(said, "activity") == "OutOfOffice":
        return Presence.OUT_OF_OFFICE
    return _PRESENCES.get(text_at(said, "availability"))


def _time(text: str) -> time | None:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo else found
