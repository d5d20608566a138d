"""Requests, their calls and their approvals: what they hold and how their status moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeVar

from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.errors import Refusal
from bot.domain.grants import GrantId, Seat
from bot.domain.people import PersonId, TenantId
from bot.domain.plans import ToolCall
from bot.domain.tools import ToolId

RequestId = NewType("RequestId", str)
CallId = NewType("CallId", str)
ApprovalId = NewType("ApprovalId", str)
"""128 random bits as hexadecimal; it is also the id of the approval's card."""


class WrongMoment(Refusal):
    """That is not possible any more: this is already {status}."""

    kind = "conflict"


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


class RequestEvent(StrEnum):
    """What can happen to a request."""

    TAKEN_UP = "taken_up"
    CONTINUED = "continued"
    ANSWERED = "answered"
    NOTED = "noted"
    ASKED = "asked"
    CLEARED = "cleared"
    REFUSED = "refused"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    FINISHED = "finished"
    FAILED = "failed"
    LOST_SIGHT = "lost_sight"
    SETTLED = "settled"


REQUEST_MOVES: Mapping[tuple[RequestStatus, RequestEvent], RequestStatus] = {
    (RequestStatus.RECEIVED, RequestEvent.TAKEN_UP): RequestStatus.PLANNING,
    (RequestStatus.RECEIVED, RequestEvent.WITHDRAWN): RequestStatus.WITHDRAWN,
    (RequestStatus.RECEIVED, RequestEvent.FAILED): RequestStatus.FAILED,
    (RequestStatus.PLANNING, RequestEvent.ANSWERED): RequestStatus.ANSWERED,
    (RequestStatus.PLANNING, RequestEvent.NOTED): RequestStatus.NOTED,
    (RequestStatus.PLANNING, RequestEvent.ASKED): RequestStatus.WAITING,
    (RequestStatus.PLANNING, RequestEvent.CLEARED): RequestStatus.EXECUTING,
    (RequestStatus.PLANNING, RequestEvent.REFUSED): RequestStatus.DENIED,
    (RequestStatus.PLANNING, RequestEvent.FAILED): RequestStatus.FAILED,
    (RequestStatus.PLANNING, RequestEvent.WITHDRAWN): RequestStatus.WITHDRAWN,
    (RequestStatus.WAITING, RequestEvent.CLEARED): RequestStatus.EXECUTING,
    (RequestStatus.WAITING, RequestEvent.ASKED): RequestStatus.WAITING,
    (RequestStatus.WAITING, RequestEvent.REFUSED): RequestStatus.DENIED,
    (RequestStatus.WAITING, RequestEvent.DENIED): RequestStatus.DENIED,
    (RequestStatus.WAITING, RequestEvent.EXPIRED): RequestStatus.EXPIRED,
    (RequestStatus.WAITING, RequestEvent.WITHDRAWN): RequestStatus.WITHDRAWN,
    (RequestStatus.WAITING, RequestEvent.TAKEN_UP): RequestStatus.PLANNING,
    (RequestStatus.WAITING, RequestEvent.FINISHED): RequestStatus.DONE,
    (RequestStatus.WAITING, RequestEvent.FAILED): RequestStatus.FAILED,
    (RequestStatus.EXECUTING, RequestEvent.ASKED): RequestStatus.WAITING,
    (RequestStatus.EXECUTING, RequestEvent.REFUSED): RequestStatus.DENIED,
    (RequestStatus.EXECUTING, RequestEvent.FINISHED): RequestStatus.DONE,
    (RequestStatus.EXECUTING, RequestEvent.FAILED): RequestStatus.FAILED,
    (RequestStatus.EXECUTING, RequestEvent.LOST_SIGHT): RequestStatus.ATTENTION,
    (RequestStatus.ATTENTION, RequestEvent.SETTLED): RequestStatus.EXECUTING,
    (RequestStatus.ATTENTION, RequestEvent.FAILED): RequestStatus.FAILED,
    (RequestStatus.ANSWERED, RequestEvent.CONTINUED): RequestStatus.RECEIVED,
    (RequestStatus.NOTED, RequestEvent.CONTINUED): RequestStatus.RECEIVED,
}

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


class ApprovalEvent(StrEnum):
    """What can happen to an approval."""

    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


APPROVAL_MOVES: Mapping[tuple[ApprovalStatus, ApprovalEvent], ApprovalStatus] = {
    (ApprovalStatus.PENDING, ApprovalEvent.APPROVED): ApprovalStatus.APPROVED,
    (ApprovalStatus.PENDING, ApprovalEvent.DENIED): ApprovalStatus.DENIED,
    (ApprovalStatus.PENDING, ApprovalEvent.EXPIRED): ApprovalStatus.EXPIRED,
    (ApprovalStatus.PENDING, ApprovalEvent.WITHDRAWN): ApprovalStatus.WITHDRAWN,
    (ApprovalStatus.PENDING, ApprovalEvent.VOIDED): ApprovalStatus.VOID,
    (ApprovalStatus.APPROVED, ApprovalEvent.VOIDED): ApprovalStatus.VOID,
}


class CallStatus(StrEnum):
    """Where one tool call is; `executing` is committed before the call leaves."""

    PROPOSED = "proposed"
    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    SKIPPED = "skipped"


class CallEvent(StrEnum):
    """What can happen to a tool call."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST_SIGHT = "lost_sight"
    REFUSED = "refused"
    SKIPPED = "skipped"
    NOT_SENT = "not_sent"


CALL_MOVES: Mapping[tuple[CallStatus, CallEvent], CallStatus] = {
    (CallStatus.PROPOSED, CallEvent.STARTED): CallStatus.EXECUTING,
    (CallStatus.PROPOSED, CallEvent.REFUSED): CallStatus.REFUSED,
    (CallStatus.PROPOSED, CallEvent.SKIPPED): CallStatus.SKIPPED,
    (CallStatus.EXECUTING, CallEvent.SUCCEEDED): CallStatus.SUCCEEDED,
    (CallStatus.EXECUTING, CallEvent.FAILED): CallStatus.FAILED,
    (CallStatus.EXECUTING, CallEvent.LOST_SIGHT): CallStatus.UNKNOWN,
    (CallStatus.EXECUTING, CallEvent.NOT_SENT): CallStatus.PROPOSED,
    (CallStatus.UNKNOWN, CallEvent.SUCCEEDED): CallStatus.SUCCEEDED,
    (CallStatus.UNKNOWN, CallEvent.FAILED): CallStatus.FAILED,
}

Status = TypeVar("Status", RequestStatus, ApprovalStatus, CallStatus)
Event = TypeVar("Event", RequestEvent, ApprovalEvent, CallEvent)


def moved(moves: Mapping[tuple[Status, Event], Status], status: Status, event: Event) -> Status:
    """Gives the status after the event.

    Raises:
        WrongMoment: the table has no such move.
    """
    following = moves.get((status, event))
    if following is None:
        raise WrongMoment(status=status.value)
    return following


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
