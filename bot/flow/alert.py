"""Alert: tells every admin, once a day, what only an admin can set right."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.people import TECHNICIANS
from bot.flow.seams import Seams
from bot.ports.chat import Postings

SURFACE: Final = "alerts"
TOLD: Final = "told"
CUT_OFF: Final = timedelta(minutes=1)
"""After how long what was begun and not done counts as cut off."""

log = structlog.get_logger()


class AlertAdmins:
    """Tells admins in their private chats."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._postings = postings

    async def __call__(self, about: str, text: str) -> bool:
        """Tells every admin the text, unless they were told about this today; gives whether they were told.

        Raises:
            DirectoryUnreachable: it is not known who they are; nothing was told.
            StoreUnreachable: it is not certain that anything was told; the next call, or one a minute later,
                tells it.
        """
        seams, now = self._seams, self._seams.clock.now()
        admins = [one for one in await seams.directory.members(TECHNICIANS) if one.is_admin]
        key = await self._begun(f"{now.date()}/{about}", now)
        if key is None:
            return False
        log.warning("admins.alerted", about=about)
        try:
            async with seams.store.unit(seams.tenant) as unit:
                await unit.audit.append(AuditEntry(at=now, kind="admins.alerted", details={"about": about}))
                await unit.outbox.add(
                    *(Notice(kind=NoticeKind.SAY, person=admin.id, text=text) for admin in admins)
                )
        except Exception:
            with suppress(Refusal):
                await self._postings.forget(seams.tenant, SURFACE, key)
            raise
        seams.bell.ring()
        await self._postings.done(seams.tenant, SURFACE, key, reference=TOLD)
        return True

    async def _begun(self, day: str, now: datetime) -> str | None:
        """Gives the key of a mark that is ours; None where it was told today, or somebody is about to.

        What was begun and never done was cut off: after a while the next try has a key of its own, so that
        of many only one makes it.
        """
        number = 1
        while True:
            key = day if number == 1 else f"{day}#{number}"
            mark = await self._postings.begin(self._seams.tenant, SURFACE, key, place="", now=now)
            if mark.is_new:
                return key
            if mark.reference or now < mark.begun + CUT_OFF:
                return None
            number += 1
