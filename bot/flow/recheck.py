"""Recheck: waiting requests whose ground has moved are decided anew, instead of waiting for what is void."""

from dataclasses import replace
from datetime import datetime

from bot.domain.events import AuditEntry
from bot.domain.moves import REQUEST_MOVES, ApprovalEvent, RequestEvent, moved
from bot.domain.requests import CallStatus, Request, RequestId, RequestStatus
from bot.domain.tools import Catalog
from bot.flow import tell
from bot.flow.finish import CUT_SHORT, close_approvals, decide_anew, has_begun, part
from bot.flow.seams import Seams
from bot.ports.store import Unit

_LEADING = {RequestStatus.WAITING, RequestStatus.EXECUTING, RequestStatus.ATTENTION}

CHANGED = (
    "A tool that your request needs has changed, so what was approved before does not count any more. "
    "I am asking again."
)


class Recheck:
    """Looks over what waits."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._catalog: Catalog | None = None

    async def __call__(self) -> None:
        """Sends back requests whose tools changed since they were asked, or whose leading request is over."""
        async with self._seams.store.view(self._seams.tenant) as view:
            catalog = await view.connections.catalog()
            waiting = await view.requests.waiting()
            orphans = [one for one in waiting if one.joined_to and not await _is_led(view, one.joined_to)]
            changed: list[Request] = []
            if catalog is not self._catalog:
                changed = [
                    one for one in waiting if not one.joined_to and await _is_changed(view, one, catalog)
                ]
        now = self._seams.clock.now()
        for request in orphans:
            await self._unjoin(request.id, now)
        for request in changed:
            await self._ask_anew(request.id, now)
        self._catalog = catalog
        if orphans or changed:
            self._seams.bell.ring()

    async def _unjoin(self, request_id: RequestId, now: datetime) -> None:
        async with self._seams.store.unit(self._seams.tenant) as unit:
            request = await unit.requests.get(request_id)
            if request is not None and request.status is RequestStatus.WAITING and request.joined_to:
                await decide_anew(unit, request, now=now)

    async def _ask_anew(self, request_id: RequestId, now: datetime) -> None:
        async with self._seams.store.unit(self._seams.tenant) as unit:
            request = await unit.requests.get(request_id)
            if request is None or request.status is not RequestStatus.WAITING:
                return
            catalog = await unit.connections.catalog()
            for call in await unit.requests.calls(request.id):
                if call.status is CallStatus.PROPOSED and call.tool in catalog:
                    shown = replace(call, fingerprint=catalog[call.tool].fingerprint)
                    await unit.requests.swap_call(call, shown)
            await close_approvals(unit, request, ApprovalEvent.VOIDED, now=now, also_given=True)
            began = await has_begun(unit, request.id)
            joined = await unit.requests.joined_to(request.id)
            await part(unit, joined, began=began, why=CUT_SHORT, now=now)
            status = moved(REQUEST_MOVES, request.status, RequestEvent.TAKEN_UP)
            stored = await unit.requests.swap(request, replace(request, status=status, updated=now))
            await unit.audit.append(
                AuditEntry(
                    at=now,
                    kind="request.asked_anew",
                    agent=request.agent,
                    request=request.id,
                    digest=request.plan_digest or "",
                    status=stored.status.value,
                )
            )
            await tell.say(unit, stored, stored.requester, CHANGED)
            await tell.refresh(unit, stored)


async def _is_led(view: Unit, leading: RequestId) -> bool:
    found = await view.requests.get(leading)
    return found is not None and found.status in _LEADING


async def _is_changed(view: Unit, request: Request, catalog: Catalog) -> bool:
    return any(
        call.status is CallStatus.PROPOSED
        and call.tool in catalog
        and call.fingerprint != catalog[call.tool].fingerprint
        for call in await view.requests.calls(request.id)
    )
