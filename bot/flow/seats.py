"""Who can fill a seat: the manager chain with its fallback, and the members of approver groups."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from bot.domain.grants import Grant, Seat, SeatKind
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.requests import Approval, ApprovalStatus
from bot.ports.directory import Directory

LEVELS: Final = 10
"""How far up the chain is looked; a longer chain is taken for a cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerAnswer:
    """Who is asked for the manager seat: one person, or else a group; and why, if not the direct manager."""

    person: Person | None = None
    group: str | None = None
    explanation: str = ""


async def find_manager(
    directory: Directory,
    requester: Person,
    *,
    taken: frozenset[PersonId] = frozenset(),
    missed: frozenset[PersonId] = frozenset(),
) -> ManagerAnswer:
    """Gives who fills the requester's manager seat now.

    A manager who is missing, disabled, a guest, the requester, in `taken` (they fill another seat, or ask for
    the same) or in `missed` (no chat surface reaches them) is replaced by the next level; where the chain
    ends, the directory's fallback group is asked.

    Raises:
        DirectoryUnreachable: nobody can be looked up, so nobody is asked.
    """
    passed: list[str] = []
    met = {requester.id}
    below = requester
    for _ in range(LEVELS):
        above = await manager_above(directory, below, met)
        if isinstance(above, str):
            passed.append(above)
            break
        met.add(above.id)
        if not above.enabled:
            passed.append(f"{above.name}’s account is disabled")
        elif above.is_guest:
            passed.append(f"{above.name} is a guest")
        elif above.id in taken:
            passed.append(f"{above.name} already has another part in this request")
        elif above.id in missed:
            passed.append(f"{above.name} cannot be reached in chat")
        else:
            explanation = f"{_joined(passed)}, so {above.name} is asked instead." if passed else ""
            return ManagerAnswer(person=above, explanation=explanation)
        below = above
    group = await directory.fallback_group()
    explanation = f"{_joined(passed)}, so the group {group} is asked instead."
    return ManagerAnswer(group=group, explanation=explanation)


async def manager_above(directory: Directory, person: Person, met: Collection[PersonId]) -> Person | str:
    """Gives the person's manager, disabled or not; or else why the chain ends here.

    Args:
        directory: where managers are looked up.
        person: whose manager it is.
        met: those further down the chain, the person included; whoever is among them closes a circle.

    Raises:
        DirectoryUnreachable: nobody can be looked up.
    """
    if person.manager is None:
        return f"{person.name} has no manager in the directory"
    if person.manager in met:
        return f"the managers above {person.name} form a circle"
    above = await directory.entry(person.manager)
    if above is not None and above.id in met:
        return f"the managers above {person.name} form a circle"
    return above or f"{person.name}’s manager is not in the directory"


def _joined(reasons: list[str]) -> str:
    text = " and ".join(reasons)
    return text[:1].upper() + text[1:]


def seated_elsewhere(
    approvals: Iterable[Approval], grants: Iterable[Grant], seat: Seat
) -> frozenset[PersonId]:
    """Gives those whose word counts at another seat, be it through one of these standing approvals."""
    reviewers = {
        review.reviewer
        for approval in approvals
        if approval.seat.key != seat.key and approval.status is not ApprovalStatus.VOID
        for review in approval.reviews
    }
    givers = {grant.giver for grant in grants if grant.revoked is None and not _is_for(grant, seat)}
    return frozenset(reviewers | givers)


def _is_for(grant: Grant, seat: Seat) -> bool:
    return grant.manager if seat.kind is SeatKind.MANAGER else seat.group in grant.technician_groups


async def may_fill(directory: Directory, approval: Approval, person: Person) -> bool:
    """Whether the person sits where this approval asks; own requests and second seats are not looked at."""
    if not person.enabled or person.is_guest:
        return False
    if approval.seat.kind is SeatKind.TECHNICIAN:
        return await _is_member(directory, approval.seat.group, person)
    if approval.asked_group is None:
        return approval.approver == person.id
    return await _is_member(directory, approval.asked_group, person)


async def _is_member(directory: Directory, group: str, person: Person) -> bool:
    """Whether the person sits in the group, and not only in one that has its name."""
    if group == TECHNICIANS or not person.sits_in(group):
        return person.sits_in(group)
    return await directory.is_in(person.id, group)


async def asked_persons(
    directory: Directory, approval: Approval, *, requesters: frozenset[PersonId]
) -> tuple[Person, ...]:
    """Gives everyone who gets this approval's card: all who may fill the seat, except those who asked."""
    if approval.seat.kind is SeatKind.TECHNICIAN:
        found = await directory.members(approval.seat.group)
    elif approval.asked_group is not None:
        found = await directory.members(approval.asked_group)
    else:
        manager = await directory.entry(approval.approver) if approval.approver else None
        found = (manager,) if manager else ()
    return tuple(person for person in found if person.id not in requesters)
