"""Pages of forms in Slack: drawn within its limits, and read without knowing the page any more."""

import json

import pytest

from bot.cards.form import FormPage
from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.modals.dialog import block_id, metadata_of
from bot.chat.slack.modals.form_page import can_say, filled_page, form_view, page_of
from bot.chat.slack.modals.inputs import code
from bot.chat.slack.modals.lookup import found_options
from bot.documents.json_reading import object_of
from bot.domain.canonical import JsonValue
from tests.servers.slack_elements import OPTIONS
from tests.servers.slack_rules import problems_of_view
from tests.slack_views import element_of, inputs_of, sent, state, texts_of

COLOURS = (Option("red", "Red"), Option("blue", "Blue"))
ANY = Option("", "Any colour")
LONG = "acme-crm:" + "long" * 60


def a_page(*fields: Field, form_state: str = "page two", **problems: str) -> FormPage:
    dialog = Dialog(title="Colours", submit="Next", summary="Choose well.", fields=fields)
    return FormPage(form="colours", state=form_state, dialog=dialog, problems=problems)


def a_field(kind: FieldKind, *, value: JsonValue = None, options: tuple[Option, ...] = COLOURS) -> Field:
    return Field(name="it", label="It", kind=kind, value=value, options=options)


def drawn(page: FormPage) -> Block:
    view = form_view(page)
    assert problems_of_view(view) == []
    return view


@pytest.mark.parametrize(
    ("field", "put_in", "read"),
    [
        (a_field(FieldKind.TEXT, value="now"), "later", {"it": "later"}),
        (a_field(FieldKind.TEXT), None, {"it": ""}),
        (a_field(FieldKind.CHECKBOX, value=True), None, {"it": True}),
        (a_field(FieldKind.CHECKBOX, value=True), [], {"it": False}),
        (a_field(FieldKind.CHOICE, value="red"), "blue", {"it": "blue"}),
        (a_field(FieldKind.CHOICE), None, {}),
        (a_field(FieldKind.CHOICE, options=(*COLOURS, ANY), value=""), None, {"it": ""}),
        (a_field(FieldKind.CHOICES, value=["red"]), None, {"it": ["red"]}),
        (a_field(FieldKind.LOOKUP, value="red"), None, {"it": "red"}),
        (a_field(FieldKind.LOOKUP), None, {}),
        (a_field(FieldKind.LOOKUP), found_options(COLOURS)[1], {"it": "blue"}),
        (a_field(FieldKind.LOOKUPS, value=["red", "green"]), None, {"it": ["red", "green"]}),
        (a_field(FieldKind.LOOKUPS), found_options(COLOURS), {"it": ["red", "blue"]}),
        (a_field(FieldKind.LOOKUPS), [], {"it": []}),
    ],
)
def test_each_kind_of_field_is_read_by_what_the_view_says_of_it(
    field: Field, put_in: JsonValue, read: dict[str, JsonValue]
) -> None:
    view = drawn(a_page(field))
    filled = filled_page(sent(view, None if put_in is None else {block_id("it"): put_in}))
    assert (filled.form, filled.state, dict(filled.values)) == ("colours", "page two", read)
    assert filled.picked == ()


def test_a_search_shows_what_is_chosen_already_by_its_label_and_begins_at_once() -> None:
    view = drawn(a_page(a_field(FieldKind.LOOKUPS, value=["red", "green"])))
    element = element_of(view, block_id("it"))
    assert (element["type"], element["min_query_length"]) == ("multi_external_select", 0)
    chosen = element["initial_options"]
    assert isinstance(chosen, list)
    assert [one["text"]["text"] for one in chosen] == ["Red", "green"]


def test_what_is_too_long_for_an_option_is_named_by_its_hash_and_by_what_was_read() -> None:
    options = found_options([Option(f"{LONG}{end}", f"{LONG}{end} · It does it") for end in ("a", "b")])
    assert OPTIONS(options, "") == []
    assert len({one["value"] for one in options}) == 2
    assert len({str(one["description"]) for one in options}) == 2
    view = drawn(a_page(a_field(FieldKind.LOOKUP)))
    filled = filled_page(sent(view, {block_id("it"): options[1]}))
    [picked] = filled.picked
    assert (picked.field, picked.code) == ("it", code(f"{LONG}b"))
    assert f"{LONG}b".startswith(picked.label.removesuffix("…"))


def test_a_long_choice_comes_back_whole_and_what_cannot_is_not_offered() -> None:
    options = tuple(Option(f"{LONG}{number}", f"Tool {number}") for number in range(20))
    view = drawn(a_page(a_field(FieldKind.CHOICES, options=options), form_state="s" * 1000))
    kept = json.loads(metadata_of(view)["codes"])
    assert 0 < len(kept) < 20
    assert "Too long to be chosen here: Tool 4, " in texts_of(view)[-1]
    filled = filled_page(sent(view, {block_id("it"): list(kept)}))
    assert filled.values == {"it": [option.value for option in options[: len(kept)]]}
    assert filled.picked == ()


def test_another_page_begins_anew_and_the_same_page_keeps_what_was_put_in() -> None:
    def ids(form_state: str) -> list[str]:
        view = drawn(a_page(a_field(FieldKind.TEXT), form_state=form_state))
        return [action for entries in state(view).values() for action in object_of(entries)]

    assert ids("one") == ids("one")
    assert ids("one") != ids("two")


def test_a_problem_stands_above_its_field_or_on_top() -> None:
    field = a_field(FieldKind.TEXT)
    view = drawn(a_page(field, it="Say what.", other="It was changed."))
    assert texts_of(view) == ["It was changed.", "Choose well.", "Say what."]
    assert can_say(view, {"it": "Say what."})
    assert not can_say(view, {"it": "Say what.", "other": "It was changed."})
    assert not can_say(view, {})


def test_a_text_takes_no_more_than_its_field_does() -> None:
    field = Field(name="it", label="It", kind=FieldKind.TEXT, longest=40)
    assert element_of(drawn(a_page(field)), block_id("it"))["max_length"] == 40


def test_a_page_without_fields_can_be_sent() -> None:
    view = drawn(a_page(form_state="save 1"))
    assert inputs_of(view) == {}
    assert page_of(view) == ("colours", "save 1")
    assert filled_page(sent(view)).values == {}
