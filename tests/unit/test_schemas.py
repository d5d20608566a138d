"""Arguments against schemas that tool servers send, in plain sentences, and within bounds."""

import pytest

from bot.connectors.schema_cost import cost_of
from bot.connectors.schemas import MAX_CHECKS, MAX_PROBLEMS, JsonSchemas, flaw_of
from bot.domain.canonical import JsonObject, JsonValue

LEVEL: JsonObject = {"type": "string", "enum": ["viewer", "member", "admin"]}


def an_object(properties: JsonObject, **more: JsonValue) -> JsonObject:
    return {"type": "object", "properties": properties, **more}


def problems(schema: JsonObject, arguments: JsonObject) -> dict[str, str]:
    return dict(JsonSchemas().problems(schema, arguments))


def problem(schema: JsonObject, value: JsonValue) -> str:
    return problems(an_object({"it": schema}), {"it": value}).get("it", "")


def doubling(levels: int) -> JsonObject:
    """Gives a schema each of whose levels doubles the work."""
    definitions: dict[str, JsonValue] = {
        f"a{level}": {"anyOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 2} for level in range(levels)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**definitions, f"a{levels}": {"required": ["never"]}}}


def test_what_fits_has_no_problems() -> None:
    assert problems(an_object({"level": LEVEL}, required=["level"]), {"level": "admin"}) == {}


def test_several_wrong_arguments_are_named_each_at_its_place() -> None:
    schema = an_object(
        {
            "level": LEVEL,
            "items": {"type": "array", "items": an_object({"name": {"type": "string"}}, required=["name"])},
        },
        required=["user"],
        additionalProperties=False,
    )
    assert problems(
        schema, {"level": "owner", "items": [{"name": "a"}, {"name": 7}, {}], "colour": "red"}
    ) == {
        "user": "Is required.",
        "level": "Must be one of: viewer, member, admin.",
        "items.1.name": "Must be text.",
        "items.2.name": "Is required.",
        "colour": "Is not known to this tool. Leave it out.",
    }


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"type": ["string", "null"]}, 1, "Must be left empty or text."),
        ({"type": "integer"}, True, "Must be a whole number."),
        ({"type": "boolean"}, 1, "Must be true or false."),
        ({"type": "array"}, "a", "Must be a list."),
        ({"const": "yes"}, "no", "Must be yes."),
        ({"enum": [1, None]}, 2, "Must be one of: 1, null."),
        ({"minimum": 3}, 2, "Must be 3 or more."),
        ({"maximum": 3}, 10**40, "Must be 3 or less."),
        ({"exclusiveMinimum": 3}, 3, "Must be more than 3."),
        ({"exclusiveMaximum": 3}, 3, "Must be less than 3."),
        ({"multipleOf": 5}, 3, "Must be a multiple of 5."),
        ({"minLength": 1}, "", "Must have 1 character or more."),
        ({"maxLength": 3}, "four", "Must have 3 characters or fewer."),
        ({"minItems": 2}, [], "Must have 2 entries or more."),
        ({"maxItems": 1}, [1, 2], "Must have 1 entry or fewer."),
        ({"uniqueItems": True}, [1, 1], "Must not hold the same entry twice."),
        ({"contains": {"const": 1}}, [2], "Lacks an entry that the tool needs."),
        ({"minProperties": 1}, {}, "Must have 1 field or more."),
        ({"maxProperties": 0}, {"a": 1}, "Must have 0 fields or fewer."),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "Holds a name that the tool does not allow."),
        ({"pattern": "^[a-z]+$"}, "A", "Must have the form ^[a-z]+$."),
        ({"pattern": "^[^@]+@[^@]+$", "format": "email"}, "eve", "Must be an e-mail address."),
        ({"format": "email"}, "nobody", "Must be an e-mail address."),
        ({"format": "date"}, "31.1.", "Must be a date such as 2027-01-31."),
        ({"not": {"const": 1}}, 1, "Is not allowed with this value."),
        (False, 1, "Is not allowed here. Leave it out."),
        ({"format": "a format of our own"}, "anything", ""),
    ],
)
def test_each_kind_of_problem_has_its_sentence(schema: JsonObject, value: JsonValue, sentence: str) -> None:
    assert problem(schema, value) == sentence


def test_of_several_forms_the_one_of_the_values_type_is_spoken_of() -> None:
    optional_text: JsonObject = {"anyOf": [{"type": "string", "minLength": 3}, {"type": "null"}]}
    assert problem(optional_text, "ab") == "Must have 3 characters or more."


def test_of_several_forms_none_of_which_has_the_type_all_types_are_named() -> None:
    assert problem({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1) == "Must be text or left empty."


def test_choices_that_are_forms_of_their_own_are_named_together() -> None:
    titled: JsonObject = {"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]}
    assert problem(titled, "c") == "Must be one of: a, b."


def test_a_value_that_fits_two_forms_of_which_only_one_may_be_is_told_so() -> None:
    both: JsonObject = {"oneOf": [{"minimum": 1}, {"minimum": 2}]}
    assert problem(both, 3) == "Fits more than one of the allowed forms; it must fit exactly one."


def test_a_value_is_never_repeated_in_a_sentence() -> None:
    assert "hunter2" not in problem({"type": "integer"}, "hunter2") + problem(LEVEL, "hunter2")


def test_long_lists_of_choices_are_counted() -> None:
    sentence = problem({"enum": [f"choice-{number}" for number in range(500)]}, "none")
    assert sentence.endswith("choice-19 and 480 more.")


def test_no_more_problems_are_named_than_anybody_reads() -> None:
    many: JsonObject = {"it": ["x"] * 10_000}
    assert len(problems(an_object({"it": {"items": {"type": "integer"}}}), many)) == MAX_PROBLEMS


@pytest.mark.parametrize(
    "draft",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ],
)
def test_every_draft_is_understood(draft: str) -> None:
    schema = an_object({"it": {"type": "integer", "minimum": 3}}, **{"$schema": draft})
    assert problems(schema, {"it": 2}) == {"it": "Must be 3 or more."}


def test_a_draft_is_read_by_its_own_rules() -> None:
    old = an_object(
        {"it": {"minimum": 3, "exclusiveMinimum": True}},
        **{"$schema": "http://json-schema.org/draft-04/schema#"},
    )
    assert problems(old, {"it": 3}) == {"it": "Must be more than 3."}


def test_a_schema_may_refer_to_its_own_parts() -> None:
    tree = an_object({"name": {"type": "string"}, "inner": {"$ref": "#"}})
    assert problems(tree, {"inner": {"inner": {"name": 1}}}) == {"inner.inner.name": "Must be text."}


@pytest.mark.parametrize(
    "target", ["https://evil.test/x.json", "file:///etc/passwd", "other.json", "#/nowhere"]
)
def test_a_reference_out_of_the_schema_is_never_followed(target: str) -> None:
    schema = an_object({"it": {"$ref": target}})
    assert flaw_of(schema)
    assert "Tell an admin" in problems(schema, {"it": 1})[""]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"properties": []},
        {"properties": {"it": {"pattern": "("}}},
        {"properties": {"it": {"pattern": "((a{100}){100}){100}"}}},
        {"$schema": "https://evil.test/a-draft-of-our-own"},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"properties": {"it": {"const": "\ud800"}}},
    ],
    ids=str,
)
def test_a_schema_that_is_none_is_a_problem_of_the_whole(schema: JsonObject) -> None:
    assert flaw_of(schema)
    assert list(problems(schema, {})) == [""]


def test_a_tool_takes_an_object() -> None:
    assert flaw_of({"type": "array"}) == "its arguments are not described as an object"
    assert flaw_of({"type": "object"}) == ""
    assert flaw_of({}) == ""


# Attack 19: expensive rule or pattern.


def test_attack_19_a_pattern_that_explodes_elsewhere_is_only_wrong_here() -> None:
    assert problem({"pattern": "^(a+)+$"}, "a" * 60_000 + "!").startswith("Must have the form")


def test_attack_19_a_pattern_that_looks_ahead_works_and_is_stopped_when_it_explodes() -> None:
    strong: JsonObject = {"pattern": "^(?=.*[A-Z])(?=.*[0-9]).{8,}$"}
    assert problem(strong, "Abcdefg1") == ""
    assert problem(strong, "abcdefgh").startswith("Must have the form")
    hostile: JsonObject = {"pattern": r"^(?=a)(a+)+\1$"}
    assert problem(hostile, "a" * 60_000 + "!").startswith("Cannot be checked")


def test_attack_19_a_schema_whose_work_doubles_thirty_times_is_refused_before_any_is_done() -> None:
    assert flaw_of(doubling(30))
    assert list(problems(doubling(30), {})) == [""]


def test_attack_19_a_wrong_value_is_not_explained_where_that_alone_would_be_too_much() -> None:
    assert problems(doubling(16), {}) == {"": "This does not fit what the tool takes."}


def test_attack_19_a_schema_that_doubles_with_every_level_of_the_value_is_bounded() -> None:
    step: JsonObject = {"properties": {"x": {"anyOf": [{"$ref": "#"}] * 2}}}
    deep: JsonObject = {}
    for _ in range(28):
        deep = {"x": deep}
    assert flaw_of(step) == ""
    assert problems(step, {"x": {"x": {}}}) == {}
    assert problems(step, deep) == {
        "": "This is too complicated to check for this tool. Send a flatter value."
    }


def test_attack_19_the_bound_is_never_below_the_work() -> None:
    assert cost_of(doubling(5), depth=0, limit=MAX_CHECKS) >= 2**5


# Attack 23: oversized payload, deep JSON, huge lists.


def test_attack_23_arguments_of_a_million_characters_are_refused_unread() -> None:
    assert "more than 64000 characters" in problems(an_object({}), {"it": "x" * 1_000_000})[""]


def test_attack_23_arguments_nested_too_deep_are_refused() -> None:
    deep: JsonValue = 1
    for _ in range(100):
        deep = [deep]
    assert "nested deeper" in problems(an_object({}), {"it": deep})[""]


def test_compiled_schemas_are_forgotten_when_there_are_too_many() -> None:
    schemas = JsonSchemas(remembered=2)
    for number in (*range(5), 0):
        schema = an_object({"it": {"minimum": number}})
        assert schemas.problems(schema, {"it": number - 1}) == {"it": f"Must be {number} or more."}
