"""Warns the givers of standing approvals before these end."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.grants import Grant
from bot.domain.tools import Catalog
from bot.flow.commands.grant_words import People, in_words, named_in
from bot.flow.commands.pages import counted
from bot.flow.commands.people import people_of
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import spelled
from bot.flow.grant_keepers import keepers
from bot.flow.seams import Seams
from bot.flow.standing import short_id, state_of
from bot.flow.tell_once import TellOnce
from bot.ports.chat import Postings

AHEAD: Final = timedelta(days=3)
"""How long before its end the giver is told."""


class WarnGrants:
    """Tells the givers of what ends soon; the admins where a giver is disabled or gone."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._tell = TellOnce(seams, postings)

    async def __call__(self) -> int:
        """Gives how many standing approvals were warned of now; each is, once per end.

        Raises:
            DirectoryUnreachable: it is not known whom to tell; the next call tells them.
        """
        seams, now = self._seams, self._seams.clock.now()
        async with seams.store.view(seams.tenant) as view:
            stored = await view.grants.all()
            catalog = await view.connections.catalog()
            zone = (await view.tenant()).zone
        due = [grant for grant in stored if is_due(grant, now) and not await self._is_told(grant)]
        people = await people_of(seams.directory, named_in(due))
        ids = [grant.id for grant in stored]
        count = 0
        for keeping in await keepers(seams, due):
            for grant in keeping.grants:
                text = _text(grant, short_id(grant.id, ids), people, catalog, zone)
                notices = [Notice(kind=NoticeKind.SAY, person=one, text=text) for one in keeping.people]
                if notices:
                    count += await self._tell(_key(grant), _entry(grant, now), notices)
        return count

    async def _is_told(self, grant: Grant) -> bool:
        mark = await self._tell.mark(_key(grant))
        return mark is not None and bool(mark.reference)


def is_due(grant: Grant, now: datetime) -> bool:
    """Whether it is in force and ends within 3 days; what lives shorter than 6, in its second half."""
    if grant.ends is None or state_of(grant, now) != "in force":
        return False
    return now >= grant.ends - min(AHEAD, (grant.ends - grant.created) / 2)


def _key(grant: Grant) -> str:
    return f"ending/{grant.id}/{grant.ends.isoformat() if grant.ends else ''}"


def _entry(grant: Grant, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        kind="grant.warned",
        connector=grant.tool.connector,
        tool=str(grant.tool),
        grants=(grant.id,),
        details={"ends": grant.ends.isoformat() if grant.ends else None},
    )


def _text(grant: Grant, short: str, people: People, catalog: Catalog, zone: tzinfo) -> str:
    ends = moment(grant.ends, zone) if grant.ends else "never"
    last = f", last on {moment(grant.last_used, zone)}" if grant.last_used else ""
    used = f"It was used {counted(grant.uses, 'time')}{last}." if grant.uses else "It was never used."
    return (
        f"The standing approval “{in_words(grant, people, catalog, zone)}” ends on {ends}. {used} "
        "After that, people are asked again: press “Always allow…” on the next card to give it anew. "
        f"To end it now: {spelled('grants revoke', short)}."
    )
