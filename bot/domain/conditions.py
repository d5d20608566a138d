"""Conditions: checked when a policy is written, and evaluated when a call is decided."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from bot.domain.actions import Effect
from bot.domain.arguments import PATH_LIMIT, kind_of
from bot.domain.attributes import ARGUMENTS, ATTRIBUTES, Holds, presence, reader
from bot.domain.canonical import JsonValue, canonical
from bot.domain.comparisons import comparison, equal
from bot.domain.decisions import Situation
from bot.domain.errors import Refusal
from bot.domain.globs import GLOB_LIMIT
from bot.domain.policies import Condition, Operator
from bot.domain.tools import shortened

VALUE_LIMIT: Final = 1_000
"""Characters that a text in a condition may have."""

MEMBER_LIMIT: Final = 1_000
"""Values that a list in a condition may have."""

CONDITION_LIMIT: Final = 32
"""Conditions that one policy may have."""

ConditionTest: TypeAlias = Callable[[Situation], bool | None]


class UnknownAttribute(Refusal):
    """“{attribute}” is not an attribute. Use one of {known}, or args. and an argument's name."""


class AttributeTooLong(Refusal):
    """“{attribute}” has more than {limit} characters. Name an argument that is nested less deeply."""

    kind = "too_large"


class WrongValue(Refusal):
    """“{attribute} {operator}” needs {needed}. Change the value."""


class WrongOperator(Refusal):
    """“{attribute}” is a {holds}, so “{operator}” says nothing about it. Use one of: {usable}."""


class TextTooLong(Refusal):
    """A text in the condition on “{attribute}” has more than {limit} characters. Write a shorter one."""

    kind = "too_large"


class TooManyMembers(Refusal):
    """The list in the condition on “{attribute}” has more than {limit} values. Use fewer."""

    kind = "too_large"


class TooManyConditions(Refusal):
    """A policy can have at most {limit} conditions. Split it into several policies."""

    kind = "too_large"


def checked_all(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Gives a policy's conditions as `checked` gives each, in their order.

    Raises:
        TooManyConditions: more than `CONDITION_LIMIT`.
        Refusal: as `checked` raises it.
    """
    if len(conditions) > CONDITION_LIMIT:
        raise TooManyConditions(limit=CONDITION_LIMIT)
    return tuple(checked(condition) for condition in conditions)


def checked(condition: Condition) -> Condition:
    """Gives the condition as it is stored: names of weekdays become 1 (Monday) to 7.

    What passes can be evaluated for some call; a condition that never could is refused here.

    Raises:
        UnknownAttribute: the attribute (or, for `same_as`, the value) names none.
        WrongOperator: the attribute's values cannot be compared this way.
        WrongValue: the value does not fit the attribute or the operator.
        AttributeTooLong: a path of more than `PATH_LIMIT` characters.
        TextTooLong: a text of more than `VALUE_LIMIT`, or a pattern of more than `GLOB_LIMIT` characters.
        TooManyMembers: a list of more than `MEMBER_LIMIT` values.
        NotJson: the value holds something that JSON cannot say.
    """
    holds = _check_attribute(condition.attribute)
    usable = _USABLE[holds]
    if condition.operator not in usable:
        raise WrongOperator(
            attribute=condition.attribute, holds=holds, operator=condition.operator, usable=", ".join(usable)
        )
    if condition.operator is Operator.EXISTS:
        if not isinstance(condition.value, bool):
            raise _wrong(condition, "true or false")
        return condition
    if condition.operator is Operator.SAME_AS:
        _check_other(condition, holds)
        return condition
    _check_size(condition)
    canonical(condition.value)
    if condition.operator in (Operator.IN, Operator.NOT_IN):
        return replace(condition, value=_checked_list(condition, holds))
    return replace(condition, value=_checked_member(condition, condition.value, holds))


def compiled(condition: Condition) -> ConditionTest:
    """Gives the test of a situation: true, false, or None for “cannot be evaluated”.

    A condition that was never checked is no error: what makes no sense cannot be evaluated.
    """
    attribute, value = condition.attribute, condition.value
    if condition.operator is Operator.EXISTS:
        present = presence(attribute)
        return lambda situation: present(situation) is value if isinstance(value, bool) else None
    if condition.operator is Operator.SAME_AS:
        return _same_as(attribute, value)
    if attribute == "requester.groups" and condition.operator is Operator.CONTAINS and isinstance(value, str):
        return _is_in(value)
    read, compare = reader(attribute), comparison(condition.operator, value)

    def test(situation: Situation) -> bool | None:
        actual = read(situation)
        return None if actual is None else compare(actual)

    return test


def holds(condition: Condition, situation: Situation) -> bool | None:
    """Whether the condition holds in the situation; None where it cannot be evaluated."""
    return compiled(condition)(situation)


def all_hold(tests: Iterable[ConditionTest], situation: Situation) -> bool | None:
    """Whether all hold; one that is false settles it, even if another cannot be evaluated."""
    answer: bool | None = True
    for test in tests:
        said = test(situation)
        if said is False:
            return False
        if said is None:
            answer = None
    return answer


def _is_in(group: str) -> ConditionTest:
    """Gives the test whether the requester is in the group; what is in doubt cannot be evaluated."""

    def test(situation: Situation) -> bool | None:
        requester = situation.requester
        if group not in requester.groups:
            return False
        return None if group in requester.doubtful else True

    return test


def _same_as(attribute: str, other: JsonValue) -> ConditionTest:
    if not isinstance(other, str):
        return lambda _: None
    read, read_other = reader(attribute), reader(other)
    return lambda situation: equal(read(situation), read_other(situation))


def _check_attribute(attribute: str) -> Holds:
    path = attribute.removeprefix(ARGUMENTS)
    if attribute.startswith(ARGUMENTS) and path:
        if len(path) > PATH_LIMIT:
            raise AttributeTooLong(attribute=shortened(attribute), limit=PATH_LIMIT)
        return Holds.ARGUMENT
    if attribute not in ATTRIBUTES:
        raise UnknownAttribute(attribute=shortened(attribute), known=", ".join(ATTRIBUTES))
    return ATTRIBUTES[attribute]


def _check_other(condition: Condition, holds: Holds) -> None:
    if not isinstance(condition.value, str):
        raise _wrong(condition, "the name of another attribute, for example requester.email")
    other = _check_attribute(condition.value)
    if other is Holds.LIST or (other is not holds and Holds.ARGUMENT not in (other, holds)):
        raise _wrong(condition, f"another attribute that is a {holds}")


def _check_size(condition: Condition) -> None:
    value = condition.value
    limit = GLOB_LIMIT if condition.operator is Operator.MATCHES else VALUE_LIMIT
    members = value if isinstance(value, list | tuple) else (value,)
    if len(members) > MEMBER_LIMIT:
        raise TooManyMembers(attribute=shortened(condition.attribute), limit=MEMBER_LIMIT)
    if any(isinstance(member, str) and len(member) > limit for member in members):
        raise TextTooLong(attribute=shortened(condition.attribute), limit=limit)


def _checked_list(condition: Condition, holds: Holds) -> list[JsonValue]:
    value = condition.value
    if not isinstance(value, list | tuple) or not value:
        raise _wrong(condition, "a list with at least one value")
    return [_checked_member(condition, member, holds) for member in value]


def _checked_member(condition: Condition, value: JsonValue, holds: Holds) -> JsonValue:
    operator = condition.operator
    if condition.attribute == "time.weekday" and isinstance(value, str):
        value = _weekday(condition, value)
    kind = kind_of(value)
    if operator is Operator.MATCHES or holds in (Holds.TEXT, Holds.LIST):
        if kind is not str:
            raise _wrong(condition, "a text")
    elif holds is Holds.NUMBER and kind is not float:
        raise _wrong(condition, "a number")
    elif operator in _ORDERING and kind not in (str, float):
        raise _wrong(condition, "a number or a text")
    elif kind is None:
        raise _wrong(condition, "a text, a number, true or false")
    if operator not in _EXACT:
        return value
    possible = _POSSIBLE.get(condition.attribute)
    if possible and value not in possible:
        raise _wrong(condition, f"one of {', '.join(str(one) for one in possible)}")
    return value


def _weekday(condition: Condition, word: str) -> int:
    """Gives the number of a weekday that the word names, in any case, in full or by three letters or more."""
    start = word.strip().lower()
    for number, name in enumerate(_WEEKDAYS, start=1):
        if len(start) >= 3 and name.startswith(start):
            return number
    raise _wrong(condition, "a weekday, for example monday, or a number from 1 (Monday) to 7")


def _wrong(condition: Condition, needed: str) -> WrongValue:
    return WrongValue(attribute=shortened(condition.attribute), operator=condition.operator, needed=needed)


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_EXACT: Final = (Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN)

_ORDERING: Final = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)

_POSSIBLE: Final[Mapping[str, Sequence[JsonValue]]] = {
    "effect": tuple(Effect),
    "time.weekday": range(1, 8),
    "time.hour": range(24),
}

_USABLE: Final[Mapping[Holds, Sequence[Operator]]] = {
    Holds.TEXT: tuple(Operator),
    Holds.NUMBER: (*_EXACT, *_ORDERING, Operator.EXISTS, Operator.SAME_AS),
    Holds.LIST: (Operator.CONTAINS, Operator.EXISTS),
    Holds.ARGUMENT: tuple(Operator),
}
