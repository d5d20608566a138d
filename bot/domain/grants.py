"""Standing approvals: approvals that were given in advance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import TECHNICIANS, PersonId
from bot.domain.policies import Everyone
from bot.domain.tools import ToolId

GrantId = NewType("GrantId", str)


class SeatKind(StrEnum):
    """Who must approve."""

    TECHNICIAN = "technician"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """One place at the table: technicians of a group, or the requester's manager."""

    kind: SeatKind
    group: str = ""
    quorum: int = 1

    @property
    def key(self) -> tuple[SeatKind, str]:
        """What makes two seats the same seat, whatever their quorum."""
        return (self.kind, self.group)


MANAGER_SEAT = Seat(SeatKind.MANAGER)


@dataclass(frozen=True, slots=True)
class HolderPerson:
    """The grant is for one person."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class HolderGroup:
    """The grant is for the members of one group, as the directory knows them at the moment of use."""

    group: str


Holder = HolderPerson | HolderGroup | Everyone


@dataclass(frozen=True, slots=True)
class ExactArguments:
    """Only these very arguments, compared in canonical form."""

    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class PinnedArguments:
    """Some paths are fixed to a value or, for texts with * or ?, to a glob; the others are free."""

    paths: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class AnyArguments:
    """Whatever the arguments are."""


ArgumentScope = ExactArguments | PinnedArguments | AnyArguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A standing approval: it fills seats in advance, and never loosens `disabled` or `step_up`."""

    id: GrantId
    tool: ToolId
    holder: Holder
    arguments: ArgumentScope
    agent: str | None = None
    technician_groups: frozenset[str] = frozenset({TECHNICIANS})
    """The approver groups whose technician seat it fills; empty when it fills none."""
    manager: bool = False
    """Whether it fills the manager seat, for the giver's direct reports only."""
    fingerprint: str
    giver: PersonId
    reason: str = ""
    created: datetime
    ends: datetime | None
    """When it ends; None is never."""
    uses_limit: int | None = None
    daily_limit: int | None = None
    uses: int = 0
    uses_today: int = 0
    used_on: date | None = None
    last_used: datetime | None = None
    revoked: datetime | None = None
    suspended: bool = False
    suspended_why: str = ""
    """Why an admin has to look at it before it counts again, as a sentence; empty where its tool changed."""

    @property
    def is_narrow(self) -> bool:
        """Whether a technician may give it: one person, and exact or pinned arguments.

        Pins that are all * or ? leave every argument free, and are no pins.
        """
        if not isinstance(self.holder, HolderPerson):
            return False
        if isinstance(self.arguments, PinnedArguments):
            return any(value == "" or not _is_open(value) for value in self.arguments.paths.values())
        return isinstance(self.arguments, ExactArguments)


def _is_open(pinned: JsonValue) -> bool:
    return isinstance(pinned, str) and not pinned.strip("*?")
