"""One spelling for every JSON value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.canonical import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    JsonValue,
    NotJson,
    TooDeep,
    TooLong,
    bounded,
    canonical,
    digest,
    parse,
)
from bot.domain.tools import ToolId
from tests.builders import a_call
from tests.property.strategies import json_values

white_space = st.text(" \t\r\n", max_size=3)


def spelled(value: JsonValue, space: str, *, turned: bool, escaped: bool) -> str:
    """Gives another spelling of the value: other white space, names the other way round, other escapes."""
    if isinstance(value, dict):
        items = list(value.items())
        inner = [
            f"{spelled(name, space, turned=turned, escaped=escaped)}{space}:{space}"
            f"{spelled(each, space, turned=turned, escaped=escaped)}"
            for name, each in (reversed(items) if turned else items)
        ]
        return f"{{{space}{f'{space},{space}'.join(inner)}{space}}}"
    if isinstance(value, list):
        inner = [spelled(each, space, turned=turned, escaped=escaped) for each in value]
        return f"[{space}{f'{space},{space}'.join(inner)}{space}]"
    return json.dumps(value, ensure_ascii=escaped)


@given(value=json_values, space=white_space, turned=st.booleans(), escaped=st.booleans())
def test_white_space_name_order_and_escapes_never_change_the_digest(
    *, value: JsonValue, space: str, turned: bool, escaped: bool
) -> None:
    text = space + spelled(value, space, turned=turned, escaped=escaped) + space
    assert digest(parse(text)) == digest(value)


@given(json_values)
def test_the_canonical_spelling_says_the_same_value(value: JsonValue) -> None:
    assert json.loads(canonical(value)) == value
    assert canonical(parse(canonical(value))) == canonical(value)


@given(json_values, json_values)
def test_only_equal_spellings_have_equal_digests(one: JsonValue, other: JsonValue) -> None:
    assert (digest(one) == digest(other)) is (canonical(one) == canonical(other))


@given(st.dictionaries(st.text(max_size=6), json_values, max_size=4))
def test_a_calls_digest_is_of_connector_tool_and_arguments(arguments: dict[str, JsonValue]) -> None:
    call = a_call(ToolId("acme-it", "reset_password"), arguments)
    assert call.digest == a_call(ToolId("acme-it", "reset_password"), dict(arguments)).digest
    assert call.digest != a_call(ToolId("acme-it", "reset_passwords"), arguments).digest
    assert call.digest != a_call(ToolId("acme", "it:reset_password"), arguments).digest
    assert call.digest != a_call(call.tool, {**arguments, "another argument": 1}).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0, False),
        (1, "1"),
        (None, "null"),
        ({}, []),
        ([1, 2], [2, 1]),
        ({"a": None}, {}),
        ("é", "e\u0301"),
        ("A", "a"),
        (10**30, 1e30),
        (0.1 + 0.2, 0.3),
    ],
)
def test_values_that_a_tool_could_tell_apart_have_different_digests(one: JsonValue, other: JsonValue) -> None:
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[1,]",
        "{'a': 1}",
        "{a: 1}",
        "nul",
        "1 2",
        "01",
        "+1",
        '{"a": 1, "a": 1}',
        '{"b": [{"a": 1, "a": 2}]}',
        '{"a": 1, "\\u0061": 2}',
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        '"\\ud800"',
        '{"\\udc00": 1}',
        "1" * 101,
        '"\n"',
    ],
)
def test_what_is_no_json_or_has_two_readings_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        parse(text)


def test_a_surrogate_pair_is_one_character() -> None:
    assert parse('"\\ud83d\\ude00"') == "😀"


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_nesting_is_allowed_to_the_limit_and_not_beyond() -> None:
    assert canonical(parse(nested(MAX_DEPTH))) == nested(MAX_DEPTH)
    for levels in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(TooDeep):
            parse(nested(levels))


def test_arguments_are_allowed_to_the_limit_of_characters_and_not_beyond() -> None:
    frame = len('{"a":""}')
    assert len(bounded({"a": "x" * (MAX_CHARACTERS - frame)})) == MAX_CHARACTERS
    with pytest.raises(TooLong):
        bounded({"a": "x" * (MAX_CHARACTERS - frame + 1)})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"a": ["\udfff"]}])
def test_what_json_cannot_say_has_no_spelling(value: JsonValue) -> None:
    with pytest.raises(NotJson):
        canonical(value)
