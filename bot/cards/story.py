"""What a card is made from: one request with everything around it, gathered at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.visible import visible
from bot.domain.grants import Grant, GrantId
from bot.domain.people import Person, PersonId
from bot.domain.policies import Freeze
from bot.domain.requests import Approval, ApprovalId, CallRecord, Request
from bot.domain.tools import CatalogTool, ToolId


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One request, its calls, approvals, and the people and tools that they name."""

    request: Request
    steps: tuple[CallRecord, ...]
    """The plan's calls in order, without the reads of the diagnosis."""
    reads: tuple[CallRecord, ...] = ()
    approvals: tuple[Approval, ...]
    joined: tuple[Request, ...] = ()
    """The requests that share this one's approvals."""
    leading: Request | None = None
    """The request whose approvals this one shares."""
    people: Mapping[PersonId, Person]
    people_as_of: datetime | None = None
    """When the oldest was looked up, while the directory does not answer; None where all are current."""
    tools: Mapping[ToolId, CatalogTool]
    grants: Mapping[GrantId, Grant] = field(default_factory=dict)
    missed: Mapping[ApprovalId, frozenset[PersonId]] = field(default_factory=dict)
    """Who cannot be reached about an approval, on any surface."""
    freezes: tuple[Freeze, ...] = ()
    """What is frozen of that which the request has still to do."""
    zone: ZoneInfo
    now: datetime

    @property
    def requester(self) -> Person | None:
        """Who asked; None when the directory does not know them any more."""
        return self.people.get(self.request.requester)

    def name(self, person: PersonId | None) -> str:
        """The person's name, or their id when the directory does not know them; in one line, all visible."""
        found = self.people.get(person) if person else None
        return visible(" ".join((found.name if found else person or "nobody").split()), set())

    def moment(self, at: datetime) -> str:
        """The time as people write it, in the tenant's zone."""
        local = at.astimezone(self.zone)
        return f"{local.day} {local:%B %Y, %H:%M} {local:%Z}"

    def title(self, tool: ToolId) -> str:
        """What to call the tool."""
        found = self.tools.get(tool)
        return found.definition.plain_title if found else str(tool)

    @property
    def requesters(self) -> frozenset[PersonId]:
        """Everyone who asks for the same; none of them may approve."""
        return frozenset({self.request.requester, *(other.requester for other in self.joined)})
