"""What standing approvals that a change gives answer at once, of the requests that wait."""

from collections.abc import Mapping, Sequence

import structlog

from bot.domain.errors import Refusal
from bot.domain.grants import Grant
from bot.domain.people import Person, PersonId
from bot.domain.requests import Request
from bot.domain.rule_changes import Edit, GrantEdit
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.settle import Settle
from bot.ports.store import Unit

log = structlog.get_logger()


class SettleGiven:
    """Settles what the standing approvals of a change answer; nothing where it gives none."""

    def __init__(self, seams: Seams) -> None:
        self._settle = Settle(seams)
        self._reseat = Reseat(seams)

    async def requesters(self, edits: Sequence[Edit]) -> Mapping[PersonId, Person]:
        """Gives those whose requests may be settled; to be asked for before the transaction.

        Raises:
            DirectoryUnreachable: it is not known who they are.
        """
        given = _given(edits)
        return await self._settle.requesters([grant.holder for grant in given]) if given else {}

    async def __call__(
        self, unit: Unit, edits: Sequence[Edit], others: Mapping[PersonId, Person]
    ) -> tuple[Request, ...]:
        """Gives the requests whose pending approvals were answered, after the edits were written."""
        given = _given(edits)
        return tuple(await self._settle(unit, None, given, others)) if given else ()

    async def afterwards(self, settled: Sequence[Request]) -> None:
        """Asks whom else these requests need, once everything is stored."""
        try:
            for request in settled:
                await self._reseat(request.id)
        except Refusal as refusal:
            # What was changed is stored; what comes after it must not make it look refused.
            log.warning("grant.afterwards", why=type(refusal).__name__)


def _given(edits: Sequence[Edit]) -> list[Grant]:
    return [edit.after for edit in edits if isinstance(edit, GrantEdit) and edit.after is not None]
