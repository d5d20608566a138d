"""Reads what was filled in for Always allow, and turns it into standing approvals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.grants import (
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    GrantId,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
    Seat,
    SeatKind,
)
from bot.domain.people import Person, PersonId
from bot.domain.policies import EVERYONE
from bot.domain.requests import CallRecord, Request
from bot.domain.tools import shortened
from bot.flow.refusals import BadValue

DEFAULT_DAYS: Final = 30
REASON_LIMIT: Final = 1000
"""Characters that a reason may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an approver chose in the dialog of Always allow."""

    holder: Literal["person", "group", "everyone"] = "person"
    group: str = ""
    arguments: Literal["exact", "pinned", "any"] = "exact"
    pinned: tuple[str, ...] = ()
    ends_in_days: int | None = DEFAULT_DAYS
    """None for no end."""
    uses: int | None = None
    reason: str = ""

    @classmethod
    def read(cls, values: JsonObject) -> "Terms":
        """Gives the terms; what is left out has the narrowest value.

        Raises:
            BadValue: a value is none of what the field takes, or a field is not the dialog's.
        """
        known = {"holder", "group", "arguments", "pinned", "ends_in_days", "uses", "reason"}
        for name in values:
            if name not in known:
                raise BadValue(name=name, label=name, why="This is not a field of the dialog.")
        holder = _choice(values, "holder", "Who may do it", ("person", "group", "everyone"))
        arguments = _choice(values, "arguments", "With which arguments", ("exact", "pinned", "any"))
        group = _text(values, "group", "Group")
        if holder == "group" and not group:
            raise BadValue(name="group", label="Group", why="Choose a group.")
        pinned = _texts(values, "pinned")
        if arguments == "pinned" and not pinned:
            raise BadValue(name="pinned", label="Fixed arguments", why="Choose at least one argument.")
        days = (
            _whole(values, "ends_in_days", "Ends in days", most=366)
            if "ends_in_days" in values
            else DEFAULT_DAYS
        )
        return cls(
            holder="group" if holder == "group" else "everyone" if holder == "everyone" else "person",
            group=group if holder == "group" else "",
            arguments="pinned" if arguments == "pinned" else "any" if arguments == "any" else "exact",
            pinned=pinned if arguments == "pinned" else (),
            ends_in_days=days,
            uses=_whole(values, "uses", "Uses", most=1_000_000),
            reason=_text(values, "reason", "Reason"),
        )


def grant_of(
    terms: Terms,
    call: CallRecord,
    *,
    request: Request,
    giver: Person,
    seat: Seat,
    grant_id: GrantId,
    now: datetime,
) -> Grant:
    """Gives the standing approval that the terms make of one call's approval.

    Raises:
        BadValue: a pinned path is not in the call.
    """
    is_manager = seat.kind is SeatKind.MANAGER
    ends = now + timedelta(days=terms.ends_in_days) if terms.ends_in_days is not None else None
    return Grant(
        id=grant_id,
        tool=call.tool,
        holder=_holder(terms, request.requester),
        arguments=_arguments(terms, call.arguments),
        agent=request.agent,
        technician_groups=frozenset() if is_manager else frozenset({seat.group}),
        manager=is_manager,
        fingerprint=call.fingerprint,
        giver=giver.id,
        reason=terms.reason,
        created=now,
        ends=ends,
        uses_limit=terms.uses,
    )


def argument_paths(arguments: JsonObject) -> dict[str, JsonValue]:
    """Gives the arguments that can be pinned, by name: those on the top level."""
    return {name: value for name, value in arguments.items() if "." not in name}


def _holder(terms: Terms, requester: PersonId) -> Holder:
    if terms.holder == "everyone":
        return EVERYONE
    return HolderGroup(terms.group) if terms.holder == "group" else HolderPerson(requester)


def _arguments(terms: Terms, arguments: JsonObject) -> ArgumentScope:
    if terms.arguments == "any":
        return AnyArguments()
    if terms.arguments == "exact":
        return ExactArguments(arguments)
    known = argument_paths(arguments)
    for path in terms.pinned:
        if path not in known:
            raise BadValue(
                name="pinned", label="Fixed arguments", why=f"The call has no argument {shortened(path)}."
            )
    return PinnedArguments({path: literal(known[path]) for path in terms.pinned})


def literal(value: JsonValue) -> JsonValue:
    """Gives the value as a pin that means just itself.

    Raises:
        BadValue: the text holds a * or ?, which a pin would read as a pattern.
    """
    if isinstance(value, str) and ("*" in value or "?" in value):
        raise BadValue(
            name="pinned",
            label="Fixed arguments",
            why="A value with * or ? cannot be fixed by itself. Choose exactly these arguments instead.",
        )
    return value


def _choice(values: JsonObject, name: str, label: str, options: tuple[str, ...]) -> str:
    value = values.get(name)
    if value is None or value == "":
        return options[0]
    if not isinstance(value, str) or value not in options:
        raise BadValue(name=name, label=label, why=f"Choose one of: {', '.join(options)}.")
    return value


def _text(values: Mapping[str, JsonValue], name: str, label: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValue(name=name, label=label, why="Write text here.")
    if len(value) > REASON_LIMIT:
        raise BadValue(name=name, label=label, why=f"Use at most {REASON_LIMIT} characters.")
    return value.strip()


def reason_of(values: JsonObject) -> str:
    """Gives the reason that was typed, or an empty text.

    Raises:
        BadValue: no text, or too long.
    """
    return _text(values, "reason", "Reason")


def text_of(values: JsonObject, name: str, label: str) -> str:
    """Gives a text that has to be there.

    Raises:
        BadValue: no text, empty, or too long.
    """
    text = _text(values, name, label)
    if not text:
        raise BadValue(name=name, label=label, why="Write something here.")
    return text


def _texts(values: JsonObject, name: str) -> tuple[str, ...]:
    value = values.get(name)
    if value is None or value == "":
        return ()
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise BadValue(name=name, label="Fixed arguments", why="Choose from the list of arguments.")
    return tuple(dict.fromkeys(str(item) for item in items))


def _whole(values: JsonObject, name: str, label: str, *, most: int) -> int | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value.strip()[:10])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadValue(name=name, label=label, why=f"Write a whole number from 1 to {most}.")
    return value


def check_action_values(values: JsonObject, allowed: frozenset[str]) -> None:
    """Refuses values that the action's dialog does not have.

    Raises:
        BadValue: a field too many.
    """
    for name in values:
        if name not in allowed:
            raise BadValue(name=shortened(name), label=shortened(name), why="This is not a field of it.")
