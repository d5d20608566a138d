"""`help`: the forms of the commands that one may use."""

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from bot.cards.answer import Answer, AnswerRow
from bot.cards.model import Fact
from bot.flow.commands.form import Asker, Command, Entry, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.rights import may_use
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpCommand(Command):
    """What help is wanted about; empty for everything."""

    topic: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled("help", quoted(self.topic))


class ShowHelp:
    """Lists the forms of commands."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = forms

    async def __call__(self, command: HelpCommand, asker: Asker) -> Answer:
        """Gives the forms whose names begin with the topic; all of them where none does."""
        topic = " ".join(command.topic.casefold().split())
        mine = [form for form in self._forms if may_use(form, asker.person)]
        about = [form for form in mine if topic and f"{form.name} ".startswith(f"{topic} ")]
        return Answer(
            title="What you can write",
            lines=tuple(
                AnswerRow(
                    label=form.usage,
                    facts=(Fact("What it does", form.purpose), Fact("For example", form.examples[0])),
                )
                for form in (about or mine)
            ),
            note="What is in [brackets] can be left out. Names with spaces go in quotation marks.",
        )


def _read(given: Given) -> HelpCommand:
    return HelpCommand(topic=given.word("COMMAND"))


def help_entry(others: Sequence[Entry]) -> Entry:
    """Gives the line of the table for help about these commands and itself."""
    form = Form(
        words=("help",),
        slots=(Slot(name="COMMAND", kind=SlotKind.NAME, required=False),),
        purpose="List what you can write.",
        examples=("help", "help policy set"),
        read=_read,
    )
    forms = (*(other.form for other in others), form)

    def stage(_: Seams) -> ShowHelp:
        return ShowHelp(forms)

    return entry(form, HelpCommand, stage)
