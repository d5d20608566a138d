"""Resolve: a technician says what became of a call whose answer never came."""

from dataclasses import replace

from bot.domain.events import AuditEntry
from bot.domain.moves import REQUEST_MOVES, CallEvent, RequestEvent, moved
from bot.domain.people import TECHNICIANS, PersonId
from bot.domain.requests import CallStatus, RequestId, RequestStatus
from bot.flow import tell
from bot.flow.clear import moved_call
from bot.flow.gather import gather
from bot.flow.intake import known_person
from bot.flow.refusals import AlreadyDecided, OwnRequest, UnknownCard
from bot.flow.seams import Seams


class Resolve:
    """Takes a technician's finding."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request: RequestId, person: PersonId, *, ran: bool) -> str:
        """Settles every unknown call of the request; the rest of the plan goes on, or stops.

        Raises:
            Refusal: not theirs to say, or settled already.
        """
        story = await gather(self._seams, request)
        technician = await known_person(self._seams, person)
        if story is None:
            raise UnknownCard
        if person in story.requesters:
            raise OwnRequest
        if not technician.sits_in(TECHNICIANS):
            raise UnknownCard
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            current = await unit.requests.get(request)
            if current is None or current.status is not RequestStatus.ATTENTION:
                raise AlreadyDecided(what="a technician has said already what became of it")
            for call in await unit.requests.calls(request):
                if call.status is CallStatus.UNKNOWN:
                    event = CallEvent.SUCCEEDED if ran else CallEvent.FAILED
                    found = "was done" if ran else "was not done"
                    result = f"No answer came. {technician.name} looked: it {found}."
                    await unit.requests.swap_call(
                        call, replace(moved_call(call, event), result=result, ended=now)
                    )
            status = moved(REQUEST_MOVES, current.status, RequestEvent.SETTLED)
            stored = await unit.requests.swap(current, replace(current, status=status, updated=now))
            await unit.audit.append(
                AuditEntry(
                    at=now,
                    kind="call.resolved",
                    actor=person,
                    agent=current.agent,
                    request=request,
                    status="succeeded" if ran else "failed",
                )
            )
            await tell.refresh(unit, stored)
        self._seams.bell.ring()
        return "Thank you. The person who asked is told, and the request goes on from there."
