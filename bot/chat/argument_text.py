"""One argument of a call as an approver must see it: its whole value, and what its look alone would hide."""

import json
from html import escape
from typing import Final

from bot.domain.canonical import JsonValue

IN_LINE: Final = 160
"""Characters that still read well within a line."""
_WIDTH: Final = 64
"""Characters of a line of a nested value."""


def plainly_named(name: str) -> str:
    """Gives the name as it is, or in quotation marks where it could be taken for something else."""
    return (
        name if name and name.strip() == name and not _breaks(name) else json.dumps(name, ensure_ascii=False)
    )


def written(value: JsonValue) -> tuple[str, str]:
    """Gives a value as text, and a mark where the text alone would mislead: “42” is not the number 42."""
    if not isinstance(value, str):
        return _pretty(value), ""
    if not value:
        return "", "empty"
    if value.strip() != value:
        return value, "space around it"
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return value, ""
    return value, "text"


def stands_in_line(text: str) -> bool:
    """Whether the text reads well within a line; it is counted as the strictest surface counts it."""
    counted = len(escape(text, quote=False).encode("utf-16-le", "surrogatepass")) // 2
    return counted <= IN_LINE and not _breaks(text)


def _breaks(text: str) -> bool:
    return any(character in text for character in "\n\r\t")


def _pretty(value: JsonValue, indent: int = 0) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or indent + len(flat) <= _WIDTH:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, list):
        inner = [pad + _pretty(held, indent + 2) for held in value]
    else:
        inner = [
            f"{pad}{json.dumps(name, ensure_ascii=False)}: {_pretty(held, indent + 2)}"
            for name, held in value.items()
        ]
    opening, closing = ("[", "]") if isinstance(value, list) else ("{", "}")
    return "\n".join((opening, ",\n".join(inner), " " * indent + closing))
