"""The rules of Block Kit's elements: buttons, menus, inputs, images, and the runs of rich text.

Stricter than Slack in one thing: every element that people use must have its `action_id`.

Source: https://docs.slack.dev/reference/block-kit/block-elements
"""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import (
    Rule,
    all_of,
    any_text,
    flag,
    is_list,
    is_object,
    items,
    kind,
    link,
    matching,
    number,
    one_of,
    plain_text,
    problem,
    shape,
    text,
    typed,
)

_ID: Final = text(255)
_STYLE: Final = one_of("primary", "danger")
_DATE: Final = matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a date in the form YYYY-MM-DD")
_TIME: Final = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time in the form HH:mm")
_DECIMAL: Final = matching(r"-?\d+(\.\d+)?", "a number as a string")
_CONFIRM: Final = shape(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": _STYLE},
)
_DISPATCH: Final = shape({"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)})
_ACTION: Final[Mapping[str, Rule]] = {"action_id": _ID}
_ASKED: Final[Mapping[str, Rule]] = {"confirm": _CONFIRM, "focus_on_load": flag}
_HELD: Final[Mapping[str, Rule]] = {**_ASKED, "placeholder": plain_text(150)}
_MANY: Final[Mapping[str, Rule]] = {**_HELD, "max_selected_items": number(1, 100)}
_TYPED: Final[Mapping[str, Rule]] = {
    "placeholder": plain_text(150),
    "focus_on_load": flag,
    "dispatch_action_config": _DISPATCH,
}

OPTION: Final = shape({"text": plain_text(75), "value": text(150)}, {"description": plain_text(75)})
"""An option of a menu."""
_MARKED_OPTION: Final = shape({"text": any_text(75), "value": text(150)}, {"description": any_text(75)})
_OVERFLOW_OPTION: Final = shape(
    {"text": plain_text(75), "value": text(150)}, {"description": plain_text(75), "url": link}
)
OPTIONS: Final = items(OPTION, 100)
OPTION_GROUPS: Final = items(shape({"label": plain_text(75), "options": OPTIONS}), 100)


def options_of(element: JsonObject) -> list[JsonObject]:
    """Gives the options that an element carries, those in groups too."""
    groups = [group for group in _objects(element.get("option_groups")) if is_object(group)]
    held = [element, *groups]
    return [option for one in held for option in _objects(one.get("options"))]


def _objects(value: JsonValue) -> list[JsonObject]:
    return [one for one in value if is_object(one)] if is_list(value) else []


def _chosen_is_offered(value: JsonValue, place: str) -> list[str]:
    """The initial option must be one of the options, exactly."""
    assert is_object(value)
    offered = options_of(value)
    found = []
    if "initial_option" in value and value["initial_option"] not in offered:
        found.append(problem("must be one of the provided options", f"{place}/initial_option"))
    chosen = value.get("initial_options")
    if is_list(chosen) and any(one not in offered for one in chosen):
        found.append(problem("must be one of the provided options", f"{place}/initial_options"))
    return found


def _options_once(value: JsonValue, place: str) -> list[str]:
    assert is_object(value)
    given = {"options", "option_groups"} & value.keys()
    return [] if len(given) == 1 else [problem("must have either options or option_groups", place)]


def _fits_itself(value: JsonValue, place: str) -> list[str]:
    """What stands in a text input must keep the input's own limits."""
    assert is_object(value)
    least, most = value.get("min_length", 0), value.get("max_length", 3000)
    assert isinstance(least, int)
    assert isinstance(most, int)
    if least > most:
        return [problem("min_length must be less than max_length", place)]
    return text(most, 0)(value.get("initial_value", ""), f"{place}/initial_value")


def _menu(name: str, *, many: bool) -> Rule:
    initial: dict[str, Rule] = {"initial_options": OPTIONS} if many else {"initial_option": OPTION}
    optional = {**(_MANY if many else _HELD), "options": OPTIONS, "option_groups": OPTION_GROUPS, **initial}
    return all_of(shape({**kind(name), **_ACTION}, optional), _options_once, _chosen_is_offered)


def _external(name: str, *, many: bool) -> Rule:
    initial: dict[str, Rule] = {"initial_options": OPTIONS} if many else {"initial_option": OPTION}
    optional = {**(_MANY if many else _HELD), "min_query_length": number(0, 150), **initial}
    return shape({**kind(name), **_ACTION}, optional)


def _people(name: str, initial: str, *, many: bool, **more: Rule) -> Rule:
    value = items(text(255), 100) if many else text(255)
    return shape({**kind(name), **_ACTION}, {**(_MANY if many else _HELD), initial: value, **more})


def _choices(name: str, *, many: bool) -> Rule:
    initial: dict[str, Rule] = (
        {"initial_options": items(_MARKED_OPTION, 10)} if many else {"initial_option": _MARKED_OPTION}
    )
    required = {**kind(name), **_ACTION, "options": items(_MARKED_OPTION, 10)}
    return all_of(shape(required, {**_ASKED, **initial}), _chosen_is_offered)


def _picker(name: str, **more: Rule) -> Rule:
    return shape({**kind(name), **_ACTION}, {**_HELD, **more})


def _typing(name: str, *, required: Mapping[str, Rule] | None = None, **more: Rule) -> Rule:
    return shape({**kind(name), **_ACTION, **(required or {})}, {**_TYPED, **more})


_FILTER: Final = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)
_IMAGE: Final = shape({**kind("image"), "image_url": link, "alt_text": text(2000)})

_BUTTON: Final = shape(
    {**kind("button"), "text": plain_text(75), **_ACTION},
    {
        "value": text(2000),
        "url": link,
        "style": _STYLE,
        "confirm": _CONFIRM,
        "accessibility_label": text(75),
    },
)
_OVERFLOW: Final = shape(
    {**kind("overflow"), **_ACTION, "options": items(_OVERFLOW_OPTION, 5)}, {"confirm": _CONFIRM}
)
_CHOOSERS: Final[Mapping[str, Rule]] = {
    "static_select": _menu("static_select", many=False),
    "external_select": _external("external_select", many=False),
    "users_select": _people("users_select", "initial_user", many=False),
    "conversations_select": _people(
        "conversations_select",
        "initial_conversation",
        many=False,
        default_to_current_conversation=flag,
        response_url_enabled=flag,
        filter=_FILTER,
    ),
    "channels_select": _people("channels_select", "initial_channel", many=False, response_url_enabled=flag),
    "checkboxes": _choices("checkboxes", many=True),
    "radio_buttons": _choices("radio_buttons", many=False),
    "datepicker": _picker("datepicker", initial_date=_DATE),
    "timepicker": _picker("timepicker", initial_time=_TIME, timezone=text(255)),
}
_MULTI_SELECTS: Final[Mapping[str, Rule]] = {
    "multi_static_select": _menu("multi_static_select", many=True),
    "multi_external_select": _external("multi_external_select", many=True),
    "multi_users_select": _people("multi_users_select", "initial_users", many=True),
    "multi_conversations_select": _people(
        "multi_conversations_select",
        "initial_conversations",
        many=True,
        default_to_current_conversation=flag,
        filter=_FILTER,
    ),
    "multi_channels_select": _people("multi_channels_select", "initial_channels", many=True),
}
_MOMENT: Final = shape(
    {**kind("datetimepicker"), **_ACTION}, {**_ASKED, "initial_date_time": number(10**9, 10**10 - 1)}
)

ACCESSORIES: Final = typed(
    {"button": _BUTTON, "overflow": _OVERFLOW, "image": _IMAGE, **_CHOOSERS, **_MULTI_SELECTS}
)
"""What stands beside a section."""

ACTIONS: Final = typed({"button": _BUTTON, "overflow": _OVERFLOW, "datetimepicker": _MOMENT, **_CHOOSERS})
"""What stands in a row of actions; a menu of several choices does not."""

CONTEXT: Final = typed(
    {
        "image": _IMAGE,
        "plain_text": plain_text(3000),
        "mrkdwn": any_text(3000),
    }
)
"""What stands in a line of context."""

INPUTS: Final = typed(
    {
        "plain_text_input": all_of(
            _typing(
                "plain_text_input",
                multiline=flag,
                min_length=number(0, 3000),
                max_length=number(1, 3000),
                initial_value=text(3000, 0),
            ),
            _fits_itself,
        ),
        "number_input": _typing(
            "number_input",
            required={"is_decimal_allowed": flag},
            initial_value=_DECIMAL,
            min_value=_DECIMAL,
            max_value=_DECIMAL,
        ),
        "email_text_input": _typing("email_text_input", initial_value=text(3000)),
        "url_text_input": _typing("url_text_input", initial_value=link),
        "datetimepicker": _MOMENT,
        **_CHOOSERS,
        **_MULTI_SELECTS,
    }
)
"""What stands in an input block."""


def actionable(blocks: Iterable[JsonValue]) -> list[tuple[int, JsonObject]]:
    """Gives every element with an `action_id`, with the number of its block."""
    found = []
    for at, block in enumerate(blocks):
        if not is_object(block):
            continue
        held = [block.get("accessory"), block.get("element"), *_objects(block.get("elements"))]
        found += [(at, one) for one in held if is_object(one) and "action_id" in one]
    return found
