"""Greets people and conversations that the bot is new in, and shows what waits for them by then."""

import structlog

from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.events import Kind, Turn
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.shown.answer import answer_cards
from bot.chat.teams.shown.openers import welcome
from bot.domain.errors import Refusal
from bot.flow.commands.approvals import ApprovalsCommand, MyApprovals
from bot.flow.commands.form import Asker
from bot.flow.left import Left
from bot.flow.queue import MyQueue
from bot.ports.outside import Unreachable

HELLO = (
    "I am the IT help bot. Tell me in your own words what you need, or use the form. "
    "Write “approvals” to see what waits for you, and “help” for everything else."
)
HELLO_ALL = "I am the IT help bot. Mention me, and say in your own words what you need."

log = structlog.get_logger()


class Welcomes:
    """Greets once."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._queue = MyQueue(front.seams)
        self._approvals = MyApprovals(front.seams)
        self._left = Left(front.seams)

    async def __call__(self, turn: Turn) -> None:
        """Greets in a conversation that the bot was added to; what Teams tells twice is greeted once."""
        if not await self._front.is_first(turn, _key(turn)):
            return
        try:
            await self._greet(turn, f"{_key(turn)}/{turn.id or self._front.seams.ids.new()}")
        except Unreachable:
            await self._front.forget(_key(turn))
            raise

    async def _greet(self, turn: Turn, key: str) -> None:
        surface = self._front.surface
        if turn.kind is not Kind.PERSONAL:
            await surface.say(turn.place, HELLO_ALL, key=key, thread=turn.thread)
            return
        suggestions = await self._front.seams.planner.suggestions()
        await surface.show(turn.place, welcome(HELLO, suggestions), summary=HELLO, key=key)
        await self._what_waits(turn, key)

    async def left(self, turn: Turn) -> None:
        """Forgets a conversation that the bot was removed from; what waits in it is brought again."""
        await self._front.conversations.left(turn)
        await self._front.forget(_key(turn))
        if turn.kind is Kind.PERSONAL:
            person = await self._front.people.known(turn)
            if person is not None:
                await self._left(person, surface=TEAMS)

    async def _what_waits(self, turn: Turn, key: str) -> None:
        """Shows what was asked of somebody before the bot could reach them here."""
        try:
            person = await self._front.people.person(turn)
        except Refusal as refusal:
            log.info("welcome.unknown", why=type(refusal).__name__)
            return
        if not (await self._queue(person)).approvals:
            return
        answer = await self._approvals(ApprovalsCommand(), Asker(person=person, surface=TEAMS))
        for number, card in enumerate(answer_cards(answer)):
            await self._front.surface.show(
                turn.place, card, summary=answer.title, key=f"{key}/waits/{number}"
            )


def _key(turn: Turn) -> str:
    return f"welcome/{turn.place}"
