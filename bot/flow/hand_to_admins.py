"""Hands a notice for every admin to each of them, once it is known who they are."""

from dataclasses import replace

from bot.cards.tool_change import PREFIX
from bot.domain.announcements import AnnouncementId, AnnouncementStatus
from bot.domain.events import ClaimedNotice
from bot.domain.people import TECHNICIANS
from bot.flow.seams import Seams
from bot.ports.store import Unit


async def hand_to_admins(seams: Seams, owner: str, claimed: ClaimedNotice) -> None:
    """Puts a notice for each admin in the place of the one that this owner has leased.

    A card that has nothing to answer any more is not sent: what changed since has a notice of its own.

    Raises:
        DirectoryUnreachable: it is not known who they are; nothing changed.
    """
    admins = [person for person in await seams.directory.members(TECHNICIANS) if person.is_admin]
    async with seams.store.unit(seams.tenant) as unit:
        if not await _is_over(unit, claimed.notice.card):
            await unit.outbox.add(*(replace(claimed.notice, person=admin.id) for admin in admins))
        await unit.outbox.finish(owner, claimed.id)
    seams.bell.ring()


async def _is_over(unit: Unit, card: str) -> bool:
    if not card.startswith(PREFIX):
        return False
    found = await unit.announcements.get(AnnouncementId(card.removeprefix(PREFIX)))
    return found is None or found.status is not AnnouncementStatus.OPEN
