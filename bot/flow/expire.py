"""Expire: what nobody decided in time is over; a timeout is never an approval."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.events import AuditDecision, AuditEntry
from bot.domain.grants import SeatKind
from bot.domain.moves import APPROVAL_MOVES, ApprovalEvent, RequestEvent, moved
from bot.domain.requests import Approval, ApprovalId, ApprovalStatus, RequestId, RequestStatus
from bot.flow.finish import close_approvals, finish
from bot.flow.reroute import Reroute
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.second_admin import SecondAdmin

BATCH: Final = 100
"""Approvals that one pass looks at."""

LOOK_AGAIN: Final = timedelta(minutes=5)
"""How often it is looked up whether an open manager seat still has the right person."""

DRAFTS_KEPT: Final = timedelta(days=1)
"""How long a previewed change is kept that nobody saved."""
TIDY: Final = timedelta(hours=1)
"""How often such previews are looked for."""

EXPIRED = "Nobody decided your request in time. Ask again if you still need it."


class Expire:
    """Ends requests and proposed changes that nobody decided in time, and forgets previews of old."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._reseat = Reseat(seams)
        self._reroute = Reroute(seams)
        self._second_admin = SecondAdmin(seams)
        self._looked: dict[ApprovalId, datetime] = {}
        self._tidied: datetime | None = None

    async def __call__(self) -> int:
        """Gives how many requests expired in this pass; repeating it finds only new ones."""
        now = self._seams.clock.now()
        async with self._seams.store.view(self._seams.tenant) as view:
            due = await view.approvals.due(now, limit=BATCH)
        ended = 0
        for request in dict.fromkeys(approval.request for approval in due):
            ended += await self._end(request)
        await self._second_admin.expire()
        if self._tidied is None or now >= self._tidied + TIDY:
            self._tidied = now
            await self._forget_drafts(now)
        return ended

    async def _forget_drafts(self, now: datetime) -> None:
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.changes.forget_drafts(now - DRAFTS_KEPT)

    async def unanswered(self) -> None:
        """Looks managers up anew: at once for seats that nobody is asked for, now and then for all.

        So it does for seats whose people no chat surface reaches. Nobody was asked while the directory was
        away; who was asked may have left or be somewhere else now.
        """
        now = self._seams.clock.now()
        async with self._seams.store.view(self._seams.tenant) as view:
            missed = await view.outbox.open_misses()
            pending = [
                one
                for one in await view.approvals.pending()
                if one.seat.kind is SeatKind.MANAGER or one.id in missed
            ]
        self._looked = {one.id: self._looked.get(one.id, one.created) for one in pending}
        for approval in pending:
            is_lost = _is_unasked(approval) or approval.approver in missed.get(approval.id, ())
            if is_lost or now >= self._looked[approval.id] + LOOK_AGAIN:
                self._looked[approval.id] = now
                await (self._reroute if approval.id in missed else self._reseat)(approval.request)

    async def _end(self, request_id: RequestId) -> bool:
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            request = await unit.requests.get(request_id)
            if request is None or request.status is not RequestStatus.WAITING:
                return False
            due = [
                approval
                for approval in await unit.approvals.of(request_id)
                if approval.status is ApprovalStatus.PENDING and approval.expires <= now
            ]
            for approval in due:
                status = moved(APPROVAL_MOVES, approval.status, ApprovalEvent.EXPIRED)
                await unit.approvals.swap(approval, replace(approval, status=status, decided=now))
                await unit.audit.append(
                    AuditEntry(
                        at=now,
                        kind="approval.expired",
                        agent=request.agent,
                        request=request.id,
                        digest=approval.digest,
                        decision=AuditDecision.REVIEW_TIMEOUT,
                        details={"approval": approval.id, "seat": approval.seat.kind.value},
                    )
                )
            if due:
                await close_approvals(unit, request, ApprovalEvent.VOIDED, now=now)
                await finish(unit, request, RequestEvent.EXPIRED, EXPIRED, now=now)
        return bool(due)


def _is_unasked(approval: Approval) -> bool:
    return approval.approver is None and approval.asked_group is None
