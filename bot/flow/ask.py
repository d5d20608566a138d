"""Asks the open seats: one pending approval each, with the people who can fill it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.grants import Seat, SeatKind
from bot.domain.people import Person, PersonId
from bot.domain.requests import Approval, ApprovalId, ApprovalStatus, Request
from bot.flow import tell
from bot.flow.seams import Seams
from bot.flow.seats import ManagerAnswer, asked_persons, find_manager
from bot.ports.directory import DirectoryUnreachable
from bot.ports.store import Unit

UNANSWERED = ManagerAnswer(
    explanation="The directory does not answer at the moment, so the manager is asked as soon as it does."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One open seat and who is asked for it, looked up before the transaction."""

    approval: Approval
    persons: tuple[Person, ...]
    helpers: tuple[Person, ...] = ()
    """Who is told that too few people can fill the seat."""


async def find_askings(
    seams: Seams,
    request: Request,
    requester: Person,
    seats: Sequence[Seat],
    *,
    requesters: frozenset[PersonId],
    taken: frozenset[PersonId] = frozenset(),
    givers: frozenset[PersonId] = frozenset(),
) -> tuple[Asking, ...]:
    """Gives a pending approval per open seat and who gets its card.

    `taken` are those who filled another seat of the request; they are asked for no second one.
    Nor are `givers`, whose standing approvals fill technician seats, asked as the manager.
    """
    now = seams.clock.now()
    async with seams.store.view(seams.tenant) as view:
        lifetime = (await view.tenant()).approval_lifetime
    askings = []
    for seat in seats:
        answer = await _manager(seams, requester, requesters | taken | givers, seat)
        approval = Approval(
            id=ApprovalId(seams.ids.new()),
            tenant=seams.tenant,
            request=request.id,
            seat=seat,
            digest=request.plan_digest or "",
            status=ApprovalStatus.PENDING,
            approver=answer.person.id if answer.person else None,
            asked_group=seat.group if seat.kind is SeatKind.TECHNICIAN else answer.group,
            explanation=answer.explanation,
            created=now,
            expires=now + lifetime,
        )
        askings.append(await with_persons(seams, approval, requesters=requesters | taken))
    return tuple(askings)


async def with_persons(seams: Seams, approval: Approval, *, requesters: frozenset[PersonId]) -> Asking:
    """Gives the approval with those who get its card, and who could help if they are too few.

    Raises:
        DirectoryUnreachable: nobody can be asked yet.
    """
    if approval.approver is None and approval.asked_group is None:
        return Asking(approval=approval, persons=())
    persons = await asked_persons(seams.directory, approval, requesters=requesters)
    if len(persons) >= approval.seat.quorum:
        return Asking(approval=approval, persons=persons)
    fallback = await seams.directory.members(await seams.directory.fallback_group())
    return Asking(
        approval=replace(approval, explanation=_too_few(approval)),
        persons=persons,
        helpers=tuple(person for person in fallback if person.id not in requesters),
    )


def _too_few(approval: Approval) -> str:
    return (
        f"The group {approval.asked_group} has not enough people who may approve this. "
        "An admin has to add somebody."
    )


async def store_askings(unit: Unit, request: Request, askings: Sequence[Asking]) -> None:
    """Stores the approvals and sends their cards."""
    for asking in askings:
        await unit.approvals.add(asking.approval)
        await tell.send_approval(unit, request, asking.approval.id, [person.id for person in asking.persons])
        if asking.helpers:
            await tell.say(
                unit, request, request.requester, f"{asking.approval.explanation} I have told them."
            )
        for person in asking.helpers:
            await tell.say(unit, request, person.id, f"A request waits. {asking.approval.explanation}")


async def _manager(seams: Seams, requester: Person, taken: frozenset[PersonId], seat: Seat) -> ManagerAnswer:
    if seat.kind is not SeatKind.MANAGER:
        return ManagerAnswer()
    try:
        return await find_manager(seams.directory, requester, taken=taken)
    except DirectoryUnreachable:
        return UNANSWERED
