"""Requests, their calls and their approvals: what they hold."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.grants import GrantId, Seat
from bot.domain.people import PersonId, TenantId
from bot.domain.plans import ToolCall
from bot.domain.tools import ToolId

RequestId = NewType("RequestId", str)
CallId = NewType("CallId", str)
ApprovalId = NewType("ApprovalId", str)
"""128 random bits as hexadecimal; it is also the id of the approval's card."""


class RequestStatus(StrEnum):
    """Where a request is on its way."""

    RECEIVED = "received"
    PLANNING = "planning"
    WAITING = "waiting"
    EXECUTING = "executing"
    ANSWERED = "answered"
    DONE = "done"
    FAILED = "failed"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ATTENTION = "attention"
    NOTED = "noted"


OPEN_STATUSES = frozenset(
    {
        RequestStatus.RECEIVED,
        RequestStatus.PLANNING,
        RequestStatus.WAITING,
        RequestStatus.EXECUTING,
        RequestStatus.ATTENTION,
    }
)
"""A request in one of these is still under way."""

DRIVEN_STATUSES = frozenset({RequestStatus.RECEIVED, RequestStatus.PLANNING, RequestStatus.EXECUTING})
"""A worker has something to do for a request in one of these."""


class ApprovalStatus(StrEnum):
    """Where one seat's question is."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    VOID = "void"


class CallStatus(StrEnum):
    """Where one tool call is; `executing` is committed before the call leaves."""

    PROPOSED = "proposed"
    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an employee asked, and where it is on its way."""

    id: RequestId
    tenant: TenantId
    requester: PersonId
    surface: str
    place: str
    agent: str
    text: str
    status: RequestStatus
    created: datetime
    updated: datetime
    expires: datetime
    diagnosis: str = ""
    runbook: str | None = None
    plan_digest: str | None = None
    """Set when a plan is stored; None until then."""
    outcome: str = ""
    """One sentence for the requester about how it ended, or what was answered."""
    question_open: bool = False
    """Whether the bot asked something and the next message answers it."""
    joined_to: RequestId | None = None
    """The equal request whose approvals this one shares."""
    nudged: datetime | None = None
    details: tuple[str, ...] = ()
    """What the requester said after the first message, oldest first."""
    version: int = 0
    thread: str = ""
    """The thread of the place that it was asked in; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call of a request: proposed, decided, and what came of it."""

    id: CallId
    request: RequestId
    position: int
    """0, 1, … in the plan's order; reads made while diagnosing have negative positions."""
    tool: ToolId
    arguments: JsonObject
    digest: str
    fingerprint: str
    """Of the tool's definition when the call was proposed."""
    effect: Effect
    status: CallStatus
    action: Action | None = None
    """The newest decision's action; None before the first."""
    reason: str = ""
    """The newest decision's sentence."""
    policies: tuple[str, ...] = ()
    """Names of the policies that won it."""
    grants: tuple[GrantId, ...] = ()
    """The standing approvals that fill seats of it."""
    standing: bool = True
    """Whether a standing approval may be given for it."""
    result: str = ""
    """What the tool answered, as text, size-capped; or why it failed."""
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def call(self) -> ToolCall:
        """The call as it would run."""
        return ToolCall(tool=self.tool, arguments=self.arguments)


class Verdict(StrEnum):
    """What one approver said."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One approver's verdict on one approval."""

    approval: ApprovalId
    reviewer: PersonId
    verdict: Verdict
    reason: str = ""
    grant: GrantId | None = None
    """The standing approval through which the reviewer's word counts here."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One seat's pending question about a request's plan."""

    id: ApprovalId
    tenant: TenantId
    request: RequestId
    seat: Seat
    digest: str
    """The plan's digest: what the approver approves."""
    status: ApprovalStatus
    approver: PersonId | None = None
    """For the manager seat: the person asked; None when a group is asked."""
    asked_group: str | None = None
    """The group asked: the seat's own, or the fallback group for a manager seat."""
    explanation: str = ""
    """Why somebody else than the direct manager is asked, in one sentence."""
    created: datetime
    expires: datetime
    decided: datetime | None = None
    reviews: tuple[Review, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """What a tool server answered."""

    ok: bool
    text: str
    content: JsonValue = None
    """The structured answer, or None."""
    duration_s: float
