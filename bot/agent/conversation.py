"""Several messages as one conversation: each either asks for something or answers the bot's question."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from rapidfuzz import fuzz

from bot.agent.options import options_said
from bot.agent.reads import Reads
from bot.agent.recognition import Candidate, Facts, Recogniser
from bot.agent.runbook import Runbook, SlotKind
from bot.agent.said import said_exactly, said_in_answer
from bot.agent.slots import Ask, names_something
from bot.agent.tokens import Message, read_message, words_of
from bot.agent.verdicts import Verdict
from bot.agent.vocabulary import CANCELS, NO, QUESTION_WORDS, SKIPPED, YES
from bot.agent.walk import Doubt, NotMeant, Walk
from bot.domain.people import Person
from bot.domain.plans import Answer, Plan, Proposal, Question, Unplaced

_MOST_CHOICES: Final = 6
_LIKE: Final = 85.0
"""Likeness in percent from which an answer is one of the offered choices with a slip in it."""

_NO_CHOICE: Final = "Something else"
_CORRECTING: Final = frozenset({"no", "wait", "sorry", "actually", "oops", "meant", "mean", "instead", "not"})
_ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "last": -1}


@dataclass(frozen=True, slots=True)
class _Open:
    """The question that the next message answers."""

    question: Question
    runbook: Runbook | None = None
    facts: Facts = field(default_factory=Facts)
    slot: str | None = None
    """With a slot, the answer is its value; without, it is a yes or no to the runbook."""
    values: Mapping[str, str] | None = None
    candidates: tuple[Candidate, ...] = ()
    """What the choices stand for when the question is which runbook is meant."""


class Conversation:
    """Hears the requester's messages, oldest first, and knows what would be said after each."""

    def __init__(self, recogniser: Recogniser, requester: Person, reads: Reads) -> None:
        self._recogniser = recogniser
        self._requester = requester
        self._reads = reads
        self._open: _Open | None = None
        self._last: tuple[Runbook, Facts] | None = None
        self.proposal: Proposal = Unplaced(diagnosis="No runbook recognises this.")

    async def hear(self, text: str) -> None:
        """Takes the next message into account.

        Raises:
            NotSent: a system that had to be read is away.
        """
        message = read_message(text)
        if self._open is not None:
            await self._hear_answer(self._open, text, message)
            return
        candidates = self._recogniser.candidates(message)
        if (candidates and not self._has_plan) or any(_is_sure(each) for each in candidates):
            await self._decide(candidates)
        elif self._has_plan and _cancels(text):
            self._leave("All right, I leave it. I have not changed anything.")
        elif self._last:
            await self._amend(*self._last, text)

    @property
    def _has_plan(self) -> bool:
        return not isinstance(self.proposal, Unplaced | Question)

    async def _hear_answer(self, asked: _Open, text: str, message: Message) -> None:
        chosen = _chosen(text, asked.question.choices, numbers=not _wants_number(asked))
        if asked.slot is None:
            if await self._hear_choice(asked, text, chosen):
                return
        elif chosen is not None:
            said = said_exactly((asked.values or {}).get(chosen, chosen))
            await self._answer_slot(asked, said.text, exactly=True)
            return
        if _cancels(text) or _says(set(words_of(text)) - SKIPPED, NO):
            self._leave("All right, I leave it. I have not changed anything.")
            return
        candidates = [each for each in self._recogniser.candidates(message) if _is_sure(each)]
        if candidates:
            joined = [
                replace(each, facts=asked.facts.joined(each.facts)) if each.runbook is asked.runbook else each
                for each in candidates
            ]
            await self._decide(joined)
        elif asked.slot is not None and not _asks_back(message):
            await self._answer_slot(asked, text, exactly=False)
        else:
            self.proposal = asked.question

    async def _hear_choice(self, asked: _Open, text: str, chosen: str | None) -> bool:
        """Takes the answer to “which one?” or “is this right?”; says whether it was one."""
        words = set(words_of(text)) - SKIPPED
        picked = next((each for each in asked.candidates if each.label == chosen), None)
        if (
            picked is None
            and len(asked.candidates) == 1
            and (_says(words, YES) or "yes" in words_of(chosen or ""))
        ):
            picked = asked.candidates[0]
        if picked is not None:
            await self._walk(picked.runbook, replace(picked.facts, sure=True))
            return True
        if chosen is not None or _says(words, NO):
            self._open = None
            self.proposal = Unplaced(diagnosis="The requester means something else than was offered.")
            return True
        return False

    async def _answer_slot(self, asked: _Open, text: str, *, exactly: bool) -> None:
        if asked.runbook is None or asked.slot is None:
            return
        slot = asked.runbook.slots[asked.slot]
        said = said_exactly(text) if exactly else said_in_answer(text)
        more = self._recogniser.facts(asked.runbook, read_message(text))
        facts = asked.facts.joined(replace(more, sure=asked.facts.sure, weak=False))
        if slot.kind is SlotKind.CHOICE:
            named = (text,) if text in slot.options else options_said(slot, words_of(text))
            facts = replace(facts, options={**facts.options, slot.name: named})
        elif names_something(said) or said.means_self or said.words:
            facts = replace(facts, said={**facts.said, slot.name: said})
        await self._walk(asked.runbook, replace(facts, weak=False, sure=asked.facts.sure))

    async def _decide(self, candidates: list[Candidate]) -> None:
        """Acts on what was recognised: one sure thing is walked through, otherwise the person is asked."""
        best = max(each.verdict for each in candidates)
        top = [each for each in candidates if each.verdict is best]
        if best is Verdict.ABOUT:
            titles = ", ".join(dict.fromkeys(each.runbook.title for each in top))
            self._open = None
            self.proposal = Unplaced(
                diagnosis=f"This reads as a question about “{titles}”, not as a request for it."
            )
        elif len(top) > 1:
            self._ask_which(top)
        elif best is Verdict.SURE:
            await self._walk(top[0].runbook, top[0].facts)
        elif top[0].facts.weak:
            self._open = None
            self.proposal = Unplaced(diagnosis="No runbook recognises this.")
        else:
            self._confirm(top[0], offer=best is Verdict.OFFER)

    def _ask_which(self, candidates: list[Candidate]) -> None:
        offered = {each.label: each for each in candidates[:_MOST_CHOICES]}
        same = any(one.overlaps(other) for one in candidates for other in candidates if one is not other)
        text = (
            "I am not sure which of these you mean."
            if same
            else "I take one thing at a time. Which of these shall I do first?"
        )
        self._ask(
            _Open(Question(text=text, choices=(*offered, _NO_CHOICE)), candidates=tuple(offered.values()))
        )

    def _confirm(self, candidate: Candidate, *, offer: bool) -> None:
        if offer:
            text, choices = (
                f"I can do this for you: {candidate.label}. Shall I?",
                ("Yes, please", "No, thanks"),
            )
        else:
            text = f"I want to be sure that I understand you. Is this what you need: {candidate.label}?"
            choices = ("Yes", _NO_CHOICE)
        self._ask(_Open(Question(text=text, choices=choices), candidates=(candidate,)))

    async def _walk(self, runbook: Runbook, facts: Facts) -> None:
        outcome = await Walk(runbook, facts, self._requester, self._reads).outcome()
        match outcome:
            case Ask(slot, text, choices):
                question = Question(text=text, choices=tuple(choices))
                self._ask(_Open(question, runbook=runbook, facts=facts, slot=slot, values=choices))
            case Doubt(label):
                candidate = Candidate(runbook=runbook, verdict=Verdict.UNSURE, facts=facts, place=(0, 0, 0))
                text = f"I want to be sure that I understand you. Is this what you need: {label}?"
                self._ask(_Open(Question(text=text, choices=("Yes", _NO_CHOICE)), candidates=(candidate,)))
            case NotMeant():
                self._open = None
                self.proposal = Unplaced(diagnosis="No runbook recognises this.")
            case _:
                self._open = None
                self._last = (runbook, facts)
                self.proposal = outcome

    async def _amend(self, runbook: Runbook, facts: Facts, text: str) -> None:
        """Takes “no, Figma” for another value of what was looked up, and “as admin” for another choice."""
        options = self._recogniser.facts(runbook, read_message(text)).options
        later = replace(facts, options={**facts.options, **options}, weak=False)
        slot = next((each.name for each in runbook.slots.values() if each.kind is SlotKind.FOUND), None)
        if slot is not None and _corrects(text):
            later = replace(later, said={**facts.said, slot: said_in_answer(text, also=_CORRECTING)})
        elif not options:
            return
        outcome = await Walk(runbook, later, self._requester, self._reads).outcome()
        if isinstance(outcome, Plan | Answer):
            self._last = (runbook, later)
            self.proposal = outcome

    def _ask(self, asked: _Open) -> None:
        self._open = asked
        self.proposal = asked.question

    def _leave(self, text: str) -> None:
        self._open = None
        self.proposal = Answer(diagnosis="The requester took the request back.", text=text)


def _is_sure(candidate: Candidate) -> bool:
    return candidate.verdict is Verdict.SURE and not candidate.facts.weak


def _says(words: set[str], known: frozenset[str]) -> bool:
    return (
        bool(words)
        and bool(words & known)
        and words <= known | {"thanks", "please", "that", "is", "it", "do"}
    )


def _cancels(text: str) -> bool:
    line = f" {' '.join(words_of(text))} "
    return any(f" {cancel} " in line for cancel in CANCELS) or line.strip() in {"cancel", "stop", "abort"}


def _asks_back(message: Message) -> bool:
    """Whether the answer is itself a question: “why?”, “which ones are there?”."""
    if not message.sentences:
        return True
    first = [token.word for token in message.sentences[0].tokens if not token.is_soft]
    return bool(first) and first[0] in QUESTION_WORDS


def _corrects(text: str) -> bool:
    words = words_of(text)
    return words[:1] != () and (words[0] in _CORRECTING or bool({"meant", "instead"} & set(words)))


def _wants_number(asked: _Open) -> bool:
    slot = asked.runbook.slots.get(asked.slot or "") if asked.runbook else None
    return slot is not None and slot.kind is SlotKind.NUMBER


def _chosen(text: str, choices: tuple[str, ...], *, numbers: bool) -> str | None:
    """Gives the choice that the answer names: by its words, its number, or its words with a slip."""
    words = tuple(word for word in words_of(text) if word not in SKIPPED)
    if not words or not choices:
        return None
    spelled = {choice: tuple(word for word in words_of(choice) if word not in SKIPPED) for choice in choices}
    for choice, said in spelled.items():
        if words == said or text.strip() == choice:
            return choice
    bare = [word for word in words if word not in {"one", "option", "number"}]
    if numbers and len(bare) == 1:
        number = int(bare[0]) if bare[0].isdigit() and len(bare[0]) < 3 else _ORDINALS.get(bare[0], 0)
        if number and abs(number) <= len(choices):
            return choices[number - 1 if number > 0 else number]
    line = " ".join(words)
    alike = [choice for choice, said in spelled.items() if fuzz.ratio(line, " ".join(said)) >= _LIKE]
    return alike[0] if len(alike) == 1 else None
