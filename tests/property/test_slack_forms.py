"""Forms in Slack: whatever a tool's schema says, Slack takes the form, and gives the same arguments back."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.allow import allow_view
from bot.chat.slack.modals.dialog import dialog_values, dialog_view
from bot.chat.slack.modals.request_form import Origin, request_of, request_view, tool_picker_view
from bot.chat.slack.modals.schema_fields import schema_blocks
from bot.chat.slack.modals.schema_values import schema_errors, schema_values
from bot.chat.slack.modals.tool_picker import tool_options
from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.tools import ToolId
from bot.flow.preview import Preview
from tests.builders import a_definition, a_tool
from tests.property.strategies import json_values
from tests.servers.slack_rules import problems_of_view
from tests.slack_views import a_modal, inputs_of, sent, state

WORDS: st.SearchStrategy[str] = st.text(max_size=40) | st.sampled_from(
    ("", " ", "\u202e", "😀" * 80, "<!channel>", "&" * 200, "a\nb", "x" * 4000)
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
ENTRIES = st.lists(WORDS, max_size=4)

Case = tuple[JsonObject, JsonValue]


def a_case(schema: JsonObject, values: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[Case]:
    return values.map(lambda value: (schema, value))


@st.composite
def chosen(draw: st.DrawFn) -> Case:
    """An argument with a list of allowed values, one of them or several."""
    values = draw(st.lists(json_values, min_size=1, max_size=130, unique_by=canonical))
    one = st.sampled_from(values)
    if draw(st.booleans()):
        return {"enum": values}, draw(one)
    picked: JsonValue = draw(st.lists(one, max_size=3))
    return {"type": "array", "items": {"enum": values}}, picked


cases: st.SearchStrategy[Case] = st.one_of(
    a_case({"type": "string"}, WORDS),
    a_case({"type": "string", "maxLength": 9, "minLength": 2}, WORDS),
    a_case({"type": "string", "format": "password"}, WORDS),
    a_case({"type": "string", "format": "date"}, st.dates().map(str) | WORDS),
    a_case(
        {"type": "string", "format": "date-time"}, st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:00Z}")
    ),
    a_case(
        {"type": "string", "format": "date-time"}, st.datetimes().map(lambda at: f"{at.isoformat()}+02:00")
    ),
    a_case({"type": ["string", "null"]}, WORDS | st.none()),
    a_case({"type": ["string", "number", "boolean"]}, WORDS | NUMBERS | st.booleans()),
    a_case({"anyOf": [{"type": "integer"}, {"type": "null"}]}, st.integers() | st.none()),
    a_case({"type": "integer", "minimum": -3, "maximum": 3}, st.integers()),
    a_case({"type": "number"}, NUMBERS),
    a_case({"type": "boolean"}, st.booleans()),
    a_case({"type": "array", "items": {"type": "string"}}, ENTRIES),
    a_case({"type": "array", "items": {"type": "number"}}, st.lists(NUMBERS, max_size=4)),
    a_case({"type": "array", "items": {"type": "integer"}}, st.lists(st.integers(), max_size=4)),
    a_case({"type": "object"}, st.dictionaries(WORDS, json_values, max_size=3)),
    a_case({}, json_values),
    chosen(),
)


@st.composite
def filled(draw: st.DrawFn) -> tuple[JsonObject, JsonObject]:
    """A schema, and arguments that it allows, of which none is too long for a field of Slack's."""
    found = draw(st.dictionaries(WORDS, cases, max_size=6))
    given_names = [name for name in found if draw(st.integers(0, 3))]
    required = [name for name in given_names if draw(st.booleans())]
    schema: JsonObject = {
        "type": "object",
        "properties": {name: {**one, "description": draw(WORDS)} for name, (one, _) in found.items()},
        "required": required,
    }
    values = {name: found[name][1] for name in given_names}
    return schema, {name: value for name, value in values.items() if len(canonical(value)) <= 500}


@settings(deadline=None)
@given(filled(), st.text("ab9", max_size=3))
def test_a_filled_form_gives_the_same_arguments(case: tuple[JsonObject, JsonObject], scope: str) -> None:
    schema, arguments = case
    view = a_modal(schema_blocks(schema, values=arguments, scope=scope))
    assert problems_of_view(view) == []
    found, problems = schema_values(schema, state(view), scope=scope)
    assert problems == {}
    needed = schema["required"]
    assert isinstance(needed, list)
    # What the tool needs and may be null is null when it is left empty.
    assert {name: value for name, value in found.items() if value is not None or name not in needed} == {
        name: value for name, value in arguments.items() if value is not None or name not in needed
    }
    assert canonical({name: found[name] for name in arguments}) == canonical(arguments)


KEYWORDS = st.sampled_from(
    (
        "type", "enum", "const", "anyOf", "oneOf", "allOf", "items", "properties", "required", "format",
        "title", "description", "default", "minimum", "maximum", "minLength", "maxLength", "maxItems",
        "$ref", "$defs", "additionalProperties", "patternProperties",
    )
)  # fmt: skip
MEANT: st.SearchStrategy[JsonValue] = st.sampled_from(
    (
        "string", "integer", "number", "boolean", "array", "object", "null", "date", "date-time", "password",
        "#", "#/properties/a", "#/$defs/a", "#/properties/a/items", "#/anyOf/0",
    )
)  # fmt: skip


def deeper(inner: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    return st.lists(inner, max_size=4) | st.dictionaries(KEYWORDS | st.sampled_from("abc"), inner, max_size=5)


schemas: st.SearchStrategy[JsonObject] = st.dictionaries(
    KEYWORDS | st.sampled_from(("properties", "anyOf")),
    st.recursive(MEANT | WORDS | NUMBERS | st.none() | st.booleans(), deeper, max_leaves=25),
    max_size=6,
) | st.dictionaries(WORDS, st.recursive(MEANT, deeper, max_leaves=12), max_size=8).map(
    lambda properties: {"type": "object", "properties": properties}
)


@settings(deadline=None)
@given(schemas, st.none() | st.dictionaries(WORDS, json_values, max_size=4), st.dictionaries(WORDS, WORDS))
def test_slack_takes_the_form_of_any_schema(
    schema: JsonObject, values: JsonObject | None, problems: dict[str, str]
) -> None:
    blocks = schema_blocks(schema, values=values)
    view = a_modal(blocks)
    assert problems_of_view(view) == []
    found, unread = schema_values(schema, state(view))
    assert unread == {}
    canonical(found)
    assert set(schema_errors(schema, problems)) <= set(inputs_of(view))


@settings(deadline=None)
@given(schemas, WORDS, WORDS, st.integers(1, 130))
def test_slack_takes_the_request_form_of_any_tool(
    schema: JsonObject, title: str, description: str, count: int
) -> None:
    ids = [ToolId("connector" * 7, f"{number}" * (1 + number % 60)) for number in range(count)]
    tools = [(one, title, description) for one in ids]
    definition = a_definition(ids[0], title=title, description=description, input_schema=schema)
    tool = a_tool(ids[0], definition=definition)
    first = tool_picker_view(tools, origin=Origin(place="C1"))
    second = request_view(tool, tools, origin=Origin(place="C1"), note=description)
    assert problems_of_view(first) == []
    assert problems_of_view(second) == []
    assert request_of(sent(second), tool).problems == {}
    answer = tool_options(tools, "")
    assert len(answer["options"]) == min(count, 100)


def several(make: Callable[[str], Option]) -> st.SearchStrategy[tuple[Option, ...]]:
    return st.lists(WORDS, max_size=120, unique=True).map(lambda texts: tuple(make(text) for text in texts))


fields = st.builds(
    Field,
    name=st.just("it"),
    label=WORDS,
    kind=st.sampled_from(FieldKind),
    required=st.booleans(),
    options=several(lambda text: Option(text, text)),
    help=WORDS,
)
dialogs = st.builds(Dialog, title=WORDS, submit=WORDS, summary=WORDS, fields=fields.map(lambda one: (one,)))


@settings(deadline=None)
@given(dialogs, WORDS, st.lists(WORDS, max_size=60), st.data())
def test_slack_takes_any_dialog_and_gives_back_what_was_chosen(
    dialog: Dialog, sentence: str, settles: list[str], data: st.DataObject
) -> None:
    [one] = dialog.fields
    value: JsonValue = data.draw(WORDS)
    if one.options and one.kind in {FieldKind.CHOICE, FieldKind.CHOICES}:
        value = data.draw(st.sampled_from(one.options)).value
        value = value if one.kind is FieldKind.CHOICE else [value]
    plain = dialog_view(dialog, card="card-1", action="act")
    preview = Preview(sentence=sentence, history=sentence, settles=tuple(settles))
    allow = allow_view(dialog, preview, card="card-1", values={"it": value})
    assert problems_of_view(plain) == []
    assert problems_of_view(allow) == []
    read = dialog_values(dialog.fields, state(allow))
    if one.kind in {FieldKind.TEXT, FieldKind.PARAGRAPH} or (one.options and one.kind is FieldKind.CHOICES):
        too_long = isinstance(value, str) and units(value) > limits.TEXT_INPUT
        assert read == {"it": "" if too_long else value or ""}
    if one.options and one.kind is FieldKind.CHOICE:
        assert read == {"it": value}
