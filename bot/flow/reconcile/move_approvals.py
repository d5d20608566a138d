"""Moves the open approvals that are asked of leavers: to the next manager, or to the others of a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from typing_extensions import override

from bot.cards.story import Story
from bot.domain.canonical import JsonValue
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.leavers import Leaver
from bot.domain.people import PersonId
from bot.domain.requests import Approval, ApprovalId, ApprovalStatus
from bot.flow import tell
from bot.flow.again import again
from bot.flow.ask import Asking, with_persons
from bot.flow.gather import gather
from bot.flow.reconcile.step import Due, Effect, Step
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.seats import seated_elsewhere
from bot.ports.directory import AmbiguousGroup
from bot.ports.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for approval, and who was asked."""

    pending: tuple[Approval, ...]
    requesters: Mapping[str, PersonId]
    """Who asked, by the request."""
    viewers: Mapping[str, frozenset[PersonId]]
    """Who has the card of an approval that a group is asked for, or is just about to get it."""


async def waiting(view: Unit) -> Waiting:
    """Gives what waits at this moment."""
    pending = await view.approvals.pending()
    cards = [one.id for one in pending if one.approver is None]
    viewers: dict[str, set[PersonId]] = {}
    for card, person in await view.outbox.viewers(cards) if cards else ():
        viewers.setdefault(card, set()).add(person)
    return Waiting(
        pending=pending,
        requesters={one.id: one.requester for one in await view.requests.waiting()},
        viewers={card: frozenset(persons) for card, persons in viewers.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seat:
    """A group's seat, with who can fill it now."""

    story: Story
    approval: Approval
    asking: Asking
    """Who can; and, where they are too few, who can help, with that as its explanation."""
    unasked: tuple[PersonId, ...]
    """Those of them who have no card yet and are needed."""

    @property
    def is_short(self) -> bool:
        """Whether too few can fill it, and nobody was told."""
        return self.asking.approval.explanation != self.approval.explanation


class MoveApprovals(Step):
    """Has open approvals asked of those who are there."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._reseat = Reseat(seams)

    @override
    async def due(self, leavers: Sequence[Leaver]) -> list[Due]:
        gone = {one.id: one for one in leavers}
        async with self._seams.store.view(self._seams.tenant) as view:
            open_ones = await waiting(view)
        found = []
        for approval in open_ones.pending:
            if open_ones.requesters.get(approval.request, "") in gone:
                continue
            asked = open_ones.viewers.get(approval.id, frozenset[PersonId]())
            named = {approval.approver} if approval.approver else asked
            leaver = next((gone[one] for one in sorted(named) if one in gone), None)
            if leaver is not None and (approval.approver or await self._lacks(approval.id)):
                found.append(Due(leaver=leaver, effect=Effect.MOVED, thing=approval.id))
        return found

    async def _lacks(self, approval: ApprovalId) -> bool:
        """Whether those who were asked and are there cannot fill the group's seat."""
        try:
            return await self._seat(approval) is not None
        except AmbiguousGroup:
            # Nobody can fill it whoever left, and that must not hold up all else.
            return False

    @override
    async def do(self, due: Due) -> None:
        approval_id = ApprovalId(due.thing)
        async with self._seams.store.view(self._seams.tenant) as view:
            approval = await view.approvals.get(approval_id)
        story = await gather(self._seams, approval.request) if approval else None
        if approval is None or story is None or approval.status is not ApprovalStatus.PENDING:
            return
        if approval.approver is not None:
            # Asked first, because moving keeps to itself that the directory is away.
            if await self._reseat.is_moved(story, approval):
                await self._note(due.leaver, story, approval)
                await again(lambda: self._reseat(story.request.id))
        else:
            await again(lambda: self._helped(due.leaver, approval_id))
        self._seams.bell.ring()

    async def _seat(self, approval_id: ApprovalId) -> _Seat | None:
        """Gives the group's seat if those who were asked and are there cannot fill it; else None.

        The card stays with them. Whoever came into the group since has none yet, and may be needed now.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.approvals.get(approval_id)
            viewers = {person for _, person in await view.outbox.viewers([approval_id])}
        story = await gather(self._seams, found.request) if found else None
        approval = next((one for one in story.approvals if one.id == approval_id), None) if story else None
        if story is None or approval is None or approval.status is not ApprovalStatus.PENDING:
            return None
        needed = max(1, approval.seat.quorum - len(approval.reviews))
        taken = (
            story.requesters
            | seated_elsewhere(story.approvals, story.grants.values(), approval.seat)
            | {review.reviewer for review in approval.reviews}
        )
        lacking = replace(approval, seat=replace(approval.seat, quorum=needed))
        asking = await with_persons(self._seams, lacking, requesters=taken)
        asking = replace(asking, approval=replace(asking.approval, seat=approval.seat))
        asked = sum(person.id in viewers for person in asking.persons)
        unasked = tuple(one.id for one in asking.persons if one.id not in viewers) if asked < needed else ()
        seat = _Seat(story=story, approval=approval, asking=asking, unasked=unasked)
        return seat if seat.is_short or unasked else None

    async def _helped(self, leaver: Leaver, approval_id: ApprovalId) -> None:
        seat = await self._seat(approval_id)
        if seat is None:
            return
        async with self._seams.store.unit(self._seams.tenant) as unit:
            request = await unit.requests.get(seat.approval.request)
            stored = await unit.approvals.get(approval_id)
            if request is None or stored != seat.approval:
                return
            viewers = {person for _, person in await unit.outbox.viewers([approval_id])}
            unasked = [person for person in seat.unasked if person not in viewers]
            if not unasked and not seat.is_short:
                return
            await tell.send_approval(unit, request, approval_id, unasked)
            if seat.is_short:
                explained = replace(stored, explanation=seat.asking.approval.explanation)
                await unit.approvals.swap(stored, explained)
                await unit.outbox.add(*_help(seat))
                await tell.refresh(unit, request)
            helpers = seat.asking.helpers if seat.is_short else ()
            told = [one.id for one in helpers]
            entry = _entry(leaver, seat.story, stored, asked=[*unasked], told=told)
            await unit.audit.append(entry)

    async def _note(self, leaver: Leaver, story: Story, approval: Approval) -> None:
        """Notes whose seat it is, before it moves: a round that is cut off then is still reported.

        What another round has moved meanwhile, it has noted and may have reported already.
        """
        async with self._seams.store.unit(self._seams.tenant) as unit:
            stored = await unit.approvals.get(approval.id)
            if stored is not None and stored.approver == leaver.id:
                await unit.audit.append(_entry(leaver, story, approval))


def _entry(leaver: Leaver, story: Story, approval: Approval, **more: JsonValue) -> AuditEntry:
    return AuditEntry(
        at=story.now,
        kind="approval.approver_left",
        agent=story.request.agent,
        request=story.request.id,
        digest=approval.digest,
        details={"approval": approval.id, "person": leaver.id, **more},
    )


def _help(seat: _Seat) -> list[Notice]:
    """Gives what everybody is told of a seat that too few can fill; where nobody can help, the admins are."""
    request, words = seat.story.request, seat.asking.approval.explanation
    told = (
        "I have told them." if seat.asking.helpers else "I have told the admins; ask IT in another way, too."
    )
    helpers: list[PersonId | None] = [person.id for person in seat.asking.helpers]
    waits = f"A request waits. {words}"
    return [
        *(
            Notice(kind=NoticeKind.SAY, request=request.id, person=one, text=waits)
            for one in helpers or [None]
        ),
        Notice(kind=NoticeKind.SAY, request=request.id, person=request.requester, text=f"{words} {told}"),
    ]
