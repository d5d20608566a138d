"""Ends the open requests of leavers, in the words with which a worker ends what it cannot go on with."""

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.leavers import Departure, Leaver
from bot.domain.moves import ApprovalEvent, RequestEvent
from bot.domain.requests import Request, RequestId, RequestStatus
from bot.flow.again import again
from bot.flow.finish import close_approvals, finish
from bot.flow.reconcile.step import Due, Effect, Step
from bot.flow.refusals import DisabledPerson, UnknownPerson
from bot.flow.seams import Seams
from bot.ports.store import Unit

_ENDED: Final = frozenset({RequestStatus.RECEIVED, RequestStatus.PLANNING, RequestStatus.WAITING})
"""What is being carried out its worker ends before the next call; what may have run is for technicians."""


class EndRequests(Step):
    """Ends requests that nobody asks for any more."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    @override
    async def due(self, leavers: Sequence[Leaver]) -> list[Due]:
        async with self._seams.store.view(self._seams.tenant) as view:
            return [
                Due(leaver=leaver, effect=Effect.ENDED, thing=request.id)
                for leaver in leavers
                for request in reversed(await view.requests.open_of(leaver.id))
                if await _is_to_end(view, request)
            ]

    @override
    async def do(self, due: Due) -> None:
        await again(lambda: self._ended(due))
        self._seams.bell.ring()

    async def _ended(self, due: Due) -> None:
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            request = await unit.requests.get(RequestId(due.thing))
            if request is None or not await _is_to_end(unit, request):
                return
            if request.joined_to is None:
                await close_approvals(unit, request, ApprovalEvent.VOIDED, now=now)
            words = _refusal(due.leaver).sentence
            await finish(unit, request, RequestEvent.FAILED, words, now=now)
            await unit.audit.append(
                AuditEntry(
                    at=now,
                    kind="request.requester_left",
                    agent=request.agent,
                    request=request.id,
                    digest=request.plan_digest or "",
                    details={"person": due.leaver.id, "why": words},
                )
            )


async def _is_to_end(unit: Unit, request: Request) -> bool:
    """Whether it is still to be decided; one that follows another goes on with that, once that has begun."""
    if request.status not in _ENDED:
        return False
    leading = await unit.requests.get(request.joined_to) if request.joined_to else None
    return leading is None or leading.status is RequestStatus.WAITING


def _refusal(leaver: Leaver) -> Refusal:
    if leaver.how is Departure.MISSING:
        return UnknownPerson(email=leaver.id)
    return DisabledPerson(name=leaver.name)
