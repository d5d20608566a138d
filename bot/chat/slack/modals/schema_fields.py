"""Makes a form from a tool's JSON Schema, filled with the tool's defaults or with given arguments."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bot.chat.choices import Choice
from bot.chat.schema_form.kinds import Takes
from bot.chat.schema_form.measures import Argument
from bot.chat.schema_form.starting import (
    AS_JSON,
    MORE_HINT,
    MORE_LABEL,
    as_json,
    bound,
    length_of,
    shown,
    start,
)
from bot.chat.schema_form.values import NO, YES, Held
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, cut, field
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.inputs import (
    TEXTS,
    VALUE,
    code,
    menu,
    number_input,
    options_of,
    picker,
    text_input,
)
from bot.chat.slack.modals.schema_measures import planned
from bot.chat.slack.modals.schema_values import JSON, value_of
from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.errors import Refusal

_PREFILLED: Final = 50_000
"""What all values together may weigh, so that the view stays within its limit."""
_TOO_LONG: Final = "What is there now is too long to be changed here. Left empty, it is left out."
_FIRST_MOMENT: Final = datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC).timestamp()
_LAST_MOMENT: Final = 9_999_999_999
"""Slack takes moments of ten digits."""


def schema_blocks(schema: JsonObject, *, values: JsonObject | None = None, scope: str = "") -> list[Block]:
    """Gives the inputs of the form, in the schema's order.

    Args:
        schema: what the tool's arguments are like.
        values: the arguments that stand in it at first; None for the tool's defaults.
        scope: goes into the ids of the blocks, so that forms of different tools share no input.
    """
    plan = planned(schema, scope)
    blocks = []
    room = _PREFILLED
    for one in plan.arguments:
        is_set, value = start(one, values)
        filled = _filled(one, value) if is_set else None
        size = len(ascii(canonical(value))) if is_set else 0
        too_long = is_set and (filled is None or size > room)
        element = _element(one, None) if filled is None or too_long else filled
        room -= 0 if too_long else size
        hint = _with(one.hint, _TOO_LONG) if too_long else one.hint
        if element["action_id"] == JSON and one.takes is not Takes.JSON:
            hint = _with(hint, AS_JSON)
        blocks.append(field(one.input_id, one.label, element, optional=one.optional, hint=hint))
    own = {one.name for one in plan.arguments}
    rest = {name: value for name, value in (values or {}).items() if name not in own}
    if plan.more or rest:
        blocks.append(_more(plan.more_id, plan.more_names, rest, room, required=plan.more_required))
    return blocks


def _with(hint: str, sentence: str) -> str:
    return f"{cut(hint, limits.INPUT_HINT - units(sentence) - 1)} {sentence}".strip()


def _more(block_id: str, names: Sequence[str], rest: JsonObject, room: int, *, required: bool) -> Block:
    text = canonical(rest) if rest else ""
    fits = units(text) <= limits.TEXT_INPUT and len(ascii(text)) <= room
    known = f" There are: {', '.join(names)}." if names else ""
    hint = f"{MORE_HINT}{known}" if fits else f"{MORE_HINT} {_TOO_LONG}"
    element = text_input(text if fits else "", action_id=JSON, multiline=True)
    return field(block_id, MORE_LABEL, element, optional=not required, hint=hint)


def _filled(argument: Argument, value: JsonValue) -> Block | None:
    """Gives the element with the value in it; None if it is too long for one.

    What would be read back as anything else than the value is shown as JSON.
    """
    found = _shown(argument, value)
    if found and _is_read_as(argument, found, value):
        return _element(argument, found)
    text = as_json(value, texts=TEXTS)
    return text_input(text, action_id=JSON, multiline=True) if units(text) <= limits.TEXT_INPUT else None


def _is_read_as(argument: Argument, found: Held, value: JsonValue) -> bool:
    try:
        return canonical(value_of(argument, found)) == canonical(value)
    except Refusal:
        return False


def _shown(argument: Argument, value: JsonValue) -> Held:
    """Gives what the argument's own input would hold for the value; nothing where it cannot."""
    if argument.takes is Takes.MOMENT:
        return _moment(value)
    return shown(argument, value, code=code, is_typed=_is_typed)


def _is_typed(text: str) -> bool:
    """Whether a person could type the text, and Slack gives it back as it is."""
    fits = 0 < units(text) <= limits.TEXT_INPUT and text == text.strip()
    return fits and all(line.isprintable() for line in text.split("\n"))


def _moment(value: JsonValue) -> str | None:
    """Gives the seconds of a whole minute in UTC, which is what Slack's own input can hold, else the text."""
    if not isinstance(value, str):
        return None
    try:
        seconds = datetime.strptime(value, "%Y-%m-%dT%H:%M:00Z").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return value if _is_typed(value) else None
    if _FIRST_MOMENT <= seconds <= _LAST_MOMENT:
        return str(int(seconds))
    return value if _is_typed(value) else None


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
            least, most = (length_of(argument.schema.get(name)) for name in ("minLength", "maxLength"))
            return text_input(text, multiline=argument.multiline, least=least, most=most)
        case _:
            return text_input(text)


def _picker(argument: Argument, found: Held) -> Block:
    options = options_of(argument.choices)
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
    limited = [bound(argument.schema, name, whole=whole) for name in ("minimum", "maximum")]
    return number_input(text, decimal=not whole, least=limited[0], most=limited[1])
