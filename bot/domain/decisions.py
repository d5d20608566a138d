"""A decision is a value with its reasons, never a bare yes or no."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from bot.domain.actions import Action
from bot.domain.grants import GrantId, Seat, SeatKind
from bot.domain.people import Person
from bot.domain.plans import ToolCall
from bot.domain.policies import Policy
from bot.domain.tools import CatalogTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything a decision needs; nothing is looked up behind it."""

    call: ToolCall
    digest: str
    """The call's digest, so that it is computed once."""
    tool: CatalogTool | None
    """The tool as the catalog knows it; None when it does not."""
    requester: Person
    agent: str
    surface: str
    now: datetime
    zone: tzinfo
    """The tenant's time zone, for the time attributes."""
    spent: frozenset[GrantId] = frozenset()
    """Grants that were found used up since the policy set was read."""


class Cause(StrEnum):
    """What settled the action."""

    FROZEN = "frozen"
    UNKNOWN_TOOL = "unknown_tool"
    CONNECTOR_OFF = "connector_off"
    TOOL_OFF = "tool_off"
    DRIFTED = "drifted"
    POLICY = "policy"
    CONNECTOR_DEFAULT = "connector_default"
    TENANT_DEFAULT = "tenant_default"


@dataclass(frozen=True, slots=True)
class Spoke:
    """One explicit policy that spoke about the call."""

    policy: Policy
    said: Action
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The action, the seats that are open, the seats that grants fill, and why."""

    action: Action
    cause: Cause
    open_seats: tuple[Seat, ...] = ()
    filled_seats: Mapping[Seat, tuple[GrantId, ...]]
    spoke: tuple[Spoke, ...] = ()
    standing_allowed: bool = True
    """Whether a standing approval may be given from this decision's approval."""
    reason: str

    @property
    def runs(self) -> bool:
        """Whether nothing is left to ask."""
        return self.action is Action.AUTO or (self.action is Action.APPROVAL_NEEDED and not self.open_seats)

    @property
    def seats(self) -> tuple[Seat, ...]:
        """All seats, the open ones and the filled ones, technicians before the manager."""
        seats = {*self.open_seats, *self.filled_seats}
        return tuple(sorted(seats, key=lambda seat: (seat.kind is SeatKind.MANAGER, seat.group)))

    @property
    def grants(self) -> tuple[GrantId, ...]:
        """The grants that fill seats, each once."""
        return tuple(dict.fromkeys(grant for ids in self.filled_seats.values() for grant in ids))
