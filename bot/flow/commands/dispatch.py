"""Dispatch: a command goes to its stage if the person may use it; what is refused stands in the log."""

from bot.cards.answer import Outcome
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.tools import shortened
from bot.flow.commands.form import Asker, Command, Entry
from bot.flow.commands.rights import check_may_use
from bot.flow.commands.table import TABLE
from bot.flow.seams import Seams


class Dispatch:
    """Takes commands."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._entries = {one.kind: one for one in TABLE}

    async def __call__(self, command: Command, asker: Asker) -> Outcome:
        """Gives what comes of the command.

        Raises:
            Refusal: it may not or cannot be done; nothing changed, and it is in the audit log.
        """
        found = self._entries[type(command)]
        try:
            check_may_use(found.form, asker.person)
            return await found.run(self._seams, command, asker)
        except Refusal as refusal:
            if refusal.kind != "unavailable":
                await self._refused(found, command, asker, refusal)
            raise

    async def _refused(self, found: Entry, command: Command, asker: Asker, refusal: Refusal) -> None:
        entry = AuditEntry(
            at=self._seams.clock.now(),
            kind="command.refused",
            actor=asker.person.id,
            status=type(refusal).__name__,
            details={
                "command": found.form.name,
                "about": shortened(command.about),
                "surface": asker.surface,
            },
        )
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(entry)
