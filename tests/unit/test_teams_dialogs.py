"""The dialogs of a card in Teams: every field of every kind, and what is read back from them."""

from dataclasses import replace

import pytest

from bot.cards.approval import deny_dialog
from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.cards.status import status_card
from bot.chat.teams.dialogs.allow import SHOW, allow_view, is_shown
from bot.chat.teams.dialogs.dialog import confirm_view, dialog_values, dialog_view
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.kit.actions import Do, Press
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.requests import RequestStatus
from bot.flow.preview import Preview
from bot.flow.terms import Terms
from tests.records import a_request
from tests.servers.teams_things import Client
from tests.stories import a_story
from tests.teams_dialogs_examples import SLY, an_offer, every_field, examples
from tests.teams_views import buttons_of, checked, complained, elements_of, pressed, texts_of

PREVIEW = Preview(sentence="Alice may.", history="Matches 1 of the last 2 requests.", settles=())


def a_field(kind: FieldKind, *labels: str, value: JsonValue = None, required: bool = False) -> Field:
    options = tuple(Option(label, label.upper()) for label in labels)
    return Field(name="it", label="It", kind=kind, value=value, required=required, options=options)


def a_view(*fields: Field, summary: str = "", values: JsonObject | None = None, **errors: str) -> DialogView:
    dialog = Dialog(title="Some dialog", submit="Do it", summary=summary, fields=fields)
    return checked(dialog_view(dialog, card="card-1", action="act", values=values, errors=errors))


def read(field: Field, view: DialogView, put_in: JsonValue = None) -> JsonValue:
    """Gives what is read after this was put in; nothing is touched for None."""
    name = next(iter(elements_of(view)))
    press = pressed(view, "Do it", {name: put_in} if put_in is not None else {})
    return dialog_values([field], press).get("it")


def test_every_example_is_a_card_that_teams_takes() -> None:
    names = [name for name, view in examples() if checked(view).title]
    assert len(set(names)) == len(names)


def test_every_title_and_button_of_our_dialogs_fits_whole() -> None:
    story = a_story(request=replace(a_request(), status=RequestStatus.WAITING))
    dialogs = [deny_dialog(), an_offer(), *(one.dialog for one in status_card(story).actions if one.dialog)]
    assert len(dialogs) == 3
    for dialog in dialogs:
        view = checked(dialog_view(dialog, card="card-1", action="deny"))
        assert view.title == dialog.title
        assert list(buttons_of(view)) == [dialog.submit]


def test_the_button_carries_what_the_dialog_was_opened_for() -> None:
    press = pressed(a_view(a_field(FieldKind.TEXT)), "Do it", {"field:it": "words"})
    assert press == Press(
        do=Do.ANSWER, kept={"card": "card-1", "action": "act"}, inputs={"field:it": "words"}
    )


@pytest.mark.parametrize(
    ("field", "element", "put_in", "found"),
    [
        (a_field(FieldKind.TEXT), "Input.Text", "some words", "some words"),
        (a_field(FieldKind.PARAGRAPH), "Input.Text", "two\r\nlines", "two\nlines"),
        (a_field(FieldKind.NUMBER, value=30), "Input.Number", 7, "7"),
        (a_field(FieldKind.DATE), "Input.Date", "2027-01-31", "2027-01-31"),
        (a_field(FieldKind.CHOICE, "a", "b", required=True), "Input.ChoiceSet", "b", "b"),
        (a_field(FieldKind.CHOICE, "a", "b"), "Input.ChoiceSet", "b", "b"),
        (a_field(FieldKind.CHOICE, "a", "b", value="a"), "Input.ChoiceSet", "-", None),
        (a_field(FieldKind.CHOICES, "a", "b,c", "d"), "Input.ChoiceSet", ["A", "B,C"], ["a", "b,c"]),
        (a_field(FieldKind.CHECKBOX), "Input.Toggle", True, True),
    ],
)
@pytest.mark.parametrize("sends_empty", [True, False])
def test_what_is_put_into_a_field_is_read_by_its_name(
    field: Field,
    element: str,
    put_in: JsonValue,
    found: JsonValue,
    sends_empty: bool,  # noqa: FBT001 - a case of the table
) -> None:
    view = a_view(field)
    assert elements_of(view)["field:it"]["type"] == element
    press = pressed(view, "Do it", {"field:it": put_in}, client=Client(sends_empty=sends_empty))
    assert dialog_values([field], press).get("it") == found


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (a_field(FieldKind.TEXT), {"it": ""}),
        (a_field(FieldKind.NUMBER), {"it": ""}),
        (a_field(FieldKind.DATE), {"it": ""}),
        (a_field(FieldKind.CHOICE, "a"), {}),
        (a_field(FieldKind.CHOICES, "a"), {"it": []}),
        (a_field(FieldKind.CHECKBOX), {"it": False}),
    ],
)
@pytest.mark.parametrize("sends_empty", [True, False])
def test_a_field_left_empty_is_read_as_nothing(
    field: Field,
    found: JsonObject,
    sends_empty: bool,  # noqa: FBT001 - a case of the table
) -> None:
    press = pressed(a_view(field), "Do it", client=Client(sends_empty=sends_empty))
    assert dialog_values([field], press) == found


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (a_field(FieldKind.TEXT, value="here already"), "here already"),
        (a_field(FieldKind.NUMBER, value=30), "30"),
        (a_field(FieldKind.NUMBER, value=1e99), "1e+99"),
        (a_field(FieldKind.DATE, value="2027-01-31"), "2027-01-31"),
        (a_field(FieldKind.CHOICE, "a", "b", value="b"), "b"),
        (a_field(FieldKind.CHOICES, "a", "b", value=["b"]), ["b"]),
        (a_field(FieldKind.CHECKBOX, value=True), True),
    ],
)
def test_what_is_preselected_is_read_when_nothing_is_changed(field: Field, found: JsonValue) -> None:
    assert read(field, a_view(field)) == found


def test_a_choice_that_teams_would_not_take_comes_back_whole() -> None:
    values = ("", " ", "-", "x" * 151, "a,b", "größe", "\u202e hidden", "sha256:ab", "fine")
    for kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        field = a_field(kind, *values, required=True)
        view = a_view(field)
        choices = elements_of(view)["field:it"]["choices"]
        assert isinstance(choices, list)
        for value, choice in zip(values, choices, strict=True):
            assert isinstance(choice, dict)
            assert read(field, view, choice["value"]) == (value if kind is FieldKind.CHOICE else [value])


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("user_name = 3", "user_name = 3"),
        ("__init__ and _so_", "＿＿init＿＿ and ＿so＿"),  # noqa: RUF001 - the wide twins are what is shown
        ("[Approve](http://evil.test)", "［Approve］(http：//evil.test)"),  # noqa: RUF001 - as above
        ("*a* `b` <b>", "＊a＊ ｀b｀ ＜b＞"),  # noqa: RUF001 - as above
        ("12. a", "12 – a"),
        ("- a", "－ a"),  # noqa: RUF001 - as above
        ("-5 & R&D &lt;", "-5 & R&D ＆lt;"),  # noqa: RUF001 - as above
        ("{{DATE(2026-11-20T08:00:00Z)}}", "{ {DATE(2026-11-20T08:00:00Z)}}"),
    ],
)
def test_choices_that_are_read_as_markdown_have_no_markup(label: str, shown: str) -> None:
    field = replace(a_field(FieldKind.CHOICE, required=True), options=(Option("a", label),))
    choices = elements_of(a_view(field))["field:it"]["choices"]
    assert choices == [{"title": shown, "value": "a"}]


def test_a_label_is_not_read_as_a_date() -> None:
    [label] = [one["label"] for one in elements_of(a_view(every_field()[0])).values()]
    assert "{{DATE" not in str(label)
    assert "⟨U+202E⟩" in str(label)


def test_the_full_text_of_a_long_choice_stands_below_it() -> None:
    long = "a very long name " * 12
    view = a_view(a_field(FieldKind.CHOICE, *(f"{number} {long}" for number in range(2))))
    assert "\n".join(texts_of(view)).count(long.upper().strip()) == 2


def test_too_many_choices_for_a_menu_are_written() -> None:
    names = [f"group number {number} of the company" for number in range(3000)]
    one, several = a_field(FieldKind.CHOICE, *names), a_field(FieldKind.CHOICES, *names)
    assert read(one, a_view(one), names[7]) == names[7]
    assert read(several, a_view(several), f"{names[1]}\n\n {names[2]} \n") == names[1:3]
    again = a_view(several, values={"it": names[1:3]})
    assert read(several, again) == names[1:3]


def test_a_choice_of_nothing_says_so() -> None:
    field = a_field(FieldKind.CHOICE)
    view = a_view(field)
    assert texts_of(view) == ["It: there is nothing to choose from."]
    assert dialog_values([field], pressed(view, "Do it")) == {}


def test_a_long_summary_is_shown_whole_and_an_endless_one_says_that_it_is_not() -> None:
    long = "All of this is decided. " * 500
    assert "".join(texts_of(a_view(summary=long))) == long
    assert texts_of(a_view(summary=long * 20))[-1].startswith("This is not all of it")


def test_what_is_filled_in_for_no_field_is_left_for_the_stage_to_refuse() -> None:
    press = Press(do=Do.ANSWER, kept={}, inputs={"field:it": "words", "other": "words"})
    assert dialog_values([], press) == {"it": "words"}


@pytest.mark.parametrize("broken", [None, [], {}, ["a"]])
def test_inputs_that_are_no_texts_are_read_as_nothing(broken: JsonValue) -> None:
    press = Press(do=Do.ANSWER, kept={}, inputs={"field:it": broken})
    assert dialog_values([a_field(FieldKind.TEXT)], press) == {"it": ""}


def test_errors_stand_right_above_their_field_and_everything_typed_stays() -> None:
    who, uses = replace(a_field(FieldKind.TEXT), name="who"), replace(a_field(FieldKind.NUMBER), name="uses")
    first = a_view(who, uses)
    values = dialog_values([who, uses], pressed(first, "Do it", {"field:who": "Alice", "field:uses": 5}))
    view = a_view(who, uses, values=values, uses="Too many.", group="Choose one.")
    body = view.card["body"]
    assert isinstance(body, list)
    kinds = [one.get("id") or texts_of(replace(view, card={"body": [one]}))[0] for one in body]
    assert kinds == ["Group: Choose one.", "field:who", "Too many.", "field:uses"]
    assert dialog_values([who, uses], pressed(view, "Do it")) == values


def test_a_required_field_left_empty_is_not_sent() -> None:
    view = a_view(a_field(FieldKind.TEXT, required=True))
    assert complained(view) == ["field:it"]
    assert complained(view, {"field:it": "words"}) == []


def test_whether_somebody_is_sure_is_asked_in_full() -> None:
    text = f"This deletes {SLY}. " * 50
    view = checked(confirm_view("Sure?", text, label="Delete", do=Do.ACT, style="destructive", card="c"))
    assert "".join(texts_of(view)).replace("\u00a0", " ") == text.replace("\u202e", "⟨U+202E⟩")
    assert pressed(view, "Delete") == Press(do=Do.ACT, kept={"card": "c"}, inputs={})


def allowed(
    dialog: Dialog, preview: Preview | None = PREVIEW, *, values: JsonObject | None = None, notice: str = ""
) -> DialogView:
    return checked(allow_view(dialog, preview, card="card-1", values=values, notice=notice))


SAVE = an_offer().submit


def test_always_allow_says_the_rule_its_past_and_that_it_settles_nothing() -> None:
    view = allowed(an_offer())
    assert texts_of(view)[:3] == [PREVIEW.sentence, PREVIEW.history, "It settles no other open request."]
    assert pressed(view, SAVE).text("card") == "card-1"
    assert pressed(view, SHOW).do is Do.PREVIEW


@pytest.mark.parametrize(("count", "listed"), [(1, 1), (20, 20), (21, 20), (3000, 20)])
def test_the_requests_that_are_settled_are_listed_or_counted(count: int, listed: int) -> None:
    settles = tuple(f"Person {number}: “a request”" for number in range(count))
    said = "\n".join(texts_of(allowed(an_offer(), replace(PREVIEW, settles=settles))))
    assert said.count("a request") == listed
    assert (f"and {count - listed} more" in said) is (count > listed)
    assert str(count) in said or count == 1


def test_fields_that_count_only_with_a_choice_say_so() -> None:
    said = texts_of(allowed(an_offer()))
    assert "Counts only with “Everyone in a group”." in said
    assert "Counts only with “Some arguments fixed, the others free”." in said
    narrow = texts_of(allowed(an_offer(wide=False)))
    assert "Counts only with “Everyone in a group”." not in narrow


def test_what_was_typed_stays_when_the_rule_is_shown_anew() -> None:
    dialog = an_offer()
    put_in: dict[str, JsonValue] = {"field:holder": "group", "field:uses": "5", "field:reason": "as agreed"}
    values = dialog_values(dialog.fields, pressed(allowed(dialog), SHOW, put_in))
    again = dialog_values(dialog.fields, pressed(allowed(dialog, values=values), SHOW))
    assert again == values
    assert Terms.read({**again, "group": "sales"}).uses == 5


@pytest.mark.parametrize(
    ("put_in", "seen"),
    [
        ({}, True),
        ({"field:reason": "for later"}, True),
        ({"field:group": "sales"}, True),
        ({"field:pinned": ["user"]}, True),
        ({"field:uses": 5}, False),
        ({"field:ends_in_days": None}, False),
        ({"field:holder": "everyone"}, False),
    ],
)
def test_only_the_rule_that_was_shown_is_saved(put_in: dict[str, JsonValue], seen: bool) -> None:  # noqa: FBT001 - a parameter of the test
    dialog = an_offer()
    press = pressed(allowed(dialog), SAVE, put_in)
    values = dialog_values(dialog.fields, press)
    assert is_shown(dialog, press, values) is seen
    again = pressed(allowed(dialog, values=values), SAVE)
    assert is_shown(dialog, again, dialog_values(dialog.fields, again))


def test_a_rule_without_a_preview_or_too_long_to_be_shown_cannot_be_saved() -> None:
    dialog = an_offer()
    for view in (
        allowed(dialog, None),
        allowed(dialog, None, notice="Choose a group."),
        allowed(dialog, replace(PREVIEW, sentence="all of this " * 6000)),
    ):
        assert list(buttons_of(view)) == [SHOW]
        assert not is_shown(dialog, pressed(view, SHOW), dialog_values(dialog.fields, pressed(view, SHOW)))


def test_a_group_cannot_be_chosen_where_there_is_none() -> None:
    errors = {"group": "Choose a group."}
    dialog = an_offer(groups=())
    view = checked(allow_view(dialog, None, card="card-1", values={"holder": "group"}, errors=errors))
    assert "field:group" not in elements_of(view)
    assert texts_of(view)[0] == "Group: Choose a group."
