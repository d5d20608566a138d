"""What stands in a dialog's fields at first, and what is made of what people filled in."""

import json
from collections.abc import Callable

from bot.cards.model import Field, FieldKind
from bot.chat.schema_form.values import Held
from bot.domain.canonical import JsonValue

CHOOSING = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})
"""Kinds of fields in which something is chosen."""


def starting(one: Field) -> JsonValue:
    """Gives what stands in the field at first, as it would be read."""
    if one.kind in {FieldKind.CHOICES, FieldKind.LOOKUPS, FieldKind.CHECKBOX}:
        return one.value
    return one.value if one.value is None or isinstance(one.value, str) else json.dumps(one.value)


def chosen(one: Field, held: Held, *, code: Callable[[str], str]) -> JsonValue:
    """Gives what was chosen in a field of choices; None where a single choice was not made.

    Args:
        one: the field.
        held: the codes of what was chosen, or the values as they were written, one on each line.
        code: gives what stands for a value in the form.
    """
    decoded = {code(option.value): option.value for option in one.options}
    if one.kind is FieldKind.CHOICE:
        return decoded.get(held, held) if isinstance(held, str) and held else None
    if isinstance(held, str):
        held = [line.strip() for line in held.split("\n") if line.strip()]
    return [decoded.get(text, text) for text in held or ()]


def texts_of(value: JsonValue) -> list[str]:
    """Gives the texts of a field of choices."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return []
