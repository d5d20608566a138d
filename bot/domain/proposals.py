"""Proposals: edits that are kept, as a preview of their author or until a second admin decides."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.domain.people import PersonId
from bot.domain.rule_changes import Edit
from bot.domain.tools import ToolId

ProposalId = NewType("ProposalId", str)


class ProposalStatus(StrEnum):
    """How a change that waits for a second admin stands."""

    DRAFT = "draft"
    """Its author looks at what it would mean."""
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    """What it would change was changed meanwhile."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change that a second admin has to approve before it is written."""

    id: ProposalId
    at: datetime
    by: PersonId
    reason: str
    edits: tuple[Edit, ...]
    tools: tuple[ToolId, ...]
    """The tools of effect destroy that it loosens."""
    effect: str = ""
    """What it would have meant for the last 30 days, in a sentence."""
    undoes: int | None = None
    expires: datetime
    status: ProposalStatus = ProposalStatus.PENDING
    decided_by: PersonId | None = None
    decided: datetime | None = None
    note: str = ""
    """The reason of a denial, or why it ended by itself."""
    number: int = 0
    """The change that it became; 0 for none."""
