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


def condition(path: str, operator: str, value: JsonValue = None) -> Condition:
    tree = Template.parse(value) if isinstance(value, str) else value
    assert tree is None or isinstance(tree, Template | bool | int)
    return Condition(path=Path.parse(path), operator=Operator(operator), value=tree)


YES, NO, UNTOLD = "yes", "no", "cannot be told"


@pytest.mark.parametrize(
    ("path", "operator", "value", "told"),
    [
        ("count", "is", 3, YES),
        ("count", "is", "3", UNTOLD),
        ("name", "is", "{name}", YES),
        ("count", ">", 3, NO),
        ("gone", "is", 3, UNTOLD),
        ("gone", "exists", False, YES),
        ("nothing", "exists", True, NO),
        ("name", "exists", True, YES),
        ("apps.*.name", "contains", "B", YES),
        ("name", "is", "{gone}", UNTOLD),
    ],
)
def test_a_condition_holds_fails_or_cannot_be_told(
    path: str, operator: str, value: JsonValue, told: str
) -> None:
    test = condition(path, operator, value)
    assert {True: YES, False: NO, None: UNTOLD}[test.holds(ROOT)] == told
    assert all_hold((test,), ROOT) is (told == YES)


def test_where_a_plan_depends_on_it_a_condition_that_cannot_be_told_is_an_error() -> None:
    unknown = condition("gone", "is", 3)
    with pytest.raises(Missing):
        decided((unknown,), ROOT)
    assert decided((unknown, condition("count", "is", 4)), ROOT) is False
