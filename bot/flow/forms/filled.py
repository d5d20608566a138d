"""What was filled in on a page, read field by field; what is wrong is noted at its field."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from unicodedata import category

from bot.domain.canonical import JsonObject

_UNSEEN: Final = ("Cc", "Cs", "Zl", "Zp")
"""Controls, halves of surrogate pairs, and separators of lines."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The values of one page, and the problems found so far, by the fields' names."""

    values: JsonObject
    problems: dict[str, str] = field(default_factory=dict)

    def wrong(self, name: str, sentence: str) -> None:
        """Notes what is wrong with a field; the first thing counts."""
        self.problems.setdefault(name, sentence)

    def text(self, name: str, *, longest: int | None = None) -> str:
        """Gives the text without spaces around it; empty where nothing was written."""
        value = self.values.get(name)
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(name, "Write a text.")
            return ""
        text = value.strip()
        if longest is not None and len(text) > longest:
            self.wrong(name, f"It has {len(text)} characters; {longest} is the most. Write less.")
        elif any(category(sign) == "Cs" for sign in text):
            self.wrong(name, "It holds half of a character. Write it anew.")
        return text

    def line(self, name: str, *, longest: int) -> str:
        """Gives a text of one line of visible characters."""
        text = self.text(name, longest=longest)
        if any(category(sign) in _UNSEEN for sign in text):
            self.wrong(
                name, "It must be one line of visible text. Take out line breaks and hidden characters."
            )
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        """Gives what was chosen of several things, each once."""
        value = self.values.get(name)
        if value is None or value == "":
            return ()
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            self.wrong(name, "Choose from the list.")
            return ()
        return tuple(dict.fromkeys(one for one in items if isinstance(one, str) and one))

    def choice(self, name: str, words: Collection[str]) -> str:
        """Gives the word if it is one of these; empty otherwise."""
        value = self.text(name)
        return value if value in words else ""

    def ticked(self, name: str) -> bool:
        """Whether a checkbox is ticked."""
        return self.values.get(name) is True

    def whole(self, name: str, *, otherwise: int, most: int) -> int:
        """Gives a whole number from 1; `otherwise` where nothing was written."""
        text = self.text(name)
        if not text:
            return otherwise
        digits = text.removesuffix(".0")
        if digits.isascii() and digits.isdecimal() and len(digits) <= 9 and 1 <= int(digits) <= most:
            return int(digits)
        self.wrong(name, f"Write a whole number from 1 to {most}.")
        return otherwise
