"""One way through a runbook: its slots, its reads, its checks, its plan."""

from dataclasses import dataclass

from bot.agent.conditions import all_hold, decided
from bot.agent.derive import derive
from bot.agent.finding import Known, Match, Nothing, Several, find_entry, known_entries, labels
from bot.agent.paths import Missing, Path
from bot.agent.reads import NotRead, Reads, content_of
from bot.agent.recognition import Facts
from bot.agent.runbook import ReadStep, Runbook, Slot, SlotKind
from bot.agent.runbook_checks import requester_facts
from bot.agent.slots import Ask, Value, ask, names_something, slot_value
from bot.agent.templates import Template, as_text, fill_object
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.plans import Answer, Plan, ToolCall
from bot.domain.tools import ToolId, shortened

_MOST_CHOICES = 12
_FORM = "Please use the request form, or ask your IT team."


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words are left over that may turn the meaning; the person is asked whether this is meant."""

    label: str


@dataclass(frozen=True, slots=True)
class NotMeant:
    """The words said too little, and what they name is not there: another kind of request."""


Outcome = Plan | Answer | Ask | Doubt | NotMeant


class _Ended(Exception):
    """The walk ends here, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__()


class Walk:
    """Goes through one runbook with what a conversation has said so far."""

    def __init__(self, runbook: Runbook, facts: Facts, requester: Person, reads: Reads) -> None:
        self._runbook = runbook
        self._facts = facts
        self._reads = reads
        self._answers: dict[str, JsonValue] = {}
        self._found: dict[str, JsonValue] = {}
        self._values: dict[str, JsonValue] = {}
        self._slots: dict[str, Value] = {}
        self._requester = requester_facts(requester)
        self._unsure: list[str] = []
        self._looked: list[str] = []
        self._unread: list[str] = []

    async def outcome(self) -> Outcome:
        """Gives what comes of it.

        Raises:
            NotSent: a system that it had to read is away.
        """
        try:
            self._check_tools()
            self._fill_slots()
            for step in self._runbook.reads:
                await self._take(step)
            self._check_found()
            self._derive()
            return self._checked() or self._doubt() or self._planned()
        except _Ended as end:
            return end.outcome
        except Missing as missing:
            return self._cannot_tell(missing.path)
        except Refusal as refusal:
            if refusal.kind == "unavailable":
                raise
            return self._answer(f"I could not plan this: {refusal.sentence} {_FORM}")

    @property
    def _root(self) -> JsonObject:
        return {
            **{name: value.value for name, value in self._slots.items()},
            "requester": self._requester,
            "reads": self._answers,
            "found": self._found,
            "values": self._values,
        }

    def _check_tools(self) -> None:
        """Ends with an honest answer when a tool that is always needed is not in the agent's list."""
        needed = [step.tool for step in self._runbook.plan if not step.when]
        needed += [step.tool for step in self._runbook.reads if not step.when and not step.optional]
        for tool in needed:
            self._may(tool)

    def _may(self, tool: ToolId) -> None:
        if not self._reads.may_use(tool):
            title = self._reads.title(tool)
            self._unread.append(f"{tool} is not among the tools that the agent may use for this person.")
            raise _Ended(self._answer(f"“{title}” is not something I may do for you here. {_FORM}"))

    def _fill_slots(self) -> None:
        takers = [
            slot for slot in self._runbook.slots.values() if slot.kind in (SlotKind.PERSON, SlotKind.EMAIL)
        ]
        alone = len(takers) == 1
        for name, slot in self._runbook.slots.items():
            found = slot_value(slot, self._facts, self._root, alone=alone)
            if isinstance(found, Ask):
                raise _Ended(NotMeant() if self._facts.weak else found)
            if found is not None and found.value is not None:
                self._slots[name] = found

    async def _take(self, step: ReadStep) -> None:
        if not all_hold(step.when, self._root):
            return
        try:
            arguments = fill_object(step.arguments, self._root)
            result = await self._reads.result(step, arguments)
        except Missing as missing:
            if step.optional:
                return
            raise _Ended(self._cannot_tell(missing.path)) from None
        except NotRead as refusal:
            self._unread.append(refusal.sentence)
            if step.optional:
                return
            title = self._reads.title(step.tool)
            text = f"I may not look up “{title}” here, and without it I cannot plan this. {_FORM}"
            raise _Ended(self._answer(text)) from None
        if result.ok:
            self._looked.append(self._reads.title(step.tool))
            self._answers[step.name] = content_of(result)
            self._find(step.name)
            return
        self._unread.append(f"{self._reads.title(step.tool)}: {shortened(result.text, 300)}")
        if not step.optional:
            raise _Ended(self._refused(step, shortened(result.text.strip(), 600), content_of(result)))

    def _refused(self, step: ReadStep, sentence: str, content: JsonValue) -> Outcome:
        """Gives what to say when a tool answered that it cannot tell."""
        slot = self._runbook.slots.get(step.about or "")
        if slot is None:
            return self._answer(sentence or f"“{self._reads.title(step.tool)}” gave no answer. {_FORM}")
        if self._facts.weak:
            return NotMeant()
        return ask(slot, sentence, self._choices(step.choices, content))

    @staticmethod
    def _choices(path: Path | None, content: JsonValue) -> dict[str, str]:
        try:
            found = path.get(content) if path else None
        except Missing:
            return {}
        texts = [each for each in found if isinstance(each, str)] if isinstance(found, list | tuple) else []
        return {text: text for text in texts[:_MOST_CHOICES]}

    def _find(self, read: str) -> None:
        """Looks up the slots that this read lists."""
        for name, slot in self._runbook.slots.items():
            if slot.find and slot.find.among.steps[1:2] == (read,) and name in self._slots:
                self._look_up(slot)

    def _look_up(self, slot: Slot) -> None:
        said = self._slots[slot.name].said
        if slot.find is None or said is None:
            return
        try:
            entries = known_entries(slot.find.among.get({"reads": self._answers}), slot.find)
        except Missing:
            entries = []
        found = find_entry(entries, said, exactly=slot.kind is SlotKind.PERSON)
        match found:
            case Match(known, sure, words):
                self._settle(slot, known, words)
                self._unsure.extend([] if sure else [known.label])
            case Several(known):
                chosen = labels(known[:_MOST_CHOICES])
                raise _Ended(ask(slot, "More than one fits.", chosen))
            case Nothing(close):
                if self._facts.weak:
                    raise _Ended(NotMeant())
                problem = f"I found nothing called “{shortened(said.text)}”." if names_something(said) else ""
                raise _Ended(ask(slot, problem, {name: name for name in close}))

    def _settle(self, slot: Slot, known: Known, words: tuple[str, ...]) -> None:
        self._found[slot.name] = known.entry
        self._slots[slot.name] = Value(known.value)
        # “Google Admin” is a name: its “admin” names no level.
        for name, other in self._runbook.slots.items():
            named = self._facts.options.get(name, ())
            if other.kind is SlotKind.CHOICE and any(
                set(spelling) <= set(words) for value in named for spelling in other.options[value]
            ):
                facts = Facts()
                again = slot_value(other, facts, self._root)
                if isinstance(again, Ask):
                    raise _Ended(again)
                if again is not None:
                    self._slots[name] = again

    def _check_found(self) -> None:
        """Ends where a name that had to be looked up was not."""
        for name, slot in self._runbook.slots.items():
            if slot.find is None or name not in self._slots or name in self._found:
                continue
            value = self._slots[name].value
            if slot.kind is SlotKind.FOUND:
                raise _Ended(self._answer(f"I could not look up “{as_text(value)}”. {_FORM}"))
            if slot.kind is SlotKind.PERSON and "@" not in as_text(value):
                raise _Ended(ask(slot, "I need that person's e-mail address."))

    def _derive(self) -> None:
        for derived in self._runbook.values:
            try:
                self._values[derived.name] = derive(derived, self._root)
            except Missing:
                continue

    def _checked(self) -> Outcome | None:
        for check in self._runbook.checks:
            disarmed = bool(check.unless) and all_hold(check.unless, self._root)
            if disarmed or not all_hold(check.when, self._root):
                continue
            if check.answer:
                return self._answer(check.answer.text(self._root))
            if check.question and check.slot:
                choices = self._choices(check.choices, self._root)
                return Ask(check.slot, check.question.text(self._root), choices)
        return None

    def _doubt(self) -> Outcome | None:
        if not self._unsure or self._facts.sure:
            return None
        return NotMeant() if self._facts.weak else Doubt(f"{self._runbook.title}: {', '.join(self._unsure)}")

    def _planned(self) -> Outcome:
        calls: list[ToolCall] = []
        for step in self._runbook.plan:
            if not decided(step.when, self._root):
                continue
            self._may(step.tool)
            arguments = fill_object(step.arguments, self._root)
            calls.append(ToolCall(tool=step.tool, arguments=arguments).checked())
        if calls:
            return Plan(diagnosis=self._diagnosis(), calls=tuple(calls), runbook=self._runbook.name)
        text = self._runbook.answer.text(self._root) if self._runbook.answer else "There is nothing to do."
        return self._answer(text)

    def _answer(self, text: str) -> Answer:
        return Answer(diagnosis=self._diagnosis(), text=text, runbook=self._runbook.name)

    def _cannot_tell(self, path: Path) -> Outcome:
        """Asks for the slot that is missing, or says which fact could not be found out."""
        slot = self._runbook.slots.get(path.steps[0])
        if slot is not None:
            return ask(slot)
        self._unread.append(f"There is nothing at {path}.")
        return self._answer(f"I could not find out everything that I need to plan this. {_FORM}")

    def _diagnosis(self) -> str:
        lines = [_leniently(self._runbook.diagnosis, self._root)]
        if self._looked:
            lines.append(f"Looked at: {', '.join(dict.fromkeys(self._looked))}.")
        if self._unread:
            lines.append(f"Not settled: {' '.join(dict.fromkeys(self._unread))}")
        return " ".join(lines)


def _leniently(template: Template, root: JsonObject) -> str:
    """Fills a text for technicians, in which a missing value may be seen to be missing."""
    shown: list[str] = []
    for part in template.parts:
        try:
            shown.append(part if isinstance(part, str) else as_text(part.path.get(root)))
        except Missing:
            shown.append("(not known)")
    return "".join(shown)
