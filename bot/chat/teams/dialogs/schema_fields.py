"""Makes a form from a tool's JSON Schema, and reads it back into the arguments of a call."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from bot.chat.schema_form.kinds import Takes
from bot.chat.schema_form.measures import Argument, Plan
from bot.chat.schema_form.starting import (
    AS_JSON,
    MORE_HINT,
    MORE_LABEL,
    as_json,
    is_day,
    shown,
    start,
)
from bot.chat.schema_form.values import Given, Held, NotReadable, arguments_of, placed, read
from bot.chat.teams.dialogs.fields import ERROR, HINT, Drawn, said
from bot.chat.teams.dialogs.inputs import (
    TEXTS,
    code,
    held_choice,
    held_choices,
    held_text,
    text_input,
)
from bot.chat.teams.dialogs.schema_inputs import JSON, TIME, drawn, drawn_as_json, is_clock, planned
from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.errors import Refusal

_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
_MINUTES: Final = len("2027-01-31T09:30")


def schema_fields(
    schema: JsonObject,
    *,
    values: JsonObject | None = None,
    typed: Mapping[str, JsonValue] | None = None,
    scope: str = "",
    zone: tzinfo = UTC,
) -> list[Drawn]:
    """Gives the fields of the form, in the schema's order.

    Args:
        schema: what the tool's arguments are like.
        values: the arguments that stand in it at first; None for the tool's defaults.
        typed: what people put into the same form before, which stands in it again as it was typed; None for
            a form that is new.
        scope: goes into the ids of the inputs, so that forms of different tools share none.
        zone: in which times are asked for.
    """
    plan = planned(schema, scope)
    found: list[Drawn] = []
    for one in plan.arguments:
        found += _started(one, values, zone) if typed is None else _typed(one, typed, zone)
    own = {one.name for one in plan.arguments}
    rest = {name: value for name, value in (values or {}).items() if name not in own}
    text = held_text(typed, plan.more_id) if typed is not None else canonical(rest) if rest else ""
    if plan.more or text:
        found.append(_more(plan, text))
    return found


def _more(plan: Plan, text: str) -> Drawn:
    names = TEXTS.words(", ".join(plan.more_names), HINT)
    known = f" There are: {names}." if plan.more_names else ""
    element = text_input(plan.more_id, MORE_LABEL, required=plan.more_required, multiline=True)
    return Drawn(element=element, value=text or None, hint=f"{MORE_HINT}{known}")


def _started(argument: Argument, values: JsonObject | None, zone: tzinfo) -> list[Drawn]:
    """Gives the argument's fields with a value; what would be read back as another one is shown as JSON."""
    is_set, value = start(argument, values)
    if not is_set:
        return drawn(argument, zone=zone)
    if argument.takes is Takes.MOMENT:
        held: Held = _local(value, zone)
    else:
        held = shown(argument, value, code=code, is_typed=_is_typed)
    if held and _is_read_as(argument, held, value, zone):
        return drawn(argument, held, zone=zone)
    return [drawn_as_json(argument, as_json(value, texts=TEXTS), how=AS_JSON)]


def _is_read_as(argument: Argument, held: Held, value: JsonValue, zone: tzinfo) -> bool:
    try:
        return canonical(read(argument, _in_words(argument, held, zone))) == canonical(value)
    except Refusal:
        return False


def _is_typed(text: str) -> bool:
    """Whether a person could type the text, and Teams gives it back as it is."""
    return bool(text) and text == text.strip() and all(line.isprintable() for line in text.split("\n"))


def _typed(argument: Argument, typed: Mapping[str, JsonValue], zone: tzinfo) -> list[Drawn]:
    text = held_text(typed, JSON + argument.input_id)
    if text.strip():
        return [drawn_as_json(argument, text, how=AS_JSON)]
    return drawn(argument, _held(argument, typed), zone=zone)


def _held(argument: Argument, inputs: Mapping[str, JsonValue]) -> Held:
    """Gives what the argument's own inputs hold."""
    name = argument.input_id
    match argument.takes:
        case Takes.CHOICES:
            return held_choices(inputs, name)
        case Takes.CHOICE | Takes.BOOLEAN:
            return held_choice(inputs, name)
        case Takes.MOMENT:
            day, clock = held_text(inputs, name).strip(), held_text(inputs, TIME + name).strip()
            return f"{day}T{clock}" if day or clock else ""
        case _:
            return held_text(inputs, name)


def schema_values(
    schema: JsonObject, inputs: Mapping[str, JsonValue], *, scope: str = "", zone: tzinfo = UTC
) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Gives the arguments, and a sentence for each input whose text cannot be read.

    What is left empty is left out, or is null where the tool needs an answer and takes that one. Whether the
    arguments fit the schema is not checked here.

    Args:
        schema: what the form was made from.
        inputs: what people put in.
        scope: as the form was made with.
        zone: as the form was made with.
    """

    def given(one: Argument) -> Given:
        text = held_text(inputs, JSON + one.input_id)
        return Given(text, is_json=True) if text.strip() else Given(_in_words(one, _held(one, inputs), zone))

    plan = planned(schema, scope)
    return arguments_of(plan, given, held_text(inputs, plan.more_id), texts=TEXTS)


def schema_errors(schema: JsonObject, problems: Mapping[str, str], *, scope: str = "") -> dict[str, str]:
    """Gives sentences by input id for problems by dotted path; one of no field stands at the first input.

    A form without any input has no place for them, and gives nothing.
    """
    found = {path: said(sentence) for path, sentence in problems.items()}
    return placed(planned(schema, scope), found, texts=TEXTS, limit=ERROR)


def _in_words(argument: Argument, held: Held, zone: tzinfo) -> Held:
    """Gives what was put in, with a moment as tools take it: in UTC.

    Raises:
        NotReadable: a day without a time, or the other way round.
    """
    if argument.takes is not Takes.MOMENT or not isinstance(held, str) or not held:
        return held
    day, _, clock = held.partition("T")
    if not is_day(day) or not is_clock(clock):
        raise NotReadable(why="Choose both a day and a time.")
    local = datetime.fromisoformat(held).replace(tzinfo=zone)
    try:
        return local.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OverflowError:
        raise NotReadable(why="Choose a day within the calendar.") from None


def _local(value: JsonValue, zone: tzinfo) -> str:
    """Gives a moment of a whole minute as the two inputs hold it; empty for any other value."""
    if not isinstance(value, str):
        return ""
    try:
        moment = datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)
        return moment.astimezone(zone).isoformat()[:_MINUTES] if not moment.second else ""
    except (ValueError, OverflowError):
        return ""
