"""Recognises which runbooks a message asks for, and what it says about their slots."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.agent.lexicon import Lexicon
from bot.agent.options import options_said
from bot.agent.phrases import Capture, PhraseMatch, Reading
from bot.agent.runbook import Runbook, Runbooks, SlotKind
from bot.agent.said import Said, options_around, said_in
from bot.agent.tokens import Message
from bot.agent.verdicts import Verdict, judge, takes_back
from bot.agent.vocabulary import BELONGING, SELF

_TIE: Final = 0.3
"""Scores closer than this speak equally for two matches: less than one word of a phrase."""

_EXPLICIT_SELF: Final = frozenset({"my", "me", "myself", "mine"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a conversation has said about one runbook's slots."""

    said: Mapping[str, Said] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For choices: the options that were named; more than one is a contradiction."""
    addresses: tuple[str, ...] = ()
    """E-mail addresses in the message that no slot has taken."""
    speaks_of_self: bool = False
    """Whether the phrase itself says “my” or “me”."""
    sure: bool = False
    """Whether the person has confirmed what was understood."""
    weak: bool = False
    """Whether the phrase says so little that only a value that is found makes it a match."""

    def joined(self, later: "Facts") -> "Facts":
        """Gives these facts with the later ones over them."""
        return replace(
            later,
            said={**self.said, **later.said},
            options={**self.options, **later.options},
            addresses=tuple(dict.fromkeys((*self.addresses, *later.addresses))),
            speaks_of_self=self.speaks_of_self or later.speaks_of_self,
            weak=self.weak and later.weak,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A runbook that a message may ask for."""

    runbook: Runbook
    verdict: Verdict
    facts: Facts
    place: tuple[int, int, int]
    """Sentence, first and last token: where it stands."""

    @property
    def label(self) -> str:
        """The runbook's title, and what was said for its slots."""
        values = [
            said.addresses[0] if said.addresses else said.text
            for said in self.facts.said.values()
            if said.text and not said.means_self
        ]
        return f"{self.runbook.title}: {', '.join(values)}" if values else self.runbook.title

    def overlaps(self, other: "Candidate") -> bool:
        """Whether both are readings of the same words."""
        return (
            self.place[0] == other.place[0]
            and self.place[1] < other.place[2]
            and other.place[1] < self.place[2]
        )


@dataclass(frozen=True, slots=True)
class _Hit:
    runbook: Runbook
    match: PhraseMatch
    sentence: int

    @property
    def rank(self) -> tuple[float, bool, int]:
        taken = sum(capture.stop - capture.first for capture in self.match.captures.values())
        return (-self.match.score, self.match.variant.is_weak, taken)

    def overlaps(self, other: "_Hit") -> bool:
        return self.match.first < other.match.stop and other.match.first < self.match.stop


class Recogniser:
    """Knows the phrases of all runbooks."""

    def __init__(self, runbooks: Runbooks) -> None:
        self._runbooks = runbooks.runbooks
        variants = [
            variant
            for runbook in self._runbooks.values()
            for phrase in (
                *runbook.phrases,
                *(hint for slot in runbook.slots.values() for hint in slot.phrases),
            )
            for variant in phrase.variants
        ]
        self._lexicon = Lexicon(variants, runbooks.synonyms)

    def candidates(self, message: Message) -> list[Candidate]:
        """Gives what the message may ask for, each runbook's readings joined where they agree.

        What is refused in the message, or taken back later in it, is not among them. Never raises.
        """
        readings = [Reading(message, sentence, self._lexicon) for sentence in message.sentences]
        found: list[Candidate] = []
        covered: dict[int, set[int]] = {}
        for number, reading in enumerate(readings):
            hits = _best(list(self._hits(reading, number)))
            back = takes_back(reading)
            if back is not None:
                found.clear()
                hits = [hit for hit in hits if hit.match.first >= back]
            covered[number] = {place for hit in hits for place in range(hit.match.first, hit.match.stop)}
            found.extend(_candidate(hit, reading, covered[number]) for hit in hits)
        wanted = [each for each in found if each.verdict is not Verdict.NO]
        return [
            replace(each, facts=self._hinted(each.runbook, each.facts, readings, covered))
            for each in _joined(_without_beaten(wanted))
        ]

    def facts(self, runbook: Runbook, message: Message) -> Facts:
        """Gives what a message that is no request by itself says about the runbook's slots."""
        readings = [Reading(message, sentence, self._lexicon) for sentence in message.sentences]
        return self._hinted(runbook, Facts(), readings, {})

    def _hits(self, reading: Reading, number: int) -> Iterator[_Hit]:
        for runbook in self._runbooks.values():
            for phrase in runbook.phrases:
                for variant in phrase.variants:
                    for match in reading.matches(variant):
                        if _names_things(reading, runbook, match):
                            yield _Hit(runbook, match, number)

    @staticmethod
    def _hinted(
        runbook: Runbook, facts: Facts, readings: Sequence[Reading], covered: Mapping[int, Collection[int]]
    ) -> Facts:
        """Adds what the slots' own phrases find beside the matches, and the addresses that are left over."""
        said = dict(facts.said)
        options = dict(facts.options)
        for name, slot in runbook.slots.items():
            if name in said or name in options:
                continue
            for number, reading in enumerate(readings):
                captured = _hint(reading, runbook, name, covered.get(number, ()))
                if captured and slot.kind is SlotKind.CHOICE:
                    named = options_said(slot, captured.words)
                    options.update({name: named} if named else {})
                elif captured and (slot.kind is not SlotKind.PERSON or captured.may_be_person):
                    said[name] = captured
                if name in said or name in options:
                    break
        taken = {address.casefold() for each in said.values() for address in each.addresses}
        loose = [
            reading.text(place, place + 1)
            for reading in readings
            for place, token in enumerate(reading.tokens)
            if token.is_email and token.word not in taken
        ]
        return replace(facts, said=said, options=options, addresses=tuple(dict.fromkeys(loose)))


def _names_things(reading: Reading, runbook: Runbook, match: PhraseMatch) -> bool:
    """Whether every value can be one: “my” alone names a person at most, and a choice names an option."""
    for name, capture in match.captures.items():
        slot = runbook.slots[name]
        words = [token.word for token in reading.tokens[capture.first : capture.stop]]
        if slot.kind is SlotKind.CHOICE and not options_said(slot, words, only=True):
            return False
        if slot.kind is not SlotKind.PERSON and set(words) <= SELF | BELONGING:
            return False
    return True


def _hint(reading: Reading, runbook: Runbook, slot: str, covered: Collection[int]) -> Said | None:
    for phrase in runbook.slots[slot].phrases:
        for variant in phrase.variants:
            for match in reading.matches(variant):
                if any(place in covered for place in range(match.first, match.stop)):
                    continue
                return replace(said_in(reading, match.captures[slot]), hint=True)
    return None


def _best(hits: list[_Hit]) -> list[_Hit]:
    """Keeps the best match of every stretch of words; equally good ones of different runbooks stay both."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda each: each.rank):
        rivals = [other for other in kept if other.overlaps(hit)]
        beaten = any(
            other.runbook is hit.runbook
            or other.match.score > hit.match.score + _TIE
            or hit.runbook.name in other.runbook.wins_over
            for other in rivals
        )
        if not beaten:
            kept = [
                other
                for other in kept
                if not (other in rivals and other.runbook.name in hit.runbook.wins_over)
            ]
            kept.append(hit)
    return sorted(kept, key=lambda each: each.match.first)


def _candidate(hit: _Hit, reading: Reading, covered: Collection[int]) -> Candidate:
    options, captures, named = _choices(hit, reading)
    facts = Facts(
        said={name: said_in(reading, capture) for name, capture in captures.items()},
        options=options,
        speaks_of_self=any(reading.tokens[place].word in _EXPLICIT_SELF for place in hit.match.literals),
        weak=hit.match.variant.is_weak or (hit.match.variant.is_vague and not _names_person(hit, reading)),
    )
    return Candidate(
        runbook=hit.runbook,
        verdict=judge(reading, hit.match, {*covered, *named}),
        facts=facts,
        place=(hit.sentence, hit.match.first, hit.match.stop),
    )


def _names_person(hit: _Hit, reading: Reading) -> bool:
    """Whether a value is certainly a person: an address, or “me”."""
    return any(
        said.addresses or said.means_self or said.may_be_person
        for name, capture in hit.match.captures.items()
        if hit.runbook.slots[name].kind in (SlotKind.PERSON, SlotKind.EMAIL)
        for said in (said_in(reading, capture),)
    )


def _choices(hit: _Hit, reading: Reading) -> tuple[dict[str, tuple[str, ...]], dict[str, Capture], set[int]]:
    """Gives the options named around the match, the captures without their words, and where those stand."""
    places: set[int] = set()
    captures = dict(hit.match.captures)
    options: dict[str, tuple[str, ...]] = {}
    for name, slot in hit.runbook.slots.items():
        if slot.kind is not SlotKind.CHOICE:
            continue
        if name in captures:
            options[name] = options_said(slot, said_in(reading, captures.pop(name)).words)
            continue
        around = options_around(reading, slot, hit.match, captures)
        captures = around.captures
        places |= around.places
        if around.options:
            options[name] = around.options
    return options, captures, places


def _without_beaten(candidates: list[Candidate]) -> list[Candidate]:
    beaten = {name for each in candidates for name in each.runbook.wins_over if each.verdict > Verdict.ABOUT}
    strong = [each for each in candidates if each.runbook.name not in beaten]
    if any(not each.facts.weak for each in strong):
        strong = [each for each in strong if not each.facts.weak]
    return strong


def _joined(candidates: list[Candidate]) -> list[Candidate]:
    """Makes one of several readings that name the same runbook and contradict each other nowhere."""
    found: list[Candidate] = []
    for candidate in candidates:
        for place, other in enumerate(found):
            if other.runbook is candidate.runbook and _agree(other.facts, candidate.facts):
                found[place] = replace(
                    other,
                    verdict=max(other.verdict, candidate.verdict),
                    facts=other.facts.joined(candidate.facts),
                )
                break
        else:
            found.append(candidate)
    return found


def _agree(one: Facts, other: Facts) -> bool:
    same_said = all(
        one.said[name].words == other.said[name].words for name in one.said.keys() & other.said.keys()
    )
    return same_said and all(
        one.options[name] == other.options[name] for name in one.options.keys() & other.options.keys()
    )
