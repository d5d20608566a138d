"""Clear: before each call everything is decided once more, for the very call that was approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.decisions import Decision
from bot.domain.events import AuditDecision
from bot.domain.grants import Grant, GrantId, Seat
from bot.domain.people import Person
from bot.domain.plans import plan_digest
from bot.domain.requests import (
    CALL_MOVES,
    REQUEST_MOVES,
    Approval,
    ApprovalEvent,
    ApprovalStatus,
    CallEvent,
    CallId,
    CallRecord,
    CallStatus,
    Request,
    RequestEvent,
    RequestId,
    RequestStatus,
    moved,
)
from bot.domain.tenants import Mode
from bot.flow import tell
from bot.flow.approve import reviewers_of
from bot.flow.ask import Asking, find_askings, store_askings
from bot.flow.decide import ATTEMPTS, refusal_words, refused_calls
from bot.flow.finish import close_approvals, finish
from bot.flow.intake import known_person
from bot.flow.judge import Bench, bench_of, call_entry, decided, grants_of, joined_seats, judge, record
from bot.flow.seams import Seams
from bot.ports.records import Overtaken
from bot.ports.store import Unit

PLAN_MODE: Final = "The bot only plans at the moment, so nothing runs. Ask IT, who can see what you need."
ALTERED: Final = "What would run is not what was approved, so I stopped. Tell an admin; the log shows more."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hearing:
    """One round of deciding what is left of a request, before anything is written."""

    bench: Bench
    request: Request
    requester: Person
    judged: tuple[tuple[CallRecord, Decision], ...]
    """The calls that are left, in order, with their decisions of this moment."""
    given: tuple[Approval, ...]
    """What people approved, for the tools as they were then."""
    drifted: bool
    """Whether a tool is not the one that was approved."""
    grants: tuple[Grant, ...]
    """The standing approvals that fill seats."""
    resumed: bool
    """Whether the first call was cleared before and only waits for its connector."""

    @property
    def missing(self) -> tuple[Seat, ...]:
        """The open seats that no approval given so far fills."""
        filled = {approval.seat.key: len(approval.reviews) for approval in self.given}
        asking = self.judged[1:] if self.resumed else self.judged
        seats = joined_seats(seat for _, decision in asking for seat in decision.open_seats)
        return tuple(seat for seat in seats if filled.get(seat.key, 0) < seat.quorum)

    @property
    def barred(self) -> dict[CallId, str]:
        """Why calls may not run at all."""
        if self.bench.tenant.mode is Mode.PLAN:
            return {call.id: PLAN_MODE for call, _ in self.judged}
        return {call.id: call.reason for call, _ in refused_calls(self.judged)}

    @property
    def words(self) -> str:
        """What to tell the requester about calls that may not run."""
        if self.bench.tenant.mode is Mode.PLAN:
            return f"Nothing was done. {PLAN_MODE}"
        return refusal_words(refused_calls(self.judged))

    @property
    def doubled(self) -> frozenset[GrantId]:
        """The grants that would fill a seat with the word of somebody who approved at another seat."""
        reviewers = reviewers_of(self.given)
        return frozenset(
            grant.id for grant in self.grants if grant.id in self.grants_needed and grant.giver in reviewers
        )

    @property
    def grants_needed(self) -> tuple[GrantId, ...]:
        """The grants of the first call's seats that no person filled, each once."""
        filled = {approval.seat.key for approval in self.given}
        seats = self.judged[0][1].filled_seats.items()
        found = (grant for seat, grants in seats if seat.key not in filled for grant in grants)
        return tuple(dict.fromkeys(found))


class Clear:
    """Takes the next call of an approved request to executing."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request_id: RequestId) -> CallRecord | RequestEvent | None:
        """Gives the next call, committed as executing; or how the request is over; or None when it waits.

        Raises:
            DirectoryUnreachable: the requester cannot be looked up; nothing changed.
            Overtaken: somebody else moved the request, or policies kept changing.
        """
        spent = frozenset[GrantId]()
        for _ in range(ATTEMPTS):
            hearing = await self._heard(request_id, spent)
            if not isinstance(hearing, _Hearing):
                return hearing
            if doubled := hearing.doubled:
                spent |= doubled
                continue
            askings = await self._askings(hearing) if hearing.missing and not hearing.barred else ()
            async with self._seams.store.unit(self._seams.tenant) as unit:
                if not hearing.bench.same_as(await bench_of(unit)):
                    continue
                used_up = await self._used_up(unit, hearing, askings)
                if used_up is None:
                    return await self._settled(unit, hearing, askings)
            spent |= {used_up}
        raise Overtaken

    async def _heard(
        self, request_id: RequestId, spent: frozenset[GrantId]
    ) -> _Hearing | RequestEvent | None:
        async with self._seams.store.view(self._seams.tenant) as view:
            request = await view.requests.get(request_id)
            if request is None or request.status is not RequestStatus.EXECUTING:
                return None
            bench = await bench_of(view)
            steps = [call for call in await view.requests.calls(request.id) if call.position >= 0]
            approvals = await view.approvals.of(request.id)
            todo = [call for call in steps if call.status is CallStatus.PROPOSED]
            earlier = [await view.grants.get(grant) for grant in (todo[0].grants if todo else ())]
        if any(call.status is CallStatus.FAILED for call in steps):
            return RequestEvent.FAILED
        if not todo:
            return RequestEvent.FINISHED
        drifted = any(
            call.tool in bench.catalog and call.fingerprint != bench.catalog[call.tool].fingerprint
            for call in todo
        )
        requester = await known_person(self._seams, request.requester)
        judged = self._judged(bench, request, requester, todo, spent)
        async with self._seams.store.view(self._seams.tenant) as view:
            grants = await grants_of(view, [decision for _, decision in judged])
        return _Hearing(
            bench=bench,
            request=request,
            requester=requester,
            judged=judged,
            grants=grants,
            given=() if drifted else tuple(approval for approval in approvals if _is_human(approval)),
            drifted=drifted,
            resumed=todo[0].started is not None
            and not drifted
            and all(grant is not None and grant.revoked is None for grant in earlier),
        )

    def _judged(
        self,
        bench: Bench,
        request: Request,
        requester: Person,
        todo: Sequence[CallRecord],
        spent: frozenset[GrantId],
    ) -> tuple[tuple[CallRecord, Decision], ...]:
        now = self._seams.clock.now()
        found = []
        for call in todo:
            decision = judge(bench, call, request=request, requester=requester, now=now, spent=spent)
            found.append((decided(call, decision), decision))
        return tuple(found)

    async def _askings(self, hearing: _Hearing) -> tuple[Asking, ...]:
        async with self._seams.store.view(self._seams.tenant) as view:
            joined = await view.requests.joined_to(hearing.request.id)
        return await find_askings(
            self._seams,
            hearing.request,
            hearing.requester,
            hearing.missing,
            requesters=frozenset({hearing.requester.id, *(other.requester for other in joined)}),
            taken=reviewers_of(hearing.given),
            givers=frozenset(grant.giver for grant in hearing.grants),
        )

    async def _used_up(self, unit: Unit, hearing: _Hearing, askings: tuple[Asking, ...]) -> GrantId | None:
        """Counts the use of every grant that the first call needs; gives the first that is used up."""
        if hearing.barred or askings or hearing.resumed:
            return None
        now = self._seams.clock.now()
        today = now.astimezone(hearing.bench.tenant.zone).date()
        for grant in hearing.grants_needed:
            if not await unit.grants.use(grant, now=now, today=today):
                return grant
        return None

    async def _settled(self, unit: Unit, hearing: _Hearing, askings: tuple[Asking, ...]) -> CallRecord | None:
        """Writes what the decisions of this moment mean: refused, asked again, or the first call begun."""
        now = self._seams.clock.now()
        stored = {call.id: call for call in await unit.requests.calls(hearing.request.id)}
        if hearing.barred or askings:
            await record(unit, hearing.request, hearing.requester, hearing.judged, now)
        if hearing.barred:
            await self._refuse(unit, hearing, hearing.barred, hearing.words, now)
            return None
        if not _is_what_was_approved(hearing, stored):
            reasons = {call.id: ALTERED for call, _ in hearing.judged}
            await self._refuse(unit, hearing, reasons, f"Nothing was done. {ALTERED}", now)
            return None
        if askings:
            await self._ask_again(unit, hearing, askings, stored, now)
            return None
        return await self._begun(unit, hearing, stored, now)

    async def _begun(
        self, unit: Unit, hearing: _Hearing, stored: Mapping[CallId, CallRecord], now: datetime
    ) -> CallRecord:
        """Commits the first call as executing."""
        first, decision = hearing.judged[0]
        was = stored[first.id]
        grants = was.grants if hearing.resumed else hearing.grants_needed
        running = replace(
            first,
            status=moved(CALL_MOVES, first.status, CallEvent.STARTED),
            started=was.started or now,
            grants=grants,
        )
        await record(unit, hearing.request, hearing.requester, [(running, decision)], now)
        await unit.requests.swap_call(was, running)
        entry = await call_entry(unit, "call.started", running, hearing.request, now=now)
        word = AuditDecision.APPROVED_BY_USER if hearing.given or grants else AuditDecision.ALLOW
        await unit.audit.append(replace(entry, decision=word))
        await tell.refresh(unit, hearing.request)
        return running

    async def _refuse(
        self, unit: Unit, hearing: _Hearing, reasons: Mapping[CallId, str], words: str, now: datetime
    ) -> None:
        steps = [call for call in await unit.requests.calls(hearing.request.id) if call.position >= 0]
        for call in steps:
            if call.status is CallStatus.PROPOSED:
                event = CallEvent.REFUSED if call.id in reasons else CallEvent.SKIPPED
                reason = reasons.get(call.id, call.reason)
                await unit.requests.swap_call(call, replace(moved_call(call, event), reason=reason))
        await close_approvals(unit, hearing.request, ApprovalEvent.VOIDED, now=now)
        if any(call.status is CallStatus.SUCCEEDED for call in steps):
            words = words.replace("Nothing was done.", "It stopped before the end; what was done stays done.")
        await finish(unit, hearing.request, RequestEvent.REFUSED, words, now=now)

    async def _ask_again(
        self,
        unit: Unit,
        hearing: _Hearing,
        askings: tuple[Asking, ...],
        stored: Mapping[CallId, CallRecord],
        now: datetime,
    ) -> None:
        for call, _ in hearing.judged:
            tool = hearing.bench.catalog[call.tool]
            await unit.requests.swap_call(stored[call.id], replace(call, fingerprint=tool.fingerprint))
        request = hearing.request
        if hearing.drifted:
            await close_approvals(unit, request, ApprovalEvent.VOIDED, now=now, also_given=True)
        status = moved(REQUEST_MOVES, request.status, RequestEvent.ASKED)
        asked = await unit.requests.swap(request, replace(request, status=status, updated=now))
        await store_askings(unit, asked, askings)
        why = "a tool changed in the meantime" if hearing.drifted else "the policy asks for it now"
        text = f"Your request needs another approval, because {why}. I have asked for it."
        await tell.say(unit, asked, asked.requester, text)
        await tell.refresh(unit, asked)


def _is_what_was_approved(hearing: _Hearing, stored: Mapping[CallId, CallRecord]) -> bool:
    """Whether calls and approvals still carry the digests of what would run, byte for byte."""
    steps = sorted((c for c in stored.values() if c.position >= 0), key=lambda call: call.position)
    plan = plan_digest([call.call for call in steps])
    return all(call.call.digest == call.digest for call in steps) and all(
        approval.digest == plan for approval in hearing.given
    )


def _is_human(approval: Approval) -> bool:
    """Whether people approved it; what grants filled is used up anew when the call runs."""
    return approval.status is ApprovalStatus.APPROVED and not any(r.grant for r in approval.reviews)


def moved_call(call: CallRecord, event: CallEvent) -> CallRecord:
    """Gives the call after the event."""
    return replace(call, status=moved(CALL_MOVES, call.status, event))
