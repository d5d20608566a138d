"""Conditions as rows of a form: an attribute, how it is compared, and the value."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.cards.model import Field, FieldKind, Option
from bot.domain.attributes import ATTRIBUTES
from bot.domain.canonical import JsonObject, JsonValue, canonical, parse
from bot.domain.conditions import (
    AttributeTooLong,
    UnknownAttribute,
    WrongOperator,
    WrongValue,
    checked,
)
from bot.domain.errors import Refusal
from bot.domain.policies import Condition, Operator
from bot.domain.tools import shortened
from bot.flow.forms.filled import Filled

FEWEST: Final = 3
MOST: Final = 10
"""Rows that a page has at most."""
FURTHER: Final = 2
"""Rows that are free for more conditions."""
VALUE_LONGEST: Final = 3_000
"""Characters of a value as it is written in a row. Source: https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element"""

_LISTS: Final = (Operator.IN, Operator.NOT_IN)
_LABELS: Final[Mapping[Operator, str]] = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.MATCHES: "matches a pattern with * and ?",
    Operator.CONTAINS: "contains",
    Operator.LESS: "< is less than",
    Operator.AT_MOST: "<= is at most",
    Operator.MORE: "> is more than",
    Operator.AT_LEAST: ">= is at least",
    Operator.EXISTS: "exists (true or false)",
    Operator.SAME_AS: "is the same as another attribute",
}
_HELP: Final = f"One of {', '.join(ATTRIBUTES)}, or args. and an argument’s name, like args.amount."
_VALUE_HELP: Final = "A text, a number, true or false; several with commas between them."


def rows_for(conditions: int) -> int:
    """Gives how many rows a page begins with for so many conditions."""
    return min(MOST, max(FEWEST, conditions + FURTHER))


def in_rows(conditions: Sequence[Condition]) -> tuple[list[Condition], list[Condition]]:
    """Gives the conditions that fit into rows, and those that are left as they are."""
    fitting = [one for one in conditions if len(written(one)) <= VALUE_LONGEST][:MOST]
    return fitting, [one for one in conditions if one not in fitting]


def row_values(conditions: Sequence[Condition]) -> dict[str, JsonValue]:
    """Gives what stands in the rows of these conditions."""
    values: dict[str, JsonValue] = {}
    for number, condition in enumerate(in_rows(conditions)[0], start=1):
        values[f"attribute_{number}"] = condition.attribute
        values[f"operator_{number}"] = condition.operator.value
        values[f"value_{number}"] = written(condition)
    return values


def row_fields(values: JsonObject, rows: int) -> tuple[Field, ...]:
    """Gives the fields of so many rows, with what stands in them."""
    fields: list[Field] = []
    operators = tuple(Option(operator.value, label) for operator, label in _LABELS.items())
    for number in range(1, rows + 1):
        attribute, operator, value = (f"{part}_{number}" for part in ("attribute", "operator", "value"))
        fields += (
            Field(
                name=attribute,
                label=f"Condition {number}: attribute",
                kind=FieldKind.TEXT,
                value=values.get(attribute),
                help=_HELP if number == 1 else "",
            ),
            Field(
                name=operator,
                label=f"Condition {number}: comparison",
                kind=FieldKind.CHOICE,
                value=values.get(operator) or Operator.IS.value,
                options=operators,
            ),
            Field(
                name=value,
                label=f"Condition {number}: value",
                kind=FieldKind.TEXT,
                value=values.get(value),
                help=_VALUE_HELP if number == 1 else "",
                longest=VALUE_LONGEST,
            ),
        )
    return tuple(fields)


def read_rows(filled: Filled, rows: int, before: Sequence[Condition]) -> tuple[Condition, ...]:
    """Gives the conditions of the rows, and those of before that did not fit into rows.

    An empty row is none; what is wrong is noted at its field.
    """
    found = [_row(filled, number) for number in range(1, rows + 1)]
    now = (*(one for one in found if one is not None), *in_rows(before)[1])
    is_same = sorted(map(repr, now)) == sorted(map(repr, before))
    return tuple(before) if is_same else now


def written(condition: Condition) -> str:
    """Gives the value as one writes it in a row; reading it gives the same condition."""
    value = condition.value
    if isinstance(value, str) and value.isprintable() and value == value.strip():
        try:
            is_plain = read_condition(condition.attribute, condition.operator, value) == condition
        except Refusal:
            is_plain = False
        if is_plain:
            return value
    return canonical(value)


def read_condition(attribute: str, operator: Operator, text: str) -> Condition:
    """Gives the condition, checked, whose value is written so: JSON, else a text or texts with commas.

    Raises:
        Refusal: as `checked` raises it.
    """
    first: WrongValue | None = None
    for value in _readings(operator, text):
        try:
            return checked(Condition(attribute=attribute, operator=operator, value=value))
        except WrongValue as refusal:
            first = first or refusal
    raise first or WrongValue(attribute=shortened(attribute), operator=operator, needed="a value")


def _row(filled: Filled, number: int) -> Condition | None:
    attribute, text = filled.text(f"attribute_{number}"), filled.text(f"value_{number}")
    word = filled.choice(f"operator_{number}", tuple(Operator))
    if not attribute and not text:
        return None
    if not attribute:
        filled.wrong(f"attribute_{number}", "Write what the value is compared with, or clear it.")
    elif not text:
        how = 'Write a value, or clear the attribute to leave this row out. "" is the empty text.'
        filled.wrong(f"value_{number}", how)
    elif not word:
        filled.wrong(f"operator_{number}", "Choose how the attribute is compared with the value.")
    else:
        try:
            return read_condition(attribute, Operator(word), text)
        except Refusal as refusal:
            filled.wrong(f"{_part(refusal, attribute)}_{number}", refusal.sentence)
    return None


def _part(refusal: Refusal, attribute: str) -> str:
    """Gives which field of a row a refusal is about."""
    if isinstance(refusal, UnknownAttribute | AttributeTooLong):
        return "attribute" if refusal.facts.get("attribute") == shortened(attribute) else "value"
    return "operator" if isinstance(refusal, WrongOperator) else "value"


def _readings(operator: Operator, text: str) -> list[JsonValue]:
    """Gives what the text may mean, the likeliest first; none is tried that JSON reads as another thing."""
    known, value = _json(text)
    if operator not in _LISTS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return [text] if not known else [value, text] if is_number else [value]
    if known and isinstance(value, list):
        return [value]
    several, members = _json(f"[{text}]")
    words: list[JsonValue] = [word.strip() for word in text.split(",") if word.strip()]
    return [members, words] if several else [words]


def _json(text: str) -> tuple[bool, JsonValue]:
    try:
        return True, parse(text)
    except Refusal:
        return False, None
