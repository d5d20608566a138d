"""Small rules that Adaptive Cards need beside those of any JSON."""

import re
from collections.abc import Mapping
from typing import Final

from bot.domain.canonical import JsonValue
from tests.servers.slack_shapes import Rule, flag, is_object, kind, one_of, problem, shape, text

MOST_TEXT: Final = 28_000

NAMED: Final[dict[str, Rule]] = {}
"""The rules that others name before they are there: `element`, `action`, `inner card`."""


def later(name: str) -> Rule:
    """A rule that is named before it is there."""

    def rule(value: JsonValue, place: str) -> list[str]:
        return NAMED[name](value, place)

    return rule


def word(*words: str) -> Rule:
    """One of these words; Teams does not mind capitals."""
    known = {one.lower() for one in words}

    def rule(value: JsonValue, place: str) -> list[str]:
        fits = isinstance(value, str) and value.lower() in known
        return [] if fits else [problem("must be a valid enum value", place)]

    return rule


def any_object(value: JsonValue, place: str) -> list[str]:
    return [] if is_object(value) else [problem("must provide an object", place)]


def decimal(value: JsonValue, place: str) -> list[str]:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    return [] if fits else [problem("must provide a number", place)]


def either(*rules: Rule) -> Rule:
    """What one of the rules accepts."""

    def rule(value: JsonValue, place: str) -> list[str]:
        found = [one(value, place) for one in rules]
        return [] if any(not one for one in found) else found[0]

    return rule


def expression(value: JsonValue, place: str) -> list[str]:
    try:
        re.compile(str(value))
    except re.error:
        return [problem("must be a regular expression", place)]
    return text(1000)(value, place)


WORDS: Final = text(MOST_TEXT)
"""A text that is there."""
ANY_WORDS: Final = text(MOST_TEXT, 0)
ID: Final = text(200)
FALLBACK: Final[Mapping[str, Rule]] = {
    "requires": any_object,
    "fallback": either(one_of("drop"), later("element")),
}
COMMON: Final[Mapping[str, Rule]] = {
    **FALLBACK,
    "height": word("auto", "stretch"),
    "id": ID,
    "isVisible": flag,
    "separator": flag,
    "spacing": word("default", "none", "small", "medium", "large", "extraLarge", "padding"),
    "targetWidth": text(50),
}
"""What every element may have."""


def element(name: str, required: Mapping[str, Rule], optional: Mapping[str, Rule]) -> Rule:
    """An object of this type with these properties and no others."""
    return shape({**kind(name), **required}, optional)
