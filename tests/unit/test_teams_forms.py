"""Forms in Teams that are made from a tool's JSON Schema, and the arguments that are read back from them."""

from zoneinfo import ZoneInfo

import pytest

from bot.chat.teams.dialogs.request_form import NOTE, request_errors, request_of, request_view, scope_of
from bot.chat.teams.dialogs.view import DialogView
from bot.connectors.schemas import JsonSchemas
from bot.demo.tools import TOOLS
from bot.domain.canonical import JsonObject, JsonValue, canonical
from tests.builders import RESET
from tests.servers.teams_inputs import inputs_of
from tests.teams_dialogs_examples import EVERY_KIND, a_form_tool
from tests.teams_views import checked, complained, elements_of, pressed, texts_of

LEVELS: list[JsonValue] = ["viewer", "member", "admin"]
BERLIN = ZoneInfo("Europe/Berlin")
SCOPE = scope_of(RESET)


def an_object(properties: JsonObject, *required: str, **more: JsonValue) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required), **more}


def a_form(schema: JsonObject, values: JsonObject | None = None, zone: ZoneInfo = BERLIN) -> DialogView:
    return checked(request_view(a_form_tool(schema), key="key-1", values=values, zone=zone))


def the_input(name: str, kind: str = "arg") -> str:
    """Gives the id of an argument's input."""
    return f"json:arg{SCOPE}:{name}" if kind == "json" else f"{kind}{SCOPE}:{name}"


def arguments(schema: JsonObject, **put_in: JsonValue) -> JsonObject:
    """Gives what is read after this was put in, by the names of the arguments."""
    view = a_form(schema)
    press = pressed(view, "Send", {the_input(name): value for name, value in put_in.items()})
    found = request_of(press, a_form_tool(schema), zone=BERLIN)
    assert found.problems == {}
    return found.arguments


def problem(schema: JsonObject, value: JsonValue) -> str:
    """Gives what is said at the one field when this is put in."""
    whole = an_object({"it": schema})
    press = pressed(a_form(whole), "Send", {the_input("it"): value})
    return request_of(press, a_form_tool(whole)).problems[the_input("it")]


@pytest.mark.parametrize(
    ("schema", "element", "put_in", "read"),
    [
        ({"type": "string"}, "Input.Text", " words ", "words"),
        ({"type": "string", "format": "password"}, "Input.Text", " secret ", " secret "),
        ({"type": "string", "format": "date"}, "Input.Date", "2027-01-31", "2027-01-31"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "Input.Number", 7, 7),
        ({"type": "integer"}, "Input.Text", "12345678901234567890", 12345678901234567890),
        ({"type": "number", "minimum": 0, "maximum": 9.5}, "Input.Number", 7.25, 7.25),
        ({"type": "number"}, "Input.Text", "7.25", 7.25),
        ({"type": "boolean"}, "Input.ChoiceSet", "Yes", True),
        ({"type": "boolean"}, "Input.ChoiceSet", "No", False),
        ({"enum": LEVELS}, "Input.ChoiceSet", "member", "member"),
        ({"type": "integer", "enum": [1, 2, None]}, "Input.ChoiceSet", "2", 2),
        ({"type": "array", "items": {"enum": LEVELS}}, "Input.ChoiceSet", ["admin"], ["admin"]),
        ({"type": "array", "items": {"type": "string"}}, "Input.Text", "a\r\n\r\n b b \n", ["a", "b b"]),
        ({"type": "array", "items": {"type": "integer"}}, "Input.Text", "1\n-2", [1, -2]),
        ({"type": "object"}, "Input.Text", '{"a": null}', {"a": None}),
        ({}, "Input.Text", '"text"', "text"),
        ({"type": ["string", "integer"]}, "Input.Text", "12", 12),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "Input.Text", "3", 3),
        ({"oneOf": [{"const": 1, "title": "One"}, {"const": 2}]}, "Input.ChoiceSet", "One", 1),
    ],
)  # fmt: skip
def test_each_kind_of_argument_has_its_field(
    schema: JsonObject, element: str, put_in: JsonValue, read: JsonValue
) -> None:
    whole = an_object({"it": schema})
    assert elements_of(a_form(whole))[the_input("it")]["type"] == element
    assert canonical(arguments(whole, it=put_in)) == canonical({"it": read})
    assert arguments(whole) == {}


def test_a_truth_with_a_default_is_a_box_to_tick() -> None:
    schema = an_object(
        {"on": {"type": "boolean", "default": True}, "off": {"type": "boolean", "default": False}}
    )
    assert {one["type"] for one in list(elements_of(a_form(schema)).values())[:2]} == {"Input.Toggle"}
    assert arguments(schema) == {"on": True, "off": False}
    assert arguments(schema, on=False, off=True) == {"on": False, "off": True}


@pytest.mark.parametrize(
    ("day", "clock", "zone", "read"),
    [
        ("2027-01-31", "09:30", "UTC", "2027-01-31T09:30:00Z"),
        ("2027-01-31", "09:30", "Europe/Berlin", "2027-01-31T08:30:00Z"),
        ("2027-07-31", "00:30", "Europe/Berlin", "2027-07-30T22:30:00Z"),
    ],
)
def test_a_moment_is_a_day_and_a_time_in_the_zone_that_is_named(
    day: str, clock: str, zone: str, read: str
) -> None:
    schema = an_object({"it": {"type": "string", "format": "date-time"}})
    view = a_form(schema, zone=ZoneInfo(zone))
    time = "time:" + the_input("it")
    assert elements_of(view)[time]["label"] == f"Time ({zone})"
    tool = a_form_tool(schema)
    press = pressed(view, "Send", {the_input("it"): day, time: clock})
    found = request_of(press, tool, zone=ZoneInfo(zone))
    assert (found.arguments, found.problems) == ({"it": read}, {})
    again = a_form(schema, {"it": read}, zone=ZoneInfo(zone))
    assert pressed(again, "Send").inputs == press.inputs
    half = request_of(pressed(view, "Send", {the_input("it"): day}), tool)
    assert half.problems == {the_input("it"): "Choose both a day and a time."}


def test_what_is_required_is_asked_for_before_it_is_sent() -> None:
    schema = an_object({"level": {"enum": LEVELS}, "sure": {"type": "boolean"}, "why": {}}, "level", "sure")
    view = a_form(schema)
    assert complained(view) == [the_input("level"), the_input("sure")]
    assert {elements_of(view)[the_input(name)]["style"] for name in ("level", "sure")} == {"expanded"}
    assert complained(view, {the_input("level"): "admin", the_input("sure"): "No"}) == []


def test_a_number_is_checked_where_it_is_typed() -> None:
    schema = an_object({"days": {"type": "integer", "minimum": 1, "maximum": 9}, "id": {"type": "integer"}})
    assert complained(a_form(schema), {the_input("days"): 10, the_input("id"): "1.5"}) == [
        the_input("days"),
        the_input("id"),
    ]
    assert complained(a_form(schema), {the_input("days"): 9, the_input("id"): " -15 "}) == []


def test_what_was_picked_can_be_taken_back() -> None:
    schema = an_object({"level": {"enum": LEVELS, "default": "admin"}, "sure": {"type": "boolean"}})
    assert arguments(schema) == {"level": "admin"}
    assert arguments(schema, level="-", sure="-") == {}


def test_what_the_tool_needs_but_takes_empty_is_null() -> None:
    nullable: JsonValue = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert arguments(an_object({"manager": nullable, "other": nullable}, "manager")) == {"manager": None}


def test_labels_and_hints_are_the_tools_words_with_hidden_characters_visible() -> None:
    about = "Who\u202e it is for.\n\nFor example alice. " + "x" * 5000
    schema = an_object(
        {
            "userName": {"type": "string", "description": about},
            "mail_to": {"type": "string", "title": "Address *now*", "format": "email"},
            "again": {"title": "User Name"},
            "": {"title": " "},
        }
    )
    view = a_form(schema)
    labels = [one["label"] for one in elements_of(view).values()]
    assert labels[:4] == ["User Name (userName)", "Address *now*", "User Name (again)", "(empty)"]
    hints = texts_of(view)
    assert any(one.startswith("Who⟨U+202E⟩ it is for. For example alice. xxx") for one in hints)
    assert "An e-mail address." in hints


def test_what_cannot_be_read_is_said_at_its_field() -> None:
    assert problem({"type": "integer"}, "1.5") == "Must be a whole number."
    assert problem({"type": "number"}, "much") == "Must be a number."
    assert problem({"type": "object"}, "{'a': 1}").startswith("This is not valid JSON:")
    assert problem({"enum": [f"value-{number}" for number in range(1000)]}, "value").startswith("Is none of")


def test_a_choice_that_is_not_offered_any_more_is_asked_again() -> None:
    before, after = an_object({"it": {"enum": ["a", "b"]}}), an_object({"it": {"enum": ["c", "b"]}})
    press = pressed(a_form(before), "Send", {the_input("it"): "a"})
    found = request_of(press, a_form_tool(after))
    assert found.problems == {the_input("it"): "What can be chosen here has changed. Choose again."}
    again = checked(request_view(a_form_tool(after), key="1", typed=press.inputs, errors=found.problems))
    assert "value" not in elements_of(again)[the_input("it")]


def test_long_empty_and_odd_choices_come_back_whole() -> None:
    long = "a long value " * 12
    values: list[JsonValue] = ["", long + "1", long + "2", "a,b", "-", 1, "1", True, 1.0]
    schema = an_object({"it": {"enum": values}, "them": {"type": "array", "items": {"enum": values}}})
    [one, *_] = inputs_of(a_form(schema).card)
    codes = [code for _, code in one.choices][1:]
    for value, code in zip(values, codes, strict=True):
        assert canonical(arguments(schema, it=code, them=[code])) == canonical({"it": value, "them": [value]})
    assert arguments(schema, them=list(codes)) == {"them": values}


@pytest.mark.parametrize(
    "value",
    [" padded ", "", "two\nlines", "tab\t", "a\u200db", 7, None, ["x"], {"a": 1}, True, 1e300, 5.0, 2**60],
)
def test_a_value_that_its_field_cannot_hold_stands_there_as_json(value: JsonValue) -> None:
    for kind in ("string", "integer", "number", "boolean", "array"):
        for extra in ({}, {"format": "date"}, {"format": "date-time"}, {"enum": LEVELS}):
            schema = an_object({"it": {"type": kind, **extra}})
            found = request_of(pressed(a_form(schema, {"it": value}), "Send"), a_form_tool(schema))
            assert (canonical(found.arguments), found.problems) == (canonical({"it": value}), {})


def test_values_too_long_for_a_card_are_said_to_be_and_the_short_ones_stay() -> None:
    schema = an_object({"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}})
    view = a_form(schema, {"a": "x" * 20_000, "b": "y" * 20_000, "c": "short"})
    found = request_of(pressed(view, "Send"), a_form_tool(schema)).arguments
    assert found == {"a": "x" * 20_000, "c": "short"}
    assert "too long to be shown" in str(elements_of(view)[the_input("b")]["placeholder"])


def test_more_arguments_than_a_card_holds_go_into_one_field() -> None:
    schema = an_object({f"a{number}": {"type": "integer"} for number in range(200)}, "a150")
    view = a_form(schema)
    more = f"more{SCOPE}"
    assert 25 < len(elements_of(view)) < 62
    assert complained(view) == [more]
    tool = a_form_tool(schema)
    press = pressed(view, "Send", {the_input("a3"): "3", more: '{"a150": 1}'})
    assert request_of(press, tool).arguments == {"a3": 3, "a150": 1}
    for text in ("[]", "no", '{"a3": 4}'):
        assert list(request_of(pressed(view, "Send", {more: text}), tool).problems) == [more]


def test_a_heavy_form_with_everything_wrong_fits_a_card() -> None:
    heavy: JsonObject = {
        "type": "string",
        "title": "題名" * 90,
        "description": "説明" * 900,
        "enum": [f"値{n}" for n in range(90)],
    }
    schema = an_object({f"{n}" + "名" * 90: heavy for n in range(80)}, additionalProperties=True)
    tool = a_form_tool(schema, title="題名" * 900, description="説明" * 9000)
    view = checked(request_view(tool, key="k" * 200, note="注" * 4000))
    typed: dict[str, JsonValue] = dict.fromkeys(elements_of(view), "字" * 900)
    errors = dict.fromkeys(elements_of(view), "誤" * 900)
    again = checked(request_view(tool, key="k" * 200, typed=typed, errors=errors, notice="告" * 900))
    assert any("more fields need another look" in one for one in texts_of(again))


def test_problems_of_the_check_stand_at_the_field_of_their_path() -> None:
    schema = an_object({"user": {"type": "string"}, "a": an_object({"street": {}}, "street")}, "user")
    problems = JsonSchemas().problems(schema, {"a": {}})
    assert request_errors(a_form_tool(schema), problems) == {
        the_input("user"): "Is required.",
        the_input("a"): "street: Is required.",
    }
    nothing = a_form_tool({"type": "object", "additionalProperties": False})
    assert request_errors(nothing, {"x": "Is unknown."}) == {"": "Is unknown."}


def test_problems_of_the_note_and_of_the_tool_are_not_taken_for_those_of_arguments() -> None:
    said = {"note": "Is too long.", "tool": "Is gone."}
    assert request_errors(a_form_tool(an_object({"user": {}})), said) == {
        NOTE: "Is too long.",
        "": "Is gone.",
    }
    own = a_form_tool(an_object({"note": {}, "tool": {}}))
    assert request_errors(own, said) == {the_input("note"): "Is too long.", the_input("tool"): "Is gone."}


def test_every_tool_of_the_demo_has_a_form_without_json() -> None:
    for tool in TOOLS.values():
        assert not any("JSON" in one for one in texts_of(a_form(tool.definition().input_schema)))


def test_everything_typed_stands_there_again_as_it_was_typed() -> None:
    tool = a_form_tool(EVERY_KIND)
    view = checked(request_view(tool, key="key-1"))
    put_in: dict[str, JsonValue] = {
        the_input("user"): "no address",
        the_input("count"): "many",
        the_input("sure"): "No",
        the_input("groups"): ["c"],
        the_input("level"): "viewer",
        the_input("data", "json"): "{broken",
        f"more{SCOPE}": "[broken",
        NOTE: "Because.",
    }
    press = pressed(view, "Send", put_in)
    found = request_of(press, tool)
    assert set(found.problems) == {the_input("count"), the_input("data"), f"more{SCOPE}"}
    again = checked(request_view(tool, key="key-1", typed=press.inputs, errors=found.problems))
    assert pressed(again, "Send").inputs == press.inputs
    body = again.card["body"]
    assert isinstance(body, list)
    at = next(at for at, one in enumerate(body) if one.get("id") == the_input("data", "json"))
    assert texts_of(DialogView(title="", card={"body": [body[at - 1]]}))[0].startswith(
        "This is not valid JSON"
    )
