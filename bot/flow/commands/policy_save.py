"""`policy save`: writes what was previewed, or puts it to a second admin."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.domain.people import Role
from bot.domain.proposals import ProposalId
from bot.flow.change_rules import ChangeRules
from bot.flow.commands.form import Asker, ChangingCommand, Form, Given, Slot, entry
from bot.flow.commands.previewing import saved_answer
from bot.flow.commands.spelling import spelled
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySaveCommand(ChangingCommand):
    """Which preview is to be saved."""

    draft: str

    @property
    @override
    def text(self) -> str:
        return spelled("policy save", self.draft)


class SavePolicy:
    """Saves previews."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._rules = ChangeRules(seams)

    async def __call__(self, command: PolicySaveCommand, asker: Asker) -> Answer:
        """Gives what holds now, or who was asked.

        Raises:
            NothingToSave, ChangedMeanwhile, NoSecondAdmin: nothing was saved.
        """
        return await saved_answer(
            self._seams, await self._rules.save(ProposalId(command.draft), asker.person)
        )


def _read(given: Given) -> PolicySaveCommand:
    return PolicySaveCommand(draft=given.word("DRAFT"))


ENTRY: Final = entry(
    Form(
        words=("policy", "save"),
        slots=(Slot(name="DRAFT"),),
        needs=Role.ADMIN,
        may="change policies",
        purpose="Save a change that was previewed; its Save button does the same.",
        examples=("policy save 5f1c0b7e9d2a4c6f8e0b1a3d5c7f9e2b",),
        read=_read,
    ),
    PolicySaveCommand,
    SavePolicy,
)
