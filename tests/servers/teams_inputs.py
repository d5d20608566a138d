"""What people put into the inputs of a card, as Teams' client takes, checks and sends it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.teams_things import Client, Json, NotPossible

_FORMS: Final = {"Input.Date": r"\d{4}-\d\d-\d\d", "Input.Time": r"\d\d:\d\d"}


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input as a person sees it."""

    id: str
    kind: str
    label: str
    value: str
    """What stands in it, as it would be sent; empty where nothing does."""
    choices: tuple[tuple[str, str], ...]
    """Title and value of each."""
    is_required: bool
    content: JsonObject


def visible(value: JsonValue) -> Iterator[JsonObject]:
    """Gives the elements that show, in order, those in containers after what contains them."""
    if is_list(value):
        for one in value:
            yield from visible(one)
    elif is_object(value) and value.get("isVisible") is not False:
        yield value
        for name in ("items", "columns", "rows", "cells"):
            inner = value.get(name)
            if is_list(inner):
                yield from visible(inner)


def inputs_of(card: JsonObject, put: Mapping[str, str] | None = None) -> list[Input]:
    """Gives the inputs that show, in order; what was put in stands in place of what they began with."""
    found = []
    for one in visible(card.get("body", [])):
        kind = str(one.get("type"))
        if kind.startswith("Input."):
            name = str(one["id"])
            made = Input(
                id=name,
                kind=kind,
                label=str(one.get("label") or one.get("title") or ""),
                value=(put or {}).get(name, _initial(one)),
                choices=_choices(one),
                is_required=one.get("isRequired") is True,
                content=one,
            )
            found.append(made)
    return found


def taken(card: JsonObject, name: str, entry: JsonValue, found: Iterable[tuple[str, str]] = ()) -> str:
    """Gives what stands in the input of this id or label after the person has put this in.

    The entry is a text, a number, yes or no, a choice's value or title, or a list of these; None is nothing.
    What was found while the person typed can be chosen as what is listed.

    Raises:
        NotPossible: there is no such input, or it does not take that.
    """
    one = input_named(card, name)
    if entry is None:
        return ""
    match one.kind:
        case "Input.Toggle":
            return _toggled(one, entry)
        case "Input.ChoiceSet":
            return _chosen(one, entry, [*one.choices, *found])
        case "Input.Number":
            return _number(entry)
        case _:
            return _typed(one, entry)


def input_named(card: JsonObject, name: str) -> Input:
    """Gives the input of this id, or else of this label.

    Raises:
        NotPossible: there is none.
    """
    every = inputs_of(card)
    found = [one for one in every if one.id == name] or [one for one in every if one.label == name]
    if not found:
        raise NotPossible(f"there is no input {name!r}; there are {[(one.id, one.label) for one in every]}")
    return found[0]


def complaints(card: JsonObject, put: Mapping[str, str]) -> dict[str, str]:
    """Gives what the client shows beside the inputs that keep a person from sending, by their ids."""
    found = {}
    for one in inputs_of(card, put):
        if why := _wrong(one):
            found[one.id] = str(one.content.get("errorMessage") or why)
    return found


def sent(card: JsonObject, put: Mapping[str, str], client: Client) -> Json:
    """Gives what is merged into the data of an action: texts only, empty inputs left out.

    Source: https://learn.microsoft.com/adaptive-cards/authoring-cards/input-validation
    """
    return {one.id: one.value for one in inputs_of(card, put) if one.value or client.sends_empty}


def _initial(one: JsonObject) -> str:
    found = one.get("value")
    if one.get("type") == "Input.Toggle":
        return str(found if found is not None else one.get("valueOff", "false"))
    return _number(found) if isinstance(found, int | float) else str(found or "")


def _choices(one: JsonObject) -> tuple[tuple[str, str], ...]:
    choices = one.get("choices")
    listed = [choice for choice in choices if is_object(choice)] if is_list(choices) else []
    return tuple((str(choice["title"]), str(choice["value"])) for choice in listed)


def _toggled(one: Input, entry: JsonValue) -> str:
    on, off = str(one.content.get("valueOn", "true")), str(one.content.get("valueOff", "false"))
    if isinstance(entry, bool):
        return on if entry else off
    if entry in {on, off}:
        return str(entry)
    raise NotPossible(f"{one.id} is switched on or off; {entry!r} is neither")


def _chosen(one: Input, entry: JsonValue, choices: Sequence[tuple[str, str]]) -> str:
    wanted = list(entry) if is_list(entry) else [entry]
    if len(wanted) > 1 and one.content.get("isMultiSelect") is not True:
        raise NotPossible(f"{one.id} takes one choice only")
    found = []
    for each in wanted:
        by_value = [value for _, value in choices if value == each]
        by_title = [value for title, value in choices if title == each]
        if not by_value and not by_title:
            raise NotPossible(f"{one.id} has no choice {each!r}; it has {list(choices)}")
        found.append((by_value or by_title)[0])
    return ",".join(found)


def _number(entry: JsonValue) -> str:
    try:
        value = float(str(entry))
    except ValueError:
        raise NotPossible(f"{entry!r} is no number") from None
    return str(int(value)) if value.is_integer() else str(value)


def _typed(one: Input, entry: JsonValue) -> str:
    if not isinstance(entry, str):
        raise NotPossible(f"{entry!r} is not a text; {one.id} takes texts")
    form = _FORMS.get(one.kind)
    if form and entry and not re.fullmatch(form, entry):
        raise NotPossible(f"{one.id} does not take {entry!r}")
    most = one.content.get("maxLength")
    if isinstance(most, int) and len(entry) > most:
        raise NotPossible(f"{one.id} takes {most} characters, not {len(entry)}")
    return entry


def _wrong(one: Input) -> str:
    """Gives why an input does not let a person send; empty where it does."""
    off = one.content.get("valueOff", "false") if one.kind == "Input.Toggle" else ""
    if not one.value or one.value == off:
        return "This is required." if one.is_required else ""
    regex = one.content.get("regex")
    if isinstance(regex, str) and not re.search(regex, one.value):
        return "This does not look right."
    least, most = one.content.get("min"), one.content.get("max")
    if one.kind == "Input.Number":
        value = float(one.value)
        is_low = isinstance(least, int | float) and value < least
        is_high = isinstance(most, int | float) and value > most
    else:
        is_low = isinstance(least, str) and one.value < least
        is_high = isinstance(most, str) and one.value > most
    return "This is out of range." if is_low or is_high else ""
