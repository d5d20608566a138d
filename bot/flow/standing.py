"""Standing approvals as lists show them: how each stands, whose it is, and finding one by its id."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain.errors import Refusal
from bot.domain.grants import Grant
from bot.domain.tools import shortened


class SeveralGrants(Refusal):
    """“{start}” begins the ids of several standing approvals. Write more of it."""


def state_of(grant: Grant, now: datetime) -> str:
    """Gives how the standing approval stands, in a word or two."""
    if grant.revoked is not None:
        return "revoked"
    if grant.ends is not None and grant.ends <= now:
        return "ended"
    if grant.uses_limit is not None and grant.uses >= grant.uses_limit:
        return "used up"
    return "suspended" if grant.suspended else "in force"


def grant_named(grants: Iterable[Grant], start: str) -> Grant | None:
    """Gives the one of this id, else the only one whose id begins so; None when there is none.

    Raises:
        SeveralGrants: more than one id begins so.
    """
    found = [grant for grant in grants if start and grant.id.startswith(start)]
    exact = next((grant for grant in found if grant.id == start), None)
    if exact is None and len(found) > 1:
        raise SeveralGrants(start=shortened(start))
    return exact or next(iter(found), None)
