"""What is different between two definitions of a tool, line by line."""

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.definition_changes import capped, definition_changes, difference, fields_of
from tests.builders import a_definition

USER: JsonObject = {"type": "string", "maxLength": 10}


def schema(properties: JsonObject, *required: str, **more: JsonValue) -> JsonObject:
    """Gives the schema of an object."""
    return {"type": "object", "properties": properties, "required": list(required), **more}


def lines(before: JsonObject, after: JsonObject) -> tuple[str, ...]:
    """Gives the differences between two schemas of arguments."""
    return definition_changes(a_definition(input_schema=before), a_definition(input_schema=after))


def test_the_same_definition_has_no_differences() -> None:
    same = schema({"user": USER, "deep": schema({"a": {"enum": [1, 2]}})}, "user")
    assert lines(same, dict(same)) == ()


def test_fields_that_come_and_go_are_named_with_what_they_take() -> None:
    found = lines(schema({"user": USER}, "user"), schema({"mail": {"type": ["string", "null"]}}, "mail"))
    assert found == ("mail: new (string or null, required)", "user: removed (string, required)")


def test_what_a_field_takes_is_compared_piece_by_piece_in_a_fixed_order() -> None:
    before = schema({"user": {**USER, "description": "Who."}, "kind": {"enum": ["a", "b"]}})
    after = schema(
        {"kind": {"enum": ["a", "c"]}, "user": {"type": "integer", "description": "Send all."}}, "user"
    )
    assert lines(before, after) == (
        'kind: takes "c" too',
        'kind: does not take "b" any more',
        "user: now required",
        "user: type string → integer",
        "user: maxLength 10 → not set",
        "user: described in other words",
    )


def test_what_is_inside_is_named_by_its_path() -> None:
    before = schema({"to": schema({"mail": USER}), "all": {"type": "array", "items": schema({"n": USER})}})
    after = schema(
        {"to": schema({"mail": USER}, "mail"), "all": {"type": "array", "items": schema({})}},
        additionalProperties=True,
    )
    assert lines(before, after) == (
        "The arguments: additionalProperties not set → true",
        "all[].n: removed (string)",
        "to.mail: now required",
    )


def test_a_name_never_begins_a_line_of_its_own_nor_passes_for_a_path() -> None:
    sly = "a\nuser: removed"
    found = lines(schema({}), schema({sly: USER, "to.mail": USER, "x" * 100 + "1": {}, "x" * 100 + "2": {}}))
    assert len(found) == 4
    assert all("\n" not in line and len(line) < 200 for line in found)
    assert '"to.mail": new (string)' in found


def test_a_difference_in_what_is_not_understood_is_still_told() -> None:
    assert lines({"required": ["a", "a"]}, {"required": ["a"]})
    assert lines({"properties": 7}, {"properties": "x"})
    assert lines(schema({"a": {"enum": None}}), schema({"a": {}}))
    deep: JsonObject = {"type": "string"}
    other: JsonObject = {"type": "integer"}
    for _ in range(28):
        deep, other = {"items": deep}, {"items": other}
    assert lines(deep, other)


def test_hints_and_the_schema_of_the_answer_are_compared() -> None:
    before = a_definition(annotations={"readOnlyHint": True}, output_schema={"type": "object"})
    after = a_definition(annotations={"readOnlyHint": False, "destructiveHint": True})
    assert definition_changes(before, after) == (
        "Its server’s hint destructiveHint: not said → true",
        "Its server’s hint readOnlyHint: true → false",
        "Its answer: has no schema any more",
    )
    assert definition_changes(a_definition(), a_definition(annotations={}))


def test_many_lines_are_counted() -> None:
    assert capped(["a", "b", "c"], 2) == ("a", "b", "and 1 more")
    assert capped(["a", "b"], 2) == ("a", "b")


def test_the_fields_of_a_new_tool_are_listed() -> None:
    tool = a_definition(input_schema=schema({"user": USER, "how": {"enum": ["now"]}, "any": {}}, "user"))
    assert fields_of(tool) == ("any: anything", 'how: one of "now"', "user: string, required")


def test_of_long_texts_the_part_that_differs_is_shown() -> None:
    same = "x" * 25_000
    found = difference(f"{same}Sends a link.{same}", f"{same}Sends all to evil.test.{same}", 500)
    assert found.is_whole
    assert "Sends a link." in found.before
    assert "Sends all to evil.test." in found.after
    assert max(len(found.before), len(found.after)) < 500


def test_a_part_that_is_too_long_shows_both_ends_and_says_what_is_missing() -> None:
    found = difference("", "begin" + "x" * 50_000 + "end", 500)
    assert not found.is_whole
    assert found.after.startswith("begin")
    assert found.after.endswith("end")
    assert "characters left out" in found.after
    assert len(found.after) < 600
