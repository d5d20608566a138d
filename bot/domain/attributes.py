"""The attributes of a situation that a condition can name."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from bot.domain.arguments import readings
from bot.domain.canonical import JsonValue
from bot.domain.decisions import Situation

ARGUMENTS: Final = "args."
"""What every argument attribute begins with, so that no argument can pass for another attribute."""

Reader: TypeAlias = Callable[[Situation], JsonValue]


class Holds(StrEnum):
    """What an attribute's value is."""

    TEXT = "text"
    NUMBER = "number"
    LIST = "list of texts"
    ARGUMENT = "whatever the call says"


ATTRIBUTES: Final[Mapping[str, Holds]] = {
    "agent": Holds.TEXT,
    "surface": Holds.TEXT,
    "effect": Holds.TEXT,
    "requester.email": Holds.TEXT,
    "requester.domain": Holds.TEXT,
    "requester.department": Holds.TEXT,
    "requester.title": Holds.TEXT,
    "requester.groups": Holds.LIST,
    "time.weekday": Holds.NUMBER,
    "time.hour": Holds.NUMBER,
}
"""Every attribute but the arguments. Weekdays are 1 (Monday) to 7, hours 0 to 23, in the tenant's zone."""


def reader(attribute: str) -> Reader:
    """Gives what reads the attribute; None is its answer where the attribute is absent or has two readings.

    An empty text about the agent or the requester is absent: nobody knows it. An unknown attribute is always
    absent.
    """
    if attribute.startswith(ARGUMENTS):
        return _argument(attribute.removeprefix(ARGUMENTS))
    return _READERS.get(attribute, lambda _: None)


def presence(attribute: str) -> Callable[[Situation], bool]:
    """Gives the test whether the attribute is there and not null; of two readings, one is enough."""
    if attribute.startswith(ARGUMENTS):
        path = tuple(attribute.removeprefix(ARGUMENTS).split("."))
        return lambda situation: any(value is not None for value in readings(situation.call.arguments, path))
    read = reader(attribute)
    return lambda situation: read(situation) is not None


def _argument(path: str) -> Reader:
    steps = tuple(path.split("."))
    if len(steps) == 1:
        return lambda situation: situation.call.arguments.get(path)

    def read(situation: Situation) -> JsonValue:
        found = readings(situation.call.arguments, steps)
        return found[0] if len(found) == 1 else None

    return read


_READERS: Final[Mapping[str, Reader]] = {
    "agent": lambda situation: situation.agent or None,
    "surface": lambda situation: situation.surface or None,
    "effect": lambda situation: situation.tool.effect.value if situation.tool else None,
    "requester.email": lambda situation: situation.requester.email or None,
    "requester.domain": lambda situation: situation.requester.domain or None,
    "requester.department": lambda situation: situation.requester.department or None,
    "requester.title": lambda situation: situation.requester.title or None,
    "requester.groups": lambda situation: sorted(situation.requester.groups),
    "time.weekday": lambda situation: situation.now.astimezone(situation.zone).isoweekday(),
    "time.hour": lambda situation: situation.now.astimezone(situation.zone).hour,
}
