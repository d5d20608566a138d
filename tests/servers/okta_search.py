"""Okta's search expressions, read for tests.

Source: https://developer.okta.com/docs/reference/user-query/, https://developer.okta.com/docs/api/#filter
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r'\s*(?:([()])|("(?:[^"\\]|\\.)*")|([A-Za-z.]+))')

Values = Mapping[str, str]
"""What something has, by attribute, in lower case."""
Fits = Callable[[Values], bool]


class BadSearch(Exception):
    """It is no search that Okta takes."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search, ready to be asked of many."""

    fits: Fits
    equal: Sequence[tuple[str, str]]
    """Attributes and values of which one must be there, where the search is nothing else; empty otherwise."""


def read_search(text: str, *, known: frozenset[str]) -> Search:
    """Gives what the text asks for.

    Raises:
        BadSearch: it is not written as it should be, or asks for an attribute that nothing has.
    """
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadSearch(text[at:])
        tokens.append(match[0].strip())
        at = match.end()
    reader = _Reader(tokens, known)
    fits = reader.either()
    if reader.left:
        raise BadSearch(text)
    return Search(fits, reader.equal if reader.is_plain else ())


class _Reader:
    def __init__(self, tokens: Sequence[str], known: frozenset[str]) -> None:
        self.left = list(tokens)
        self.equal: list[tuple[str, str]] = []
        self.is_plain = True
        self._known = known

    def either(self) -> Fits:
        ways = [self._both()]
        while self.left and self.left[0] == "or":
            self.left.pop(0)
            ways.append(self._both())
        return lambda values: any(fits(values) for fits in ways)

    def _both(self) -> Fits:
        ways = [self._one()]
        while self.left and self.left[0] == "and":
            self.left.pop(0)
            self.is_plain = False
            ways.append(self._one())
        return lambda values: all(fits(values) for fits in ways)

    def _one(self) -> Fits:
        if self._next() == "(":
            found = self.either()
            if self._next() != ")":
                raise BadSearch("a bracket is not closed")
            return found
        return self._comparison()

    def _comparison(self) -> Fits:
        attribute, operator, quoted = self._last, self._next(), self._next()
        if attribute not in self._known or operator not in {"eq", "sw"} or not quoted.startswith('"'):
            raise BadSearch(f"{attribute} {operator} {quoted}")
        try:
            wanted = json.loads(quoted).lower()
        except ValueError:
            raise BadSearch(quoted) from None
        if operator == "sw":
            self.is_plain = False
            return lambda values: values.get(attribute, "").startswith(wanted)
        self.equal.append((attribute, wanted))
        return lambda values: values.get(attribute) == wanted

    def _next(self) -> str:
        if not self.left:
            raise BadSearch("it stops too early")
        self._last = self.left.pop(0)
        return self._last
