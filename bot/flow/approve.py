"""Approve: one approver's verdict on one seat, checked against everything that may have changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards.frozen import frozen_words
from bot.cards.story import Story
from bot.cards.words import seat_words, verdict_words
from bot.domain.errors import Refusal
from bot.domain.events import AuditDecision, AuditEntry
from bot.domain.grants import SeatKind
from bot.domain.moves import APPROVAL_MOVES, REQUEST_MOVES, ApprovalEvent, RequestEvent, moved
from bot.domain.people import Person, PersonId
from bot.domain.plans import plan_digest
from bot.domain.requests import Approval, ApprovalId, ApprovalStatus, CallStatus, Request, Review, Verdict
from bot.flow import tell
from bot.flow.finish import close_approvals, finish
from bot.flow.gather import freezes_over, gather
from bot.flow.intake import known_person
from bot.flow.refusals import (
    AlreadyDecided,
    AlreadyReviewed,
    NotYourSeat,
    OwnRequest,
    SecondSeat,
    StillFrozen,
    TooLate,
    UnknownCard,
)
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.seats import may_fill, seated_elsewhere
from bot.ports.store import Unit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """An approver who may decide an approval now, with the story it was checked on."""

    story: Story
    approval: Approval
    person: Person


class Approve:
    """Takes a verdict."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._reseat = Reseat(seams)

    async def __call__(
        self, approval: ApprovalId, reviewer: PersonId, verdict: Verdict, *, reason: str = ""
    ) -> str:
        """Stores the verdict and gives the sentence for the reviewer.

        However many decide at once, one does; the others are told who.

        Raises:
            Refusal: not theirs to decide, decided already, over, or another plan than the one shown.
            StillFrozen: it may be denied, and approved only when the freeze is lifted.
        """
        standing = await self.standing(approval, reviewer)
        if verdict is Verdict.APPROVE:
            check_thawed(standing.story)
        async with self._seams.store.unit(self._seams.tenant) as unit:
            late = await self.changed(unit, standing)
            if late is None:
                await self.take(unit, standing, verdict, reason=reason)
        if late is not None:
            raise await self._late(late)
        self._seams.bell.ring()
        if verdict is Verdict.DENY:
            begun = any(call.status is not CallStatus.PROPOSED for call in standing.story.steps)
            return f"Denied. Nothing {'more ' if begun else ''}runs, and the person who asked is told."
        try:
            await self._reseat(standing.story.request.id)
            return await self._after(standing)
        except Refusal as refusal:
            # The verdict is stored; what comes after it must not make it look refused.
            log.warning("approval.afterwards", why=type(refusal).__name__)
            return "Approved."

    async def standing(self, approval_id: ApprovalId, reviewer: PersonId) -> Standing:
        """Gives the reviewer's standing, with role, account, manager and seats looked up now.

        Raises:
            Refusal: they may not decide it, or nobody can any more.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.approvals.get(approval_id)
            copies = await view.outbox.copies(approval_id) if found else ()
        story = await gather(self._seams, found.request) if found else None
        if found is None or story is None:
            raise UnknownCard
        person = await known_person(self._seams, reviewer)
        approval = next(one for one in story.approvals if one.id == approval_id)
        if person.id in story.requesters:
            raise OwnRequest
        if not await may_fill(self._seams.directory, approval, person):
            had_it = any(copy.person == person.id for copy in copies)
            reviewed = any(review.reviewer == person.id for review in approval.reviews)
            if not had_it and not reviewed:
                raise UnknownCard
            raise NotYourSeat(who=seat_words(story, approval))
        self._check_open(story, approval, person)
        await self._check_manager(story, approval, person)
        return Standing(story=story, approval=approval, person=person)

    def _check_open(self, story: Story, approval: Approval, person: Person) -> None:
        if approval.status is not ApprovalStatus.PENDING:
            raise AlreadyDecided(what=f"{seat_words(story, approval)}: {verdict_words(story, approval)}")
        if any(review.reviewer == person.id for review in same_seat(story, approval)):
            raise AlreadyReviewed(more=approval.seat.quorum - len(approval.reviews))
        if person.id in seated_elsewhere(story.approvals, story.grants.values(), approval.seat):
            raise SecondSeat
        if story.now >= approval.expires:
            until = story.moment(approval.expires)
            raise TooLate(until=until, name=story.name(story.request.requester))

    async def _check_manager(self, story: Story, approval: Approval, person: Person) -> None:
        if approval.seat.kind is not SeatKind.MANAGER:
            return
        if await self._reseat.is_moved(story, approval):
            await self._reseat(story.request.id)
            raise NotYourSeat(who="the manager whom the directory names now")
        if person.id in story.requesters:
            raise OwnRequest

    async def changed(self, unit: Unit, standing: Standing) -> ApprovalId | None:
        """Gives the approval's id if it is not any more what the standing was checked on, else None."""
        request = await unit.requests.get(standing.approval.request)
        approval = await unit.approvals.get(standing.approval.id)
        if approval is None or request is None or approval.status is not ApprovalStatus.PENDING:
            return standing.approval.id
        joined = {other.requester for other in await unit.requests.joined_to(request.id)}
        if joined | {request.requester} != standing.story.requesters or self._is_late(approval):
            return standing.approval.id
        steps = [call for call in await unit.requests.calls(request.id) if call.position >= 0]
        if approval.digest != plan_digest([call.call for call in steps]):
            return standing.approval.id
        if await freezes_over(unit, request, steps) != standing.story.freezes:
            return standing.approval.id
        others = await unit.approvals.of(request.id)
        mine = [r for other in others for r in other.reviews if r.reviewer == standing.person.id]
        known = [r for o in standing.story.approvals for r in o.reviews if r.reviewer == standing.person.id]
        return standing.approval.id if len(mine) != len(known) else None

    def _is_late(self, approval: Approval) -> bool:
        return self._seams.clock.now() >= approval.expires

    async def take(self, unit: Unit, standing: Standing, verdict: Verdict, *, reason: str) -> None:
        """Writes the verdict and what follows from it, in this transaction."""
        now = self._seams.clock.now()
        approval = await unit.approvals.get(standing.approval.id) or standing.approval
        request = await unit.requests.get(approval.request) or standing.story.request
        review = Review(
            approval=approval.id, reviewer=standing.person.id, verdict=verdict, reason=reason, at=now
        )
        await unit.approvals.add_review(review)
        await unit.audit.append(review_entry(request, approval, review, now))
        if verdict is Verdict.DENY:
            await self._deny(unit, request, approval, standing.person, reason, now)
            return
        await count_verdicts(unit, request, replace(approval, reviews=(*approval.reviews, review)), now)

    async def _deny(
        self, unit: Unit, request: Request, approval: Approval, person: Person, reason: str, now: datetime
    ) -> None:
        status = moved(APPROVAL_MOVES, approval.status, ApprovalEvent.DENIED)
        await unit.approvals.swap(approval, replace(approval, status=status, decided=now))
        await close_approvals(unit, request, ApprovalEvent.VOIDED, now=now)
        because = f" The reason: “{reason}”" if reason else " No reason was given; ask them if you need one."
        outcome = f"{person.name} did not approve your request.{because}"
        await finish(unit, request, RequestEvent.DENIED, outcome, now=now, actor=person.id)

    async def _late(self, approval: ApprovalId) -> AlreadyDecided:
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.approvals.get(approval)
        story = await gather(self._seams, found.request) if found else None
        if found is None or story is None:
            return AlreadyDecided(what="it is gone")
        if found.status is ApprovalStatus.PENDING:
            return AlreadyDecided(what="it changed in this moment; look at it again")
        return AlreadyDecided(what=f"{seat_words(story, found)}: {verdict_words(story, found)}")

    async def _after(self, standing: Standing) -> str:
        story = await gather(self._seams, standing.story.request.id)
        waiting = pending_words(story) if story else ""
        return (
            f"Approved. Still waiting for: {waiting}."
            if waiting
            else "Approved. It is checked once more, then it runs."
        )


def check_thawed(story: Story) -> None:
    """Passes if nothing is frozen of what the request has still to do.

    Raises:
        StillFrozen: something is.
    """
    if story.freezes:
        raise StillFrozen(what=" ".join(frozen_words(story)))


def same_seat(story: Story, approval: Approval) -> list[Review]:
    """Gives what was said at this seat of the request, also before it was asked again."""
    return [
        review
        for other in story.approvals
        if other.seat.key == approval.seat.key and other.status is not ApprovalStatus.VOID
        for review in other.reviews
    ]


def pending_words(story: Story) -> str:
    """Gives who is still waited for; empty when nobody is."""
    return ", ".join(
        seat_words(story, approval)
        for approval in story.approvals
        if approval.status is ApprovalStatus.PENDING
    )


async def count_verdicts(unit: Unit, request: Request, approval: Approval, now: datetime) -> None:
    """Closes the approval if its quorum is reached, and clears the request if it was the last one."""
    approved = [review for review in approval.reviews if review.verdict is Verdict.APPROVE]
    if len(approved) < approval.seat.quorum:
        await tell.refresh(unit, request)
        return
    status = moved(APPROVAL_MOVES, approval.status, ApprovalEvent.APPROVED)
    await unit.approvals.swap(approval, replace(approval, status=status, decided=now))
    pending = [one for one in await unit.approvals.of(request.id) if one.status is ApprovalStatus.PENDING]
    if not pending:
        cleared = replace(
            request, status=moved(REQUEST_MOVES, request.status, RequestEvent.CLEARED), updated=now
        )
        request = await unit.requests.swap(request, cleared)
    await tell.refresh(unit, request)


def review_entry(request: Request, approval: Approval, review: Review, now: datetime) -> AuditEntry:
    """Gives the audit entry of one verdict."""
    is_yes = review.verdict is Verdict.APPROVE
    return AuditEntry(
        at=now,
        kind="approval.approved" if is_yes else "approval.denied",
        actor=review.reviewer,
        agent=request.agent,
        request=request.id,
        digest=approval.digest,
        decision=AuditDecision.APPROVED_BY_USER if is_yes else AuditDecision.DENIED_BY_USER,
        grants=(review.grant,) if review.grant else (),
        details={"approval": approval.id, "seat": approval.seat.kind.value, "group": approval.seat.group},
    )


def reviewers_of(approvals: Sequence[Approval]) -> frozenset[PersonId]:
    """Gives everyone whose own verdict counts in one of these approvals."""
    return frozenset(
        review.reviewer
        for approval in approvals
        if approval.status is not ApprovalStatus.VOID
        for review in approval.reviews
    )
