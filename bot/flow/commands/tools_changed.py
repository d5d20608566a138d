"""`tools changed`: the new and changed tools that no admin has answered yet, and those kept asking."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact, Style
from bot.cards.tool_change import tool_change_card_id
from bot.cards.visible import visible
from bot.domain.announcements import Announcement, AnnouncementStatus
from bot.domain.people import Person, PersonId, Role
from bot.domain.tools import ToolId
from bot.flow.accept import is_unsettled
from bot.flow.commands.definition_words import definition_id, different
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, entry
from bot.flow.commands.pages import counted, page_of, paged_answer
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import flagged, on_page, quoted, spelled
from bot.flow.seams import Seams
from bot.ports.store import Unit

_NOTHING: Final = "No tool is new or has changed since an admin looked."


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsChangedCommand(Command):
    """Which page of them is wanted."""

    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled("tools changed", on_page(self.page))


class ToolsChanged:
    """Lists new and changed tools."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: ToolsChangedCommand, _: Asker) -> Answer:
        """Gives one page of them: changed ones first, then new ones, then those that are kept asking."""
        async with self._seams.store.view(self._seams.tenant) as view:
            opened = sorted(await view.announcements.open(), key=lambda one: one.before is None)
            kept = await _kept(view, {one.tool for one in opened})
            zone = (await view.tenant()).zone
        page = page_of([*opened, *kept], command.page)
        people = await people_of(self._seams.directory, {one.by for one in page.items if one.by})
        return paged_answer(
            _title(opened, kept),
            page,
            (_row(one, people, zone) for one in page.items),
            command=lambda number: replace(command, page=number).text,
            note="" if opened or kept else _NOTHING,
        )


async def _kept(view: Unit, others: Collection[ToolId]) -> list[Announcement]:
    """Gives what was answered and is asked about all the same, since nobody has accepted it."""
    found = []
    for tool in (await view.connections.catalog()).values():
        if not (tool.drifted and tool.present and tool.enabled) or tool.id in others:
            continue
        newest = await view.announcements.newest_of(tool.id)
        if newest is not None and is_unsettled(newest, tool):
            found.append(newest)
    return sorted(found, key=lambda one: (one.at, one.tool))


def _title(opened: Sequence[Announcement], kept: Sequence[Announcement]) -> str:
    new = sum(one.before is None for one in opened)
    title = f"{counted(len(opened) - new, 'changed tool')} and {counted(new, 'new tool')} to look at"
    return f"{title}, {len(kept)} kept asking" if kept else title


def _row(announcement: Announcement, people: Mapping[PersonId, Person], zone: tzinfo) -> AnswerRow:
    is_open = announcement.status is AnnouncementStatus.OPEN
    facts = [
        Fact("Since", moment(announcement.at, zone)),
        Fact("Definition", definition_id(announcement.after)),
    ]
    if announcement.before is not None:
        facts.append(Fact("Different", different(announcement)))
    if not is_open:
        by = shown_name(people, announcement.by) if announcement.by else "the operator"
        when = f" on {moment(announcement.decided, zone)}" if announcement.decided else ""
        facts.append(Fact("Answered", f"by {by}{when}; every call is asked about"))
    card = tool_change_card_id(announcement.id)
    badge = "new" if announcement.before is None else "changed"
    return AnswerRow(
        label=visible(str(announcement.tool), set()),
        badge=badge if is_open else "kept asking",
        facts=tuple(facts),
        button=AnswerButton(label="Open", press=Press.OPEN, value=card),
        more=() if is_open else _again(announcement),
    )


def _again(announcement: Announcement) -> tuple[AnswerButton, ...]:
    """Gives the buttons for what was kept asking, for just this definition."""
    accept, disable = (
        spelled(f"tools {word}", quoted(str(announcement.tool)), flagged("definition", about))
        for about in [definition_id(announcement.after)]
        for word in ("accept", "disable")
    )
    return (
        AnswerButton(
            label="Accept",
            press=Press.RUN,
            value=accept,
            style=Style.PRIMARY,
            confirm="Accept the tool as it is now? “Open” shows what is different.",
        ),
        AnswerButton(label="Disable", press=Press.RUN, value=disable, style=Style.DANGER),
    )


def _read(given: Given) -> ToolsChangedCommand:
    return ToolsChangedCommand(page=given.page())


ENTRY: Final = entry(
    Form(
        words=("tools", "changed"),
        also=(("policy", "drift"),),
        flags=(Flag(name="page", takes="N"),),
        needs=Role.ADMIN,
        may="see which tools have changed",
        purpose="List new and changed tools that no admin has answered yet, and those kept asking.",
        examples=("tools changed", "tools changed --page 2"),
        read=_read,
    ),
    ToolsChangedCommand,
    ToolsChanged,
)
