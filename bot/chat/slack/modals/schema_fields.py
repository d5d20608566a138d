"""Makes a form from a tool's JSON Schema, filled with the tool's defaults or with given arguments."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, cut, field
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.inputs import VALUE, Choice, Held, code, menu, number_input, picker, text_input
from bot.chat.slack.modals.schema_kinds import Takes
from bot.chat.slack.modals.schema_plan import Argument, plan_of
from bot.chat.slack.modals.schema_values import JSON, NO, YES, read
from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.errors import Refusal

_PREFILLED: Final = 50_000
"""What all values together may weigh, so that the view stays within its limit."""
_DIGITS: Final = 15
_TOO_LONG: Final = "What is there now is too long to be changed here. Left empty, it is left out."
_FIRST_MOMENT: Final = datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC).timestamp()
_LAST_MOMENT: Final = 9_999_999_999
"""Slack takes moments of ten digits."""
_MORE_HINT: Final = 'Written as JSON, such as {"name": "value"}.'


def schema_blocks(schema: JsonObject, *, values: JsonObject | None = None, scope: str = "") -> list[Block]:
    """Gives the inputs of the form, in the schema's order.

    Args:
        schema: what the tool's arguments are like.
        values: the arguments that stand in it at first; None for the tool's defaults.
        scope: goes into the ids of the blocks, so that forms of different tools share no input.
    """
    plan = plan_of(schema, scope=scope)
    blocks = []
    room = _PREFILLED
    for one in plan.arguments:
        is_set, value = _start(one, values)
        filled = _filled(one, value) if is_set else None
        size = len(ascii(canonical(value))) if is_set else 0
        too_long = is_set and (filled is None or size > room)
        element = _element(one, None) if filled is None or too_long else filled
        room -= 0 if too_long else size
        hint = _with(one.hint, _TOO_LONG) if too_long else one.hint
        if element["action_id"] == JSON and one.takes is not Takes.JSON:
            hint = _with(hint, "Written as JSON.")
        blocks.append(field(one.block_id, one.label, element, optional=one.optional, hint=hint))
    own = {one.name for one in plan.arguments}
    rest = {name: value for name, value in (values or {}).items() if name not in own}
    if plan.more or rest:
        blocks.append(_more(plan.more_id, plan.more_names, rest, room, required=plan.more_required))
    return blocks


def _with(hint: str, sentence: str) -> str:
    return f"{cut(hint, limits.INPUT_HINT - units(sentence) - 1)} {sentence}".strip()


def _start(argument: Argument, values: JsonObject | None) -> tuple[bool, JsonValue]:
    """Gives whether something stands in the field at first, and what."""
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


def _more(block_id: str, names: Sequence[str], rest: JsonObject, room: int, *, required: bool) -> Block:
    text = canonical(rest) if rest else ""
    fits = units(text) <= limits.TEXT_INPUT and len(ascii(text)) <= room
    known = f" There are: {', '.join(names)}." if names else ""
    hint = f"{_MORE_HINT}{known}" if fits else f"{_MORE_HINT} {_TOO_LONG}"
    element = text_input(text if fits else "", action_id=JSON, multiline=True)
    return field(block_id, "More fields", element, optional=not required, hint=hint)


def _filled(argument: Argument, value: JsonValue) -> Block | None:
    """Gives the element with the value in it; None if it is too long for one.

    What would be read back as anything else than the value is shown as JSON.
    """
    found = _shown(argument, value)
    if found and _is_read_as(argument, found, value):
        return _element(argument, found)
    pretty = json.dumps(value, indent=2, ensure_ascii=False)
    text = pretty if units(pretty) <= 1_000 else canonical(value)
    return text_input(text, action_id=JSON, multiline=True) if units(text) <= limits.TEXT_INPUT else None


def _is_read_as(argument: Argument, found: Held, value: JsonValue) -> bool:
    try:
        return canonical(read(argument, VALUE, found)) == canonical(value)
    except Refusal:
        return False


def _shown(argument: Argument, value: JsonValue) -> Held:
    """Gives what the argument's own input would hold for the value; nothing where it cannot."""
    match argument.takes:
        case Takes.JSON:
            return None
        case Takes.CHOICE | Takes.BOOLEAN:
            return code(canonical(value))
        case Takes.CHOICES:
            entries = value if isinstance(value, list | tuple) else ()
            codes = [code(canonical(entry)) for entry in entries]
            return codes if len(set(codes)) == len(codes) else None
        case Takes.LINES:
            entries = value if isinstance(value, list | tuple) else ()
            return _typed(
                "\n".join(entry if isinstance(entry, str) else canonical(entry) for entry in entries)
            )
        case Takes.WHOLE | Takes.NUMBER:
            return _digits(value)
        case Takes.DATE:
            return value if isinstance(value, str) and _is_day(value) else None
        case Takes.MOMENT:
            return _moment(value)
        case _:
            return _typed(value if isinstance(value, str) else canonical(value))


def _typed(text: str) -> str | None:
    """Gives the text if a person could type it, and Slack gives it back as it is."""
    fits = 0 < units(text) <= limits.TEXT_INPUT and text == text.strip()
    return text if fits and all(line.isprintable() for line in text.split("\n")) else None


def _digits(value: JsonValue) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    text = repr(value)
    return text if "e" not in text and len(text) <= _DIGITS else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _moment(value: JsonValue) -> str | None:
    """Gives the seconds of a whole minute in UTC, which is what Slack's own input can hold, else the text."""
    if not isinstance(value, str):
        return None
    try:
        seconds = datetime.strptime(value, "%Y-%m-%dT%H:%M:00Z").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return _typed(value)
    return str(int(seconds)) if _FIRST_MOMENT <= seconds <= _LAST_MOMENT else _typed(value)


def _element(argument: Argument, found: Held) -> Block:
    text = found if isinstance(found, str) else ""
    match argument.takes:
        case Takes.CHOICE | Takes.CHOICES:
            return _picker(argument, found)
        case Takes.BOOLEAN:
            options = menu([Choice(YES, "Yes"), Choice(NO, "No")]).options
            return picker(options, chosen={text}, several=False, clearable=argument.optional)
        case Takes.WHOLE | Takes.NUMBER:
            return _number(argument, text)
        case Takes.DATE:
            return {"type": "datepicker", "action_id": VALUE, **({"initial_date": text} if text else {})}
        case Takes.MOMENT if not text or text.isdecimal():
            moment: Block = {"type": "datetimepicker", "action_id": VALUE}
            if text:
                moment["initial_date_time"] = int(text)
            return moment
        case Takes.JSON | Takes.LINES:
            return text_input(text, multiline=True)
        case Takes.TEXT:
            least, most = (_length(argument.schema.get(name)) for name in ("minLength", "maxLength"))
            return text_input(text, multiline=argument.multiline, least=least, most=most)
        case _:
            return text_input(text)


def _length(value: JsonValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _picker(argument: Argument, found: Held) -> Block:
    options = argument.menu.options if argument.menu else ()
    chosen = [found] if isinstance(found, str) else found or []
    several = argument.takes is Takes.CHOICES
    element = picker(options, chosen=chosen, several=several, clearable=argument.optional)
    if several and chosen:
        # Slack gives them back in this order.
        by_code = {option["value"]: option for option in options}
        element["initial_options"] = [by_code[one] for one in chosen]
    most = argument.schema.get("maxItems")
    if element["type"] == "multi_static_select" and isinstance(most, int) and most >= max(1, len(chosen)):
        element["max_selected_items"] = most
    return element


def _number(argument: Argument, text: str) -> Block:
    whole = argument.takes is Takes.WHOLE
    limited = [_bound(argument.schema, name, whole=whole) for name in ("minimum", "maximum")]
    return number_input(text, decimal=not whole, least=limited[0], most=limited[1])


def _bound(schema: Mapping[str, JsonValue], name: str, *, whole: bool) -> str:
    value = schema.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if whole and abs(value) < 10**_DIGITS:
        value = math.ceil(value) if name == "minimum" else math.floor(value)
    return _digits(value) or ""
