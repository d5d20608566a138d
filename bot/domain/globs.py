"""Globs: patterns with * and ?, matched in time that grows with the text only."""

from typing import Final

GLOB_LIMIT: Final = 256
"""Characters that a pattern may have."""


def is_glob(text: str) -> bool:
    """Whether the text holds a * or a ?, the two characters that stand for others."""
    return "*" in text or "?" in text


class Glob:
    """A pattern for a whole text: * is any run of characters, also none; ? is exactly one.

    Every other character stands for itself, upper and lower case apart; there is no way to escape * or ?.
    """

    __slots__ = ("_first", "_last", "_middle", "_shortest", "_whole")

    def __init__(self, pattern: str) -> None:
        pieces = [_Piece(text) for text in pattern.split("*")]
        self._whole = len(pieces) == 1
        self._first = pieces[0]
        self._last = pieces[-1]
        self._middle = tuple(piece for piece in pieces[1:-1] if piece.length)
        self._shortest = sum(piece.length for piece in pieces)

    def matches(self, text: str) -> bool:
        """Whether the pattern describes the whole text; reads each character about once."""
        if self._whole:
            return len(text) == self._shortest and self._first.stands_at(text, 0)
        stop = len(text) - self._last.length
        if len(text) < self._shortest or not self._first.stands_at(text, 0):
            return False
        if not self._last.stands_at(text, stop):
            return False
        # The leftmost place for each piece leaves the most room for the next, so nothing is tried twice.
        position = self._first.length
        for piece in self._middle:
            found = piece.find(text, position, stop)
            if found < 0:
                return False
            position = found + piece.length
        return True


class _Piece:
    """What stands between two stars: letters, and holes that any one character fills."""

    __slots__ = ("_holes", "_masks", "_text", "length")

    def __init__(self, text: str) -> None:
        self._text = text
        self.length = len(text)
        self._holes = sum(1 << place for place, letter in enumerate(text) if letter == "?")
        self._masks = dict.fromkeys(text, self._holes) if self._holes else {}
        for place, letter in enumerate(text):
            if self._holes and letter != "?":
                self._masks[letter] |= 1 << place

    def stands_at(self, text: str, start: int) -> bool:
        if not self._holes:
            return text.startswith(self._text, start)
        letters = zip(self._text, text[start : start + self.length], strict=True)
        return all(letter in ("?", other) for letter, other in letters)

    def find(self, text: str, start: int, stop: int) -> int:
        """Gives the first place between `start` and `stop` where the whole piece fits, or -1."""
        if not self._holes:
            return text.find(self._text, start, stop)
        # Shift-And: bit n of `state` says that the piece's first n + 1 places fit the text read last.
        state, complete = 0, 1 << (self.length - 1)
        for place in range(start, stop):
            state = ((state << 1) | 1) & self._masks.get(text[place], self._holes)
            if state & complete:
                return place - self.length + 1
        return -1
