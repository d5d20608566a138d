"""What a policy file says before its names are looked up: persons are addresses, and lines are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.documents.fields import Notes
from bot.domain.actions import Action
from bot.domain.grants import Grant
from bot.domain.policies import Policy


@dataclass(frozen=True, slots=True)
class Named:
    """A name and the line in which it stands."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntry:
    """A policy of the file; its `policy` is complete but for the persons among its subjects."""

    policy: Policy
    line: int
    connector: Named
    tools: tuple[Named, ...]
    """Named or excepted; all must be tools of the connector."""
    persons: tuple[Named, ...]
    groups: tuple[Named, ...]
    """Of subjects and approvers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEntry:
    """A standing approval of the file; its `grant` is complete but for its giver and its holder."""

    grant: Grant
    tool: Named
    holder: Named | None
    """The person who holds it, if it is one."""
    groups: tuple[Named, ...]
    giver: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """The entries of a file, and what was wrong with those that are not here."""

    defaults: Mapping[str, tuple[Action, int]] = field(default_factory=dict)
    """Action and line by connector; `*` is the tenant's."""
    policies: tuple[PolicyEntry, ...] = ()
    grants: tuple[GrantEntry, ...] = ()
    notes: Notes
