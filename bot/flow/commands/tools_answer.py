"""`tools accept`, `tools ask` and `tools disable`: what the card of a new or changed tool has as buttons."""

from dataclasses import dataclass
from typing import ClassVar, Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.cards.tool_change import ACCEPT, KEEP_ASKING, SWITCH_OFF
from bot.domain.people import Role
from bot.domain.tools import ToolId
from bot.flow.answer_tool_change import AnswerToolChange, ToolAnswer
from bot.flow.commands.definition_words import definition_id, different
from bot.flow.commands.form import Asker, ChangingCommand, Entry, Flag, Form, Given, Slot, entry
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import flagged, quoted, spelled
from bot.flow.commands.tool_words import effect_words, usual_decision
from bot.flow.judge import bench_of
from bot.flow.seams import Seams
from bot.flow.write_edits import Author

_DRY: Final = "Nothing was changed; leave out --dry-run to do it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsAnswerCommand(ChangingCommand):
    """Which tool is answered, and which definition of it was looked at."""

    word: ClassVar[str]
    action: ClassVar[str]

    tool: str
    definition: str = ""
    """The beginning of its fingerprint; empty for the one that is there."""

    @property
    @override
    def text(self) -> str:
        return spelled(
            f"tools {self.word}", quoted(self.tool), flagged("definition", quoted(self.definition))
        )

    @property
    @override
    def about(self) -> str:
        return self.tool


class ToolsAcceptCommand(ToolsAnswerCommand):
    """The tool counts as it is now."""

    __slots__ = ()
    word = "accept"
    action = ACCEPT


class ToolsAskCommand(ToolsAnswerCommand):
    """Every call of the tool is asked about."""

    __slots__ = ()
    word = "ask"
    action = KEEP_ASKING


class ToolsDisableCommand(ToolsAnswerCommand):
    """The tool is switched off."""

    __slots__ = ()
    word = "disable"
    action = SWITCH_OFF


class AnswerByCommand:
    """Answers a new or changed tool in the name of an admin or the operator."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._answer = AnswerToolChange(seams)

    async def __call__(self, command: ToolsAnswerCommand, asker: Asker) -> Answer:
        """Gives what became of the tool, and which definition of it that is about.

        Raises:
            NotATool: it names none.
            Refusal: as for the card's buttons.
        """
        author = Author.of(asker.person, is_operator=asker.is_operator)
        done = await self._answer.of_tool(
            ToolId.parse(command.tool),
            command.action,
            author,
            definition=command.definition,
            dry=asker.only_looks,
        )
        facts = await self._facts(done)
        sentence = done.answered.sentence
        if asker.only_looks:
            return Answer(title=f"It would say: {sentence}", facts=facts, note=_DRY)
        return Answer(title=str(done.announcement.tool), facts=facts, note=sentence)

    async def _facts(self, done: ToolAnswer) -> tuple[Fact, ...]:
        found, tool = done.announcement, done.answered.tool
        async with self._seams.store.view(self._seams.tenant) as view:
            bench = await bench_of(view)
        since = moment(found.at, bench.tenant.zone)
        said = usual_decision(bench, tool, surface="", now=self._seams.clock.now())
        return (
            Fact("Definition", f"{definition_id(found.after)}, since {since}"),
            *([Fact("Different", different(found))] if found.before is not None else []),
            Fact("Effect", effect_words(tool)),
            Fact("An employee’s call", f"{said.action}. {said.reason}"),
        )


def _entry(kind: type[ToolsAnswerCommand], purpose: str) -> Entry:
    def read(given: Given) -> ToolsAnswerCommand:
        return kind(tool=given.word("TOOL"), definition=given.flag("definition"))

    form = Form(
        words=("tools", kind.word),
        slots=(Slot(name="TOOL"),),
        flags=(Flag(name="definition", takes="ID"),),
        needs=Role.ADMIN,
        may="answer what is new or has changed",
        purpose=purpose,
        examples=(
            f"tools {kind.word} acme-it:reset_password",
            f"tools {kind.word} acme-it:reset_password --definition 3f9a12bb0c41",
        ),
        read=read,
    )
    return entry(form, kind, AnswerByCommand)


ENTRIES: Final = (
    _entry(ToolsAcceptCommand, "Accept a new or changed tool as it is now, also one that was kept asking."),
    _entry(ToolsAskCommand, "Have every call of a new or changed tool asked about."),
    _entry(ToolsDisableCommand, "Switch a new or changed tool off."),
)
