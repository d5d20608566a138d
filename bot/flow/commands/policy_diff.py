"""`policy diff`: what changed between two moments of the history."""

from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.domain.change_sums import joined
from bot.domain.people import Role
from bot.flow.commands.changes import change_number, changes_between
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, Slot, entry
from bot.flow.commands.pages import counted, page_of, paged_answer
from bot.flow.commands.previewing import edit_rows, emails_in
from bot.flow.commands.spelling import on_page, spelled
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDiffCommand(Command):
    """After which change it begins, and with which it ends; None for the newest."""

    first: int
    last: int | None = None
    page: int = 1

    @property
    @override
    def text(self) -> str:
        last = "" if self.last is None else str(self.last)
        page = on_page(self.page)
        return spelled("policy diff", str(self.first), last, page)


class ShowDiff:
    """Compares what was laid down after two changes."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyDiffCommand, _: Asker) -> Answer:
        """Gives each thing that is another after the second change than after the first.

        Raises:
            NoSuchChange: one of the numbers is of no change.
        """
        later = command.last is None or command.first <= command.last
        first, last = (command.first, command.last) if later else (command.last or 0, command.first)
        changes = await changes_between(self._seams, first, last)
        edits = joined(changes)
        if not later:
            edits = tuple(edit.backwards for edit in edits)
        page = page_of(edits, command.page)
        to = "now" if command.last is None else f"after change {command.last}"
        return paged_answer(
            f"From after change {command.first} to {to}: {counted(len(edits), 'difference')}",
            page,
            edit_rows(page.items, await emails_in(self._seams, page.items)),
            command=lambda number: replace(command, page=number).text,
            note="" if edits else "What is laid down is the same at both moments.",
        )


def _read(given: Given) -> PolicyDiffCommand:
    last = given.word("B")
    return PolicyDiffCommand(
        first=change_number(given.word("A")),
        last=change_number(last) if last else None,
        page=given.page(),
    )


ENTRY: Final = entry(
    Form(
        words=("policy", "diff"),
        slots=(Slot(name="A"), Slot(name="B", required=False)),
        flags=(Flag(name="page", takes="N"),),
        needs=Role.TECHNICIAN,
        may="see policies",
        purpose="Compare what held after change A with what held after change B, or with now.",
        examples=("policy diff 3 12", "policy diff 3"),
        read=_read,
    ),
    PolicyDiffCommand,
    ShowDiff,
)
