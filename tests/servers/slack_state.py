"""What people put into the inputs of a view, in the words of `state.values`."""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_elements import options_of
from tests.servers.slack_shapes import is_list, is_object, length
from tests.servers.slack_world import Json

Place: TypeAlias = tuple[str, str]
"""A block and an action."""

_VALUES: Final = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
"""By type of element: where its value stands, and where the one it begins with."""

_FORMS: Final = {
    "number_input": r"-?\d+(\.\d+)?",
    "email_text_input": r"\S+@\S+\.\S+",
    "url_text_input": r"\S+://\S+",
    "datepicker": r"\d{4}-\d\d-\d\d",
    "timepicker": r"\d\d:\d\d",
}


class NotPossible(AssertionError):
    """Slack's own client would not let a person do this."""


def initial_state(elements: Mapping[Place, JsonObject]) -> dict[Place, Json]:
    """Gives the state of a view that nobody has touched; buttons have none."""
    found: dict[Place, Json] = {}
    for place, element in elements.items():
        kind = str(element["type"])
        if kind in _VALUES:
            key, initial = _VALUES[kind]
            found[place] = {"type": kind, key: element.get(initial, [] if key.endswith("s") else None)}
    return found


def state_of(element: JsonObject, entry: JsonValue, offered: list[JsonObject]) -> Json:
    """Gives the state after the person has put this in.

    The entry is what they see or choose: a text, an option's value (or a list of them), an id, a date, None
    for nothing; or the whole state, as Slack says it. `offered` are the options an external menu has shown.

    Raises:
        NotPossible: no such option, or not of the form that the input takes.
    """
    if is_object(entry):
        return dict(entry)
    kind = str(element["type"])
    if kind not in _VALUES:
        raise NotPossible(f"nothing can be put into a {kind}")
    key = _VALUES[kind][0]
    options = offered if "external" in kind else options_of(element)
    if key == "selected_option":
        return {"type": kind, key: None if entry is None else _option(options, entry)}
    if key == "selected_options":
        return {"type": kind, key: [_option(options, one) for one in _listed(entry)]}
    if key.endswith("s"):
        return {"type": kind, key: _listed(entry)}
    if entry is not None:
        _check_form(kind, element, entry)
    return {"type": kind, key: entry or None}


def kept(before: Json | None, fresh: Json, element: JsonObject) -> Json:
    """Gives what stands in an input after the view was changed: what was put in, if it still can be."""
    if before is None or before["type"] != fresh["type"]:
        return fresh
    options = options_of(element)
    chosen = before.get("selected_options", [before.get("selected_option")])
    offered = not options or all(one is None or one in options for one in _listed(chosen))
    return before if offered else fresh


def is_empty(state: JsonObject) -> bool:
    """Whether nothing was put in."""
    return not state[_VALUES[str(state["type"])][0]]


def chosen_in(state: JsonObject) -> Json:
    """Gives what an action says was chosen."""
    key = _VALUES[str(state["type"])][0]
    return {key: state[key]}


def _listed(entry: JsonValue) -> list[JsonValue]:
    return list(entry) if is_list(entry) else [entry]


def _option(options: list[JsonObject], value: JsonValue) -> JsonObject:
    for option in options:
        if option["value"] == value:
            return option
    offered = [option["value"] for option in options]
    raise NotPossible(f"there is no option {value!r}; there are {offered}")


def _check_form(kind: str, element: JsonObject, entry: JsonValue) -> None:
    if kind == "datetimepicker":
        if not isinstance(entry, int):
            raise NotPossible("a moment is a number of seconds")
        return
    if not isinstance(entry, str):
        raise NotPossible(f"{entry!r} is not a text; a {kind} takes texts")
    if kind in _FORMS and entry and not re.fullmatch(_FORMS[kind], entry):
        raise NotPossible(f"a {kind} does not take {entry!r}")
    if kind == "number_input" and entry:
        _check_number(element, entry)
    if kind == "plain_text_input":
        _check_length(element, entry)


def _check_number(element: JsonObject, entry: str) -> None:
    if not element["is_decimal_allowed"] and "." in entry:
        raise NotPossible(f"{entry} is not a whole number")
    least, most = element.get("min_value"), element.get("max_value")
    if isinstance(least, str) and float(entry) < float(least):
        raise NotPossible(f"{entry} is less than {least}")
    if isinstance(most, str) and float(entry) > float(most):
        raise NotPossible(f"{entry} is more than {most}")


def _check_length(element: JsonObject, entry: str) -> None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    assert isinstance(least, int)
    assert isinstance(most, int)
    if entry and length(entry) < least:
        raise NotPossible(f"{length(entry)} characters are fewer than {least}")
    if length(entry) > most:
        raise NotPossible(f"{length(entry)} characters are more than {most}")
