"""Says that nothing can be taken in, where not even that can be stored."""

from typing import Final

from bot.chat.teams.events import Kind, Turn
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.posting import text_activity

AWAY: Final = (
    "I cannot take this in at the moment, because my database does not answer. Please ask again soon."
)
_REMEMBERED: Final = 1_000


class Away:
    """Tells people, once for each thing that they sent."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._told: set[str] = set()

    async def say(self, turn: Turn) -> None:
        """Tells whoever sent something in their own chat; in others nothing, lest everybody reads it."""
        mark = f"{turn.place}/{turn.id}"
        if turn.kind is not Kind.PERSONAL or mark in self._told:
            return
        if len(self._told) > _REMEMBERED:
            self._told.clear()
        self._told.add(mark)
        await self._front.surface.post(turn.reference, text_activity(AWAY))
