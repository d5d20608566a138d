"""Takes a line apart into words: quotation marks of every keyboard, mentions, links, and JSON objects."""

import re
from dataclasses import dataclass
from typing import Final

from bot.flow.commands.spelling import ESCAPED, QUOTES

_LINK: Final = re.compile(r"(?<!\\)<([^<>\n]*+)>")
_MENTION: Final = re.compile(r"<@([^<>|\s]{1,100})(?:\|[^<>\n]*+)?>")
_CURLY: Final = "“”„‟"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a line and where it stands."""

    text: str
    start: int
    end: int
    is_quoted: bool = False
    mention: str = ""
    """The surface's id of the person mentioned."""
    is_open: bool = False
    """Whether it begins with a quotation mark that no other one closes."""


def unwrapped(text: str) -> str:
    """Gives the line with addresses as they were written, where a surface made links of them."""
    return _LINK.sub(_written, text)


def _written(link: re.Match[str]) -> str:
    target, _, label = link.group(1).partition("|")
    scheme, colon, rest = target.partition(":")
    if not colon:
        return link.group()
    match scheme.lower():
        case "mailto" | "tel":
            return rest
        case "http" | "https":
            return label if label and rest.rstrip("/") == f"//{label}".rstrip("/") else target
        case _:
            return link.group()


def word_at(text: str, at: int) -> Word | None:
    """Gives the first word at or after this place; None at the end."""
    while at < len(text) and text[at].isspace():
        at += 1
    if at == len(text):
        return None
    mention = _MENTION.match(text, at)
    if mention:
        return Word(text=mention.group(), start=at, end=mention.end(), mention=mention.group(1))
    if text[at] in QUOTES:
        return _quoted(text, at) or _plain(text, at, is_open=True)
    return _plain(text, at)


def _plain(text: str, at: int, *, is_open: bool = False) -> Word:
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    return Word(text=text[at:end], start=at, end=end, is_open=is_open)


def _quoted(text: str, at: int) -> Word | None:
    signs: list[str] = []
    end = at + 1
    while end < len(text) and text[end] not in QUOTES:
        if text[end] == "\\" and text[end + 1 : end + 2] in ESCAPED:
            end += 1
        signs.append(text[end])
        end += 1
    if end == len(text):
        return None
    return Word(text="".join(signs), start=at, end=end + 1, is_quoted=True)


def object_at(text: str, at: int) -> tuple[str, int] | None:
    """Gives the JSON object that begins here with quotation marks as JSON has them, and where it ends.

    Whether it is JSON is for others to say. None where the last bracket is not closed.
    """
    written: list[str] = []
    depth, end = 0, at
    while end < len(text):
        sign = text[end]
        if sign == '"' or sign in _CURLY:
            end = _string(text, end, written)
            continue
        depth += (sign in "{[") - (sign in "}]")
        written.append(" " if sign.isspace() else sign)
        end += 1
        if depth == 0:
            return "".join(written), end
    return None


def _string(text: str, at: int, written: list[str]) -> int:
    """Writes the string that begins here, and gives where it ends.

    One that begins with a straight mark may hold curly ones; one that begins with a curly mark ends at the
    next mark of any kind.
    """
    closing = '"' if text[at] == '"' else f'"{_CURLY}'
    written.append('"')
    end = at + 1
    while end < len(text) and text[end] not in closing:
        step = 2 if text[end] == "\\" else 1
        written.append(text[end : end + step])
        end += step
    if end < len(text):
        written.append('"')
    return end + 1
