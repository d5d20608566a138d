"""Dotted paths into JSON values, with * for every member of a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.domain.canonical import JsonValue

_STEP_LIMIT: Final = 16


class Missing(LookupError):
    """A path leads to nothing."""

    def __init__(self, path: "Path") -> None:
        self.path = path
        super().__init__(str(path))


class BadPath(ValueError):
    """Says what is wrong with a path, in a sentence."""


@dataclass(frozen=True, slots=True)
class Path:
    """The way to a value: member names, list places from 0, and * for all members of a list."""

    steps: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Path":
        """Gives the path that the text spells.

        Raises:
            BadPath: an empty step, white space or brackets in it, or too many steps.
        """
        steps = tuple(text.split("."))
        if not all(steps) or any(set(step) & set(" \t\n{}?") for step in steps):
            raise BadPath(f"“{text}” is no path; write names with dots, for example reads.apps.0.name")
        if len(steps) > _STEP_LIMIT:
            raise BadPath(f"“{text}” has more than {_STEP_LIMIT} steps")
        return cls(steps)

    @override
    def __str__(self) -> str:
        return ".".join(self.steps)

    def get(self, root: JsonValue) -> JsonValue:
        """Gives the value there; with *, the list of what all members have there.

        Raises:
            Missing: it leads to nothing, or to null.
        """
        value = _walk(root, self.steps)
        if value is None:
            raise Missing(self)
        return value


def _walk(value: JsonValue, steps: Sequence[str]) -> JsonValue:
    for place, step in enumerate(steps):
        if step == "*":
            if not isinstance(value, list | tuple):
                return None
            found = [_walk(member, steps[place + 1 :]) for member in value]
            return [member for member in found if member is not None]
        value = _member(value, step)
        if value is None:
            return None
    return value


def _member(value: JsonValue, step: str) -> JsonValue:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list | tuple) and step.isascii() and step.isdigit() and len(step) < 9:
        return value[int(step)] if int(step) < len(value) else None
    return None
