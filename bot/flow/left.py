"""Left: somebody closed their way to the bot; what waits for them is brought again, wherever that goes."""

from bot.domain.events import AuditEntry
from bot.domain.people import Person
from bot.domain.requests import ApprovalId
from bot.flow import tell
from bot.flow.queue import MOST, MyQueue
from bot.flow.seams import Seams


class Left:
    """Takes it that a person cannot be met any more where they were."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._queue = MyQueue(seams)

    async def __call__(self, person: Person, *, surface: str) -> None:
        """Notes it, and has the cards of open approvals brought again; who is nowhere is then not waited for.

        Raises:
            DirectoryUnreachable: it is not known what waits for them.
        """
        waiting = (await self._queue(person, limit=MOST)).approvals
        entry = AuditEntry(
            at=self._seams.clock.now(), kind="chat.left", actor=person.id, details={"surface": surface}
        )
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(entry)
            for item in waiting:
                request = await unit.requests.get(item.request)
                if request is not None:
                    await tell.send_approval(unit, request, ApprovalId(item.card), [person.id])
        self._seams.bell.ring()
