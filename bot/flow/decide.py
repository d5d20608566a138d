"""Decide: every call of the plan gets its decision, and the request goes where the decisions send it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.domain.actions import Action
from bot.domain.decisions import Cause, Decision
from bot.domain.moves import CALL_MOVES, REQUEST_MOVES, CallEvent, RequestEvent, moved
from bot.domain.people import Person
from bot.domain.requests import ApprovalStatus, CallRecord, CallStatus, Request, RequestStatus
from bot.domain.tenants import Mode
from bot.flow import tell
from bot.flow.ask import Asking, find_askings, store_askings
from bot.flow.finish import NOTHING_DONE, STOPPED, has_begun
from bot.flow.intake import known_person
from bot.flow.judge import Bench, bench_of, decided, grants_of, joined_seats, judge, record
from bot.flow.seams import Seams
from bot.flow.vouched import vouched_now
from bot.ports.records import Overtaken
from bot.ports.store import Unit

ATTEMPTS: Final = 10
"""How often a decision is made anew because policies changed under it."""

NOTED = "I have passed this to IT with what I found out. A technician takes it from here."

Judged = Sequence[tuple[CallRecord, Decision]]
"""Calls with their decisions."""


class Decide:
    """Takes a planned request to waiting, executing, denied or noted."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request: Request) -> Request:
        """Gives the request as the decisions leave it.

        Raises:
            DirectoryUnreachable: the requester cannot be looked up; nothing changed.
            Overtaken: somebody else moved the request, or policies kept changing.
        """
        known = await known_person(self._seams, request.requester)
        for _ in range(ATTEMPTS):
            requester = await vouched_now(self._seams, known)
            async with self._seams.store.view(self._seams.tenant) as view:
                bench = await bench_of(view)
                calls = await view.requests.calls(request.id)
                judged = self._judged(bench, request, requester, calls)
                used = await grants_of(view, [decision for _, decision in judged])
            seats = joined_seats(seat for _, decision in judged for seat in decision.open_seats)
            askings: tuple[Asking, ...] = ()
            if seats and bench.tenant.mode is Mode.EXECUTE and not refused_calls(judged):
                requesters = frozenset({requester.id})
                givers = frozenset(grant.giver for grant in used)
                askings = await find_askings(
                    self._seams, request, requester, seats, requesters=requesters, givers=givers
                )
            async with self._seams.store.unit(self._seams.tenant) as unit:
                if bench.same_as(await bench_of(unit)):
                    return await self._settled(unit, bench, request, requester, judged, askings)
        raise Overtaken

    def _judged(
        self, bench: Bench, request: Request, requester: Person, calls: Sequence[CallRecord]
    ) -> list[tuple[CallRecord, Decision]]:
        now = self._seams.clock.now()
        found = []
        for call in calls:
            if call.position >= 0 and call.status is CallStatus.PROPOSED:
                decision = judge(bench, call, request=request, requester=requester, now=now)
                found.append((decided(call, decision), decision))
        return found

    async def _settled(
        self,
        unit: Unit,
        bench: Bench,
        request: Request,
        requester: Person,
        judged: Judged,
        askings: tuple[Asking, ...],
    ) -> Request:
        now = self._seams.clock.now()
        await record(unit, bench, request, requester, judged, now)
        refused = refused_calls(judged)
        began = await has_begun(unit, request.id)
        event, joined_to, outcome = RequestEvent.CLEARED, None, ""
        if bench.tenant.mode is Mode.PLAN:
            event, outcome = RequestEvent.NOTED, NOTED
        elif refused:
            done = STOPPED if began else NOTHING_DONE
            event, outcome = RequestEvent.REFUSED, f"{refusal_words(refused)} {done}"
        elif askings:
            event = RequestEvent.ASKED
            joined_to = None if began else await self._equal(unit, request, askings)
        await self._store_calls(unit, judged, is_refused=event is RequestEvent.REFUSED)
        following = replace(
            request,
            status=moved(REQUEST_MOVES, request.status, event),
            outcome=outcome,
            joined_to=joined_to.id if joined_to else None,
            updated=now,
        )
        stored = await unit.requests.swap(request, following)
        if askings and event is RequestEvent.ASKED and joined_to is None:
            await store_askings(unit, stored, askings)
        if joined_to is not None:
            await tell.refresh(unit, joined_to)
        if outcome:
            await tell.say(unit, stored, stored.requester, outcome)
        await tell.note(unit, stored)
        await tell.refresh(unit, stored)
        return stored

    async def _store_calls(self, unit: Unit, judged: Judged, *, is_refused: bool) -> None:
        stored = {call.id: call for call in await unit.requests.calls(judged[0][0].request)}
        for call, decision in judged:
            becomes = call
            if is_refused:
                is_cause = decision.action in {Action.DISABLED, Action.STEP_UP}
                event = CallEvent.REFUSED if is_cause else CallEvent.SKIPPED
                becomes = replace(call, status=moved(CALL_MOVES, call.status, event))
            await unit.requests.swap_call(stored[call.id], becomes)

    async def _equal(self, unit: Unit, request: Request, askings: tuple[Asking, ...]) -> Request | None:
        """Finds a waiting request for the very same calls that asks the very same people."""
        wanted = {_asked(asking) for asking in askings}
        for seen in await unit.requests.waiting():
            if seen.id == request.id or seen.joined_to or seen.plan_digest != request.plan_digest:
                continue
            other = await unit.requests.get(seen.id)
            if other is None or other.status is not RequestStatus.WAITING or other.joined_to:
                continue
            approvals = await unit.approvals.of(other.id)
            untouched = all(one.status is ApprovalStatus.PENDING and not one.reviews for one in approvals)
            calls = await unit.requests.calls(other.id)
            begun = any(call.started is not None for call in calls if call.position >= 0)
            same = {(one.seat, one.approver, one.asked_group) for one in approvals} == wanted
            if same and untouched and not begun:
                return other
        return None


def refused_calls(judged: Judged) -> list[tuple[CallRecord, Decision]]:
    """Gives the calls that may not run at all: disabled, or waiting for a sign-in that is not built yet."""
    return [
        (call, decision) for call, decision in judged if decision.action in {Action.DISABLED, Action.STEP_UP}
    ]


def refusal_words(refused: Judged) -> str:
    """Gives what to tell the requester about calls that may not run."""
    lines = []
    for call, decision in refused:
        if decision.action is Action.STEP_UP:
            first = f"{call.tool} asks you to sign in again first, and that is not possible here yet."
            lines.append(f"{first} {call.reason}")
        elif decision.cause is Cause.FROZEN:
            lines.append(
                f"{call.tool} cannot be used now. {call.reason} Ask again when the freeze is lifted."
            )
        else:
            lines.append(f"{call.tool} is not allowed. {call.reason}")
    return " ".join(lines)


def _asked(asking: Asking) -> tuple[object, ...]:
    return (asking.approval.seat, asking.approval.approver, asking.approval.asked_group)
