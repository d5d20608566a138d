"""What an admin lays down: policies, defaults, and freezes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.people import TECHNICIANS, PersonId
from bot.domain.tools import ToolId

PolicyId = NewType("PolicyId", str)

DESCRIPTION_LIMIT = 160
"""Characters that a policy's description may have."""

QUORUM_LIMIT = 100
"""How many approvers of one group a policy can ask for."""


@dataclass(frozen=True, slots=True)
class AllTools:
    """Every tool of the connector, or all except some."""

    excluded: frozenset[str] = frozenset()

    def covers(self, name: str) -> bool:
        """Whether the tool of this name is meant."""
        return name not in self.excluded


@dataclass(frozen=True, slots=True)
class NamedTools:
    """These tools of the connector."""

    names: frozenset[str]

    def covers(self, name: str) -> bool:
        """Whether the tool of this name is meant."""
        return name in self.names


ToolScope = AllTools | NamedTools


@dataclass(frozen=True, slots=True)
class Everyone:
    """All requesters of the tenant."""


EVERYONE = Everyone()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Some requesters: these persons, and the members of these groups."""

    persons: frozenset[PersonId] = frozenset()
    groups: frozenset[str] = frozenset()


Subjects = Everyone | Chosen


class Operator(StrEnum):
    """How a condition compares an attribute with its value."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    MATCHES = "matches"
    CONTAINS = "contains"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    EXISTS = "exists"
    SAME_AS = "same_as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`attribute operator value`; all conditions of a policy must hold."""

    attribute: str
    operator: Operator
    value: JsonValue


class Skip(StrEnum):
    """The `otherwise` of a policy that then counts as if it did not exist."""

    SKIP = "skip"


Otherwise = Action | Literal[Skip.SKIP]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What `approval_needed` asks for: a technician seat per group with its quorum, and maybe the manager."""

    groups: Mapping[str, int] = field(default_factory=lambda: {TECHNICIANS: 1})
    manager: bool = False

    def joined(self, other: "Requirement") -> "Requirement":
        """Gives what satisfies both: the manager if any asks for them, per group the largest quorum."""
        groups = {
            group: max(self.groups.get(group, 0), other.groups.get(group, 0))
            for group in sorted({*self.groups, *other.groups})
        }
        return Requirement(groups=groups, manager=self.manager or other.manager)


TECHNICIAN_ONLY = Requirement()


class Standing(StrEnum):
    """Whether standing approvals may answer what a policy asks."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    UNSAID = "unsaid"


class PolicySource(StrEnum):
    """Where a policy comes from; a seed is never written over what an admin set."""

    SEED = "seed"
    ADMIN = "admin"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One stored rule: which calls it covers and what it says about them."""

    id: PolicyId
    name: str
    description: str = ""
    connector: str
    tools: ToolScope
    subjects: Subjects = EVERYONE
    conditions: tuple[Condition, ...] = ()
    action: Action
    requirement: Requirement = TECHNICIAN_ONLY
    otherwise: Otherwise = Action.DISABLED
    standing: Standing = Standing.UNSAID
    enabled: bool = True
    source: PolicySource = PolicySource.ADMIN
    owner: str = ""
    version: int = 1
    created: datetime
    updated: datetime
    ends: datetime | None = None


class FreezeScope(StrEnum):
    """What a freeze covers."""

    TENANT = "tenant"
    CONNECTOR = "connector"
    TOOL = "tool"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Everything it covers is disabled until another admin lifts it."""

    scope: FreezeScope
    target: str
    by: str
    reason: str
    at: datetime

    def covers(self, tool: ToolId, requester: PersonId) -> bool:
        """Whether a call of this tool by this person is frozen."""
        match self.scope:
            case FreezeScope.TENANT:
                return True
            case FreezeScope.CONNECTOR:
                return self.target == tool.connector
            case FreezeScope.TOOL:
                return self.target == str(tool)
            case FreezeScope.PERSON:
                return self.target == requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds where no policy spoke: per connector, else for the tenant."""

    tenant: Action = Action.APPROVAL_NEEDED
    connectors: Mapping[str, Action] = field(default_factory=dict)
