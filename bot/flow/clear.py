"""Clear: before each call everything is decided once more, for the very call that was approved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.events import AuditDecision
from bot.domain.grants import GrantId
from bot.domain.moves import CALL_MOVES, REQUEST_MOVES, ApprovalEvent, CallEvent, RequestEvent, moved
from bot.domain.plans import plan_digest
from bot.domain.requests import CallId, CallRecord, CallStatus, RequestId
from bot.flow import tell
from bot.flow.approve import reviewers_of
from bot.flow.ask import Asking, find_askings, store_askings
from bot.flow.decide import ATTEMPTS
from bot.flow.finish import close_approvals, decide_anew, finish
from bot.flow.hearing import Hearing, hear
from bot.flow.judge import bench_of, call_entry, record
from bot.flow.seams import Seams
from bot.ports.records import Overtaken
from bot.ports.store import Unit

ALTERED: Final = "What would run is not what was approved, so I stopped. Tell an admin; the log shows more."

Stored = Mapping[CallId, CallRecord]


class _UsedUp(Exception):
    """Rolls the transaction back: a grant that is needed has no use left."""

    def __init__(self, grant: GrantId) -> None:
        self.grant = grant
        super().__init__(grant)


class Clear:
    """Takes the next call of an approved request to executing."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request_id: RequestId) -> CallRecord | RequestEvent | None:
        """Gives the next call, committed as executing; or how the request is over; or None when it waits.

        Raises:
            DirectoryUnreachable: somebody cannot be looked up; nothing changed.
            Overtaken: somebody else moved the request, or policies kept changing.
        """
        spent = frozenset[GrantId]()
        for _ in range(ATTEMPTS):
            hearing = await hear(self._seams, request_id, spent)
            if not isinstance(hearing, Hearing):
                return hearing
            if doubled := hearing.doubled:
                spent |= doubled
                continue
            askings = await self._askings(hearing) if hearing.missing and not hearing.barred else ()
            try:
                async with self._seams.store.unit(self._seams.tenant) as unit:
                    if hearing.bench.same_as(await bench_of(unit)):
                        return await self._settled(unit, hearing, askings)
            except _UsedUp as used_up:
                spent |= {used_up.grant}
        raise Overtaken

    async def _askings(self, hearing: Hearing) -> tuple[Asking, ...]:
        return await find_askings(
            self._seams,
            hearing.request,
            hearing.requester,
            hearing.missing,
            requesters=hearing.requesters,
            taken=reviewers_of(hearing.given),
            givers=frozenset(grant.giver for grant in hearing.grants),
        )

    async def _settled(self, unit: Unit, hearing: Hearing, askings: tuple[Asking, ...]) -> CallRecord | None:
        """Writes what the decisions of this moment mean: refused, asked again, or the first call begun."""
        now = self._seams.clock.now()
        locked = await unit.requests.get(hearing.request.id)
        joined = await unit.requests.joined_to(hearing.request.id)
        if locked != hearing.request or joined != hearing.joined:
            raise Overtaken
        stored = {call.id: call for call in await unit.requests.calls(hearing.request.id)}
        if not _is_still_to_do(hearing, stored):
            raise Overtaken
        if hearing.barred or askings:
            await record(unit, hearing.bench, hearing.request, hearing.requester, hearing.judged, now)
        if hearing.barred:
            await self._refuse(unit, hearing, hearing.barred, hearing.words, now)
            return None
        if not _is_what_was_approved(hearing, stored):
            await self._refuse(unit, hearing, {call.id: ALTERED for call, _ in hearing.judged}, ALTERED, now)
            return None
        for other in hearing.leaving:
            await decide_anew(unit, other, now=now)
        if askings:
            await self._ask_again(unit, hearing, askings, stored, now)
            return None
        return await self._begun(unit, hearing, stored, now)

    async def _begun(self, unit: Unit, hearing: Hearing, stored: Stored, now: datetime) -> CallRecord:
        """Counts the grants that the first call needs, and commits the call as executing.

        Raises:
            _UsedUp: a grant has no use left.
        """
        first, decision = hearing.judged[0]
        was, grants = stored[first.id], hearing.grants_needed
        today = now.astimezone(hearing.bench.tenant.zone).date()
        for grant in grants:
            if not await unit.grants.use(grant, now=now, today=today):
                raise _UsedUp(grant)
        running = replace(
            first,
            status=moved(CALL_MOVES, first.status, CallEvent.STARTED),
            started=was.started or now,
            grants=grants,
        )
        await record(unit, hearing.bench, hearing.request, hearing.requester, [(running, decision)], now)
        await unit.requests.swap_call(was, running)
        entry = await call_entry(unit, "call.started", running, hearing.request, now=now)
        word = AuditDecision.APPROVED_BY_USER if hearing.given or grants else AuditDecision.ALLOW
        await unit.audit.append(replace(entry, decision=word))
        await tell.refresh(unit, hearing.request)
        return running

    async def _refuse(
        self, unit: Unit, hearing: Hearing, reasons: Mapping[CallId, str], words: str, now: datetime
    ) -> None:
        for call in await unit.requests.calls(hearing.request.id):
            if call.status is CallStatus.PROPOSED and call.id in reasons:
                refused = replace(moved_call(call, CallEvent.REFUSED), reason=reasons[call.id])
                await unit.requests.swap_call(call, refused)
        await close_approvals(unit, hearing.request, ApprovalEvent.VOIDED, now=now)
        await finish(unit, hearing.request, RequestEvent.REFUSED, words, now=now)

    async def _ask_again(
        self, unit: Unit, hearing: Hearing, askings: Sequence[Asking], stored: Stored, now: datetime
    ) -> None:
        for call, _ in hearing.judged:
            tool = hearing.bench.catalog[call.tool]
            asked_call = replace(call, fingerprint=tool.fingerprint, started=None)
            await unit.requests.swap_call(stored[call.id], asked_call)
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


def _is_still_to_do(hearing: Hearing, stored: Stored) -> bool:
    """Whether no other worker, for which this one was gone, began any of the calls that were heard."""
    heard = ((stored.get(call.id), call) for call, _ in hearing.judged)
    return all(found is not None and found.status is call.status for found, call in heard)


def _is_what_was_approved(hearing: Hearing, stored: Stored) -> bool:
    """Whether calls and approvals still carry the digests of what would run, byte for byte."""
    steps = sorted((c for c in stored.values() if c.position >= 0), key=lambda call: call.position)
    plan = plan_digest([call.call for call in steps])
    return all(call.call.digest == call.digest for call in steps) and all(
        approval.digest == plan for approval in hearing.given
    )


def moved_call(call: CallRecord, event: CallEvent) -> CallRecord:
    """Gives the call after the event."""
    return replace(call, status=moved(CALL_MOVES, call.status, event))
