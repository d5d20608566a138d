"""The part of OData's `$filter` that our clients use; whatever else is no filter here.

Source: https://learn.microsoft.com/graph/filter-query-parameter
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.domain.canonical import JsonObject

_TOKEN: Final = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z]+(?:/any)?)|([(),:]))")
_MOST: Final = 15
"""Comparisons that Graph takes in one filter."""


class NoFilter(Exception):
    """It is no filter that is known here."""


class Index(Protocol):
    """Finds things by a property, so that nobody has to look at all of them."""

    def same(self, property_: str, value: str) -> set[str] | None:
        """Gives the ids of those with this value, without case; None where the property is not kept."""
        ...

    def begun(self, property_: str, value: str) -> set[str] | None:
        """Gives the ids of those whose value begins so, without case."""
        ...


@dataclass(frozen=True)
class Filter:
    """A filter that was understood."""

    fits: Callable[[JsonObject], bool]
    candidates: Callable[[Index], set[str] | None]
    """Gives the ids that have to be looked at; None for all."""
    properties: frozenset[str]


def read_filter(text: str) -> Filter:
    """Gives the filter.

    Raises:
        NoFilter: it is none, or longer than Graph takes.
    """
    reading = _Reading(text)
    found = reading.any_of()
    reading.ends()
    if reading.comparisons > _MOST:
        raise NoFilter("Too many child clauses specified in search filter expression")
    return found


class _Reading:
    def __init__(self, text: str) -> None:
        self.comparisons = 0
        self._tokens: list[str] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise NoFilter(f"Syntax error at position {at}")
            self._tokens.append(found[0].strip())
            at = found.end()

    def any_of(self) -> Filter:
        parts = [self._all_of()]
        while self._takes("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else _joined(parts, any, _union)

    def ends(self) -> None:
        if self._tokens:
            raise NoFilter(f"Syntax error at “{self._tokens[0]}”")

    def _all_of(self) -> Filter:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else _joined(parts, all, _common)

    def _one(self) -> Filter:
        if self._takes("("):
            found = self.any_of()
            self._needs(")")
            return found
        self.comparisons += 1
        name = self._next()
        if name == "startswith":
            self._needs("(")
            property_ = self._next()
            self._needs(",")
            value = self._literal()
            self._needs(")")
            return _compared(property_, lambda text: text.startswith(value.lower()),
                             lambda index: index.begun(property_, value))  # fmt: skip
        if name.endswith("/any"):
            return self._in_list(name.removesuffix("/any"))
        self._needs("eq")
        if self._peeks() in {"true", "false"}:
            wanted = self._next() == "true"
            return Filter(lambda row: row.get(name) is wanted, lambda _: None, frozenset({name}))
        value = self._literal()
        return _compared(name, lambda text: text == value.lower(), lambda index: index.same(name, value))

    def _in_list(self, property_: str) -> Filter:
        for part in ("(", "p", ":", "p", "eq"):
            self._needs(part)
        value = self._literal()
        self._needs(")")
        return _compared(
            property_, lambda text: text == value.lower(), lambda index: index.same(property_, value)
        )

    def _literal(self) -> str:
        token = self._next()
        if not token.startswith("'"):
            raise NoFilter(f"“{token}” is no text")
        return token[1:-1].replace("''", "'")

    def _peeks(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise NoFilter("it ends too soon")
        return self._tokens.pop(0)

    def _takes(self, token: str) -> bool:
        if self._peeks() != token:
            return False
        self._tokens.pop(0)
        return True

    def _needs(self, token: str) -> None:
        if not self._takes(token):
            raise NoFilter(f"Syntax error at “{self._peeks()}”")


def _compared(
    property_: str, fits: Callable[[str], bool], candidates: Callable[[Index], set[str] | None]
) -> Filter:
    def row_fits(row: JsonObject) -> bool:
        value = row.get(property_)
        values = value if isinstance(value, list) else [value]
        return any(isinstance(one, str) and fits(one.lower()) for one in values)

    return Filter(row_fits, candidates, frozenset({property_}))


def _joined(
    parts: Sequence[Filter],
    how: Callable[[Sequence[bool]], bool],
    sets: Callable[[Sequence[set[str] | None]], set[str] | None],
) -> Filter:
    return Filter(
        lambda row: how([part.fits(row) for part in parts]),
        lambda index: sets([part.candidates(index) for part in parts]),
        frozenset[str]().union(*(part.properties for part in parts)),
    )


def _union(found: Sequence[set[str] | None]) -> set[str] | None:
    known = [one for one in found if one is not None]
    return set[str]().union(*known) if len(known) == len(found) else None


def _common(found: Sequence[set[str] | None]) -> set[str] | None:
    known = [one for one in found if one is not None]
    return set.intersection(*known) if known else None


def options_of(query: Mapping[str, str]) -> dict[str, str]:
    """Gives the query options without their `$`.

    Raises:
        NoFilter: one of them is unknown.
    """
    known = {"$select", "$filter", "$top", "$orderby", "$count", "$expand", "$skiptoken"}
    if strange := set(query) - known:
        raise NoFilter(f"The query specified in the URI is not valid: {', '.join(sorted(strange))}")
    return {name[1:]: value for name, value in query.items()}
