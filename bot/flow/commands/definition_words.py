"""Which definition of a tool something is about, and what is different from the one before."""

from typing import Final

from bot.domain.announcements import Announcement
from bot.domain.definition_changes import definition_changes
from bot.domain.tools import ToolDefinition
from bot.flow.commands.pages import counted

_SHOWN: Final = 12
"""Characters of a fingerprint that people are shown, and may write."""


def definition_id(definition: ToolDefinition) -> str:
    """Gives what to call the definition: the beginning of its fingerprint."""
    return definition.fingerprint[:_SHOWN]


def different(announcement: Announcement) -> str:
    """Gives in few words what is different from the accepted definition; for a new tool, everything."""
    before, after = announcement.before, announcement.after
    if before is None:
        return "everything"
    told = [
        *(["title"] if before.title != after.title else []),
        *(["description"] if before.description != after.description else []),
    ]
    lines = len(definition_changes(before, after))
    return ", ".join([*told, *([counted(lines, "other difference")] if lines else [])])
