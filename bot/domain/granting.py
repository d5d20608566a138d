"""Who may give which standing approval, and what it says in one sentence."""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.arguments import PATH_LIMIT
from bot.domain.canonical import bounded, canonical
from bot.domain.errors import Refusal
from bot.domain.globs import GLOB_LIMIT, is_glob
from bot.domain.grants import ExactArguments, Grant, HolderPerson, PinnedArguments, Seat, SeatKind
from bot.domain.people import Person
from bot.domain.tools import shortened

LONGEST: Final = timedelta(days=366)
"""How far ahead a standing approval may end."""

PIN_LIMIT: Final = 64
"""Arguments that one standing approval may pin."""

TEXT_LIMIT: Final = 1_000
"""Characters that a pinned text may have that is no pattern."""


class InAnothersName(Refusal):
    """A standing approval is given in one's own name. Ask the person themselves to give it."""

    kind = "forbidden"


class AccountOff(Refusal):
    """Your account is disabled, so you cannot give standing approvals. Ask an admin to enable it."""

    kind = "forbidden"


class ForYourself(Refusal):
    """You cannot give yourself a standing approval. Ask someone else who may approve this."""

    kind = "forbidden"


class NotYourSeat(Refusal):
    """You do not approve for “{group}”, so your standing approval cannot either. Ask someone who does."""

    kind = "forbidden"


class NotTheirManager(Refusal):
    """Only the direct manager can approve in advance as the manager. Ask them to give this one."""

    kind = "forbidden"


class ManagerSeatOnly(Refusal):
    """You were asked as the manager, so you can approve in advance only as the manager. Choose that alone."""

    kind = "forbidden"


class NeedsAdmin(Refusal):
    """Only an admin can allow this for more than one person or with any arguments. Ask an admin."""

    kind = "forbidden"


class FillsNoSeat(Refusal):
    """This standing approval would stand for nobody's approval. Choose the technician or the manager."""


class PinsNothing(Refusal):
    """No argument is fixed. Fix at least one, or ask an admin to allow any arguments."""


class TooManyPins(Refusal):
    """A standing approval can fix at most {limit} arguments. Fix fewer, or allow exactly these arguments."""

    kind = "too_large"


class PinTooLong(Refusal):
    """What is fixed for “{path}” is too long. Use at most {limit} characters."""

    kind = "too_large"


class MustEnd(Refusal):
    """Standing approvals have to end here. Choose a day within the next 366 days."""


class AlreadyEnded(Refusal):
    """The end you chose is in the past. Choose a later day."""


class EndsTooLate(Refusal):
    """A standing approval can last 366 days at most. Choose an earlier day."""


class LimitTooSmall(Refusal):
    """A limit on uses must be 1 or more. Choose a larger number, or leave the limit out."""


def check_may_give(
    *,
    giver: Person,
    seat: Seat,
    grant: Grant,
    requester: Person | None,
    never_ends_allowed: bool,
    now: datetime,
) -> None:
    """Passes if this person may give this grant from this seat.

    Args:
        giver: who gives it, as the directory knows them now.
        seat: the seat they were asked to fill, or would fill.
        grant: what they want to give.
        requester: whose request it is given from; None where it answers no request.
        never_ends_allowed: whether the tenant allows grants without an end.
        now: the present moment.

    Raises:
        Refusal: one of this module's, saying what to do instead.
    """
    if grant.giver != giver.id:
        raise InAnothersName
    if not giver.enabled:
        raise AccountOff
    if HolderPerson(giver.id) == grant.holder or (requester is not None and requester.id == giver.id):
        raise ForYourself
    _check_seats(giver, seat, grant, requester)
    _check_arguments(grant)
    if not (grant.is_narrow or giver.is_admin):
        raise NeedsAdmin
    _check_limits(grant, never_ends_allowed=never_ends_allowed, now=now)


def _check_seats(giver: Person, seat: Seat, grant: Grant, requester: Person | None) -> None:
    """A grant fills only seats that its giver could fill in person."""
    if not (grant.technician_groups or grant.manager):
        raise FillsNoSeat
    groups = sorted(grant.technician_groups)
    if seat.kind is SeatKind.TECHNICIAN:
        groups.insert(0, seat.group)
    elif not giver.is_admin and groups:
        raise ManagerSeatOnly
    for group in groups:
        if not giver.sits_in(group):
            raise NotYourSeat(group=shortened(group))
    if seat.kind is SeatKind.MANAGER or grant.manager:
        _check_manager(giver, grant, requester)


def _check_manager(giver: Person, grant: Grant, requester: Person | None) -> None:
    if requester is None:
        # Without a request there is nobody to compare with, so it takes an admin; each use is checked again.
        if not giver.is_admin:
            raise NotTheirManager
    elif requester.manager != giver.id or (
        not giver.is_admin and isinstance(grant.holder, HolderPerson) and grant.holder.person != requester.id
    ):
        raise NotTheirManager


def _check_arguments(grant: Grant) -> None:
    if isinstance(grant.arguments, ExactArguments):
        bounded(grant.arguments.arguments)
    if not isinstance(grant.arguments, PinnedArguments):
        return
    paths = grant.arguments.paths
    if not paths:
        raise PinsNothing
    if len(paths) > PIN_LIMIT:
        raise TooManyPins(limit=PIN_LIMIT)
    for path, value in paths.items():
        limit = GLOB_LIMIT if isinstance(value, str) and is_glob(value) else TEXT_LIMIT
        if len(path) > PATH_LIMIT:
            raise PinTooLong(path=shortened(path), limit=PATH_LIMIT)
        if len(canonical(value)) > limit + 2:
            raise PinTooLong(path=shortened(path), limit=limit)


def _check_limits(grant: Grant, *, never_ends_allowed: bool, now: datetime) -> None:
    if grant.ends is None:
        if not never_ends_allowed:
            raise MustEnd
    elif grant.ends <= now:
        raise AlreadyEnded
    elif grant.ends > now + LONGEST:
        raise EndsTooLate
    if any(limit is not None and limit < 1 for limit in (grant.uses_limit, grant.daily_limit)):
        raise LimitTooSmall
