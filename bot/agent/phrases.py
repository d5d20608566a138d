"""Finds a runbook's phrases in a sentence, through typing mistakes and small talk."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bot.agent.lexicon import Lexicon
from bot.agent.phrase_syntax import Element, Hole, Pause, Variant, Word
from bot.agent.tokens import Message, Sentence, Token
from bot.agent.vocabulary import (
    AUXILIARIES,
    BREAKS,
    LEADS,
    NEGATIONS,
    PRONOUNS,
    QUESTION_WORDS,
    REPORTS,
    SIGN_OFFS,
    SKIPPED,
    STOPS,
    TIMES,
)

VALUE_WORDS: Final = 12
"""Words that a slot's value may have."""

_BARS: Final = BREAKS | NEGATIONS | REPORTS | QUESTION_WORDS | AUXILIARIES
_MOST_SKIPPED = 4
_MOST_MATCHES = 12  # of one variant in one sentence


@dataclass(frozen=True, slots=True)
class Capture:
    """What stands at the place of a slot: tokens `first` up to `stop`."""

    first: int
    stop: int
    longest: int
    """Where it ends if a longer name is known: “Adobe for Teams”."""
    leads: bool = False
    """Whether it begins the phrase, so that words before the value may be in it."""


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """A variant found in a sentence."""

    variant: Variant
    first: int
    stop: int
    """Tokens `first` up to `stop` are the match, values included."""
    literals: tuple[int, ...]
    """The tokens that the phrase's words matched."""
    captures: Mapping[str, Capture]
    score: float
    """How much of the phrase speaks for the match; comparable between phrases at the same place."""


class Reading:
    """One sentence, prepared so that every variant is looked for in time about linear in its words."""

    def __init__(self, message: Message, sentence: Sentence, lexicon: Lexicon) -> None:
        self.message = message
        self.sentence = sentence
        self.tokens = sentence.tokens
        self._places: dict[str, list[int]] = {}
        self._joined: dict[Word, list[int]] = {}
        self._typos: set[int] = set()
        self._shouting = message.text.isupper()
        meanings: dict[str, dict[str, bool]] = {}
        for place, token in enumerate(self.tokens):
            if token.is_soft or token.is_owner or token.is_email:
                continue
            if token.word not in meanings:
                meanings[token.word] = lexicon.meanings(token.word)
            for literal, is_typo in meanings[token.word].items():
                self._places.setdefault(literal, []).append(place)
                if is_typo:
                    self._typos.add(place)

    def text(self, first: int, stop: int) -> str:
        """Gives the original spelling of these tokens, on one line."""
        if first >= stop:
            return ""
        return " ".join(self.message.text[self.tokens[first].start : self.tokens[stop - 1].end].split())

    def matches(self, variant: Variant) -> Iterator[PhraseMatch]:
        """Gives where the variant stands in the sentence, from left to right, without overlaps."""
        if not all(self._places_of(words) for words in variant.literals):
            return
        leading = isinstance(variant.elements[0], Hole)
        anchor = variant.elements[1 if leading else 0]
        if not isinstance(anchor, frozenset):
            return
        free, found = 0, 0
        dead: set[tuple[int, int]] = set()
        for start in self._places_of(anchor):
            if start < free or found == _MOST_MATCHES:
                continue
            match = self._match_at(variant, start, free, dead, leading=leading)
            if match:
                match = self._closest(variant, match, dead) if not leading else match
                yield match
                free, found = match.stop, found + 1

    def _closest(self, variant: Variant, match: PhraseMatch, dead: set[tuple[int, int]]) -> PhraseMatch:
        """Gives the match that begins last and ends here: “get me” in “be possible to get me set up”."""
        best = match
        places = self._places_of(variant.literals[0])
        for start in places[bisect_left(places, match.first + 1) :]:
            if len(match.literals) < 2 or start >= match.literals[1]:
                break
            closer = self._match_at(variant, start, match.first, dead, leading=False)
            if closer and closer.stop == match.stop:
                best = closer
        return best

    def _match_at(
        self, variant: Variant, start: int, free: int, dead: set[tuple[int, int]], *, leading: bool
    ) -> PhraseMatch | None:
        captures: dict[str, Capture] = {}
        first = start
        head = variant.elements[0]
        if leading and isinstance(head, Hole):
            before = self._value_before(start, free)
            if before is None:
                return None
            captures[head.slot] = before
            first = before.first
        steps = self._follow(variant.elements, 1 if leading else 0, start, dead)
        if steps is None:
            return None
        literals: list[int] = []
        stop = start
        typos = 0
        for element, step in zip(variant.elements[1 if leading else 0 :], steps, strict=True):
            if isinstance(element, Hole) and isinstance(step, Capture):
                captures[element.slot] = step
                stop = max(stop, step.stop)
            elif isinstance(element, frozenset) and isinstance(step, int):
                literals.append(step)
                typos += step in self._typos
                stop = step + 1
        if typos > max(1, len(literals) // 2):
            return None
        score = len(literals) - 0.25 * typos + 0.1 * len(captures)
        return PhraseMatch(variant, first, stop, tuple(literals), captures, score)

    def _follow(
        self, elements: tuple[Element, ...], index: int, place: int, dead: set[tuple[int, int]]
    ) -> "list[int | Capture | None] | None":
        """Gives what each element from `index` on stands for, read from `place`; None if they do not fit."""
        if index == len(elements):
            return []
        if (index, place) in dead:
            return None
        element = elements[index]
        for step, after in self._steps(elements, index, place, element):
            rest = self._follow(elements, index + 1, after, dead)
            if rest is not None:
                return [step, *rest]
        dead.add((index, place))
        return None

    def _steps(
        self, elements: tuple[Element, ...], index: int, place: int, element: Element
    ) -> "Iterator[tuple[int | Capture | None, int]]":
        if isinstance(element, frozenset):
            for skipped in range(_MOST_SKIPPED):
                at = place + skipped
                if self._is_at(element, at):
                    yield at, at + 1
                    return
                if at >= len(self.tokens) or not self._is_skipped(self.tokens[at]):
                    return
        elif isinstance(element, Pause):
            if place < len(self.tokens) and self._pauses(self.tokens[place]):
                yield None, place + 1
        else:
            yield from self._values(elements, index, place)

    def _values(self, elements: tuple[Element, ...], index: int, place: int) -> Iterator[tuple[Capture, int]]:
        start = self._after_small_words(place, over_commas=any(isinstance(each, Pause) for each in elements))
        limit = min(len(self.tokens), start + VALUE_WORDS)
        if index + 1 == len(elements):
            short = self._short_end(start, limit)
            if short > start:
                yield Capture(start, short, max(short, self._long_end(start, limit))), short
            return
        if start < len(self.tokens) and self.tokens[start].word not in PRONOUNS and self._is_stop(start):
            return
        following = elements[index + 1]
        if isinstance(following, Pause):
            pauses = range(start + 1, min(limit + 1, len(self.tokens)))
            ends = (end for end in pauses if self._pauses(self.tokens[end]))
            yield from ((Capture(start, end, end), end) for end in islice(ends, 1))
        elif isinstance(following, frozenset):
            places = self._places_of(following)
            for at in places[bisect_left(places, start + 1) :]:
                if at > limit or any(self._bars(token) for token in self.tokens[start:at]):
                    return
                end = self._before_small_words(start, at)
                if end > start:
                    yield Capture(start, end, end), at

    def _places_of(self, words: Word) -> list[int]:
        """Gives where one of the words stands, in order."""
        known = self._joined.get(words)
        if known is None:
            known = sorted({place for word in words for place in self._places.get(word, ())})
            self._joined[words] = known
        return known

    def _is_at(self, words: Word, place: int) -> bool:
        places = self._places_of(words)
        found = bisect_left(places, place)
        return found < len(places) and places[found] == place

    @staticmethod
    def _is_skipped(token: Token) -> bool:
        return token.is_soft or token.is_owner or token.word in SKIPPED

    @staticmethod
    def _pauses(token: Token) -> bool:
        return token.is_soft or token.is_owner

    def _after_small_words(self, place: int, *, over_commas: bool) -> int:
        """Gives where a value begins; after a comma only in phrases that are lists themselves."""
        while place < len(self.tokens) and self._is_skipped(self.tokens[place]):
            token = self.tokens[place]
            if token.is_soft and not over_commas and self.message.text[token.start] in ",\u3001\uff0c":
                break
            place += 1
        return place

    def _before_small_words(self, start: int, stop: int) -> int:
        while stop > start and self._is_skipped(self.tokens[stop - 1]):
            stop -= 1
        return stop

    def _is_stop(self, place: int) -> bool:
        """Whether a value ends here; “IT” and “US” in capitals are names, unless everything is so written."""
        token = self.tokens[place]
        raw = self.message.text[token.start : token.end]
        is_name = len(raw) > 1 and raw.isupper() and not self._shouting
        return token.word in STOPS and not is_name

    def _short_end(self, start: int, limit: int) -> int:
        end = start
        while end < limit and not (self.tokens[end].is_soft or self._is_stop(end)):
            end += 1
        # The address in “Jane Doe (jane@acme.test)” belongs to the value.
        if start < end < limit - 1 and self.tokens[end].is_soft and self.tokens[end + 1].is_email:
            bracket = self.message.text[self.tokens[end].start : self.tokens[end].end]
            end += 2 if bracket in "(<[" else 0
        only_times = all(token.word in TIMES for token in self.tokens[start:end])
        while end > start and (
            self.tokens[end - 1].is_owner
            or self.tokens[end - 1].word in SKIPPED
            or (self.tokens[end - 1].word in TIMES and not only_times)
        ):
            end -= 1
        return end

    def _long_end(self, start: int, limit: int) -> int:
        end = start
        while end < limit and self.tokens[end].word not in SIGN_OFFS:
            end += 1
        return end

    def _value_before(self, stop: int, free: int) -> Capture | None:
        end = self._before_small_words(free, stop)
        start = end
        while start > max(free, end - VALUE_WORDS) and not (
            self.tokens[start - 1].is_soft or self._bars(self.tokens[start - 1])
        ):
            start -= 1
        begin = start
        while begin < end and self.tokens[begin].word in LEADS and not self.tokens[begin].is_email:
            begin += 1
        if end > start and self.tokens[end - 1].word in {"i", "we"}:
            begin = end - 1  # “… said I need”
        return Capture(begin, end, end, leads=True) if begin < end else None

    @staticmethod
    def _bars(token: Token) -> bool:
        """Whether no value goes over this word."""
        return token.word in _BARS
