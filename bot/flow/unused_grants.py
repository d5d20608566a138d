"""Proposes to remove standing approvals that nobody used for a month; it never removes one itself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.grants import GrantId
from bot.flow.commands.grant_words import in_words, named_in
from bot.flow.commands.pages import counted
from bot.flow.commands.people import people_of
from bot.flow.commands.spelling import spelled
from bot.flow.grant_keepers import ADMINS, Keeping, keepers
from bot.flow.seams import Seams
from bot.flow.standing import UNUSED_FOR, is_unused, short_id
from bot.flow.tell_once import TellOnce
from bot.ports.chat import Postings

WEEK: Final = timedelta(days=7)
MOST: Final = 10
"""Standing approvals that one message names."""
_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)


class ProposeRemovals:
    """Tells the givers of unused standing approvals; the admins where a giver is disabled or gone."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._tell = TellOnce(seams, postings)

    async def __call__(self) -> int:
        """Gives how many were told now; nobody is told twice within a week.

        Raises:
            DirectoryUnreachable: it is not known whom to tell; the next call tells them.
        """
        seams, now = self._seams, self._seams.clock.now()
        async with seams.store.view(seams.tenant) as view:
            stored = await view.grants.all()
        unused = [grant for grant in stored if is_unused(grant, now)]
        ids = [grant.id for grant in stored]
        count = 0
        for keeping in await keepers(seams, unused):
            if keeping.people and not await self._is_told(keeping.keeper, now):
                text = await self._text(keeping, ids)
                notices = [Notice(kind=NoticeKind.SAY, person=one, text=text) for one in keeping.people]
                count += await self._tell(_key(keeping.keeper, now), _entry(keeping, now), notices)
        return count

    async def _is_told(self, keeper: str, now: datetime) -> bool:
        """Whether they were told within the last week, be it in this calendar week or the one before."""
        this, last = [await self._tell.mark(_key(keeper, at)) for at in (now, now - WEEK)]
        is_this = this is not None and bool(this.reference)
        return is_this or (last is not None and now < last.begun + WEEK)

    async def _text(self, keeping: Keeping, ids: Sequence[GrantId]) -> str:
        seams = self._seams
        async with seams.store.view(seams.tenant) as view:
            catalog = await view.connections.catalog()
            zone = (await view.tenant()).zone
        grants, named = keeping.grants, keeping.grants[:MOST]
        people = await people_of(seams.directory, named_in(named))
        lines = [
            f"• {in_words(grant, people, catalog, zone)} "
            f"To end it: {spelled('grants revoke', short_id(grant.id, ids))}"
            for grant in named
        ]
        if len(grants) > MOST:
            lines.append(f"And {len(grants) - MOST} more: grants list --unused")
        whose = "of people who are gone" if keeping.keeper == ADMINS else "of yours"
        first = (
            f"Nobody used {counted(len(grants), 'standing approval')} {whose} for {UNUSED_FOR.days} days. "
            "What is not needed is better ended; nothing ends by itself because of this."
        )
        return "\n".join([first, *lines])


def _key(keeper: str, at: datetime) -> str:
    return f"unused/{keeper}/{(at - _EPOCH) // WEEK}"


def _entry(keeping: Keeping, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        kind="grant.removal_proposed",
        grants=tuple(grant.id for grant in keeping.grants),
        details={"keeper": keeping.keeper},
    )
