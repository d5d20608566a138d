"""Notes in the audit log whom a surface did not let do something, before it was known who they are."""

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.tools import shortened
from bot.flow.seams import Seams


async def note_refused(seams: Seams, refusal: Refusal, *, surface: str, user: str, action: str) -> None:
    """Stores that an account was refused an action, and with which refusal."""
    details = {"surface": surface, "user": shortened(user), "action": shortened(action)}
    entry = AuditEntry(
        at=seams.clock.now(), kind="action.refused", status=type(refusal).__name__, details=dict(details)
    )
    async with seams.store.unit(seams.tenant) as unit:
        await unit.audit.append(entry)
