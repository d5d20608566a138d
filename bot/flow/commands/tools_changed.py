"""`tools changed`: the new and changed tools that no admin has answered yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact
from bot.cards.tool_change import tool_change_card_id
from bot.cards.visible import visible
from bot.domain.announcements import Announcement
from bot.domain.definition_changes import definition_changes
from bot.domain.people import Role
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, entry
from bot.flow.commands.pages import counted, page_of, paged_answer
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import flagged, spelled
from bot.flow.seams import Seams

_NOTHING: Final = "No tool is new or has changed since an admin looked."


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsChangedCommand(Command):
    """Which page of them is wanted."""

    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled("tools changed", flagged("page", str(self.page) if self.page > 1 else ""))


class ToolsChanged:
    """Lists new and changed tools."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: ToolsChangedCommand, _: Asker) -> Answer:
        """Gives one page of them, changed ones first, then the oldest."""
        async with self._seams.store.view(self._seams.tenant) as view:
            found = sorted(await view.announcements.open(), key=lambda one: one.before is None)
            zone = (await view.tenant()).zone
        page = page_of(found, command.page)
        return paged_answer(
            _title(found),
            page,
            (_row(one, zone) for one in page.items),
            command=lambda number: replace(command, page=number).text,
            note="" if found else _NOTHING,
        )


def _title(found: Sequence[Announcement]) -> str:
    new = sum(one.before is None for one in found)
    return f"{counted(len(found) - new, 'changed tool')} and {counted(new, 'new tool')} to look at"


def _row(announcement: Announcement, zone: tzinfo) -> AnswerRow:
    facts = [Fact("Since", moment(announcement.at, zone))]
    if announcement.before is not None:
        facts.append(Fact("Different", _different(announcement)))
    card = tool_change_card_id(announcement.id)
    return AnswerRow(
        label=visible(str(announcement.tool), set()),
        badge="new" if announcement.before is None else "changed",
        facts=tuple(facts),
        button=AnswerButton(label="Open", press=Press.OPEN, value=card),
    )


def _different(announcement: Announcement) -> str:
    before, after = announcement.before, announcement.after
    if before is None:
        return "everything"
    told = [
        *(["title"] if before.title != after.title else []),
        *(["description"] if before.description != after.description else []),
    ]
    lines = len(definition_changes(before, after))
    return ", ".join([*told, *([counted(lines, "other difference")] if lines else [])])


def _read(given: Given) -> ToolsChangedCommand:
    return ToolsChangedCommand(page=given.page())


ENTRY: Final = entry(
    Form(
        words=("tools", "changed"),
        also=(("policy", "drift"),),
        flags=(Flag(name="page", takes="N"),),
        needs=Role.ADMIN,
        may="see which tools have changed",
        purpose="List new and changed tools that no admin has answered yet.",
        examples=("tools changed", "tools changed --page 2"),
        read=_read,
    ),
    ToolsChangedCommand,
    ToolsChanged,
)
