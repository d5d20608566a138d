"""Settles other pending approvals that new standing approvals answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.domain.grants import Grant, GrantId, Holder, HolderGroup
from bot.domain.moves import APPROVAL_MOVES, REQUEST_MOVES, ApprovalEvent, RequestEvent, moved
from bot.domain.people import Person, PersonId
from bot.domain.requests import Approval, ApprovalStatus, Request, RequestStatus, Review, Verdict
from bot.flow import tell
from bot.flow.approve import review_entry
from bot.flow.judge import Bench, bench_of, judge
from bot.flow.seams import Seams
from bot.flow.seats import seated_elsewhere
from bot.flow.vouched import vouched
from bot.ports.store import Unit


class Settle:
    """Closes what new grants answer."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def requesters(
        self, holders: Iterable[Holder], also: Iterable[PersonId] = ()
    ) -> Mapping[PersonId, Person]:
        """Gives those whose requests wait, and these too, as the directory knows them now.

        Of the groups that they are in, those count that hold what is given, or that are named already.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            wanted = {request.requester for request in await view.requests.waiting()} | set(also)
            named = (await view.policies.current()).groups
        named = named.union(one.group for one in holders if isinstance(one, HolderGroup))
        found = [await self._seams.directory.person(person) for person in sorted(wanted)]
        known = [person for person in found if person is not None]
        return {one.id: await vouched(self._seams.directory, one, named) for one in known}

    async def __call__(
        self, unit: Unit, own: Request | None, grants: Sequence[Grant], others: Mapping[PersonId, Person]
    ) -> list[Request]:
        """Gives the requests whose pending approvals the grants answered, within their use limits.

        `own` is the request that they were given from; None where it was none.
        """
        bench = await bench_of(unit)
        left = min((grant.uses_limit for grant in grants if grant.uses_limit), default=None)
        settled: list[Request] = []
        for approval in await unit.approvals.pending():
            if left is not None and len(settled) >= left:
                break
            request = await unit.requests.get(approval.request)
            if request is None or (own is not None and request.id == own.id):
                continue
            if approval.expires <= self._seams.clock.now():
                continue
            used = await self._answered_by(unit, bench, request, approval, others)
            grant = next((one for one in grants if one.id in used), None)
            if grant is not None and grant.giver not in await _parties(unit, request, approval):
                await self._close(unit, request, approval, grant)
                settled.append(request)
        return settled

    async def _answered_by(
        self,
        unit: Unit,
        bench: Bench,
        request: Request,
        approval: Approval,
        others: Mapping[PersonId, Person],
    ) -> set[GrantId]:
        """Gives the grants that fill this seat for every call that asks it; none if one stays open."""
        requester = others.get(request.requester)
        if requester is None or request.status is not RequestStatus.WAITING:
            return set()
        now, used = self._seams.clock.now(), set[GrantId]()
        for call in await unit.requests.calls(request.id):
            if call.position < 0:
                continue
            decision = judge(bench, call, request=request, requester=requester, now=now)
            if approval.seat.key in {seat.key for seat in decision.open_seats}:
                return set()
            for seat, ids in decision.filled_seats.items():
                if seat.key == approval.seat.key:
                    used.update(ids)
        return used

    async def _close(self, unit: Unit, request: Request, approval: Approval, grant: Grant) -> None:
        now = self._seams.clock.now()
        review = Review(
            approval=approval.id, reviewer=grant.giver, verdict=Verdict.APPROVE, grant=grant.id, at=now
        )
        await unit.approvals.add_review(review)
        await unit.audit.append(review_entry(request, approval, review, now))
        status = moved(APPROVAL_MOVES, approval.status, ApprovalEvent.APPROVED)
        await unit.approvals.swap(approval, replace(approval, status=status, decided=now))
        left = [one for one in await unit.approvals.of(request.id) if one.status is ApprovalStatus.PENDING]
        if not left:
            cleared = moved(REQUEST_MOVES, request.status, RequestEvent.CLEARED)
            request = await unit.requests.swap(request, replace(request, status=cleared, updated=now))
        await tell.refresh(unit, request)


async def _parties(unit: Unit, request: Request, approval: Approval) -> frozenset[PersonId]:
    """Gives those who ask for the same, or whose word counts at another seat."""
    asking = {joined.requester for joined in await unit.requests.joined_to(request.id)}
    known = [
        await unit.grants.get(grant)
        for call in await unit.requests.calls(request.id)
        for grant in call.grants
    ]
    given = [grant for grant in known if grant is not None]
    return seated_elsewhere(await unit.approvals.of(request.id), given, approval.seat) | asking


def request_title(request: Request) -> str:
    """Gives the requester's words in short, to name the request in a sentence."""
    words = " ".join(request.text.split())
    return f"“{words[:80]}”" if words else "a request by form"
