"""Measures and divides text as it goes over the wire, and keeps its spaces where they are shown."""

import json
import re
from bisect import bisect_right
from typing import Final

from bot.domain.canonical import JsonValue

ELLIPSIS: Final = "…"
_SPLIT_BYTES: Final = 110
"""Bytes, at most, of a run of text besides its words."""
_SPACES: Final = re.compile(r" (?<!\S )")
"""Spaces with nothing before them in their line, or with another space."""
_DATES: Final = re.compile(r"(?<=\{)(?=\{\s*(?:DATE|TIME)\s*\()", re.IGNORECASE)
"""Where a text has to be divided, lest cards read it as a date and show another one.

Source: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
"""


def wire_bytes(value: JsonValue) -> int:
    """Gives how many bytes the value takes as JSON on the wire, with everything but ASCII escaped."""
    return len(json.dumps(value))


def letters(value: JsonValue) -> int:
    """Gives how many characters there are to read in a card, or in a part of one."""
    if isinstance(value, dict):
        text = value.get("text")
        return len(text) if isinstance(text, str) else sum(map(letters, value.values()))
    return sum(map(letters, value)) if isinstance(value, list) else 0


def shown(text: str) -> str:
    """Gives the text so that a card shows every space of it: cards fold spaces that stand together."""
    return _SPACES.sub("\u00a0", text.replace("\r\n", "\n").replace("\t", "    "))


def dateless(text: str) -> list[str]:
    """Gives the text in pieces of which none is read as a date."""
    return _DATES.split(text)


def size(text: str) -> int:
    """Gives how many bytes the text takes in a card, at most."""
    return wire_bytes(shown(text)) - 2 + _SPLIT_BYTES * len(_DATES.findall(text))


def fitting(text: str, limit: int) -> str:
    """Gives as much of the text's beginning as fits so many bytes."""
    lengths = range(min(len(text), limit) + 1)
    return text[: bisect_right(lengths, limit, key=lambda length: size(text[:length])) - 1]


def cut(text: str, limit: int) -> str:
    """Gives the text if it has so few characters, else its beginning and an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def pieces(text: str, limit: int) -> list[str]:
    """Gives the whole text in pieces of so many bytes, divided between lines or words where that is near."""
    found = []
    while len(text) > limit or size(text) > limit:
        end = len(fitting(text, limit))
        near = end // 2
        end = (text.rfind("\n", near, end) + 1) or (text.rfind(" ", near, end) + 1) or end
        found.append(text[:end])
        text = text[end:]
    return [*found, text]
