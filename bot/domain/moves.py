"""How the status of requests, approvals and calls moves: the tables, and what may happen."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from bot.domain.errors import Refusal
from bot.domain.requests import ApprovalStatus, CallStatus, RequestStatus


class WrongMoment(Refusal):
    """That is not possible any more: this is already {status}."""

    kind = "conflict"


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
