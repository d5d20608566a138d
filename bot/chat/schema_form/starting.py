"""Works out what stands in a form's fields at first, so that it is read back as the very same value."""

import json
import math
from collections.abc import Callable
from datetime import date
from typing import Final

from bot.chat.schema_form.kinds import Takes
from bot.chat.schema_form.measures import Argument
from bot.chat.schema_form.values import Held
from bot.chat.texts import TextMeasure
from bot.domain.canonical import JsonObject, JsonValue, canonical

DIGITS: Final = 15
"""Characters of a number, at most, that every platform keeps exactly."""
MORE_LABEL: Final = "More fields"
MORE_HINT: Final = 'Written as JSON, such as {"name": "value"}.'
AS_JSON: Final = "Written as JSON."
_PRETTY: Final = 1_000
"""How long JSON with line breaks may be, as the platform measures it; a longer one is shown in one line."""


def start(argument: Argument, values: JsonObject | None) -> tuple[bool, JsonValue]:
    """Gives whether something stands in the field at first, and what.

    Args:
        argument: the field's.
        values: the arguments that stand in the form at first; None for the tool's defaults.
    """
    if values is not None:
        is_set = argument.name in values and not (
            values[argument.name] is None and argument.required and argument.nullable
        )
        return is_set, values.get(argument.name)
    default = argument.schema.get("default")
    if default is None and argument.takes is Takes.CHOICE and argument.required and len(argument.values) == 1:
        default = argument.values[0]
    # An empty default needs no field to say so, and would stand there as JSON.
    return default not in (None, "", [], {}), default


def shown(
    argument: Argument, value: JsonValue, *, code: Callable[[str], str], is_typed: Callable[[str], bool]
) -> Held:
    """Gives what the argument's own input would hold for the value; nothing where it cannot.

    Args:
        argument: the field's.
        value: what is to stand in it.
        code: gives what stands for a value among the choices.
        is_typed: whether a person could have typed the text, and the platform gives it back as it is.
    """

    def typed(text: str) -> str | None:
        return text if is_typed(text) else None

    match argument.takes:
        case Takes.JSON:
            return None
        case Takes.CHOICE:
            return code(canonical(value))
        case Takes.BOOLEAN:
            return canonical(value)
        case Takes.CHOICES:
            entries = value if isinstance(value, list | tuple) else ()
            codes = [code(canonical(entry)) for entry in entries]
            return codes if len(set(codes)) == len(codes) else None
        case Takes.LINES:
            entries = value if isinstance(value, list | tuple) else ()
            return typed(
                "\n".join(entry if isinstance(entry, str) else canonical(entry) for entry in entries)
            )
        case Takes.WHOLE | Takes.NUMBER:
            return digits(value)
        case Takes.DATE:
            return value if isinstance(value, str) and is_day(value) else None
        case _:
            return typed(value if isinstance(value, str) else canonical(value))


def as_json(value: JsonValue, *, texts: TextMeasure) -> str:
    """Gives the value as JSON, as a person reads it best."""
    pretty = json.dumps(value, indent=2, ensure_ascii=False)
    return pretty if texts.length(pretty) <= _PRETTY else canonical(value)


def digits(value: JsonValue) -> str | None:
    """Gives a number as it is typed; None for one that has too many digits, or is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    text = repr(value)
    return text if "e" not in text and len(text) <= DIGITS else None


def is_day(text: str) -> bool:
    """Whether the text is a day of the calendar."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def bound(schema: JsonObject, name: str, *, whole: bool) -> str:
    """Gives a bound, `minimum` or `maximum`, as it is typed; empty for none."""
    value = schema.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if whole and abs(value) < 10**DIGITS:
        value = math.ceil(value) if name == "minimum" else math.floor(value)
    return digits(value) or ""


def length_of(value: JsonValue) -> int:
    """Gives a length that a schema says; 0 for none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
