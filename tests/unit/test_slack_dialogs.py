"""The modals of a card's dialogs in Slack: every field of every kind, and what is read back from them."""

from dataclasses import replace

import pytest

from bot.cards.approval import deny_dialog
from bot.cards.model import ALWAYS_ALLOW, Dialog, Field, FieldKind, Option
from bot.cards.offer import always_allow_dialog
from bot.cards.status import status_card
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.modals.allow import allow_view, is_shown
from bot.chat.slack.modals.ask import TEXT, ask_view, asked_text
from bot.chat.slack.modals.dialog import dialog_errors, dialog_values, dialog_view, metadata_of
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.requests import RequestStatus
from bot.flow.preview import Preview
from bot.flow.terms import Terms
from tests.builders import TECHNICIAN_SEAT
from tests.records import a_request, a_tenant
from tests.servers.slack_rules import problems_of_view
from tests.slack_views import element_of, inputs_of, options_of, sent, state, texts_of
from tests.stories import a_story, an_asking_record

PREVIEW = Preview(sentence="Alice may.", history="Matches 1 of the last 2 requests.", settles=())


def a_field(kind: FieldKind, *labels: str, value: JsonValue = None, required: bool = False) -> Field:
    options = tuple(Option(label, label.upper()) for label in labels)
    return Field(name="it", label="It", kind=kind, value=value, required=required, options=options)


def a_view(*fields: Field, summary: str = "") -> Block:
    dialog = Dialog(title="Some dialog", submit="Do it", summary=summary, fields=fields)
    view = dialog_view(dialog, card="card-1", action="act")
    assert problems_of_view(view) == []
    return view


def an_offer(*, wide: bool = True, groups: tuple[str, ...] = ("finance", "sales")) -> Dialog:
    asking = [an_asking_record({"user": "alice@acme.test", "days": 3})]
    return always_allow_dialog(
        a_story(steps=asking),
        asking,
        seat=TECHNICIAN_SEAT,
        groups=groups if wide else (),
        wide=wide,
        tenant=a_tenant(),
    )


def test_every_title_and_button_of_our_dialogs_fits_whole() -> None:
    story = a_story(request=replace(a_request(), status=RequestStatus.WAITING))
    dialogs = [deny_dialog(), an_offer(), *(one.dialog for one in status_card(story).actions if one.dialog)]
    assert len(dialogs) == 3
    for dialog in dialogs:
        view = dialog_view(dialog, card="card-1", action="deny")
        assert problems_of_view(view) == []
        title, submit = view["title"], view["submit"]
        assert isinstance(title, dict)
        assert isinstance(submit, dict)
        assert (title["text"], submit["text"]) == (dialog.title, dialog.submit)


def test_the_view_keeps_what_it_was_opened_for() -> None:
    assert metadata_of(a_view() | {"blocks": []}) == {"card": "card-1", "action": "act"}


@pytest.mark.parametrize("kept", [None, "", "no JSON", "[]", "7"])
def test_metadata_that_is_not_ours_says_nothing(kept: JsonValue) -> None:
    assert metadata_of({"private_metadata": kept}) == {}


@pytest.mark.parametrize(
    ("field", "element", "put_in", "read"),
    [
        (a_field(FieldKind.TEXT), "plain_text_input", "some words", "some words"),
        (a_field(FieldKind.PARAGRAPH), "plain_text_input", "two\nlines", "two\nlines"),
        (a_field(FieldKind.NUMBER, value=30), "number_input", "7", "7"),
        (a_field(FieldKind.DATE), "datepicker", "2027-01-31", "2027-01-31"),
        (a_field(FieldKind.CHOICE, "a", "b", required=True), "radio_buttons", "b", "b"),
        (a_field(FieldKind.CHOICE, "a", "b"), "static_select", "b", "b"),
        (a_field(FieldKind.CHOICE, *map(str, range(11)), required=True), "static_select", "9", "9"),
        (a_field(FieldKind.CHOICE, *map(str, range(150)), required=True), "static_select", "149", "149"),
        (a_field(FieldKind.CHOICES, "a", "b", "c"), "checkboxes", ["a", "c"], ["a", "c"]),
        (a_field(FieldKind.CHOICES, *map(str, range(11))), "multi_static_select", ["10"], ["10"]),
        (a_field(FieldKind.CHECKBOX), "checkboxes", ["true"], True),
    ],
)
def test_what_is_put_into_a_field_is_read_by_its_name(
    field: Field, element: str, put_in: JsonValue, read: JsonValue
) -> None:
    view = a_view(field)
    assert element_of(view, "field:it")["type"] == element
    assert dialog_values([field], state(view, {"field:it": put_in})) == {"it": read}


@pytest.mark.parametrize(
    ("field", "read"),
    [
        (a_field(FieldKind.TEXT), {"it": ""}),
        (a_field(FieldKind.NUMBER), {"it": ""}),
        (a_field(FieldKind.DATE), {"it": ""}),
        (a_field(FieldKind.CHOICE, "a"), {}),
        (a_field(FieldKind.CHOICES, "a"), {"it": []}),
        (a_field(FieldKind.CHECKBOX), {"it": False}),
    ],
)
def test_a_field_left_empty_is_read_as_nothing(field: Field, read: JsonObject) -> None:
    assert dialog_values([field], state(a_view(field))) == read


@pytest.mark.parametrize(
    ("field", "read"),
    [
        (a_field(FieldKind.TEXT, value="here already"), "here already"),
        (a_field(FieldKind.NUMBER, value=30), "30"),
        (a_field(FieldKind.NUMBER, value=1e99), "1e+99"),
        (a_field(FieldKind.DATE, value="2027-01-31"), "2027-01-31"),
        (a_field(FieldKind.DATE, value="tomorrow"), ""),
        (a_field(FieldKind.CHOICE, "a", "b", value="b"), "b"),
        (a_field(FieldKind.CHOICES, "a", "b", value=["b"]), ["b"]),
        (a_field(FieldKind.CHECKBOX, value=True), True),
    ],
)
def test_what_is_preselected_is_read_when_nothing_is_changed(field: Field, read: JsonValue) -> None:
    assert dialog_values([field], state(a_view(field))) == {"it": read}


def test_a_choice_that_slack_would_not_take_comes_back_whole() -> None:
    values = ("", " ", "x" * 151, "\u202e hidden", "sha256:ab", "fine")
    field = a_field(FieldKind.CHOICE, *values, required=True)
    view = a_view(field)
    options = options_of(element_of(view, "field:it"))
    for value, option in zip(values, options, strict=True):
        assert dialog_values([field], state(view, {"field:it": option["value"]})) == {"it": value}


def test_the_full_text_of_a_long_choice_stands_beside_it() -> None:
    long = "a very long name " * 10
    for count in (2, 40):
        field = a_field(FieldKind.CHOICE, *(f"{number} {long}" for number in range(count)))
        view = a_view(field)
        hint = inputs_of(view)["field:it"].get("hint")
        shown = "\n".join([*texts_of(view), str(hint)])
        assert shown.count(long.upper().strip()) == count


def test_too_many_choices_for_a_menu_are_written() -> None:
    names = [f"group number {number} of the company" for number in range(3000)]
    one, several = a_field(FieldKind.CHOICE, *names), a_field(FieldKind.CHOICES, *names)
    assert dialog_values([one], state(a_view(one), {"field:it": names[7]})) == {"it": names[7]}
    lines = f"{names[1]}\n\n {names[2]} \n"
    assert dialog_values([several], state(a_view(several), {"field:it": lines})) == {"it": names[1:3]}


def test_a_choice_of_nothing_says_so() -> None:
    view = a_view(a_field(FieldKind.CHOICE), a_field(FieldKind.TEXT))
    assert texts_of(view) == ["It: there is nothing to choose from."]


def test_a_long_summary_is_shown_whole_and_an_endless_one_says_that_it_is_not() -> None:
    long = "All of this is decided. " * 500
    assert "".join(texts_of(a_view(summary=long))) == long
    assert texts_of(a_view(summary=long * 20))[-1].startswith("This is not all of it")


def test_what_is_filled_in_for_no_field_is_left_for_the_stage_to_refuse() -> None:
    view = a_view(a_field(FieldKind.TEXT))
    assert dialog_values([], state(view, {"field:it": "words"})) == {"it": "words"}
    assert dialog_values([], {"another block": {"value": {"value": "words"}}}) == {}


@pytest.mark.parametrize("broken", [{}, {"value": None}, {"value": []}, {"value": {"selected_option": "a"}}])
def test_a_state_that_is_none_is_read_as_nothing(broken: JsonObject) -> None:
    assert dialog_values([a_field(FieldKind.TEXT)], {"field:it": broken}) == {"it": ""}


def test_errors_stand_at_their_field_or_else_at_the_first() -> None:
    view = a_view(
        Field(name="holder", label="Who", kind=FieldKind.TEXT),
        Field(name="uses", label="Uses", kind=FieldKind.NUMBER),
    )
    group = Field(name="group", label="Group", kind=FieldKind.CHOICE)
    found = dialog_errors(
        {"uses": "Too many.", "group": "Choose one.", "x_y": "No.", "": "Odd."}, view, fields=[group]
    )
    assert found == {"field:uses": "Too many.", "field:holder": "Group: Choose one. X y: No. Odd."}
    assert dialog_errors({"uses": "Too many."}, {"blocks": []}) == {}


def allowed(
    dialog: Dialog, preview: Preview | None = PREVIEW, *, values: JsonObject | None = None, notice: str = ""
) -> Block:
    view = allow_view(dialog, preview, card="card-1", values=values, notice=notice)
    assert problems_of_view(view) == []
    return view


def test_always_allow_says_the_rule_its_past_and_that_it_settles_nothing() -> None:
    view = allowed(an_offer())
    assert texts_of(view) == [PREVIEW.sentence, PREVIEW.history, "It settles no other open request."]
    assert metadata_of(view)["action"] == ALWAYS_ALLOW


@pytest.mark.parametrize(("count", "listed"), [(1, 1), (50, 50), (51, 20), (3000, 20)])
def test_the_requests_that_are_settled_are_listed_or_counted(count: int, listed: int) -> None:
    settles = tuple(f"Person {number}: “a request”" for number in range(count))
    said = "\n".join(texts_of(allowed(an_offer(), replace(PREVIEW, settles=settles))))
    assert said.count("a request") == listed
    assert (f"and {count - listed} more" in said) is (count > listed)
    assert str(count) in said or count == 1


def test_fields_that_depend_on_another_are_there_only_with_it() -> None:
    dialog = an_offer()
    always = {"field:holder", "field:arguments", "field:ends_in_days", "field:uses", "field:reason"}
    assert set(inputs_of(allowed(dialog))) == always
    wide = allowed(dialog, values={"holder": "group", "arguments": "pinned"})
    assert set(inputs_of(wide)) == always | {"field:group", "field:pinned"}
    assert not inputs_of(wide)["field:group"]["optional"]


def test_what_was_typed_stays_when_the_modal_is_drawn_anew() -> None:
    dialog = an_offer()
    put_in: dict[str, JsonValue] = {"field:holder": "group", "field:uses": "5", "field:reason": "as agreed"}
    values = dialog_values(dialog.fields, state(allowed(dialog), put_in))
    again = dialog_values(dialog.fields, state(allowed(dialog, values=values)))
    assert again == values
    assert Terms.read({**again, "group": "sales"}).uses == 5


def test_every_input_that_changes_the_rule_reports_it() -> None:
    inputs = inputs_of(allowed(an_offer()))
    assert [name for name, block in inputs.items() if not block.get("dispatch_action")] == ["field:reason"]
    for name in ("field:ends_in_days", "field:uses"):
        assert "dispatch_action_config" in element_of(allowed(an_offer()), name)


@pytest.mark.parametrize(
    ("put_in", "seen"),
    [
        ({}, True),
        ({"field:reason": "for later"}, True),
        ({"field:uses": "5"}, False),
        ({"field:ends_in_days": None}, False),
        ({"field:holder": "everyone"}, False),
    ],
)
def test_only_the_rule_that_was_shown_is_saved(put_in: dict[str, JsonValue], seen: bool) -> None:  # noqa: FBT001 - a parameter of the test
    dialog = an_offer()
    view = allowed(dialog)
    values = dialog_values(dialog.fields, state(view, put_in))
    assert is_shown(dialog, view, values) is seen
    drawn = allowed(dialog, values=values)
    assert is_shown(dialog, drawn, dialog_values(dialog.fields, state(drawn)))


def test_a_rule_without_a_preview_or_too_long_to_be_shown_is_not_saved() -> None:
    dialog = an_offer()
    for view in (
        allowed(dialog, None),
        allowed(dialog, None, notice="Choose a group."),
        allowed(dialog, replace(PREVIEW, sentence="all of this " * 6000)),
    ):
        assert not is_shown(dialog, view, dialog_values(dialog.fields, state(view)))


def test_a_group_cannot_be_chosen_where_there_is_none() -> None:
    view = allowed(an_offer(groups=()), None, values={"holder": "group"}, notice="Choose a group.")
    assert "field:group" not in inputs_of(view)
    assert dialog_errors({"group": "Choose a group."}, view) == {"field:holder": "Group: Choose a group."}


def test_a_message_is_passed_on_as_it_is_changed() -> None:
    view = ask_view("My laptop is *gone*.", metadata={"channel": "C1"})
    assert problems_of_view(view) == []
    assert asked_text(sent(view)) == "My laptop is *gone*."
    assert asked_text(sent(view, {TEXT: " Lock it. "})) == "Lock it."
    assert metadata_of(view) == {"channel": "C1"}


def test_a_message_too_long_for_the_modal_is_cut_and_said_to_be() -> None:
    view = ask_view("word " * 1000, metadata={})
    assert problems_of_view(view) == []
    assert asked_text(sent(view)).endswith("…")
    assert "only its beginning" in str(inputs_of(view)[TEXT]["hint"])
    assert problems_of_view(ask_view("", metadata={})) == []


def test_an_input_of_which_nothing_is_said_keeps_what_it_started_with() -> None:
    days = Field(name="ends_in_days", label="Ends in days", kind=FieldKind.NUMBER, value=30)
    silent = {"field:ends_in_days": {"value": {"type": "number_input", "selected_option": None}}}
    cleared = {"field:ends_in_days": {"value": {"type": "number_input", "value": None}}}
    assert dialog_values([days], silent) == {"ends_in_days": "30"}
    assert dialog_values([days], cleared) == {"ends_in_days": ""}
