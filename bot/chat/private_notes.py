"""Brings an internal note to each reader in private, where no channel is for it."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.domain.people import Person
from bot.ports.outside import Gone, Unreachable

log = structlog.get_logger()


async def note_each(readers: Sequence[Person], bring: Callable[[Person], Awaitable[None]]) -> None:
    """Brings the note to every reader who can be reached.

    Raises:
        Unreachable: some cannot be reached at the moment; the others have it.
    """
    later: list[Unreachable] = []
    for reader in readers:
        try:
            await bring(reader)
        except Gone as refusal:
            log.info("note.unreached", why=type(refusal).__name__)
        except Unreachable as refusal:
            later.append(refusal)
    if later:
        raise later[0]
