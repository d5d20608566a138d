"""Conditions: what is refused in a policy, and what is true, false or open for a call."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from bot.domain.actions import Effect
from bot.domain.arguments import PATH_LIMIT
from bot.domain.canonical import JsonObject, JsonValue, NotJson
from bot.domain.conditions import (
    CONDITION_LIMIT,
    MEMBER_LIMIT,
    VALUE_LIMIT,
    AttributeTooLong,
    TextTooLong,
    TooManyConditions,
    TooManyMembers,
    UnknownAttribute,
    WrongOperator,
    WrongValue,
    all_hold,
    checked,
    checked_all,
    compiled,
    holds,
)
from bot.domain.errors import Refusal
from bot.domain.globs import GLOB_LIMIT
from bot.domain.policies import Operator
from tests.builders import a_condition, a_person, a_situation, a_tool

ALICE = a_person(title="Analyst", department="Finance", groups=["staff", "paris"])


def answer(
    attribute: str, operator: str, value: JsonValue, arguments: JsonObject | None = None
) -> bool | None:
    """Gives what the condition says of Alice's call, after it passed the check."""
    condition = checked(a_condition(attribute, operator, value))
    return holds(condition, a_situation(requester=ALICE, arguments=arguments or {}))


# The attributes.


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("agent", "countersign"),
        ("surface", "slack"),
        ("effect", "write"),
        ("requester.email", "alice@acme.test"),
        ("requester.domain", "acme.test"),
        ("requester.department", "Finance"),
        ("requester.title", "Analyst"),
        ("time.weekday", 5),
        ("time.hour", 14),
        ("args.user", "carol"),
    ],
)
def test_every_attribute_can_be_named(attribute: str, value: JsonValue) -> None:
    assert answer(attribute, "is", value, {"user": "carol"}) is True
    assert answer(attribute, "is_not", value, {"user": "carol"}) is False


def test_groups_are_looked_into_with_contains() -> None:
    assert answer("requester.groups", "contains", "paris") is True
    assert answer("requester.groups", "contains", "par") is False


def test_the_effect_is_the_catalogs() -> None:
    situation = a_situation(tool=a_tool(effect=Effect.DESTROY))
    assert holds(a_condition("effect", "is", "destroy"), situation) is True


def test_an_argument_cannot_pass_for_another_attribute() -> None:
    arguments: JsonObject = {
        "agent": "trusted",
        "requester.department": "IT",
        "requester": {"department": "IT"},
    }
    assert answer("agent", "is", "trusted", arguments) is False
    assert answer("requester.department", "is", "IT", arguments) is False
    assert answer("args.agent", "is", "trusted", arguments) is True


@pytest.mark.parametrize("attribute", ["requester.title", "requester.department", "requester.email", "agent"])
def test_what_nobody_knows_about_the_requester_is_absent(attribute: str) -> None:
    nobody = a_person(title="", department="", email="")
    situation = a_situation(requester=nobody, agent="")
    assert holds(a_condition(attribute, "is_not", "x"), situation) is None
    assert holds(a_condition(attribute, "exists", value=False), situation) is True


def test_an_address_without_an_at_has_no_domain() -> None:
    situation = a_situation(requester=a_person(email="acme.test"))
    assert holds(a_condition("requester.domain", "is", "acme.test"), situation) is None


# Paths into arguments.


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("user", {"user": "x"}),
        ("a.b", {"a": {"b": "x"}}),
        ("a.b", {"a.b": "x"}),
        ("a.b.c", {"a.b": {"c": "x"}}),
        ("a.b.c", {"a": {"b.c": "x"}, "a.b": {"d": "y"}}),
        ("ids.1", {"ids": ["y", "x"]}),
        ("ids.0.name", {"ids": [{"name": "x"}]}),
        ("ids.0", {"ids": {"0": "x"}}),
        ("0", {"0": "x"}),
        ("a..b", {"a.": {"b": "x"}}),
        ("a ", {"a ": "x"}),
    ],
)
def test_a_path_leads_through_objects_lists_and_names_with_dots(path: str, arguments: JsonObject) -> None:
    assert answer(f"args.{path}", "is", "x", arguments) is True


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("a.b", {"a": {"b": "x"}, "a.b": "x"}),
        ("a.b.c", {"a.b": {"c": "x"}, "a": {"b.c": "y"}}),
        ("ids.0", {"ids": ["x"], "ids.0": "x"}),
        ("a.b", {"a": {"b": None}, "a.b": "x"}),
    ],
)
def test_a_path_with_two_readings_cannot_be_evaluated(path: str, arguments: JsonObject) -> None:
    assert answer(f"args.{path}", "is", "x", arguments) is None
    assert answer(f"args.{path}", "is_not", "x", arguments) is None
    assert answer(f"args.{path}", "exists", value=True, arguments=arguments) is True


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("user", {}),
        ("user", {"User": "x"}),
        ("a.b", {"a": "x"}),
        ("a.b", {"a": None}),
        ("ids.2", {"ids": ["x", "x"]}),
        ("ids.-1", {"ids": ["x"]}),
        ("ids.00", {"ids": ["x"]}),
        ("ids.+0", {"ids": ["x"]}),
        ("ids.\u0660", {"ids": ["x"]}),
        ("ids.0.0", {"ids": ["x"]}),
        ("user", {"user": None}),
    ],
)
@pytest.mark.parametrize("operator", ["is", "is_not", "matches", "contains", "<", ">="])
def test_an_absent_argument_cannot_be_evaluated(path: str, arguments: JsonObject, operator: str) -> None:
    assert answer(f"args.{path}", operator, "x", arguments) is None
    assert answer(f"args.{path}", "in", ["x"], arguments) is None
    assert answer(f"args.{path}", "not_in", ["x"], arguments) is None
    assert answer(f"args.{path}", "same_as", "agent", arguments) is None
    assert answer(f"args.{path}", "exists", value=True, arguments=arguments) is False
    assert answer(f"args.{path}", "exists", value=False, arguments=arguments) is True


def test_a_path_with_very_many_dead_ends_is_still_read() -> None:
    arguments: JsonObject = {"a": {"a": "x"}}
    for _ in range(14):
        arguments = {"a": {"a": arguments}, "a.a": {"b": "a dead end"}}
    assert answer(f"args.{'.'.join('a' * 30)}", "is", "x", arguments) is True


# The operators.


@pytest.mark.parametrize(
    ("actual", "operator", "value", "expected"),
    [
        (5, "is", 5, True),
        (5, "is", 5.0, True),
        (5, "is", 6, False),
        ("5", "is", "5", True),
        ("a", "is", "A", False),
        (True, "is", True, True),
        (True, "is", False, False),
        (5, "is_not", 6, True),
        ("a", "in", ["b", "a"], True),
        ("a", "in", ["b"], False),
        (5, "in", ["5", 5.0], True),
        (5, "not_in", [6, 7], True),
        (True, "in", [True], True),
        ("", "matches", "*", True),
        ("a@b", "matches", "?@?", True),
        ("a@bc", "matches", "?@?", False),
        ("abc", "contains", "bc", True),
        ("abc", "contains", "BC", False),
        (["a", "b"], "contains", "b", True),
        (["ab"], "contains", "b", False),
        ([1, "a"], "contains", 1.0, True),
        ([], "contains", 1, False),
        (4, "<", 5, True),
        (5, "<", 5, False),
        (5, "<=", 5, True),
        (5.5, ">", 5, True),
        (5, ">=", 6, False),
        (2**60 + 1, ">", 2**60, True),
        ("a", "<", "b", True),
        ("B", "<", "a", True),
        ("10", "<", "9", True),
    ],
)
def test_values_of_one_kind_are_compared(
    actual: JsonValue, operator: str, value: JsonValue, *, expected: bool
) -> None:
    assert answer("args.it", operator, value, {"it": actual}) is expected


@pytest.mark.parametrize(
    ("actual", "operator", "value"),
    [
        (5, "is", "5"),
        ("5", "is", 5),
        (True, "is", 1),
        (1, "is", True),
        (0, "is_not", False),
        ("true", "is", True),
        (["x"], "is", "x"),
        (["x"], "is_not", "x"),
        ({"a": 1}, "is", "x"),
        (True, "in", [1, 2]),
        (1, "not_in", [True]),
        (5, "in", ["4", 6]),
        ("5", "not_in", [5]),
        (["x"], "in", ["x"]),
        (5, "matches", "5"),
        (["x"], "matches", "*"),
        (5, "contains", "5"),
        ({"a": 1}, "contains", "a"),
        ("a1", "contains", 1),
        ([1, True], "contains", "1"),
        ([True], "contains", 1),
        ([None], "contains", "x"),
        ([["x"]], "contains", "x"),
        (True, "<", 5),
        ("4", "<", 5),
        (4, "<", "5"),
        ([4], ">=", 4),
    ],
)
def test_any_other_pairing_cannot_be_evaluated(actual: JsonValue, operator: str, value: JsonValue) -> None:
    assert answer("args.it", operator, value, {"it": actual}) is None


@pytest.mark.parametrize("actual", [0, False, "", [], {}])
def test_what_is_empty_still_exists(actual: JsonValue) -> None:
    assert answer("args.it", "exists", value=True, arguments={"it": actual}) is True


@pytest.mark.parametrize(
    ("user", "expected"),
    [("alice@acme.test", True), ("Alice@acme.test", False), (5, None), (["alice@acme.test"], None)],
)
def test_same_as_compares_with_another_attribute(user: JsonValue, *, expected: bool | None) -> None:
    assert answer("args.user", "same_as", "requester.email", {"user": user}) is expected


def test_same_as_of_an_absent_attribute_cannot_be_evaluated() -> None:
    assert answer("args.user", "same_as", "args.other", {"user": "x"}) is None
    assert answer("args.user", "same_as", "args.other", {}) is None


def test_groups_compare_with_nothing_but_contains() -> None:
    situation = a_situation(requester=ALICE)
    for operator, value in (("is", "staff"), ("in", ["staff"]), ("not_in", ["x"]), ("same_as", "agent")):
        assert holds(a_condition("requester.groups", operator, value), situation) is None
    assert holds(a_condition("requester.groups", "contains", 5), situation) is None


# Time.


@pytest.mark.parametrize("word", ["friday", "Friday", "FRI", " fri ", 5])
def test_weekdays_are_words_or_numbers(word: JsonValue) -> None:
    assert answer("time.weekday", "is", word) is True
    assert answer("time.weekday", "in", ["mon", word]) is True
    assert answer("time.weekday", ">", word) is False


def test_monday_is_the_first_day_and_sunday_the_seventh() -> None:
    words = ["monday", "tue", "wed", "thurs", "fri", "satur", "sunday"]
    stored = checked(a_condition("time.weekday", "in", words))
    assert stored.value == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("zone", "weekday", "hour"),
    [(UTC, 7, 23), (ZoneInfo("Asia/Tokyo"), 1, 8), (timezone(-timedelta(hours=12)), 7, 11)],
)
def test_time_is_the_tenants(zone: tzinfo, weekday: int, hour: int) -> None:
    situation = a_situation(now=datetime(2026, 11, 22, 23, 59, tzinfo=UTC), zone=zone)
    assert holds(a_condition("time.weekday", "is", weekday), situation) is True
    assert holds(a_condition("time.hour", "is", hour), situation) is True


def test_the_hour_that_daylight_saving_repeats_is_the_same_hour() -> None:
    for hours in (0, 1):
        now = datetime(2026, 10, 25, hours, 30, tzinfo=UTC)
        situation = a_situation(now=now, zone=ZoneInfo("Europe/Berlin"))
        assert holds(a_condition("time.hour", "is", 2), situation) is True


# All conditions of a policy.


def test_a_false_condition_settles_it_even_if_another_cannot_be_evaluated() -> None:
    true, false, unsure = (
        compiled(a_condition("agent", "is", "countersign")),
        compiled(a_condition("agent", "is", "x")),
        compiled(a_condition("args.absent", "is", "x")),
    )
    situation = a_situation()
    assert all_hold([], situation) is True
    assert all_hold([true, true], situation) is True
    assert all_hold([true, unsure], situation) is None
    assert all_hold([unsure, false], situation) is False
    assert all_hold([false, unsure], situation) is False


# What is refused when a policy is written.


@pytest.mark.parametrize(
    ("attribute", "operator", "value", "refusal"),
    [
        ("department", "is", "x", UnknownAttribute),
        ("args.", "is", "x", UnknownAttribute),
        ("args", "is", "x", UnknownAttribute),
        ("Agent", "is", "x", UnknownAttribute),
        ("user", "is", "x", UnknownAttribute),
        ("args.user", "same_as", "email", UnknownAttribute),
        (f"args.{'a' * (PATH_LIMIT + 1)}", "is", "x", AttributeTooLong),
        ("requester.groups", "is", "x", WrongOperator),
        ("requester.groups", "in", ["x"], WrongOperator),
        ("requester.groups", "same_as", "args.groups", WrongOperator),
        ("time.hour", "matches", "1*", WrongOperator),
        ("time.weekday", "contains", 1, WrongOperator),
        ("agent", "is", 5, WrongValue),
        ("agent", "is", ["x"], WrongValue),
        ("agent", "is", None, WrongValue),
        ("agent", "<", 5, WrongValue),
        ("agent", "in", "x", WrongValue),
        ("agent", "in", [], WrongValue),
        ("agent", "not_in", ["x", 5], WrongValue),
        ("agent", "same_as", "time.hour", WrongValue),
        ("args.user", "same_as", "requester.groups", WrongValue),
        ("args.user", "same_as", 5, WrongValue),
        ("effect", "is", "delete", WrongValue),
        ("effect", "in", ["read", "Write"], WrongValue),
        ("time.hour", "is", 24, WrongValue),
        ("time.hour", "is", "nine", WrongValue),
        ("time.hour", "<", True, WrongValue),
        ("time.weekday", "is", 0, WrongValue),
        ("time.weekday", "is", "mo", WrongValue),
        ("time.weekday", "is", "weekend", WrongValue),
        ("time.weekday", "is", 1.5, WrongValue),
        ("requester.groups", "contains", 5, WrongValue),
        ("args.user", "is", None, WrongValue),
        ("args.user", "is", {"a": 1}, WrongValue),
        ("args.user", "<", True, WrongValue),
        ("args.user", "matches", 5, WrongValue),
        ("args.user", "exists", "yes", WrongValue),
        ("args.user", "exists", None, WrongValue),
        ("args.user", "is", "\ud800", NotJson),
        ("args.user", "<", float("nan"), NotJson),
        ("args.user", "is", "x" * (VALUE_LIMIT + 1), TextTooLong),
        ("args.user", "in", ["x" * (VALUE_LIMIT + 1)], TextTooLong),
        ("args.user", "matches", "*" * (GLOB_LIMIT + 1), TextTooLong),
        ("args.user", "in", ["x"] * (MEMBER_LIMIT + 1), TooManyMembers),
    ],
)
def test_a_condition_that_makes_no_sense_or_costs_too_much_is_refused(
    attribute: str, operator: str, value: JsonValue, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as caught:
        checked(a_condition(attribute, operator, value))
    assert len(caught.value.sentence) < 400


@pytest.mark.parametrize(
    ("attribute", "operator", "value"),
    [
        (f"args.{'a' * PATH_LIMIT}", "is", "x"),
        ("args.user", "is", "x" * VALUE_LIMIT),
        ("args.user", "matches", "*" * GLOB_LIMIT),
        ("args.user", "in", ["x"] * MEMBER_LIMIT),
        ("args.user", "in", ["x", 5, True]),
        ("agent", "same_as", "args.agent"),
        ("time.hour", "same_as", "args.hour"),
        ("time.hour", "<", 24),
        ("requester.groups", "exists", False),
    ],
)
def test_a_condition_at_the_limits_passes_unchanged(attribute: str, operator: str, value: JsonValue) -> None:
    condition = a_condition(attribute, operator, value)
    assert checked(condition) == condition


def test_a_policy_has_a_limit_of_conditions() -> None:
    condition = a_condition("agent", "is", "x")
    assert checked_all([condition] * CONDITION_LIMIT) == (condition,) * CONDITION_LIMIT
    with pytest.raises(TooManyConditions):
        checked_all([condition] * (CONDITION_LIMIT + 1))


def test_the_refusals_say_what_to_do() -> None:
    with pytest.raises(WrongOperator) as caught:
        checked(a_condition("requester.groups", "is", "staff"))
    assert caught.value.sentence == (
        "“requester.groups” is a list of texts, so “is” says nothing about it. Use one of: contains, exists."
    )
    with pytest.raises(WrongValue) as wrong:
        checked(a_condition("effect", "is", "delete"))
    assert wrong.value.sentence == "“effect is” needs one of read, write, destroy. Change the value."


@pytest.mark.parametrize("operator", Operator)
@pytest.mark.parametrize("value", [None, True, 5, "x", [], [None], ["x", []], {"a": 1}, float("nan")])
@pytest.mark.parametrize("attribute", ["args.it", "requester.groups", "time.hour", "no such attribute"])
def test_a_condition_that_was_never_checked_is_answered_all_the_same(
    attribute: str, operator: Operator, value: JsonValue
) -> None:
    condition = a_condition(attribute, operator, value)
    values: list[JsonValue] = [None, 5, "x", True, ["x", 5], {"a": 1}]
    for it in values:
        assert holds(condition, a_situation(arguments={"it": it})) in (True, False, None)
