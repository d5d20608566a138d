"""What each operator says about a value that is there: true, false, or None for “cannot be evaluated”."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from bot.domain.arguments import Kind, kind_of
from bot.domain.canonical import JsonValue
from bot.domain.globs import Glob
from bot.domain.policies import Operator

Comparison: TypeAlias = Callable[[JsonValue], bool | None]


def comparison(operator: Operator, value: JsonValue) -> Comparison:
    """Gives the test of an attribute's value against the condition's value.

    Texts compare with texts, numbers with numbers; true and false can be equal, but have no order. Any other
    pairing cannot be evaluated. `exists` and `same_as` compare no value, so here they never can be.
    """
    make = _COMPARISONS.get(operator)
    return make(value) if make else _never


def equal(left: JsonValue, right: JsonValue) -> bool | None:
    """Whether two values of one kind are equal; None where their kinds differ or cannot be compared."""
    kind = kind_of(left)
    if kind is None or kind is not kind_of(right):
        return None
    return left == right


def _never(_: JsonValue) -> bool | None:
    return None


def _opposite(inner: Comparison) -> Comparison:
    def compare(actual: JsonValue) -> bool | None:
        answer = inner(actual)
        return None if answer is None else not answer

    return compare


def _is(value: JsonValue) -> Comparison:
    kind = kind_of(value)

    def compare(actual: JsonValue) -> bool | None:
        return actual == value if kind_of(actual) is kind else None

    return compare if kind else _never


def _in(value: JsonValue) -> Comparison:
    """Some member is equal; if none is, a member of another kind leaves it open."""
    if not isinstance(value, list | tuple):
        return _never
    members: dict[Kind | None, set[object]] = {}
    for member in value:
        kind = kind_of(member)
        members.setdefault(kind, set()).add(member if kind else None)

    def compare(actual: JsonValue) -> bool | None:
        kind = kind_of(actual)
        if kind is None:
            return None
        if actual in members.get(kind, ()):
            return True
        return False if members.keys() <= {kind} else None

    return compare


def _matches(value: JsonValue) -> Comparison:
    if not isinstance(value, str):
        return _never
    matches = Glob(value).matches
    return lambda actual: matches(actual) if isinstance(actual, str) else None


def _contains(value: JsonValue) -> Comparison:
    """A text holds a text; a list holds an equal member, and if none is, another kind leaves it open."""

    def compare(actual: JsonValue) -> bool | None:
        if isinstance(actual, str):
            return value in actual if isinstance(value, str) else None
        if isinstance(actual, list | tuple):
            return _holds(actual, value)
        return None

    return compare if kind_of(value) else _never


def _holds(members: Sequence[JsonValue], value: JsonValue) -> bool | None:
    answers = [equal(member, value) for member in members]
    if True in answers:
        return True
    return None if None in answers else False


def _sign(left: JsonValue, right: JsonValue) -> int | None:
    """Gives -1, 0 or 1 as the left is less, equal or more; texts are ordered by code point."""
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, int | float) and isinstance(right, int | float):
        numbers = kind_of(left) is float and kind_of(right) is float
        return (left > right) - (left < right) if numbers else None
    return None


def _ordered(*accepted: int) -> Callable[[JsonValue], Comparison]:
    def make(value: JsonValue) -> Comparison:
        def compare(actual: JsonValue) -> bool | None:
            sign = _sign(actual, value)
            return None if sign is None else sign in accepted

        return compare

    return make


_COMPARISONS: Final[Mapping[Operator, Callable[[JsonValue], Comparison]]] = {
    Operator.IS: _is,
    Operator.IS_NOT: lambda value: _opposite(_is(value)),
    Operator.IN: _in,
    Operator.NOT_IN: lambda value: _opposite(_in(value)),
    Operator.MATCHES: _matches,
    Operator.CONTAINS: _contains,
    Operator.LESS: _ordered(-1),
    Operator.AT_MOST: _ordered(-1, 0),
    Operator.MORE: _ordered(1),
    Operator.AT_LEAST: _ordered(0, 1),
}
