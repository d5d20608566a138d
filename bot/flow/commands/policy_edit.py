"""`policy edit`: a policy that there is, in the form in which one writes a new one."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.form import FormPage
from bot.domain.people import Role
from bot.flow.commands.form import Asker, Command, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.forms.policy import PolicyForm
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEditCommand(Command):
    """Which policy is to be changed."""

    name: str

    @property
    @override
    def text(self) -> str:
        return spelled("policy edit", quoted(self.name))

    @property
    @override
    def about(self) -> str:
        return self.name


class EditPolicy:
    """Opens the form with a policy in it."""

    def __init__(self, seams: Seams) -> None:
        self._form = PolicyForm(seams)

    async def __call__(self, command: PolicyEditCommand, asker: Asker) -> FormPage:
        """Gives the form's first page, filled in.

        Raises:
            NoSuchThing: no policy is called so.
        """
        return await self._form.edit(command.name, asker)


def _read(given: Given) -> PolicyEditCommand:
    return PolicyEditCommand(name=given.word("NAME"))


ENTRY: Final = entry(
    Form(
        words=("policy", "edit"),
        slots=(Slot(name="NAME", kind=SlotKind.NAME),),
        needs=Role.ADMIN,
        may="change policies",
        purpose="Change everything about one policy.",
        examples=('policy edit "Contractors never delete"',),
        read=_read,
    ),
    PolicyEditCommand,
    EditPolicy,
)
