"""What admins are told when a tool is new or has changed, and what they answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.domain.people import PersonId
from bot.domain.tools import ToolDefinition, ToolId

AnnouncementId = NewType("AnnouncementId", str)


class AnnouncementStatus(StrEnum):
    """How an announcement stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    """The definition counts as it is now."""
    KEPT = "kept"
    """Every call goes on being asked about."""
    DISABLED = "disabled"
    """The tool was switched off."""
    OVERTAKEN = "overtaken"
    """The tool changed again, went back to what it was, or is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One new or changed tool, with its definition before and after."""

    id: AnnouncementId
    tool: ToolId
    before: ToolDefinition | None
    """As it was accepted; None for a tool that is new."""
    after: ToolDefinition
    at: datetime
    status: AnnouncementStatus = AnnouncementStatus.OPEN
    by: PersonId | None = None
    """Who answered."""
    decided: datetime | None = None
