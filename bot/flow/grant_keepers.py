"""Who looks after standing approvals: their givers, or the admins for those who are gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.domain.grants import Grant
from bot.domain.people import TECHNICIANS, PersonId
from bot.flow.seams import Seams

ADMINS: Final = "admins"


@dataclass(frozen=True, slots=True)
class Keeping:
    """Standing approvals with one keeper."""

    keeper: str
    """The giver's id, or `admins`."""
    people: tuple[PersonId, ...]
    """Who is told; nobody where there are no admins."""
    grants: tuple[Grant, ...]


async def keepers(seams: Seams, grants: Iterable[Grant]) -> list[Keeping]:
    """Gives whom to tell about which of them, in their order; who is disabled or gone looks after none.

    Raises:
        DirectoryUnreachable: it is not known who they are.
    """
    by_giver: dict[PersonId, list[Grant]] = {}
    for grant in grants:
        by_giver.setdefault(grant.giver, []).append(grant)
    found: list[Keeping] = []
    orphans: list[Grant] = []
    for giver, own in by_giver.items():
        person = await seams.directory.person(giver)
        if person is None or not person.enabled:
            orphans += own
        else:
            found.append(Keeping(giver, (giver,), tuple(own)))
    if orphans:
        members = await seams.directory.members(TECHNICIANS)
        admins = tuple(one.id for one in members if one.is_admin)
        found.append(Keeping(ADMINS, admins, tuple(orphans)))
    return found
