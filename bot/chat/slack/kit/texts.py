"""Measures and divides text as Slack does, and makes it inert where Slack would read markup."""

import json
from collections.abc import Sequence
from typing import Final

from bot.domain.canonical import JsonObject

_WIDE: Final = {character: chr(ord(character) + 0xFEE0) for character in "*_~`:"}
"""The wide twins of characters that mrkdwn reads, and that it has no escape for."""
_INERT: Final = str.maketrans({**_WIDE, "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LONGEST: Final = len("&amp;")
"""The most that one character takes."""


def units(text: str) -> int:
    """Gives how long Slack may find the text: UTF-16 code units, with `&`, `<` and `>` as their entities."""
    astral = 0 if text.isascii() else sum(character > "\uffff" for character in text)
    return len(text) + astral + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def weight(blocks: Sequence[JsonObject]) -> int:
    """Gives how long Slack may find the blocks together, everything in them counted."""
    return units(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def fitting(text: str, limit: int) -> str:
    """Gives as much of the text's beginning as the limit allows."""
    found = text[:limit]
    while (excess := units(found) - limit) > 0:
        found = found[: -max(1, excess // _LONGEST)]
    return found


def pieces(text: str, limit: int) -> list[str]:
    """Gives the whole text in pieces within the limit, divided between lines or words where that is near."""
    found = []
    while units(text) > limit:
        end = len(fitting(text, limit))
        near = end // 2
        end = (text.rfind("\n", near, end) + 1) or (text.rfind(" ", near, end) + 1) or end
        found.append(text[:end])
        text = text[end:]
    return [*found, text]


def inert(text: str) -> str:
    """Gives the text in one line in which Slack finds no markup, no mention and no emoji."""
    sentences = " ".join(text.split()).split(": ")
    return ": ".join(sentence.translate(_INERT) for sentence in sentences)
