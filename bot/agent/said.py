"""What a person said for a slot, in their own spelling."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.agent.options import option_at
from bot.agent.phrases import Capture, PhraseMatch, Reading
from bot.agent.runbook import Slot
from bot.agent.tokens import read_message
from bot.agent.vocabulary import ARTICLES, BELONGING, COMMON, LEADS, OTHERS, SELF, SKIPPED, TIMES

VALUE_LIMIT = 200
"""Characters that a slot's value may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The words that stand for a slot."""

    text: str
    """In the original spelling, at most `VALUE_LIMIT` characters."""
    longest: str
    """The same with the words after it that may still belong to a name."""
    words: tuple[str, ...]
    """As they are compared."""
    addresses: tuple[str, ...] = ()
    """The e-mail addresses in it, in the original spelling."""
    capitals: bool = False
    """Whether every word begins with a capital, as names do."""
    leads: bool = False
    """Whether words that belong to the sentence may stand before the value."""
    hint: bool = False
    """Whether one of the slot's own phrases found it."""

    @property
    def means_self(self) -> bool:
        """Whether it says “me”, “myself” or the like."""
        return bool(self.words) and set(self.words) <= SELF | ARTICLES

    @property
    def may_be_person(self) -> bool:
        """Whether “for …” names somebody, and not a reason."""
        if self.addresses or self.means_self:
            return True
        first = next((word for word in self.words if word not in BELONGING | ARTICLES | {"new"}), "")
        if first in OTHERS:
            return True
        return self.capitals and len(self.words) <= 3 and not set(self.words) & (TIMES | COMMON)


def said_in(reading: Reading, capture: Capture) -> Said:
    """Gives what stands at a slot's place."""
    tokens = reading.tokens[capture.first : capture.stop]
    named = [token for token in tokens if not (token.is_soft or token.is_owner)]
    raw = [reading.message.text[token.start : token.end] for token in named]
    return Said(
        text=reading.text(capture.first, capture.stop)[:VALUE_LIMIT].strip(),
        longest=reading.text(capture.first, max(capture.stop, capture.longest))[:VALUE_LIMIT].strip(),
        words=tuple(token.word for token in named),
        addresses=tuple(reading.message.text[token.start : token.end] for token in tokens if token.is_email),
        capitals=bool(raw) and all(word[:1].isupper() for word in raw),
        leads=capture.leads,
    )


def said_in_answer(text: str, *, also: frozenset[str] = frozenset()) -> Said:
    """Gives what an answer to a question says, without the small talk around it; `also` is small talk too."""
    message = read_message(text)
    tokens = [token for sentence in message.sentences for token in sentence.tokens]
    named = [token for token in tokens if not (token.is_soft or token.is_owner)]
    start, stop = 0, len(named)
    while (
        start < stop
        and not named[start].is_email
        and named[start].word in LEADS | {"is", "it", "mean", "meant"} | also
    ):
        start += 1
    while (
        stop > start
        and named[stop - 1].word in SKIPPED | TIMES | {"thanks"} | also
        and not named[stop - 1].is_email
    ):
        stop -= 1
    if start == stop:
        start, stop = 0, len(named)
    kept = named[start:stop]
    plain = " ".join(message.text[kept[0].start : kept[-1].end].split())[:VALUE_LIMIT].strip() if kept else ""
    return Said(
        text=plain,
        longest=plain,
        words=tuple(token.word for token in kept),
        addresses=tuple(message.text[token.start : token.end] for token in kept if token.is_email),
    )


def said_exactly(text: str) -> Said:
    """Gives a value that was picked from a list, untouched."""
    message = read_message(text)
    tokens = [token for sentence in message.sentences for token in sentence.tokens]
    return Said(
        text=text,
        longest=text,
        words=tuple(token.word for token in tokens if not (token.is_soft or token.is_owner)),
        addresses=tuple(message.text[token.start : token.end] for token in tokens if token.is_email),
    )


@dataclass(frozen=True, slots=True)
class Around:
    """The options of a choice named around a match."""

    options: tuple[str, ...]
    captures: dict[str, Capture]
    """The match's captures, without the words that name an option."""
    places: frozenset[int]
    """The tokens that name options."""


def options_around(
    reading: Reading, slot: Slot, match: PhraseMatch, captures: Mapping[str, Capture]
) -> Around:
    """Gives the options of a choice named around a match.

    Looked at are the words right before the match, those in and between its values, and those right after it
    (“… as admin”, “…, read only”). “my admin” names a person and no option.
    """
    words = [token.word for token in reading.tokens]
    left = dict(captures)
    found: list[str] = []
    places: set[int] = set()
    place = _clause_start(reading, match.first)
    while place < match.stop:
        hit = option_at(slot, words, place)
        if hit and not (place and words[place - 1] in BELONGING) and _trim(left, place, place + hit[1]):
            found.append(hit[0])
            places.update(range(place, place + hit[1]))
        place += hit[1] if hit else 1
    found.extend(_option_after(reading, slot, words, match.stop))
    return Around(tuple(dict.fromkeys(found)), left, frozenset(places))


def _clause_start(reading: Reading, first: int) -> int:
    start = first
    while start > 0 and first - start < 4 and not reading.tokens[start - 1].is_soft:
        start -= 1
    return start


def _trim(captures: dict[str, Capture], first: int, stop: int) -> bool:
    """Takes the words out of the capture that holds them at an edge; says whether they may name an option."""
    for name, capture in captures.items():
        if not (capture.first <= first and stop <= capture.stop):
            continue
        if first == capture.first and stop < capture.stop:
            captures[name] = replace(capture, first=stop)
            return True
        if stop == capture.stop and first > capture.first:
            captures[name] = replace(capture, stop=first, longest=max(capture.longest, capture.stop))
            return True
        if (first, stop) == (capture.first, capture.stop):
            del captures[name]
            return True
        return False
    return True


def _option_after(reading: Reading, slot: Slot, words: list[str], place: int) -> list[str]:
    tokens = reading.tokens
    joined = False
    while place < len(tokens) and (
        tokens[place].is_soft or words[place] in ARTICLES | {"as", "with", "at", "level", "role", "on"}
    ):
        joined = joined or words[place] in {"as", "with", "at", "level", "role"}
        place += 1
    hit = option_at(slot, words, place)
    if not hit:
        return []
    after = place + hit[1]
    ends = after >= len(tokens) or tokens[after].is_soft
    level = after < len(tokens) and words[after] in SKIPPED | {
        "access", "rights", "permissions", "permission", "role", "level", "privileges", "user", "thanks",
    }  # fmt: skip
    return [hit[0]] if joined or ends or level else []
