"""The inputs for a tool's arguments, and how much of a form made from a JSON Schema a dialog takes."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from bot.chat.choices import Choice
from bot.chat.schema_form.kinds import Takes
from bot.chat.schema_form.measures import Argument, Measures, Plan, Size
from bot.chat.schema_form.plan import NAME_IN_LABEL, plan_of
from bot.chat.schema_form.starting import AS_JSON, bound, digits, is_day, length_of
from bot.chat.schema_form.values import NO, YES, Held
from bot.chat.teams.dialogs.fields import Drawn
from bot.chat.teams.dialogs.inputs import (
    CHOICE,
    MENU_BYTES,
    TEXTS,
    choice_input,
    code,
    date_input,
    label_of,
    menu_bytes,
    number_input,
    text_input,
    time_input,
    toggle,
)
from bot.chat.teams.kit.elements import Element
from bot.domain.canonical import JsonObject, JsonValue

JSON: Final = "json:"
"""Begins the id of an input whose text is JSON, whatever the argument takes."""
TIME: Final = "time:"
"""Begins the id of the time that belongs to a day."""
_WHOLE: Final = r"^\s*[+-]?[0-9]{1,100}\s*$"
_NUMBER: Final = r"^\s*[+-]?([0-9]{1,100}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,3})?\s*$"
_LONGEST: Final = 4_000
"""Characters above which a limit of the schema is none of the input: what stands there stays editable."""
_BESIDE: Final = 100
"""What a field may weigh besides, such as a word that its value is missing."""
_TITLE_OF: Final = {YES: "Yes", NO: "No"}


def drawn(argument: Argument, held: Held = None, *, zone: tzinfo = UTC) -> list[Drawn]:
    """Gives the argument's own inputs: one, or a day and a time.

    Args:
        argument: to be asked for.
        held: what stands in it at first; a moment as `2027-01-31T09:30` in the zone, either part of which may
            be missing.
        zone: in which times are asked for.
    """
    text = held if isinstance(held, str) else ""
    if argument.takes is Takes.MOMENT:
        return _moment(argument, text, zone)
    element, value = _element(argument, held, text)
    return [Drawn(element=element, value=value, hint=argument.hint)]


def drawn_as_json(argument: Argument, text: str, *, how: str) -> Drawn:
    """Gives the argument's input with JSON in it; `how` says so."""
    element = text_input(
        JSON + argument.input_id, label_of(argument.label), required=not argument.optional, multiline=True
    )
    hint = argument.hint if argument.takes is Takes.JSON else f"{argument.hint} {how}".strip()
    return Drawn(element=element, value=text, hint=hint)


def _element(argument: Argument, held: Held, text: str) -> tuple[Element, JsonValue]:
    name, label, required = argument.input_id, label_of(argument.label), not argument.optional
    match argument.takes:
        case Takes.CHOICE | Takes.CHOICES:
            return _choosing(argument, held)
        case Takes.BOOLEAN:
            if isinstance(argument.schema.get("default"), bool) and text in _TITLE_OF:
                return toggle(name, label, "Yes"), text
            choices = [Choice(one, title) for one, title in _TITLE_OF.items()]
            element = choice_input(name, label, choices, required=required)
            return element, text if text in _TITLE_OF else None
        case Takes.WHOLE | Takes.NUMBER:
            return _number(argument, text)
        case Takes.DATE if not text or is_day(text):
            return date_input(name, label, required=required), text or None
        case _:
            several = argument.takes in {Takes.JSON, Takes.LINES} or argument.multiline or "\n" in text
            most = length_of(argument.schema.get("maxLength")) if argument.takes is Takes.TEXT else 0
            fits = len(text.encode("utf-16-le", "surrogatepass")) // 2 <= most <= _LONGEST
            element = text_input(name, label, required=required, multiline=several, most=most if fits else 0)
            return element, text or None


def _choosing(argument: Argument, held: Held) -> tuple[Element, JsonValue]:
    several = argument.takes is Takes.CHOICES
    element = choice_input(
        argument.input_id,
        label_of(argument.label),
        argument.choices,
        required=not argument.optional,
        several=several,
    )
    picked = [held] if isinstance(held, str) else held or []
    known = {one.code for one in argument.choices}
    return element, ",".join(one for one in picked if one in known) or None


def _number(argument: Argument, text: str) -> tuple[Element, JsonValue]:
    """Gives an input for a number; a text where a client might round what is typed."""
    whole = argument.takes is Takes.WHOLE
    name, label, required = argument.input_id, label_of(argument.label), not argument.optional
    least, most = (_bound(argument.schema, one, whole=whole) for one in ("minimum", "maximum"))
    value = _as_number(text)
    if least is not None and most is not None and least <= most and (value is not None or not text):
        why = f"Must be a number from {least} to {most}."
        return number_input(name, label, required=required, least=least, most=most, why=why), value
    why = "Must be a whole number." if whole else "Must be a number."
    pattern = _WHOLE if whole else _NUMBER
    return text_input(name, label, required=required, pattern=pattern, why=why), text or None


def _bound(schema: Mapping[str, JsonValue], name: str, *, whole: bool) -> int | float | None:
    return _as_number(bound(schema, name, whole=whole))


def _as_number(text: str) -> int | float | None:
    """Gives the number if it is the same however it is written, and no client rounds it."""
    try:
        value = float(text) if "." in text else int(text)
    except ValueError:
        return None
    return value if digits(value) == text else None


def _moment(argument: Argument, text: str, zone: tzinfo) -> list[Drawn]:
    day, _, clock = text.partition("T")
    required, label = not argument.optional, label_of(argument.label)
    dated = date_input(argument.input_id, label, required=required)
    timed = time_input(TIME + argument.input_id, f"Time ({zone})", required=required)
    return [
        Drawn(element=dated, value=day if is_day(day) else None),
        Drawn(element=timed, value=clock if is_clock(clock) else None, hint=argument.hint),
    ]


def is_clock(text: str) -> bool:
    """Whether the text is a time of day, hours and minutes."""
    try:
        return datetime.strptime(text, "%H:%M").strftime("%H:%M") == text  # noqa: DTZ007 - no moment by itself
    except ValueError:
        return False


def _weight(argument: Argument) -> int:
    # Either way of asking may be the one that is needed, and the label may need the name to tell it apart.
    own = sum(one.bytes() for one in drawn(argument))
    as_json = drawn_as_json(argument, "", how=AS_JSON).bytes()
    return max(own, as_json) + TEXTS.length(TEXTS.words(argument.name, NAME_IN_LABEL)) + _BESIDE


TEAMS: Final = Measures(
    texts=TEXTS,
    sizes=(Size(300, 1_500, 200), Size(200, 400, 60), Size(120, 200, 20)),
    choice=CHOICE,
    name=100,
    fields=60,
    form=14_000,
    weight=_weight,
    code=code,
    takes_menu=lambda choices: menu_bytes(choices) <= MENU_BYTES,
)
"""A card takes nearly twice as much: the rest is for what stands in the fields and is wrong there."""


def planned(schema: JsonObject, scope: str) -> Plan:
    """Gives the plan of a form in Teams; the same schema always gives the same one."""
    return plan_of(schema, TEAMS, scope=scope)
