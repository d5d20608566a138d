"""How JSON and outside text are spelled in the database, so that what comes back is what was stored."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

_ESCAPE: Final = "\x10"
_TROUBLE = re.compile("[\x00\x10\ud800-\udfff]")
_ESCAPED = re.compile("\x10([0-9a-f]{4})")


def spelled(value: object) -> str:
    r"""Gives the one JSON spelling: names sorted by code point, no white space, ASCII only.

    Unlike `canonical`, it spells every text that Python can hold, because all that is not ASCII is escaped:
    also NUL and halves of surrogate pairs, which PostgreSQL or UTF-8 refuse. Whole numbers keep all their
    digits, and 1 and 1.0 stay different.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def unspelled(text: str) -> Any:
    """Gives what `spelled` was given, with lists for tuples."""
    return json.loads(text)


def escaped(text: str) -> str:
    """Gives the text without what a text column refuses: NUL and halves of surrogate pairs.

    Each of these, and the escape character U+0010 itself, becomes U+0010 and its four hexadecimal digits; any
    other text stays as it is, and equal texts stay equal.
    """
    return _TROUBLE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    """Gives what `escaped` was given."""
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def plain(value: object, tags: Mapping[type, str]) -> Any:
    """Gives a value of the domain as JSON: records by their field names, sets sorted, moments in UTC.

    A record whose class has a tag carries it as `kind`, so that the members of a union can be told apart.

    Raises:
        ValueError: a moment has no time zone.
    """
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("a moment without time zone cannot be stored")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(plain(member, tags) for member in value)
    if isinstance(value, Mapping):
        return {name: plain(member, tags) for name, member in value.items()}
    if isinstance(value, tuple | list):
        return [plain(member, tags) for member in value]
    if is_dataclass(value) and not isinstance(value, type):
        kind = {"kind": tags[type(value)]} if type(value) in tags else {}
        return kind | {field.name: plain(getattr(value, field.name), tags) for field in fields(value)}
    return value
