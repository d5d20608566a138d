"""One argument of a call as an approver must see it: its whole value, and what its look alone would hide."""

import json
from typing import Final

from bot.chat.slack.kit.blocks import cut, run
from bot.chat.slack.kit.paragraphs import Paragraph, bold, line, verbatim
from bot.chat.slack.kit.texts import units
from bot.domain.canonical import JsonValue

_INLINE: Final = 160
"""Characters that still read well within a line."""
_WIDTH: Final = 64
"""Characters of a line of a nested value."""


def argument(name: str, value: JsonValue) -> tuple[Paragraph, ...]:
    """Gives the argument: `name: value` where that is short, else the value in a box under its name."""
    shown = _plainly_named(name)
    text, mark = written(value)
    note = (run(f" ({mark})", italic=True),) if mark else ()
    if units(shown) > _INLINE:
        return (*bold(shown), *_boxed(name, text), *((line(*note),) if note else ()))
    if not text:
        return (line(run(f"{shown}:", bold=True), *note),)
    if units(text) <= _INLINE and not _breaks(text):
        return (line(run(f"{shown}: ", bold=True), run(text, code=True), *note),)
    return (line(run(f"{shown}:", bold=True), *note), *_boxed(name, text))


def left_out(name: str, value: JsonValue) -> tuple[Paragraph, ...]:
    """Gives what stands for an argument that does not fit: its name and its length."""
    label = run(f"{cut(_plainly_named(name), _INLINE)}: ", bold=True)
    return (line(label, run(f"not shown here, {len(written(value)[0]):,} characters", italic=True)),)


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


def _boxed(name: str, text: str) -> tuple[Paragraph, ...]:
    return verbatim(text, cut(_plainly_named(name), 80)) if text else ()


def _plainly_named(name: str) -> str:
    """Gives the name as it is, or in quotation marks where it could be taken for something else."""
    return (
        name if name and name.strip() == name and not _breaks(name) else json.dumps(name, ensure_ascii=False)
    )


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
