"""What a value of Block Kit must look like, put together from small rules; each gives Slack's own sentences.

A place is a JSON pointer. Lengths are in UTF-16 code units, as a JavaScript server counts them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard

from bot.domain.canonical import JsonObject, JsonValue

Rule: TypeAlias = Callable[[JsonValue, str], list[str]]
"""Gives what is wrong with the value at the place; nothing when it is accepted."""

_LINK: Final = re.compile(r"\S+://\S+|mailto:\S+|tel:\S+")


def is_object(value: JsonValue) -> TypeGuard[JsonObject]:
    return isinstance(value, Mapping)


def is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def length(text: str) -> int:
    """Gives the number of UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def problem(what: str, place: str) -> str:
    """Gives the sentence in which Slack names the place."""
    return f"{what} [json-pointer:{place or '/'}]"


def text(most: int, least: int = 1) -> Rule:
    """A string of so many characters."""

    def rule(value: JsonValue, place: str) -> list[str]:
        if not isinstance(value, str):
            return [problem("must provide a string", place)]
        if length(value) > most:
            return [problem(f"must be less than {most + 1} characters", place)]
        if length(value) < least:
            return [problem(f"must be more than {least - 1} characters", place)]
        return []

    return rule


def matching(pattern: str, what: str) -> Rule:
    """A string of this form."""

    def rule(value: JsonValue, place: str) -> list[str]:
        fits = isinstance(value, str) and re.fullmatch(pattern, value)
        return [] if fits else [problem(f"must provide {what}", place)]

    return rule


def link(value: JsonValue, place: str) -> list[str]:
    found = text(3000)(value, place)
    if not found and isinstance(value, str) and not _LINK.fullmatch(value):
        return [problem("must provide a valid URL", place)]
    return found


def one_of(*words: str) -> Rule:
    """One of these words."""

    def rule(value: JsonValue, place: str) -> list[str]:
        return [] if value in words else [problem("must be a valid enum value", place)]

    return rule


def flag(value: JsonValue, place: str) -> list[str]:
    return [] if isinstance(value, bool) else [problem("must provide a boolean", place)]


def number(least: int, most: int) -> Rule:
    """A whole number within these bounds."""

    def rule(value: JsonValue, place: str) -> list[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            return [problem("must provide a number", place)]
        if value > most:
            return [problem(f"must be less than {most + 1}", place)]
        return [] if value >= least else [problem(f"must be more than {least - 1}", place)]

    return rule


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of so many values, each by the rule."""

    def whole(value: JsonValue, place: str) -> list[str]:
        if not is_list(value):
            return [problem("must provide an array", place)]
        found = [said for at, item in enumerate(value) for said in rule(item, f"{place}/{at}")]
        if len(value) > most:
            found.insert(0, problem(f"no more than {most} items allowed", place))
        if len(value) < least:
            found.insert(0, problem(f"no fewer than {least} items allowed", place))
        return found

    return whole


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with these keys and no others."""
    known = {**required, **(optional or {})}

    def rule(value: JsonValue, place: str) -> list[str]:
        if not is_object(value):
            return [problem("must provide an object", place)]
        found = [problem(f"missing required field: {key}", place) for key in required if key not in value]
        for key, inner in value.items():
            if key in known:
                found += known[key](inner, f"{place}/{key}")
            else:
                found.append(problem(f"invalid additional property: {key}", place))
        return found

    return rule


def all_of(*rules: Rule) -> Rule:
    """What every rule accepts; the later ones are asked only when the earlier found nothing."""

    def whole(value: JsonValue, place: str) -> list[str]:
        return next((found for rule in rules if (found := rule(value, place))), [])

    return whole


def typed(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` says which rule it goes by."""

    def rule(value: JsonValue, place: str) -> list[str]:
        if not is_object(value):
            return [problem("must provide an object", place)]
        kind = value.get("type")
        if not isinstance(kind, str):
            return [problem("missing required field: type", place)]
        if kind not in kinds:
            return [problem(f"unsupported type: {kind}", f"{place}/type")]
        return kinds[kind](value, place)

    return rule


def kind(name: str) -> dict[str, Rule]:
    """The key that tells the type."""
    return {"type": one_of(name)}


def plain_text(most: int) -> Rule:
    """A plain text object of so many characters."""
    return typed({"plain_text": shape({**kind("plain_text"), "text": text(most)}, {"emoji": flag})})


def any_text(most: int) -> Rule:
    """A plain text or mrkdwn object of so many characters."""
    plain = shape({**kind("plain_text"), "text": text(most)}, {"emoji": flag})
    marked = shape({**kind("mrkdwn"), "text": text(most)}, {"verbatim": flag})
    return typed({"plain_text": plain, "mrkdwn": marked})
