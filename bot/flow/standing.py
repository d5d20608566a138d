"""Standing approvals as lists show them: how each stands, whose it is, and finding one by its id."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.grants import Grant, GrantId
from bot.domain.tools import shortened

UNUSED_FOR: Final = timedelta(days=30)
"""How long a standing approval that is in force may lie idle before its removal is proposed."""
SHOWN: Final = 8
"""Characters of an id that people are to write, where so many tell it from all others."""


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


def is_unused(grant: Grant, now: datetime) -> bool:
    """Whether it is in force, given at least 30 days ago, and was not used in the last 30 days."""
    idle_since = max(grant.created, grant.last_used or grant.created)
    return state_of(grant, now) == "in force" and now - idle_since >= UNUSED_FOR


def short_id(grant: GrantId, among: Collection[GrantId]) -> str:
    """Gives the beginning of the id that no other one of these has."""
    length = SHOWN
    while length < len(grant) and any(one != grant and one.startswith(grant[:length]) for one in among):
        length += 1
    return grant[:length]


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
