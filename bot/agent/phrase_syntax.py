"""Phrases as a runbook writes them: words, {slots}, (this|that) alternatives and [optional] words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from bot.agent.tokens import words_of
from bot.agent.vocabulary import LEADS, SKIPPED, STOPS

VARIANT_LIMIT: Final = 256
"""Ways of saying it that one phrase may spell."""

_SMALL: Final = LEADS | STOPS | {"into", "onto", "out", "off"}
_PART = re.compile(r"\s+|\{[^{}]*\}|[\[\]()|]|[^\s\[\](){}|]+|.")
_OR = "\x00"  # stands between words of which any will do
_PAUSE = re.compile(r"\s*(?:[,:–—-]|['’]s)\s*")
_OWNER = re.compile(r"^['’]s\b")
_SLOT_NAME = re.compile(r"[a-z][a-z0-9_]*")


class BadPhrase(ValueError):
    """Says what is wrong with a phrase, in a sentence."""


@dataclass(frozen=True, slots=True)
class Hole:
    """The place of a slot in a phrase."""

    slot: str


@dataclass(frozen=True, slots=True)
class Pause:
    """The comma, colon, dash or ’s between two slots."""


Word: TypeAlias = frozenset[str]
"""A word of a phrase, or any of several: (can|could)."""

Element: TypeAlias = Word | Hole | Pause


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of saying a phrase."""

    elements: tuple[Element, ...]

    @property
    def literals(self) -> tuple[Word, ...]:
        """The words that must be there, in order."""
        return tuple(element for element in self.elements if isinstance(element, frozenset))

    @property
    def is_weak(self) -> bool:
        """Whether its words alone say so little that only a value that is found makes it a match."""
        return all(words <= LEADS for words in self.literals)

    @property
    def is_vague(self) -> bool:
        """Whether it is little more than its slots: “add {user} to {group}”."""
        holes = sum(isinstance(element, Hole) for element in self.elements)
        return holes > 1 and sum(not words <= _SMALL for words in self.literals) < 2


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, with every way of saying it."""

    text: str
    variants: tuple[Variant, ...]

    @property
    def slots(self) -> frozenset[str]:
        """The slots that it can fill."""
        return frozenset(
            part.slot for variant in self.variants for part in variant.elements if isinstance(part, Hole)
        )


def parse_phrase(text: str, synonyms: Mapping[str, str]) -> Phrase:
    """Gives the phrase with all its variants; `synonyms` gives what a word stands for.

    Raises:
        BadPhrase: brackets do not match, a bad slot name, too many variants, or no word to go by.
    """
    parts = _PART.findall(text)
    raw, end = _alternatives(parts, 0, closing="")
    if end != len(parts):
        raise BadPhrase(f"“{parts[end]}” closes nothing")
    variants = dict.fromkeys(Variant(tuple(_elements(each, synonyms))) for each in raw)
    for variant in variants:
        _check(variant)
    return Phrase(text, tuple(variants))


def _alternatives(parts: Sequence[str], place: int, *, closing: str) -> tuple[list[str], int]:
    """Gives every spelling up to the closing bracket, and the place of that bracket."""
    done: list[str] = []
    current = [""]
    while place < len(parts) and parts[place] not in (")", "]"):
        part = parts[place]
        if part == "|":
            if not closing:
                raise BadPhrase("| stands outside of brackets; write (this|that)")
            done.extend(current)
            current = [""]
        elif part in ("(", "["):
            wanted = ")" if part == "(" else "]"
            inner, place = _alternatives(parts, place + 1, closing=wanted)
            if place == len(parts) or parts[place] != wanted:
                raise BadPhrase(f"“{part}” is not closed by “{wanted}”")
            choices = [*inner, ""] if part == "[" else _together(inner)
            current = [head + choice for head in current for choice in choices]
        elif part in ("{", "}"):
            raise BadPhrase(f"“{part}” has no partner; a slot is written {{name}}")
        else:
            current = [head + part for head in current]
        if len(current) + len(done) > VARIANT_LIMIT:
            raise BadPhrase(f"it spells more than {VARIANT_LIMIT} variants; make two phrases of it")
        place += 1
    return done + current, place


def _together(choices: list[str]) -> list[str]:
    """Makes one of alternatives that are a single word each, so that they multiply no variants."""
    words = [choice.strip() for choice in choices]
    plain = all(word.isalnum() and len(words_of(word)) == 1 for word in words)
    return [_OR.join(words)] if plain else choices


def _elements(spelling: str, synonyms: Mapping[str, str]) -> Iterator[Element]:
    after_slot = False
    for piece in re.split(r"(\{[^{}]*\})", spelling):
        if piece.startswith("{"):
            name = piece[1:-1].strip()
            if not _SLOT_NAME.fullmatch(name):
                raise BadPhrase(f"“{piece}” is no slot; use small letters, digits and _")
            yield Hole(name)
            after_slot = True
            continue
        if after_slot and _PAUSE.fullmatch(piece):
            yield Pause()
        words = list(_words(_OWNER.sub("", piece) if after_slot else piece, synonyms))
        yield from words
        after_slot = after_slot and not words


def _words(piece: str, synonyms: Mapping[str, str]) -> Iterator[Word]:
    for chunk in piece.split():
        if _OR in chunk:
            yield frozenset(synonyms.get(word, word) for each in chunk.split(_OR) for word in words_of(each))
        else:
            yield from (
                frozenset({synonyms.get(word, word)}) for word in words_of(chunk) if word not in SKIPPED
            )


def _check(variant: Variant) -> None:
    elements = variant.elements
    if not variant.literals:
        raise BadPhrase("it can be said without any word of its own; add words around the slot")
    for one, next_one in pairwise(elements):
        if isinstance(one, Hole) and isinstance(next_one, Hole):
            raise BadPhrase(f"put a word, a comma or ’s between {{{one.slot}}} and {{{next_one.slot}}}")
    if isinstance(elements[-1], Pause):
        raise BadPhrase("it must not end with a comma")
    names = [part.slot for part in elements if isinstance(part, Hole)]
    if len(set(names)) != len(names):
        raise BadPhrase("a slot stands in it twice")
