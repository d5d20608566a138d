"""`request`: asks for something in plain words, or by form."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import AsMessage, FormName, OpenForm
from bot.flow.commands.form import Asker, Command, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.spelling import spelled
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCommand(Command):
    """What is asked for, in the person's own words; empty for the form."""

    words: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled("request", self.words)


class AskByChat:
    """Hands the words, or the wish for a form, back to the surface."""

    def __init__(self, _: Seams) -> None:
        """Needs nothing: the surface takes messages and forms in."""

    async def __call__(self, command: RequestCommand, _: Asker) -> AsMessage | OpenForm:
        """Gives what the surface is to do; asks neither the database nor the directory."""
        return AsMessage(command.words) if command.words else OpenForm(form=FormName.REQUEST)


def _read(given: Given) -> RequestCommand:
    return RequestCommand(words=given.word("WORDS"))


ENTRY: Final = entry(
    Form(
        words=("request",),
        slots=(Slot(name="WORDS", kind=SlotKind.RAW, required=False),),
        purpose="Ask for something in your own words; without any, open the form.",
        examples=("request I need access to Zendesk", "request"),
        read=_read,
    ),
    RequestCommand,
    AskByChat,
)
