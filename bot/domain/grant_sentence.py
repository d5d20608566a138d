"""What a standing approval says, in one plain sentence."""

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.globs import is_glob
from bot.domain.grants import (
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
)
from bot.domain.people import TECHNICIANS
from bot.domain.policies import Everyone

_PLAIN: Final = re.compile(r"[A-Za-z_@/][\w.@+:/-]*", re.ASCII)
"""Texts that cannot be mistaken for anything but a text, and need no quotation marks."""

_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def sentence(grant: Grant, names: Mapping[str, str], *, zone: tzinfo = UTC) -> str:
    """Gives the grant in words, with every argument in full.

    Args:
        grant: the grant.
        names: display names by the ids of persons and groups; an id without a name stands for itself.
        zone: whose calendar the last day is given in.

    Texts that could pass for something else, with spaces, commas or digits only, are in quotation marks.
    """
    parts = [
        f"{_holder(grant.holder, names)} may use {grant.tool} {_arguments(grant.arguments)}",
        f"through {_text(grant.agent)}" if grant.agent is not None else "",
        f"without asking {_seats(grant, names)}",
        _until(grant, zone),
        _times(grant.uses_limit, ""),
        _times(grant.daily_limit, " a day"),
    ]
    return ", ".join(part for part in parts if part) + "."


def _holder(holder: Holder, names: Mapping[str, str]) -> str:
    match holder:
        case HolderPerson(person):
            return names.get(person, person)
        case HolderGroup(group):
            return f"Everyone in {names.get(group, group)}"
        case Everyone():
            return "Everyone"


def _arguments(scope: ArgumentScope) -> str:
    match scope:
        case ExactArguments(arguments) if not arguments:
            return "without any arguments"
        case ExactArguments(arguments):
            return f"with exactly {_pairs(arguments, globs=False)}"
        case PinnedArguments(paths):
            return f"with {_pairs(paths, globs=True)} and any other arguments"
        case AnyArguments():
            return "with any arguments"


def _pairs(values: JsonObject, *, globs: bool) -> str:
    pairs = [f"{_text(name)} {_value(value, globs=globs)}" for name, value in sorted(values.items())]
    return " and ".join([", ".join(pairs[:-1]), pairs[-1]] if len(pairs) > 1 else pairs)


def _value(value: JsonValue, *, globs: bool) -> str:
    if not isinstance(value, str):
        return f"= {canonical(value)}"
    if globs and is_glob(value):
        return f"like {canonical(value)}"
    return f"= {_text(value)}"


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text not in ("true", "false", "null")
    return text if plain else canonical(text)


def _seats(grant: Grant, names: Mapping[str, str]) -> str:
    seats = [
        "a technician" if group == TECHNICIANS else f"anyone in {names.get(group, group)}"
        for group in sorted(grant.technician_groups)
    ]
    if grant.manager:
        seats.append("their manager")
    return " or ".join(seats) or "anybody"


def _until(grant: Grant, zone: tzinfo) -> str:
    if grant.ends is None:
        return "with no end"
    day = grant.ends.astimezone(zone)
    return f"until {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _times(limit: int | None, period: str) -> str:
    if limit is None:
        return ""
    return f"at most {'once' if limit == 1 else f'{limit} times'}{period}"
