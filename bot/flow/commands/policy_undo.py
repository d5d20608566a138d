"""`policy undo`: takes one change back, as a change of its own."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.domain.people import Role
from bot.domain.rule_changes import GrantEdit
from bot.flow.change_rules import Forecast
from bot.flow.commands.changes import change_number, change_of
from bot.flow.commands.form import Asker, Command, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.previewing import previewed
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.drafts.existing import undo
from bot.flow.seams import Seams

STAYS_REVOKED: Final = "Standing approvals that it revoked stay revoked; whoever gave one can give it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUndoCommand(Command):
    """Which change is to be taken back."""

    number: int
    reason: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled("policy undo", str(self.number), quoted(self.reason))


class UndoChange:
    """Previews taking a change back."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyUndoCommand, asker: Asker) -> Answer:
        """Gives what it would mean, with the button that saves it.

        Raises:
            NoSuchChange: there is none of this number.
            ChangedSince: something of it was changed afterwards.
        """
        seams = self._seams
        found = await change_of(seams, command.number)
        draft = undo(found, now=seams.clock.now())
        title = f"Take back change {command.number}?"
        revoked = any(isinstance(edit, GrantEdit) and edit.after is None for edit in found.edits)

        async def note(_: Forecast) -> str:
            return STAYS_REVOKED if revoked else ""

        return await previewed(
            seams, draft, asker, title, reason=command.reason, undoes=command.number, note=note
        )


def _read(given: Given) -> PolicyUndoCommand:
    return PolicyUndoCommand(number=change_number(given.word("VERSION")), reason=given.word("REASON"))


ENTRY: Final = entry(
    Form(
        words=("policy", "undo"),
        slots=(Slot(name="VERSION"), Slot(name="REASON", kind=SlotKind.TEXT, required=False)),
        needs=Role.ADMIN,
        may="change policies",
        purpose="Take one change back; “policy history” has the numbers.",
        examples=("policy undo 12", "policy undo 12 it asked too many people"),
        read=_read,
    ),
    PolicyUndoCommand,
    UndoChange,
)
