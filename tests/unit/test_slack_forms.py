"""Forms in Slack that are made from a tool's JSON Schema, and the arguments that are read back from them."""

import pytest

from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.modals.schema_fields import schema_blocks
from bot.chat.slack.modals.schema_values import schema_errors, schema_values
from bot.connectors.schemas import JsonSchemas
from bot.demo.tools import TOOLS
from bot.domain.canonical import JsonObject, JsonValue, canonical
from tests.servers.slack_rules import problems_of_view
from tests.slack_views import a_modal, element_of, inputs_of, labels_of, options_of, state

LEVELS: list[JsonValue] = ["viewer", "member", "admin"]


def an_object(properties: JsonObject, *required: str, **more: JsonValue) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required), **more}


def a_form(schema: JsonObject, values: JsonObject | None = None) -> Block:
    view = a_modal(schema_blocks(schema, values=values))
    assert problems_of_view(view) == []
    return view


def arguments(schema: JsonObject, put_in: dict[str, JsonValue] | None = None) -> JsonObject:
    found, problems = schema_values(schema, state(a_form(schema), put_in))
    assert problems == {}
    return found


def problem(schema: JsonObject, value: JsonValue) -> str:
    """Gives what is said at the one field when this is put in."""
    whole = an_object({"it": schema})
    _, problems = schema_values(whole, state(a_form(whole), {"arg:it": value}))
    return problems["arg:it"]


@pytest.mark.parametrize(
    ("schema", "element", "put_in", "read"),
    [
        ({"type": "string"}, "plain_text_input", " words ", "words"),
        ({"type": "string", "format": "password"}, "plain_text_input", " secret ", " secret "),
        ({"type": "string", "format": "date"}, "datepicker", "2027-01-31", "2027-01-31"),
        ({"type": "string", "format": "date-time"}, "datetimepicker", 1801387800, "2027-01-31T09:30:00Z"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "number_input", "7", 7),
        ({"type": "number"}, "number_input", "7.25", 7.25),
        ({"type": "number"}, "number_input", "7", 7),
        ({"type": "boolean"}, "static_select", "true", True),
        ({"type": "boolean"}, "static_select", "false", False),
        ({"enum": LEVELS}, "static_select", '"member"', "member"),
        ({"type": "integer", "enum": [1, 2, None]}, "static_select", "2", 2),
        (
            {"type": "array", "items": {"enum": LEVELS}},
            "checkboxes",
            ['"viewer"', '"admin"'],
            ["viewer", "admin"],
        ),
        ({"type": "array", "items": {"type": "string"}}, "plain_text_input", "a\n\n b b \n", ["a", "b b"]),
        ({"type": "array", "items": {"type": "integer"}}, "plain_text_input", "1\n-2", [1, -2]),
        ({"type": "array", "items": {"type": "number"}}, "plain_text_input", "1\n2.5", [1, 2.5]),
        ({"type": "array"}, "plain_text_input", "[1, {}]", [1, {}]),
        ({"type": "object"}, "plain_text_input", '{"a": null}', {"a": None}),
        ({}, "plain_text_input", '"text"', "text"),
        ({"type": ["string", "integer"]}, "plain_text_input", "12", 12),
        ({"type": ["string", "integer"]}, "plain_text_input", "1.5", "1.5"),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, "plain_text_input", "1.5", 1.5),
        ({"oneOf": [{"type": "string"}, {"type": "boolean"}]}, "plain_text_input", "true", True),
        ({"oneOf": [{"type": "string"}, {"type": "object"}]}, "plain_text_input", "{}", {}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number_input", "3", 3),
        ({"type": ["integer", "null"]}, "number_input", "3", 3),
        ({"oneOf": [{"const": 1, "title": "One"}, {"const": 2}]}, "static_select", "1", 1),
        ({"$ref": "#/$defs/Level"}, "static_select", '"admin"', "admin"),
        ({"allOf": [{"$ref": "#/$defs/Level"}], "title": "Rights"}, "static_select", '"admin"', "admin"),
        ({"$ref": "#/$defs/Ring"}, "plain_text_input", "[]", []),
        ({"$ref": "https://example.com/level"}, "plain_text_input", "1", 1),
    ],
)
def test_each_kind_of_argument_has_its_field(
    schema: JsonObject, element: str, put_in: JsonValue, read: JsonValue
) -> None:
    ring: JsonValue = {"anyOf": [{"$ref": "#/$defs/Ring"}]}
    whole = an_object({"it": schema}, **{"$defs": {"Level": {"enum": LEVELS}, "Ring": ring}})
    assert element_of(a_form(whole), "arg:it")["type"] == element
    assert canonical(arguments(whole, {"arg:it": put_in})) == canonical({"it": read})
    assert arguments(whole) == {}


def test_what_is_required_is_marked_and_few_choices_are_all_in_sight() -> None:
    schema = an_object({"level": {"enum": LEVELS}, "sure": {"type": "boolean"}, "why": {}}, "level", "sure")
    view = a_form(schema)
    assert {name: block["optional"] for name, block in inputs_of(view).items()} == {
        "arg:level": False,
        "arg:sure": False,
        "arg:why": True,
    }
    assert {element_of(view, name)["type"] for name in ("arg:level", "arg:sure")} == {"radio_buttons"}


def test_what_the_tool_needs_but_takes_empty_is_null() -> None:
    nullable: JsonValue = {
        "anyOf": [{"type": "string", "format": "email"}, {"type": "null"}],
        "default": None,
    }
    schema = an_object({"manager": nullable, "other": nullable}, "manager")
    assert inputs_of(a_form(schema))["arg:manager"]["optional"] is True
    assert arguments(schema) == {"manager": None}


def test_labels_and_hints_are_the_tools_words_with_hidden_characters_visible() -> None:
    about = "Who\u202e it is for.\n\nFor example alice. " + "x" * 5000
    schema = an_object(
        {
            "userName": {"type": "string", "description": about},
            "mail_to": {"type": "string", "title": "Address <!channel> *now*", "format": "email"},
            "again": {"title": "User Name"},
            "": {"title": " "},
        }
    )
    blocks = list(inputs_of(a_form(schema)).values())
    labels = [block["label"] for block in blocks]
    assert [label["text"] for label in labels if isinstance(label, dict)] == [
        "User Name (userName)",
        "Address <!channel> *now*",
        "User Name (again)",
        "(empty)",
    ]
    assert all(isinstance(label, dict) and label["type"] == "plain_text" for label in labels)
    hint = blocks[0]["hint"]
    assert isinstance(hint, dict)
    assert str(hint["text"]).startswith("Who⟨U+202E⟩ it is for. For example alice. xxx")
    assert str(hint["text"]).endswith("…")
    assert "An e-mail address." in str(blocks[1]["hint"])


def test_a_secret_is_typed_in_plain_sight_and_the_field_says_who_sees_it() -> None:
    schema = an_object({"key": {"type": "string", "format": "password"}, "api_token": {"type": "string"}})
    for block in inputs_of(a_form(schema)).values():
        assert "Approvers see dots." in str(block["hint"])


def test_limits_of_the_schema_are_limits_of_the_field_as_far_as_slack_has_them() -> None:
    schema = an_object(
        {
            "text": {"type": "string", "minLength": 2, "maxLength": 90},
            "long": {"type": "string", "maxLength": 9000},
            "odd": {"type": "string", "minLength": 90, "maxLength": 2},
            "none": {"type": "string", "maxLength": 0},
            "whole": {"type": "integer", "minimum": 0.5, "maximum": 9.5},
            "swapped": {"type": "integer", "minimum": 9, "maximum": 1},
            "vast": {"type": "number", "minimum": -1e300, "maximum": 1e300},
        }
    )
    view = a_form(schema)
    text, long = element_of(view, "arg:text"), element_of(view, "arg:long")
    assert (text["min_length"], text["max_length"]) == (2, 90)
    assert long["multiline"] is True
    assert "max_length" not in long
    whole = element_of(view, "arg:whole")
    assert (whole["min_value"], whole["max_value"], whole["is_decimal_allowed"]) == ("1", "9", False)
    for name in ("arg:odd", "arg:none", "arg:swapped", "arg:vast"):
        assert not {"min_length", "max_length", "min_value", "max_value"} & set(element_of(view, name))


@pytest.mark.parametrize(
    ("count", "kind"), [(101, "static_select"), (1000, "plain_text_input"), (3000, "plain_text_input")]
)
def test_many_choices_are_grouped_and_very_many_are_written(count: int, kind: str) -> None:
    values: list[JsonValue] = [f"value-{number}" for number in range(count)]
    schema = an_object(
        {"it": {"enum": values}, "them": {"type": "array", "items": {"type": "string", "enum": values}}}
    )
    element = element_of(a_form(schema), "arg:it")
    assert element["type"] == kind
    if kind == "static_select":
        assert len(options_of(element)) == count
        assert arguments(schema, {"arg:it": '"value-100"'}) == {"it": "value-100"}
        assert arguments(schema, {"arg:them": ['"value-100"']}) == {"them": ["value-100"]}
    else:
        assert arguments(schema, {"arg:it": "value-100"}) == {"it": "value-100"}
        assert arguments(schema, {"arg:them": "value-1\nvalue-2"}) == {"them": ["value-1", "value-2"]}


def test_long_and_empty_choices_come_back_whole_and_are_told_apart() -> None:
    long = "a long value " * 12
    values: list[JsonValue] = ["", long + "1", long + "2"]
    schema = an_object({"it": {"enum": values}})
    block = inputs_of(a_form(schema))["arg:it"]
    assert long + "2" in str(block["hint"])
    for value, option in zip(values, options_of(element_of(a_form(schema), "arg:it")), strict=True):
        assert arguments(schema, {"arg:it": option["value"]}) == {"it": value}


def test_choices_of_several_types_are_told_apart() -> None:
    schema = an_object({"it": {"enum": [1, "1", True, "true", 1.0]}})
    options = options_of(element_of(a_form(schema), "arg:it"))
    assert labels_of(element_of(a_form(schema), "arg:it")) == ["1", '"1"', "true", '"true"', "1.0"]
    assert [canonical(arguments(schema, {"arg:it": one["value"]})) for one in options] == [
        '{"it":1}',
        '{"it":"1"}',
        '{"it":true}',
        '{"it":"true"}',
        '{"it":1.0}',
    ]


def test_what_cannot_be_read_is_said_at_its_field() -> None:
    assert problem({"type": "integer"}, "1.5") == "Must be a whole number."
    assert problem({"type": "number"}, "much") == "Must be a number."
    assert problem({"type": "number"}, "1e999").endswith("it is not a finite number.")
    assert problem({"type": "array", "items": {"type": "integer"}}, "1\ntwo") == "Must be a whole number."
    assert problem({"type": "object"}, "{'a': 1}").startswith("This is not valid JSON:")
    assert "twice" in problem({"type": "object"}, '{"a": 1, "a": 2}')
    assert "nested deeper" in problem({"type": "array"}, "[" * 40 + "]" * 40)
    assert problem({"enum": [f"value-{number}" for number in range(1000)]}, "value").startswith("Is none of")


def test_a_choice_that_is_not_offered_any_more_is_asked_again() -> None:
    before, after = an_object({"it": {"enum": ["a", "b"]}}), an_object({"it": {"enum": ["c", "b"]}})
    for value, problems in (("a", ["arg:it"]), ("b", [])):
        found, said = schema_values(after, state(a_form(before), {"arg:it": canonical(value)}))
        assert list(said) == problems
        assert found == ({} if problems else {"it": "b"})


def test_the_tools_defaults_stand_in_the_form_unless_arguments_are_given() -> None:
    schema = an_object(
        {
            "limit": {"type": "integer", "default": 20},
            "level": {"enum": LEVELS, "default": "member"},
            "note": {"type": "string", "default": ""},
            "kind": {"const": "user"},
        },
        "kind",
    )
    assert arguments(schema) == {"limit": 20, "level": "member", "kind": "user"}
    assert schema_values(schema, state(a_form(schema, {"limit": 3}))) == ({"limit": 3}, {})


@pytest.mark.parametrize(
    "value",
    [
        " padded ",
        "",
        "two\nlines",
        "tab\t",
        "a\u200db",
        7,
        None,
        ["x"],
        {"a": 1},
        True,
        1e300,
        5.0,
        "2027-02-30",
    ],
)
def test_a_value_that_its_field_cannot_hold_stands_there_as_json(value: JsonValue) -> None:
    for kind in ("string", "integer", "number", "boolean", "array"):
        for extra in ({}, {"format": "date"}, {"format": "date-time"}, {"enum": LEVELS}):
            schema = an_object({"it": {"type": kind, **extra}})
            found, problems = schema_values(schema, state(a_form(schema, {"it": value})))
            assert (canonical(found), problems) == (canonical({"it": value}), {})


def test_a_value_too_long_to_be_changed_is_said_to_be() -> None:
    schema = an_object({"it": {"type": "string"}})
    view = a_form(schema, {"it": "x" * 3001, "unknown": "y" * 3001})
    assert "too long to be changed here" in str(inputs_of(view)["arg:it"]["hint"])
    assert "too long to be changed here" in str(inputs_of(view)["more"]["hint"])
    assert schema_values(schema, state(view)) == ({}, {})


def test_names_that_slack_would_not_take_get_an_id_of_their_own() -> None:
    names = ["x" * 300, "x" * 301, "größe", "", "0", "a:b", "a\n", " "]
    schema = an_object({name: {"type": "string"} for name in names})
    blocks = list(inputs_of(a_form(schema)))
    assert len(set(blocks)) == len(names)
    found = arguments(schema, {block: f"value {number}" for number, block in enumerate(blocks)})
    assert found == {name: f"value {number}" for number, name in enumerate(names)}


def test_more_arguments_than_a_view_holds_go_into_one_field() -> None:
    schema = an_object({f"a{number}": {"type": "integer"} for number in range(200)}, "a150")
    view = a_form(schema)
    assert len(inputs_of(view)) == 91
    assert inputs_of(view)["more"]["optional"] is False
    assert arguments(schema, {"arg:a3": "3", "more": '{"a150": 1}'}) == {"a3": 3, "a150": 1}
    for text in ("[]", "no", '{"a3": 4}'):
        _, problems = schema_values(schema, state(view, {"more": text}))
        assert list(problems) == ["more"]


def test_a_form_too_heavy_for_a_view_keeps_its_first_fields() -> None:
    heavy: JsonObject = {"type": "string", "description": "説明" * 900, "enum": [f"値{n}" for n in range(20)]}
    schema = an_object({f"a{number}": heavy for number in range(80)})
    view = a_form(schema)
    assert 20 < len(inputs_of(view)) < 80
    assert "more" in inputs_of(view)
    assert arguments(schema, {"arg:a1": '"値7"', "more": '{"a79": "値8"}'}) == {"a1": "値7", "a79": "値8"}


def test_menus_too_heavy_together_are_written_instead() -> None:
    schema = an_object({f"a{number}": {"enum": [f"value {n}" for n in range(90)]} for number in range(80)})
    assert len(inputs_of(a_form(schema))) == 80
    assert arguments(schema, {"arg:a1": "value 7"}) == {"a1": "value 7"}


@pytest.mark.parametrize(
    ("schema", "more"),
    [
        ({"type": "object"}, False),
        ({"type": "object", "additionalProperties": False}, False),
        ({"type": "object", "additionalProperties": True}, True),
        ({"type": "object", "additionalProperties": {"type": "string"}}, True),
        ({"type": "object", "required": ["unnamed"]}, True),
        ({"anyOf": [{"properties": {"a": {}}}]}, True),
        ({"properties": {"a": {}}, "anyOf": [{"required": ["a"]}]}, False),
    ],
)
def test_unnamed_arguments_have_a_field_where_the_tool_takes_them(schema: JsonObject, more: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert ("more" in inputs_of(a_form(schema))) is more
    if more:
        assert arguments(schema, {"more": '{"b": 1}'}) == {"b": 1}


def test_problems_of_the_check_stand_at_the_field_of_their_path() -> None:
    address: JsonObject = an_object({"street": {"type": "string"}, "city": {}}, "street")
    schema = an_object({"user": {"type": "string"}, "a": address, "a.b": {"type": "integer"}}, "user")
    checked = JsonSchemas().problems(schema, {"a": {}, "a.b": "x"})
    assert schema_errors(schema, checked) == {
        "arg:user": "Is required.",
        "arg:a": "street: Is required.",
        "arg:a.b": "Must be a whole number.",
    }
    odd = {"": "Too long.", "zip": "Is not known to this tool. Leave it out.", "a.b.c": "No.", "a.0": "Odd."}
    assert schema_errors(schema, odd) == {
        "arg:user": "Too long. zip: Is not known to this tool. Leave it out.",
        "arg:a.b": "c: No.",
        "arg:a": "0: Odd.",
    }
    assert schema_errors({"type": "object"}, odd) == {}
    assert list(schema_errors(an_object({}, additionalProperties=True), odd)) == ["more"]


def test_forms_of_two_tools_in_one_modal_share_no_input() -> None:
    schema = an_object({"it": {"type": "string"}}, additionalProperties=True)
    one, other = (a_modal(schema_blocks(schema, scope=scope)) for scope in ("1", "2"))
    assert not set(inputs_of(one)) & set(inputs_of(other))
    put_in: dict[str, JsonValue] = {"arg1:it": "a", "more1": '{"b": 1}'}
    assert schema_values(schema, state(one, put_in), scope="1") == ({"it": "a", "b": 1}, {})
    assert schema_values(schema, state(one, put_in), scope="2") == ({}, {})
    assert schema_errors(schema, {"it": "No."}, scope="1") == {"arg1:it": "No."}


def test_every_tool_of_the_demo_has_a_form_without_json() -> None:
    for tool in TOOLS.values():
        view = a_form(tool.definition().input_schema)
        assert not any("JSON" in str(block.get("hint")) for block in inputs_of(view).values())


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": None, "required": 7},
        {"properties": {"a": True, "b": False, "c": None, "d": 7, "e": []}},
        {"properties": {"a": {"type": "array", "items": {"$ref": "#/properties/a"}}}},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"properties": {"a": {"enum": []}, "b": {"enum": [None]}, "c": {"const": None}, "d": {"enum": "no"}}},
        {"properties": {"a": {"type": []}, "b": {"type": ["null"]}, "c": {"type": 7}, "d": {"anyOf": []}}},
        {"properties": {"a": {"type": "string", "maxLength": True, "minLength": "x", "title": 7}}},
        {"properties": {"a": {"type": "integer", "minimum": True, "maximum": "9", "default": {}}}},
        {
            "properties": {
                "a": {"$ref": "#/properties/a/allOf/0"},
                "b": {"allOf": [{"$ref": "#/properties/b"}] * 9},
            }
        },
        {"properties": {"a": {"anyOf": [{"$ref": "#/properties/a"}, {"type": "null"}]}}},
    ],
)
def test_a_schema_that_makes_no_sense_still_makes_a_form(schema: JsonObject) -> None:
    view = a_form(schema)
    assert schema_values(schema, state(view))[1] == {}
