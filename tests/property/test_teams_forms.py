"""Forms in Teams: whatever a tool's schema says, a card holds the form, and gives the same arguments back."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.form import FormPage
from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.chat.slack.modals.schema_fields import schema_blocks
from bot.chat.slack.modals.schema_values import schema_values
from bot.chat.teams.dialogs.allow import allow_view
from bot.chat.teams.dialogs.dialog import confirm_view, dialog_values, dialog_view
from bot.chat.teams.dialogs.pages import page_view
from bot.chat.teams.dialogs.request_form import (
    NOTE,
    request_errors,
    request_of,
    request_picked,
    request_view,
    tool_picker_view,
)
from bot.chat.teams.dialogs.tool_picker import TOOL, Picked, Wish
from bot.chat.teams.dialogs.words_form import words_view
from bot.chat.teams.kit.actions import Do
from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.preview import Preview
from tests.builders import RESET, a_definition, a_tool
from tests.property.strategies import json_values
from tests.property.test_slack_forms import WORDS, dialogs, filled, schemas
from tests.slack_views import a_modal, inputs_of, state
from tests.teams_views import buttons_of, checked, elements_of, pressed

HOSTILE = st.text(max_size=200) | st.sampled_from(
    (
        "",
        " ",
        "😀" * 4000,
        "é" * 9000,
        "*_`[x](http://evil.test)`_*",
        "{{DATE(2026-11-20T08:00:00Z)}}",
        "x" * 99999,
    )
)
BERLIN = ZoneInfo("Europe/Berlin")


def tool_of(schema: JsonObject, title: str = "", description: str = "") -> CatalogTool:
    definition = a_definition(RESET, title=title, description=description, input_schema=schema)
    return a_tool(RESET, definition=definition)


@settings(deadline=None)
@given(filled(), st.sampled_from((ZoneInfo("UTC"), BERLIN)))
def test_a_filled_form_gives_the_same_arguments_as_in_slack(
    case: tuple[JsonObject, JsonObject], zone: ZoneInfo
) -> None:
    schema, arguments = case
    tool = tool_of(schema)
    view = checked(request_view(tool, key="1", values=arguments, zone=zone))
    found = request_of(pressed(view, "Send"), tool, zone=zone)
    assert found.problems == {}
    read, _ = schema_values(schema, state(a_modal(schema_blocks(schema, values=arguments))))
    assert canonical(found.arguments) == canonical(read)


@settings(deadline=None)
@given(schemas, st.dictionaries(st.integers(0, 8), WORDS))
def test_what_is_typed_is_read_as_in_slack_and_stands_there_again(
    schema: JsonObject, texts: dict[int, str]
) -> None:
    tool = tool_of(schema)
    view = checked(request_view(tool, key="1", values={}))
    in_slack = a_modal(schema_blocks(schema, values={}))
    written = [
        name for name, one in elements_of(view).items() if one["type"] == "Input.Text" and name != NOTE
    ]
    pairs = {}
    for name, block in inputs_of(in_slack).items():
        element = block["element"]
        assert isinstance(element, dict)
        twin = next((one for one in written if one.partition(":")[2] == name.partition(":")[2]), None)
        if element["type"] == "plain_text_input" and twin and ":" in name:
            pairs[name] = twin
    put = {pair: texts[at] for at, pair in enumerate(pairs.items()) if at in texts}
    typed = {there: text for (_, there), text in put.items() if _fits(elements_of(view)[there], text)}
    press = pressed(view, "Send", typed)
    found = request_of(press, tool)
    there = {pairs_of(put)[name]: text for name, text in typed.items()}
    read, problems = schema_values(schema, state(in_slack, there))
    assert canonical(found.arguments) == canonical(read)
    assert {pairs[name] for name in problems} == set(found.problems)
    again = checked(request_view(tool, key="1", typed=press.inputs, errors=found.problems))
    assert pressed(again, "Send").inputs == press.inputs


def pairs_of(put: dict[tuple[str, str], str]) -> dict[str, str]:
    return {there: here for here, there in put}


def _fits(element: JsonObject, text: str) -> bool:
    most = element.get("maxLength")
    return not isinstance(most, int) or len(text) <= most


@settings(deadline=None)
@given(schemas, st.none() | st.dictionaries(WORDS, json_values, max_size=4), HOSTILE, HOSTILE, st.data())
def test_a_card_holds_the_form_of_any_schema(
    schema: JsonObject, values: JsonObject | None, text: str, other: str, data: st.DataObject
) -> None:
    tool = tool_of(schema, text, other)
    view = checked(request_view(tool, key="k" * 200, values=values, note=other, notice=text))
    press = pressed(view, "Send")
    assert request_of(press, tool).problems == {}
    problems = data.draw(st.dictionaries(WORDS, HOSTILE, max_size=5))
    typed: dict[str, JsonValue] = {name: data.draw(HOSTILE) for name in elements_of(view)}
    errors = {**dict.fromkeys(elements_of(view), text), **request_errors(tool, problems)}
    checked(request_view(tool, key="1", typed=typed, errors=errors))


@settings(deadline=None, max_examples=25)
@given(HOSTILE, HOSTILE, st.integers(0, 130), HOSTILE)
def test_a_card_holds_the_picker_of_any_tools(title: str, description: str, count: int, note: str) -> None:
    ids = [ToolId("connector" * 7, f"{number}" * (1 + number % 60)) for number in range(count)]
    tools = [(one, title, description) for one in ids]
    wrong = Picked(wish=Wish.PICKER, search=title, problem=description)
    for picked in (None, wrong):
        view = checked(tool_picker_view(tools, key="1", note=note, picked=picked, notice=title))
        if TOOL in elements_of(view):
            choices = elements_of(view)[TOOL]["choices"]
            assert isinstance(choices, list)
            titles = [one["title"] for one in choices if isinstance(one, dict)]
            assert len(set(titles)) == len(titles)
            code = choices[-1]["value"] if isinstance(choices[-1], dict) else ""
            found = request_picked(pressed(view, "Next", {TOOL: code}), tools)
            assert found.wish is Wish.FIELDS
            assert found.tool in ids


@settings(deadline=None, max_examples=25)
@given(HOSTILE, HOSTILE)
def test_a_card_holds_any_words(text: str, other: str) -> None:
    for view in (words_view(text, key="1"), words_view(text, key="1", problem=other)):
        assert pressed(checked(view), "Send").do is Do.SEND
    checked(confirm_view(text, other, label=text, do=Do.ACT, card="card-1"))


@settings(deadline=None)
@given(dialogs, HOSTILE, st.lists(WORDS, max_size=60), st.data())
def test_a_card_holds_any_dialog_and_gives_back_what_was_chosen(
    dialog: Dialog, sentence: str, settles: list[str], data: st.DataObject
) -> None:
    [one] = dialog.fields
    value: JsonValue = data.draw(WORDS)
    if one.options and one.kind in {FieldKind.CHOICE, FieldKind.CHOICES}:
        value = data.draw(st.sampled_from(one.options)).value
        value = value if one.kind is FieldKind.CHOICE else [value]
    errors = {"it": sentence, "other": sentence}
    plain = checked(dialog_view(dialog, card="card-1", action="act"))
    again = checked(dialog_view(dialog, card="card-1", action="act", values={"it": value}, errors=errors))
    preview = Preview(sentence=sentence, history=sentence, settles=tuple(settles))
    checked(allow_view(dialog, preview, card="card-1", values={"it": value}, notice=sentence))
    send = next(iter(buttons_of(plain)))
    read = dialog_values(dialog.fields, pressed(again, send))
    kinds = {str(element["type"]) for element in elements_of(again).values()}
    if one.kind in {FieldKind.TEXT, FieldKind.PARAGRAPH}:
        assert read == {"it": value or ""}
    if one.options and "Input.ChoiceSet" in kinds:
        assert read == {"it": value}


many = st.lists(
    st.builds(
        Field,
        name=st.text("abcd_", min_size=1, max_size=9),
        label=HOSTILE,
        kind=st.sampled_from(FieldKind),
        required=st.booleans(),
        help=HOSTILE,
        options=st.integers(0, 90).map(lambda count: tuple(Option(f"o{n}", "ö" * n) for n in range(count))),
    ),
    max_size=12,
    unique_by=lambda one: one.name,
)


@settings(deadline=None, max_examples=25)
@given(many, HOSTILE, st.data())
def test_a_card_holds_many_fields(fields: list[Field], text: str, data: st.DataObject) -> None:
    dialog = Dialog(title=text, submit=text, summary=text, fields=tuple(fields))
    values: dict[str, JsonValue] = {one.name: data.draw(HOSTILE) for one in fields}
    errors = {one.name: text for one in fields}
    checked(dialog_view(dialog, card="card-1", action="act", values=values, errors=errors))
    page = page_view(FormPage(form="form", state="s" * 1000, dialog=dialog, problems=errors), values=values)
    checked(page)
    if page.written is not None:
        checked(replace(page, card=page.written))
    preview = Preview(sentence=text[:9000], history=text, settles=(text,) * 30)
    checked(allow_view(dialog, preview, card="card-1", values=values, errors=errors))
