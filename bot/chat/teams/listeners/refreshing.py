"""Brings a copy of a card up to date on which somebody pressed what it does not offer any more."""

import structlog

from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.events import Turn
from bot.chat.teams.listeners.front import Front
from bot.flow.present import Present
from bot.ports.outside import Unreachable
from bot.ports.records import CardCopy

log = structlog.get_logger()


class Refreshing:
    """Looks after the messages that are pressed."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, turn: Turn) -> None:
        """Draws the pressed copy anew, as its own reader sees it; what is no copy is left as it is."""
        seams, copy = self._front.seams, await self._copy(turn)
        person = await seams.directory.person(copy.person) if copy else None
        card = await Present(seams)(copy.card, person) if copy and person else None
        if card is None:
            return
        try:
            await self._front.surface.update(turn.place, turn.reply_to, card)
        except Unreachable as refusal:
            log.info("press.stale", why=type(refusal).__name__)

    async def is_form(self, turn: Turn) -> bool:
        """Whether what was pressed is a message of ours that is no copy of a request's card."""
        return bool(turn.reply_to) and await self._copy(turn) is None

    async def _copy(self, turn: Turn) -> CardCopy | None:
        if not turn.reply_to:
            return None
        seams = self._front.seams
        async with seams.store.view(seams.tenant) as view:
            return await view.outbox.copy_at(TEAMS, turn.place, turn.reply_to)
