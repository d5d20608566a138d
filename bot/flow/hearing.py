"""Hearing: everything that is decided anew about a request before its next call, and nothing written yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.decisions import Decision
from bot.domain.grants import Grant, GrantId, Seat
from bot.domain.moves import RequestEvent
from bot.domain.people import Person, PersonId
from bot.domain.requests import (
    Approval,
    ApprovalStatus,
    CallId,
    CallRecord,
    CallStatus,
    Request,
    RequestId,
    RequestStatus,
)
from bot.domain.tenants import Mode
from bot.flow.approve import reviewers_of
from bot.flow.decide import refusal_words, refused_calls
from bot.flow.intake import known_person
from bot.flow.judge import Bench, bench_of, decided, grants_of, joined_seats, judge
from bot.flow.seams import Seams
from bot.flow.vouched import vouched

PLAN_MODE: Final = "The bot only plans at the moment, so nothing runs. Ask IT, who can see what you need."

Judged = tuple[tuple[CallRecord, Decision], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One round of deciding what is left of a request."""

    bench: Bench
    request: Request
    requester: Person
    judged: Judged
    """The calls that are left, in order, with their decisions of this moment."""
    given: tuple[Approval, ...]
    """What people approved, for the tools as they were then."""
    drifted: bool
    """Whether a tool is not the one that was approved."""
    grants: tuple[Grant, ...]
    """The standing approvals that fill seats."""
    joined: tuple[Request, ...]
    """The requests that share this one's approvals."""
    leaving: tuple[Request, ...]
    """Those of them for which more is asked than was approved, or which may not run at all."""

    @property
    def requesters(self) -> frozenset[PersonId]:
        """Everyone who asks for the same."""
        return frozenset({self.requester.id, *(other.requester for other in self.joined)})

    @property
    def missing(self) -> tuple[Seat, ...]:
        """The open seats that no approval given so far fills, each with as many reviews as it still needs."""
        return unfilled([decision for _, decision in self.judged], self.given)

    @property
    def barred(self) -> dict[CallId, str]:
        """Why calls may not run at all."""
        if self.bench.tenant.mode is Mode.PLAN:
            return {call.id: PLAN_MODE for call, _ in self.judged}
        return {call.id: call.reason for call, _ in refused_calls(self.judged)}

    @property
    def words(self) -> str:
        """What to tell the requester about calls that may not run."""
        return PLAN_MODE if self.bench.tenant.mode is Mode.PLAN else refusal_words(refused_calls(self.judged))

    @property
    def doubled(self) -> frozenset[GrantId]:
        """The grants that would fill a seat with the word of somebody who approved at another seat."""
        reviewers, needed = reviewers_of(self.given), self.grants_needed
        return frozenset(one.id for one in self.grants if one.id in needed and one.giver in reviewers)

    @property
    def grants_needed(self) -> tuple[GrantId, ...]:
        """The grants of the first call's seats that people did not fill, each once."""
        reviews = reviews_by_seat(self.given)
        seats = self.judged[0][1].filled_seats.items()
        found = (one for seat, grants in seats if reviews.get(seat.key, 0) < seat.quorum for one in grants)
        return tuple(dict.fromkeys(found))


async def hear(
    seams: Seams, request_id: RequestId, spent: frozenset[GrantId]
) -> Hearing | RequestEvent | None:
    """Gives the hearing; or how the request is over; or None when it is not this worker's turn any more.

    `spent` are grants that were found used up.

    Raises:
        DirectoryUnreachable: the requester cannot be looked up.
        UnknownPerson, DisabledPerson: nothing can run for the requester any more.
    """
    async with seams.store.view(seams.tenant) as view:
        request = await view.requests.get(request_id)
        if request is None or request.status is not RequestStatus.EXECUTING:
            return None
        bench = await bench_of(view)
        steps = [call for call in await view.requests.calls(request.id) if call.position >= 0]
        approvals = await view.approvals.of(request.id)
        joined = await view.requests.joined_to(request.id)
    todo = [call for call in steps if call.status is CallStatus.PROPOSED]
    if any(call.status is CallStatus.FAILED for call in steps):
        return RequestEvent.FAILED
    if not todo:
        return RequestEvent.FINISHED
    drifted = any(
        call.tool in bench.catalog and call.fingerprint != bench.catalog[call.tool].fingerprint
        for call in todo
    )
    given = () if drifted else tuple(one for one in approvals if _is_human(one))
    known = await known_person(seams, request.requester)
    requester = await vouched(seams.directory, known, bench.policy_set.groups)
    judged = _judged(seams, bench, request, requester, todo, spent)
    async with seams.store.view(seams.tenant) as view:
        grants = await grants_of(view, [decision for _, decision in judged])
    begun = any(call.started is not None for call in steps)
    leaving = () if begun else await _leaving(seams, bench, joined, todo, given)
    return Hearing(
        bench=bench,
        request=request,
        requester=requester,
        judged=judged,
        given=given,
        drifted=drifted,
        grants=grants,
        joined=joined,
        leaving=leaving,
    )


def _judged(
    seams: Seams,
    bench: Bench,
    request: Request,
    requester: Person,
    todo: Sequence[CallRecord],
    spent: frozenset[GrantId],
) -> Judged:
    now = seams.clock.now()
    found = []
    for call in todo:
        decision = judge(bench, call, request=request, requester=requester, now=now, spent=spent)
        found.append((decided(call, decision), decision))
    return tuple(found)


async def _leaving(
    seams: Seams,
    bench: Bench,
    joined: Sequence[Request],
    todo: Sequence[CallRecord],
    given: Sequence[Approval],
) -> tuple[Request, ...]:
    """Gives the joined requests that may not run on what was approved: each is decided for its own person."""
    found = []
    for other in joined:
        person = await seams.directory.person(other.requester)
        if person is None or not person.enabled:
            found.append(other)
            continue
        person = await vouched(seams.directory, person, bench.policy_set.groups)
        judged = _judged(seams, bench, other, person, todo, frozenset())
        if refused_calls(judged) or unfilled([decision for _, decision in judged], given):
            found.append(other)
    return tuple(found)


def unfilled(decisions: Sequence[Decision], given: Sequence[Approval]) -> tuple[Seat, ...]:
    """Gives the open seats that the given approvals do not fill, with the number of reviews still needed."""
    reviews = reviews_by_seat(given)
    seats = joined_seats(seat for decision in decisions for seat in decision.open_seats)
    needs = [(seat, seat.quorum - reviews.get(seat.key, 0)) for seat in seats]
    return tuple(Seat(seat.kind, seat.group, needed) for seat, needed in needs if needed > 0)


def reviews_by_seat(given: Sequence[Approval]) -> dict[object, int]:
    """Gives how many people approved at each seat."""
    found: dict[object, int] = {}
    for approval in given:
        found[approval.seat.key] = found.get(approval.seat.key, 0) + len(approval.reviews)
    return found


def _is_human(approval: Approval) -> bool:
    """Whether people approved it; what grants filled is used up anew when the call runs."""
    return approval.status is ApprovalStatus.APPROVED and not any(one.grant for one in approval.reviews)
