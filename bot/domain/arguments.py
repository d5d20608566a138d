"""Reading a call's arguments by dotted path, and comparing what is read."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.globs import Glob, is_glob
from bot.domain.grants import PinnedArguments

PATH_LIMIT: Final = 256
"""Characters that a path may have."""

Kind: TypeAlias = type[str] | type[float] | type[bool]
"""The kinds that can be compared: texts, numbers (float stands for whole numbers too), and yes or no."""

ArgumentTest: TypeAlias = Callable[[JsonObject], bool]


def kind_of(value: JsonValue) -> Kind | None:
    """Gives the kind of a value that can be compared; None for null, lists, objects, NaN and infinity."""
    if isinstance(value, str):
        return str
    if isinstance(value, bool):
        return bool
    if isinstance(value, int):
        return float
    if isinstance(value, float) and math.isfinite(value):
        return float
    return None


def readings(arguments: JsonObject, path: Sequence[str]) -> list[JsonValue]:
    """Gives every value that the dotted path, split at its dots, can mean in these arguments.

    An argument's name may itself hold dots: `a.b` means the member `b` of `a`, and also the argument named
    `a.b`. No reading goes before the other: where two lead to a value, both are given, and the caller treats
    more than one as not readable. A step of digits without leading zeros is an index into a list, from 0.
    Each part of the arguments is visited at most once.
    """
    found: list[JsonValue] = []
    waiting: list[tuple[JsonValue, int]] = [(arguments, 0)]
    while waiting:
        value, done = waiting.pop()
        if done == len(path):
            found.append(value)
        elif isinstance(value, Mapping):
            waiting.extend(_members(value, path, done))
        elif isinstance(value, list | tuple):
            index = _index(path[done])
            if index is not None and index < len(value):
                waiting.append((value[index], done + 1))
    return found


def _members(value: JsonObject, path: Sequence[str], done: int) -> list[tuple[JsonValue, int]]:
    found: list[tuple[JsonValue, int]] = []
    for end in range(done + 1, len(path) + 1):
        name = ".".join(path[done:end])
        if name in value:
            found.append((value[name], end))
    return found


def _index(step: str) -> int | None:
    spelled = step.isascii() and step.isdigit() and len(step) <= 9 and (step == "0" or step[0] != "0")
    return int(step) if spelled else None


def same(left: JsonValue, right: JsonValue) -> bool:
    """Whether two values are equal and of one kind: 1 is 1.0, but not true and not "1"."""
    if isinstance(left, Mapping):
        return (
            isinstance(right, Mapping)
            and left.keys() == right.keys()
            and all(same(value, right[name]) for name, value in left.items())
        )
    if isinstance(left, list | tuple):
        return (
            isinstance(right, list | tuple)
            and len(left) == len(right)
            and all(same(one, other) for one, other in zip(left, right, strict=True))
        )
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    return kind is not None and kind is kind_of(right) and left == right


def pinned_test(scope: PinnedArguments) -> ArgumentTest:
    """Gives the test whether every pinned path is at its value, or at a text that its glob matches.

    A path that leads nowhere, or to more than one value, fails the test; so does a scope that pins nothing.
    """
    pins = [(tuple(path.split(".")), _value_test(value)) for path, value in scope.paths.items()]
    if not pins:
        return lambda _: False

    def test(arguments: JsonObject) -> bool:
        for path, fits in pins:
            found = readings(arguments, path)
            if len(found) != 1 or not fits(found[0]):
                return False
        return True

    return test


def _value_test(pinned: JsonValue) -> Callable[[JsonValue], bool]:
    if isinstance(pinned, str) and is_glob(pinned):
        matches = Glob(pinned).matches
        return lambda value: isinstance(value, str) and matches(value)
    return lambda value: same(pinned, value)
