"""Ends a request, and with it every request that joined it; the replies go out from the outbox."""

from dataclasses import replace
from datetime import datetime

from bot.domain.events import AuditEntry
from bot.domain.people import PersonId
from bot.domain.requests import (
    APPROVAL_MOVES,
    REQUEST_MOVES,
    ApprovalEvent,
    ApprovalStatus,
    Request,
    RequestEvent,
    RequestStatus,
    moved,
)
from bot.flow import tell
from bot.ports.store import Unit


async def finish(
    unit: Unit,
    request: Request,
    event: RequestEvent,
    outcome: str,
    *,
    now: datetime,
    actor: PersonId | None = None,
) -> Request:
    """Gives the request ended by the event, with its requester and all who joined it told."""
    ended = await _end(unit, request, event, outcome, now=now, actor=actor)
    for joined in await unit.requests.joined_to(request.id):
        following = RequestEvent.FINISHED if ended.status is RequestStatus.DONE else event
        if following is RequestEvent.WITHDRAWN:
            await decide_anew(unit, joined, now=now)
        else:
            await _end(unit, joined, following, outcome, now=now, actor=actor)
    await tell.refresh(unit, ended)
    return ended


async def _end(
    unit: Unit, request: Request, event: RequestEvent, outcome: str, *, now: datetime, actor: PersonId | None
) -> Request:
    ended = replace(request, status=moved(REQUEST_MOVES, request.status, event), outcome=outcome, updated=now)
    stored = await unit.requests.swap(request, ended)
    await unit.audit.append(
        AuditEntry(
            at=now,
            kind=f"request.{stored.status.value}",
            actor=actor,
            agent=request.agent,
            request=request.id,
            digest=request.plan_digest or "",
            status=stored.status.value,
        )
    )
    await tell.say(unit, stored, stored.requester, outcome)
    await tell.refresh(unit, stored)
    return stored


async def decide_anew(unit: Unit, request: Request, *, now: datetime) -> None:
    """Sends a request that had joined another one back to its own decision."""
    status = moved(REQUEST_MOVES, request.status, RequestEvent.TAKEN_UP)
    await unit.requests.swap(request, replace(request, status=status, joined_to=None, updated=now))


async def close_approvals(
    unit: Unit, request: Request, event: ApprovalEvent, *, now: datetime, also_given: bool = False
) -> None:
    """Moves every pending approval of the request; with `also_given` the approved ones too."""
    for approval in await unit.approvals.of(request.id):
        is_meant = approval.status is ApprovalStatus.PENDING or (
            also_given and approval.status is ApprovalStatus.APPROVED
        )
        if is_meant:
            status = moved(APPROVAL_MOVES, approval.status, event)
            await unit.approvals.swap(approval, replace(approval, status=status, decided=now))
