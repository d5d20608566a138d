"""`policy new`: a policy for some tools, some people, under some conditions."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.form import FormPage
from bot.domain.people import Role
from bot.flow.commands.form import Asker, Command, Form, Given, Slot, entry
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.forms.policy import PolicyForm
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNewCommand(Command):
    """Whose tools the new policy is about; empty where the form is to ask."""

    connector: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled("policy new", quoted(self.connector))

    @property
    @override
    def about(self) -> str:
        return self.connector


class NewPolicy:
    """Opens the form of a new policy."""

    def __init__(self, seams: Seams) -> None:
        self._form = PolicyForm(seams)

    async def __call__(self, command: PolicyNewCommand, _: Asker) -> FormPage:
        """Gives the form's first page.

        Raises:
            NoSuchThing: there is no such connector.
        """
        return await self._form.begin(command.connector)


def _read(given: Given) -> PolicyNewCommand:
    return PolicyNewCommand(connector=given.word("CONNECTOR"))


ENTRY: Final = entry(
    Form(
        words=("policy", "new"),
        slots=(Slot(name="CONNECTOR", required=False),),
        needs=Role.ADMIN,
        may="change policies",
        purpose="Write a policy for some tools, people and conditions.",
        examples=("policy new", "policy new acme-it"),
        read=_read,
    ),
    PolicyNewCommand,
    NewPolicy,
)
