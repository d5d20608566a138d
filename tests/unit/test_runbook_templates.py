"""Templates, paths and conditions: data goes in, and nothing is evaluated."""

import pytest

from bot.agent.conditions import Condition, all_hold, decided
from bot.agent.paths import Missing, Path
from bot.agent.templates import BadTemplate, Template, Tree, fill, fill_object
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.policies import Operator

ROOT: JsonObject = {
    "name": "Jane",
    "count": 3,
    "on": False,
    "nothing": None,
    "evil": "{requester.email} {0.__class__} {{x}}",
    "apps": [{"name": "A", "free": 1}, {"name": "B"}, {"name": "C"}],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{count}", 3),
        ("{on}", False),
        ("{apps.0}", {"name": "A", "free": 1}),
        ("{apps.*.name}", ["A", "B", "C"]),
        ("{apps.*.free}", [1]),
        ("{apps.1.free?}", None),
        ("{count} of {name}", "3 of Jane"),
        ("has {apps.*.name}.", "has A, B and C."),
        ("{{name}} {on}", "{name} no"),
        ("{nothing?}x", "x"),
        ("{evil}", "{requester.email} {0.__class__} {{x}}"),
        ("-{evil}-", "-{requester.email} {0.__class__} {{x}}-"),
    ],
)
def test_a_template_gives(text: str, value: JsonValue) -> None:
    assert Template.parse(text).value(ROOT) == value


@pytest.mark.parametrize(
    "text", ["{gone}", "{nothing}", "{apps.9.name}", "{name.x}", "{apps.name}", "a {gone}"]
)
def test_a_missing_value_is_an_error(text: str) -> None:
    with pytest.raises(Missing):
        Template.parse(text).value(ROOT)


@pytest.mark.parametrize("text", ["{", "}", "a { b", "{}", "{a b}", "{a..b}", "{a}}", "{a!r b}", "{x.y.}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(BadTemplate):
        Template.parse(text)


@pytest.mark.parametrize("text", ["{name.__class__}", "{apps.__len__}", "{name.upper}", "{count.real}"])
def test_no_attribute_of_a_value_can_be_reached(text: str) -> None:
    with pytest.raises(Missing):
        Template.parse(text).value(ROOT)


def test_arguments_are_filled_at_every_depth_and_optional_ones_left_out() -> None:
    arguments: dict[str, Tree] = {
        "who": Template.parse("{name}"),
        "list": [Template.parse("{count}"), 7],
        "maybe": Template.parse("{gone?}"),
        "null": None,
        "inner": {"{name}": Template.parse("x{count}")},
    }
    assert fill_object(arguments, ROOT) == {
        "who": "Jane",
        "list": [3, 7],
        "null": None,
        "inner": {"{name}": "x3"},
    }


def test_one_missing_value_leaves_no_half_filled_arguments() -> None:
    with pytest.raises(Missing):
        fill({"a": Template.parse("{name}"), "b": Template.parse("{gone}")}, ROOT)


def test_a_long_value_is_shown_short_in_a_text_and_kept_whole_as_an_argument() -> None:
    root: JsonObject = {"long": "x" * 5_000}
    assert len(Template.parse("It says {long}").text(root)) < 700
    assert Template.parse("{long}").value(root) == "x" * 5_000


def condition(path: str, operator: Operator, value: Tree) -> Condition:
    return Condition(path=Path.parse(path), operator=operator, value=value)


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        (condition("count", Operator.IS, 3), True),
        (condition("count", Operator.IS, "3"), None),
        (condition("name", Operator.IS, Template.parse("{name}")), True),
        (condition("count", Operator.MORE, 3), False),
        (condition("gone", Operator.IS, 3), None),
        (condition("gone", Operator.EXISTS, False), True),
        (condition("nothing", Operator.EXISTS, True), False),
        (condition("name", Operator.EXISTS, True), True),
        (condition("apps.*.name", Operator.CONTAINS, Template.parse("B")), True),
        (condition("name", Operator.IS, Template.parse("{gone}")), None),
    ],
)
def test_a_condition_holds_fails_or_cannot_be_told(test: Condition, holds: bool | None) -> None:
    assert test.holds(ROOT) is holds
    assert all_hold((test,), ROOT) is (holds is True)


def test_where_a_plan_depends_on_it_a_condition_that_cannot_be_told_is_an_error() -> None:
    unknown = condition("gone", Operator.IS, 3)
    with pytest.raises(Missing):
        decided((unknown,), ROOT)
    assert decided((unknown, condition("count", Operator.IS, 4)), ROOT) is False
