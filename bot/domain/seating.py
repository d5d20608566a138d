"""Seats: which ones an action asks for, and which of them standing approvals fill."""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.grants import MANAGER_SEAT, Grant, GrantId, Seat, SeatKind
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.policies import Requirement


def seats_of(requirement: Requirement) -> tuple[Seat, ...]:
    """Gives the seats, technicians by group name and then the manager.

    There is always a technician seat, and every seat wants at least one approver, whatever was stored.
    """
    groups = requirement.groups or {TECHNICIANS: 1}
    seats = [Seat(SeatKind.TECHNICIAN, group, max(1, groups[group])) for group in sorted(groups)]
    return (*seats, MANAGER_SEAT) if requirement.manager else tuple(seats)


def with_technicians(seats: Sequence[Seat]) -> tuple[Seat, ...]:
    """Gives the seats and, unless they have one, the seat of the technicians, in the order of `seats_of`."""
    if any(seat.group == TECHNICIANS for seat in seats):
        return tuple(seats)
    return tuple(sorted((Seat(SeatKind.TECHNICIAN, TECHNICIANS), *seats), key=_place_in_line))


def both_of(one: Sequence[Seat], other: Sequence[Seat]) -> tuple[Seat, ...]:
    """Gives the seats that satisfy both, each with the larger quorum, in the order of `seats_of`."""
    largest = {seat.key: seat for seat in one}
    for seat in other:
        known = largest.get(seat.key)
        if known is None or known.quorum < seat.quorum:
            largest[seat.key] = seat
    return tuple(sorted(largest.values(), key=_place_in_line))


def filled_by(
    seats: Sequence[Seat], grants: Iterable[Grant], requester: Person
) -> dict[Seat, tuple[GrantId, ...]]:
    """Gives the seats that the grants fill, in the order of `seats`, each with a grant per approver it wants.

    A grant stands for its giver's approval: a seat with a quorum of two wants grants of two givers, and
    nobody fills two seats. The manager seat takes a grant of the requester's direct manager only, and comes
    first. No more grants are used than are needed; those without use limits before the others, then by id.
    """
    if len(seats) == 1:
        # One seat leaves nothing to share out: the best grant of each giver, as far as the quorum wants.
        best = _best_by_giver(sorted(grants, key=_preference), seats[0], requester)
        quorum = seats[0].quorum
        return {seats[0]: tuple(sorted([*best.values()][:quorum]))} if len(best) >= quorum else {}
    table = _Table(sorted(grants, key=_preference), requester)
    for seat in sorted(seats, key=_place_in_line, reverse=True):
        table.fill(seat)
    return {seat: found for seat in seats if (found := table.grants_at(seat))}


def fits(grant: Grant, seat: Seat, requester: Person) -> bool:
    """Whether the grant may fill the seat for this requester."""
    if seat.kind is SeatKind.MANAGER:
        return grant.manager and grant.giver == requester.manager
    return seat.group in grant.technician_groups


def _place_in_line(seat: Seat) -> tuple[bool, str]:
    return (seat.kind is SeatKind.MANAGER, seat.group)


def _preference(grant: Grant) -> tuple[bool, GrantId]:
    return (grant.uses_limit is not None or grant.daily_limit is not None, grant.id)


def _best_by_giver(grants: Sequence[Grant], seat: Seat, requester: Person) -> dict[PersonId, GrantId]:
    best: dict[PersonId, GrantId] = {}
    for grant in grants:
        if fits(grant, seat, requester):
            best.setdefault(grant.giver, grant.id)
    return best


class _Table:
    """Givers and the seat that each sits in; a matching that grows by moving givers to other seats."""

    def __init__(self, grants: Sequence[Grant], requester: Person) -> None:
        self._grants = grants
        self._requester = requester
        self._fitting: dict[Seat, Mapping[PersonId, GrantId]] = {}
        self._sitting: dict[PersonId, Seat] = {}

    def fill(self, seat: Seat) -> None:
        """Seats as many givers as the quorum wants, or, where there are too few, none."""
        fitting = self._fitting[seat] = _best_by_giver(self._grants, seat, self._requester)
        before = self._sitting.copy()
        if len(fitting) < seat.quorum or not all(self._place(seat, set()) for _ in range(seat.quorum)):
            self._sitting = before

    def grants_at(self, seat: Seat) -> tuple[GrantId, ...]:
        """Gives the grants of those who sit in the seat, in order of their ids."""
        fitting = self._fitting[seat]
        return tuple(sorted(fitting[giver] for giver, taken in self._sitting.items() if taken == seat))

    def _place(self, seat: Seat, asked: set[PersonId]) -> bool:
        """Seats one more giver, if need be by moving others on to seats that they fit as well."""
        for giver in self._fitting[seat]:
            if giver in asked:
                continue
            asked.add(giver)
            taken = self._sitting.get(giver)
            if taken is None or (taken != seat and self._place(taken, asked)):
                self._sitting[giver] = seat
                return True
        return False
