"""`policy test`: explains what would be decided about a call, without making it."""

from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.canonical import JsonObject
from bot.domain.grants import SeatKind
from bot.domain.people import Role
from bot.domain.policies import Policy
from bot.domain.tools import Catalog, ToolId, shortened
from bot.flow.commands.form import (
    Asker,
    Command,
    Flag,
    Form,
    Given,
    PersonRef,
    Slot,
    SlotKind,
    entry,
)
from bot.flow.commands.pages import hint
from bot.flow.commands.people import person_of
from bot.flow.commands.refusals import NotAPerson
from bot.flow.commands.spelling import flagged, quoted, spelled, written_arguments, written_person
from bot.flow.question import AskedSeat, Explain, Explained, Question
from bot.flow.seams import AGENT, Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTestCommand(Command):
    """Who would call what, through what and when."""

    person: PersonRef
    tool: ToolId
    arguments: JsonObject = field(default_factory=dict)
    agent: str = ""
    surface: str = ""
    at: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled(
            "policy test",
            written_person(self.person),
            str(self.tool),
            written_arguments(self.arguments),
            flagged("agent", quoted(self.agent)),
            flagged("surface", quoted(self.surface)),
            flagged("at", quoted(self.at)),
        )

    @property
    @override
    def about(self) -> str:
        return str(self.tool)


class TestPolicy:
    """Explains decisions."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyTestCommand, asker: Asker) -> Answer:
        """Gives what would be decided, who would be asked, and which policies spoke and won.

        Raises:
            UnknownPerson, UnknownMention: nobody known is named.
            NotAMoment: the time is none.
            DirectoryUnreachable: nobody can be looked up.
        """
        seams = self._seams
        requester = await person_of(seams.directory, asker, command.person)
        explain = await Explain.of(
            store=seams.store, tenant=seams.tenant, directory=seams.directory, clock=seams.clock
        )
        question = Question(
            requester=requester,
            tool=command.tool,
            arguments=command.arguments,
            agent=command.agent or AGENT,
            surface=command.surface or asker.surface,
            at=command.at or None,
        )
        return _answer(question, await explain(question), explain.bench.catalog)


def _answer(question: Question, explained: Explained, catalog: Catalog) -> Answer:
    decision, requester = explained.decision, question.requester
    facts = [
        Fact("Then", explained.outcome),
        Fact("Decision", f"{decision.action}. {decision.reason}"),
        *(_seat(asked) for asked in explained.seats),
        Fact("Asked by", visible(f"{requester.name} ({requester.email})", set())),
        Fact("Through", visible(f"{question.agent}, {question.surface}", set())),
    ]
    if question.at:
        facts.append(Fact("At", visible(question.at, set())))
    notes = ["Nothing was called."]
    if explained.default:
        notes.insert(0, f"No policy spoke; the {explained.default}’s default decided.")
    if question.tool not in catalog:
        notes.insert(0, f"No connector offers {question.tool}.{hint(str(question.tool), map(str, catalog))}")
    return Answer(
        title=f"{visible(requester.name, set())}: {question.tool}",
        facts=tuple(facts),
        lines=tuple(_row(spoke.policy, said=spoke.said.value, won=spoke.won) for spoke in decision.spoke),
        note=" ".join(notes),
    )


def _seat(asked: AskedSeat) -> Fact:
    state = f"filled by standing approval {', '.join(asked.filled_by)}" if asked.filled_by else "open"
    if asked.seat.kind is SeatKind.TECHNICIAN:
        return Fact("Technician’s seat", f"{asked.seat.quorum} of {asked.seat.group}, {state}")
    manager = asked.manager
    who = f"the group {manager.group}" if manager else "nobody"
    if manager and manager.person:
        who = visible(f"{manager.person.name} ({manager.person.email})", set())
    why = f". {visible(manager.explanation, set())}" if manager and manager.explanation else ""
    return Fact("Manager’s seat", f"{who}, {state}{why}")


def _row(policy: Policy, *, said: str, won: bool) -> AnswerRow:
    how = "and won" if won else "and a stricter one won"
    return AnswerRow(
        label=visible(policy.name, set()),
        badge=said,
        facts=(Fact("Said", f"{said}, {how} (version {policy.version})"),),
        button=AnswerButton(label="Show", press=Press.RUN, value=spelled("policy show", quoted(policy.name))),
    )


def _read(given: Given) -> PolicyTestCommand:
    person = given.person("@PERSON")
    if person is None:
        raise NotAPerson(text=shortened(given.word("@PERSON")))
    return PolicyTestCommand(
        person=person,
        tool=ToolId.parse(given.word("CONNECTOR:TOOL")),
        arguments=given.arguments("{ARGUMENTS}") or {},
        agent=given.flag("agent"),
        surface=given.flag("surface"),
        at=given.flag("at"),
    )


ENTRY: Final = entry(
    Form(
        words=("policy", "test"),
        slots=(
            Slot(name="@PERSON", kind=SlotKind.PERSON),
            Slot(name="CONNECTOR:TOOL"),
            Slot(name="{ARGUMENTS}", kind=SlotKind.ARGUMENTS, required=False),
        ),
        flags=(
            Flag(name="agent", takes="AGENT"),
            Flag(name="surface", takes="SURFACE"),
            Flag(name="at", takes="TIME"),
        ),
        needs=Role.TECHNICIAN,
        may="test policies",
        purpose="Explain what would be decided about a call, without making it.",
        examples=(
            'policy test alice@acme.test acme-it:reset_password {"user": "alice@acme.test"}',
            "policy test <@U0123> acme-it:reset_password --at 2027-01-31T14:30:00Z",
        ),
        read=_read,
    ),
    PolicyTestCommand,
    TestPolicy,
)
