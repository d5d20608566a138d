"""Ends a request, and with it every request that joined it; the replies go out from the outbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.events import AuditEntry
from bot.domain.moves import (
    APPROVAL_MOVES,
    CALL_MOVES,
    REQUEST_MOVES,
    ApprovalEvent,
    CallEvent,
    RequestEvent,
    moved,
)
from bot.domain.people import PersonId
from bot.domain.requests import ApprovalStatus, CallStatus, Request, RequestId
from bot.flow import tell
from bot.ports.store import Unit

NOTHING_DONE: Final = "Nothing was done."
STOPPED: Final = "It stopped before the end; what was done stays done."
LEFT_ALONE: Final = "The person who asked for the same took it back, so it ends here."
CUT_SHORT: Final = "The equal request that yours went along with cannot go on as it was, so yours ends here."

_DONE: Final = frozenset({CallStatus.SUCCEEDED, CallStatus.FAILED, CallStatus.UNKNOWN})


async def finish(
    unit: Unit,
    request: Request,
    event: RequestEvent,
    words: str,
    *,
    now: datetime,
    actor: PersonId | None = None,
    complete: bool = False,
) -> Request:
    """Gives the request ended by the event, with its requester and all who joined it told.

    Calls that did not begin are skipped, and the requester is told whether anything was done, unless the
    words are complete. Those who joined share an end that approvers or the call itself brought about; any
    other end is this requester's own, and they are decided for themselves, unless calls have begun.
    """
    await _close_calls(unit, request)
    began = await has_begun(unit, request.joined_to or request.id)
    outcome = words if complete else f"{words} {STOPPED if began else NOTHING_DONE}"
    joined = await unit.requests.joined_to(request.id)
    ended = await _end(unit, request, event, outcome, now=now, actor=actor)
    is_shared = complete or event in {RequestEvent.DENIED, RequestEvent.EXPIRED}
    for other in joined if is_shared else ():
        await _end(unit, other, event, outcome, now=now, actor=actor)
    if not is_shared:
        why = LEFT_ALONE if event is RequestEvent.WITHDRAWN else CUT_SHORT
        await part(unit, joined, began=began, why=why, now=now, actor=actor)
    await tell.refresh(unit, ended)
    return ended


async def part(
    unit: Unit,
    joined: Sequence[Request],
    *,
    began: bool,
    why: str,
    now: datetime,
    actor: PersonId | None = None,
) -> None:
    """Sends those who had joined a request to their own decision; where calls have begun, to their end.

    What was done is done for them too, and is never done a second time by itself.
    """
    for other in joined:
        if began:
            await _end(unit, other, RequestEvent.REFUSED, f"{why} {STOPPED}", now=now, actor=actor)
        else:
            await decide_anew(unit, other, now=now)


async def _close_calls(unit: Unit, request: Request) -> None:
    """Skips what has not begun."""
    for call in await unit.requests.calls(request.id):
        if call.position >= 0 and call.status is CallStatus.PROPOSED:
            status = moved(CALL_MOVES, call.status, CallEvent.SKIPPED)
            await unit.requests.swap_call(call, replace(call, status=status))


async def has_begun(unit: Unit, request: RequestId) -> bool:
    """Whether any step of the request was sent, whatever came of it."""
    return any(call.position >= 0 and call.status in _DONE for call in await unit.requests.calls(request))


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
