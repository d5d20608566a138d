"""The test server's rules of Block Kit refuse what Slack refuses, and take what Slack takes."""

import pytest

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_rules import error_in, problems_of_message, problems_of_view

Block = dict[str, JsonValue]


def plain(text: str = "x") -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def option(text: str = "One", value: str = "1") -> Block:
    return {"text": plain(text), "value": value}


def button(**more: JsonValue) -> Block:
    return {"type": "button", "action_id": "go", "text": plain("Go"), **more}


def section(**more: JsonValue) -> Block:
    return {"type": "section", "text": plain(), **more}


def actions(*elements: JsonObject) -> Block:
    return {"type": "actions", "elements": list(elements)}


def menu(**more: JsonValue) -> Block:
    return {"type": "static_select", "action_id": "pick", "options": [option()], **more}


def asked(element: JsonObject, **more: JsonValue) -> Block:
    return {"type": "input", "label": plain(), "element": element, **more}


def line(**more: JsonValue) -> Block:
    return {"type": "plain_text_input", "action_id": "say", **more}


def rich(*runs: JsonObject, kind: str = "rich_text_section") -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(runs)}]}


def run(text: str = "x", **more: JsonValue) -> Block:
    return {"type": "text", "text": text, **more}


def modal(*blocks: JsonObject, **more: JsonValue) -> Block:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks), **more}


def confirm(**more: JsonValue) -> Block:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


ACCEPTED: list[JsonObject] = [
    {"type": "header", "text": plain("h" * 150)},
    section(text=plain("t" * 3000)),
    section(fields=[plain("f" * 2000), *[plain()] * 9], accessory=menu()),
    {"type": "section", "fields": [plain()]},
    {"type": "divider"},
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"},
    {"type": "context", "elements": [plain()] * 10},
    actions(*(button(action_id=f"b{at}") for at in range(25))),
    actions(button(text=plain("b" * 75), value="v" * 2000, style="danger", confirm=confirm())),
    actions({"type": "overflow", "action_id": "more", "options": [option()] * 5}),
    actions(menu(initial_option=option())),
    actions({"type": "external_select", "action_id": "find", "min_query_length": 0}),
    actions({"type": "datepicker", "action_id": "day", "initial_date": "2026-11-16"}),
    section(accessory={"type": "multi_static_select", "action_id": "pick", "options": [option()] * 100}),
    rich(
        run(style={"bold": True}), {"type": "user", "user_id": "U1"}, {"type": "link", "url": "https://a.b"}
    ),
    rich(run(), kind="rich_text_preformatted"),
    rich(run(), kind="rich_text_quote"),
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [run()]}],
            }
        ],
    },
]

REFUSED: list[tuple[str, JsonObject]] = [
    ("unsupported type: video", {"type": "video"}),
    ("invalid additional property: colour", {"type": "divider", "colour": "red"}),
    ("must be less than 151", {"type": "header", "text": plain("h" * 151)}),
    ("unsupported type: mrkdwn", {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
    ("must be more than 0 characters", section(text=plain(""))),
    ("must be less than 3001", section(text=plain("t" * 3001))),
    ("must be less than 3001", section(text=plain("😀" * 1501))),
    ("missing required field: text", {"type": "section"}),
    ("no more than 10 items", section(fields=[plain()] * 11)),
    ("must be less than 2001", section(fields=[plain("f" * 2001)])),
    ("no more than 10 items", {"type": "context", "elements": [plain()] * 11}),
    ("no fewer than 1 items", {"type": "context", "elements": []}),
    ("no fewer than 1 items", actions()),
    ("no more than 25 items", actions(*(button(action_id=f"b{at}") for at in range(26)))),
    ("must be less than 76", actions(button(text=plain("b" * 76)))),
    ("must be less than 2001", actions(button(value="v" * 2001))),
    ("must be a valid enum value", actions(button(style="default"))),
    ("must be less than 256", actions(button(action_id="a" * 256))),
    ("missing required field: action_id", actions({"type": "button", "text": plain()})),
    ("must be less than 31", actions(button(confirm=confirm(deny=plain("d" * 31))))),
    ("must be less than 301", actions(button(confirm=confirm(text=plain("d" * 301))))),
    ("action_id go already exists", actions(button(), button())),
    ("no more than 5 items", actions({"type": "overflow", "action_id": "more", "options": [option()] * 6})),
    ("no fewer than 1 items", actions({"type": "overflow", "action_id": "more", "options": []})),
    ("no more than 100 items", actions(menu(options=[option()] * 101))),
    ("must be less than 151", actions(menu(options=[option(value="v" * 151)]))),
    ("must be more than 0 characters", actions(menu(options=[option(value="")]))),
    ("must be one of the provided options", actions(menu(initial_option=option("Two", "2")))),
    ("either options or option_groups", actions({"type": "static_select", "action_id": "pick"})),
    ("must provide a date", actions({"type": "datepicker", "action_id": "d", "initial_date": "16.11.2026"})),
    ("unsupported type: multi_static_select", actions(menu(type="multi_static_select"))),
    (
        "no more than 10 items",
        actions(
            {"type": "checkboxes", "action_id": "c", "options": [option()] * 11},
        ),
    ),
    ("unsupported type: input", asked(line())),
    ("missing required field: alt_text", {"type": "image", "image_url": "https://example.com/a.png"}),
    ("must be more than 0 characters", rich(run(""))),
    ("no fewer than 1 items", rich()),
    ("invalid additional property: loud", rich(run(style={"loud": True}))),
    ("unsupported type: user", rich({"type": "user", "user_id": "U1"}, kind="rich_text_preformatted")),
    ("unsupported type: shout", rich({"type": "shout"})),
]


@pytest.mark.parametrize("block", ACCEPTED)
def test_a_good_block_is_accepted(block: JsonObject) -> None:
    assert problems_of_message({"text": "x", "blocks": [block]}) == []
    assert problems_of_view({"type": "home", "blocks": [block]}) == []


@pytest.mark.parametrize(("said", "block"), REFUSED)
def test_a_bad_block_is_refused_with_its_place(said: str, block: JsonObject) -> None:
    (problem,) = problems_of_message({"text": "x", "blocks": [block]})
    assert said in problem
    assert "[json-pointer:/blocks/0" in problem
    assert error_in([problem]) == "invalid_blocks"


def test_ids_of_blocks_are_unique_and_the_same_action_may_stand_in_two_blocks() -> None:
    twice: list[JsonValue] = [section(block_id="b", accessory=button()), section(block_id="b")]
    assert "block_id b already exists" in problems_of_message({"blocks": twice})[0]
    assert problems_of_message({"blocks": [actions(button()), actions(button())]}) == []


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({}, "no_text"),
        ({"blocks": []}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": "[{]"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [section(text=plain("t" * 2640))] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "blocks": [section()] * 51}, "invalid_blocks"),
    ],
)
def test_a_message_that_breaks_a_rule_of_the_whole_gets_slacks_error(payload: JsonObject, error: str) -> None:
    assert error_in(problems_of_message(payload)) == error


def test_the_largest_message_is_accepted() -> None:
    assert problems_of_message({"text": "x" * 40_000}) == []
    assert problems_of_message({"blocks": [section(text=plain("t" * 264))] * 50}) == []


@pytest.mark.parametrize(
    "view",
    [
        modal(asked(line(max_length=5, initial_value="12345"), hint=plain(), optional=True)),
        modal(asked({"type": "number_input", "action_id": "n", "is_decimal_allowed": True})),
        modal(asked(menu(type="multi_static_select"))),
        modal(asked({"type": "users_select", "action_id": "who"})),
        modal(asked({"type": "conversations_select", "action_id": "where"})),
        modal(*[section()] * 100, private_metadata="m" * 3000, callback_id="c" * 255, notify_on_close=True),
        {"type": "home", "blocks": [asked(line())]},
    ],
)
def test_a_good_view_is_accepted(view: JsonObject) -> None:
    assert problems_of_view(view) == []


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (modal(title=plain("t" * 25)), "must be less than 25 characters [json-pointer:/title/text]"),
        (modal(submit=plain("")), "must be more than 0 characters [json-pointer:/submit/text]"),
        (modal(private_metadata="m" * 3001), "must be less than 3001 characters"),
        (modal(callback_id="c" * 256), "must be less than 256 characters"),
        (modal(colour="red"), "invalid additional property: colour"),
        (modal(*[section()] * 101), "no more than 100 items allowed"),
        (modal(asked({"type": "number_input", "action_id": "n"})), "field: is_decimal_allowed"),
        (modal(asked(line(max_length=3001))), "must be less than 3001"),
        (modal(asked(line(max_length=2, initial_value="123"))), "must be less than 3 characters"),
        (modal(asked(button())), "unsupported type: button"),
        (modal(asked(line(), label=plain("l" * 2001))), "must be less than 2001"),
        (modal(asked(line(focus_on_load=True)), asked(line(focus_on_load=True))), "only one element"),
        ({"type": "home", "blocks": [], "title": plain()}, "invalid additional property: title"),
        ({"type": "window"}, "unsupported type: window"),
        (modal(*[section(text=plain("😀" * 1000))] * 63), "view_too_large"),
    ],
)
def test_a_bad_view_is_refused(view: JsonObject, said: str) -> None:
    (problem,) = problems_of_view(view)
    assert said in problem


def test_a_modal_that_asks_needs_a_button_to_submit() -> None:
    without = {key: value for key, value in modal(asked(line())).items() if key != "submit"}
    assert problems_of_view(without) == ["missing required field: submit [json-pointer:/]"]
