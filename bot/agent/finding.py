"""Finds what a person named among the entries that a read gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.agent.runbook import Find
from bot.agent.said import Said
from bot.agent.tokens import words_of
from bot.agent.vocabulary import ARTICLES, BELONGING, GENERIC, LEADS, SKIPPED
from bot.domain.canonical import JsonValue

ENTRY_LIMIT: Final = 5_000
"""Entries of a read that are looked through."""

CLOSE_LIMIT: Final = 5
"""Close names that are offered."""

FEW: Final = 12
"""Up to so many entries are all offered when nothing is called alike."""

_CLOSE: Final = 65.0
"""Likeness in percent from which a name is offered: about two of three letters in the same order."""

_LISTING: Final = frozenset({"and", "or", "plus", "also", "as", "well", "to"})
_AROUND: Final = LEADS | GENERIC | BELONGING | ARTICLES | SKIPPED


@dataclass(frozen=True, slots=True)
class Known:
    """One entry, with the names that people may call it by."""

    entry: JsonValue
    value: str
    label: str
    names: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The entry that is meant."""

    known: Known
    sure: bool
    """False where words are left over that may turn the meaning."""
    words: tuple[str, ...]
    """The words that named it."""


@dataclass(frozen=True, slots=True)
class Several:
    """More than one entry may be meant."""

    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No entry is called so; these are called alike."""

    close: tuple[str, ...]


def known_entries(entries: JsonValue, find: Find) -> list[Known]:
    """Gives the entries that have a value and a name; others are passed over."""
    found: list[Known] = []
    for entry in (entries if isinstance(entries, list | tuple) else ())[:ENTRY_LIMIT]:
        if isinstance(entry, str) and not find.value:
            found.append(Known(entry, entry, entry, (words_of(entry),)))
        elif isinstance(entry, Mapping) and find.value:
            value = entry.get(find.value)
            names = [name for field in find.by for name in _texts(entry.get(field))]
            if isinstance(value, str) and value and names:
                spellings = dict.fromkeys(
                    words for name in (*names, value) if (words := _bare(words_of(name)))
                )
                found.append(Known(entry, value, names[0], tuple(spellings)))
    return found


def find_entry(known: Sequence[Known], said: Said, *, exactly: bool) -> Match | Several | Nothing:
    """Gives the entry that is meant; `exactly` allows no typing mistakes, for people."""
    short, longest = _bare(said.words), _bare(words_of(said.longest))
    for words in dict.fromkeys((longest, short, _stripped(short))):
        hits = [each for each in known if words in each.names]
        if hits:
            more = _listed_after(known, words, longest)
            return Several((*hits, *more)) if more else _one_of(hits, words, sure=True)
    return (
        _named_inside(known, short)
        or _named_in_part(known, _stripped(short))
        or (None if exactly else _misspelt(known, _stripped(short)))
        or Nothing(_close(known, " ".join(_stripped(short) or short)))
    )


def labels(known: Sequence[Known]) -> dict[str, str]:
    """Gives a label for each entry, unique among them, and the value that it stands for."""
    seen = [each.label for each in known]
    return {
        each.label if seen.count(each.label) == 1 else f"{each.label} ({each.value})": each.value
        for each in known
    }


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    return [each for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else []


def _bare(words: Sequence[str]) -> tuple[str, ...]:
    kept = tuple(word for word in words if word not in ARTICLES)
    return kept or tuple(words)


def _listed_after(known: Sequence[Known], named: tuple[str, ...], longest: tuple[str, ...]) -> list[Known]:
    """Gives the entry that is named right after the first one: “Zendesk and Figma”, “Zendesk, Figma”."""
    if longest[: len(named)] != named:
        return []
    rest = longest[len(named) :]
    while rest and rest[0] in _LISTING:
        rest = rest[1:]
    return [
        each
        for each in known
        if named not in each.names and any(name and rest[: len(name)] == name for name in each.names)
    ]


def _stripped(words: tuple[str, ...]) -> tuple[str, ...]:
    start, stop = 0, len(words)
    while start < stop and words[start] in _AROUND:
        start += 1
    while stop > start and words[stop - 1] in _AROUND:
        stop -= 1
    return words[start:stop] or words


def _one_of(hits: Sequence[Known], words: tuple[str, ...], *, sure: bool) -> Match | Several:
    return Match(hits[0], sure, words) if len({each.value for each in hits}) == 1 else Several(tuple(hits))


def _named_inside(known: Sequence[Known], words: tuple[str, ...]) -> Match | Several | None:
    """Entries whose whole name stands among the words; a longer name hides the shorter ones in it."""
    line = f" {' '.join(words)} "
    hits = sorted(
        ((name, each) for each in known for name in each.names if f" {' '.join(name)} " in line),
        key=lambda hit: -len(hit[0]),
    )
    found: list[Known] = []
    used: tuple[str, ...] = ()
    for name, each in hits:
        spelled = f" {' '.join(name)} "
        if spelled in line:
            line = line.replace(spelled, "  ", 1)
            used += name
            if each.value not in {other.value for other in found}:
                found.append(each)
    if not found:
        return None
    left = set(line.split()) - _AROUND - {"and"}
    return _one_of(found, used, sure=not left) if not left or len(found) == 1 else Several(tuple(found))


def _named_in_part(known: Sequence[Known], words: tuple[str, ...]) -> Match | Several | None:
    """Entries in whose name all the words stand together: “bob” for Bob Brennan."""
    if sum(map(len, words)) < 3:
        return None
    line = f" {' '.join(words)} "
    hits = [each for each in known if any(line in f" {' '.join(name)} " for name in each.names)]
    return _one_of(hits, words, sure=True) if hits else None


def _misspelt(known: Sequence[Known], words: tuple[str, ...]) -> Match | Several | None:
    said = "".join(words)
    hits = [each for each in known if any(_is_slip(said, "".join(name)) for name in each.names)]
    return _one_of(hits, words, sure=True) if hits else None


def _is_slip(said: str, name: str) -> bool:
    allowed = 0 if len(name) < 4 else 1 if len(name) < 8 else 2
    return said[:1] == name[:1] and OSA.distance(said, name, score_cutoff=allowed) <= allowed


def _close(known: Sequence[Known], said: str) -> tuple[str, ...]:
    scored = [
        (max((fuzz.ratio(said, " ".join(name)) for name in each.names), default=0.0), each.label)
        for each in known
    ]
    best = sorted((pair for pair in scored if pair[0] >= _CLOSE), key=lambda pair: (-pair[0], pair[1]))
    names = tuple(dict.fromkeys(label for _, label in best))[:CLOSE_LIMIT]
    return names or (tuple(each.label for each in known) if len(known) <= FEW else ())
