"""Answers in the chat what cannot be answered where it was pressed."""

from typing import Final

import structlog

from bot.chat.teams.connector.calls import NotAccepted
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.events import Turn
from bot.chat.teams.kit.actions import Do, Press
from bot.chat.teams.kit.elements import heading
from bot.chat.teams.listeners.front import IN_OUR_CHAT, Front, NoChatWithYou, fresh
from bot.chat.teams.listeners.outcome import Outcome, Shown, Told
from bot.chat.teams.listeners.refreshing import Refreshing
from bot.chat.teams.shown.says import told_card
from bot.domain.canonical import JsonObject
from bot.ports.outside import Gone, Unreachable

NOT_SHOWN: Final = "I could not show you what you asked for. Please try it once more."

log = structlog.get_logger()


class InChat:
    """Shows in the chat what came of a press."""

    def __init__(self, front: Front, refreshing: Refreshing) -> None:
        self._front = front
        self._refreshing = refreshing

    async def __call__(self, turn: Turn, outcome: Outcome, *, press: Press | None = None) -> None:
        """Shows it to whoever pressed.

        Args:
            turn: the press.
            outcome: what came of it.
            press: what was pressed, where that came as a message; a form then makes place for its outcome.
        """
        try:
            await self._shown(turn, outcome, press)
        except NoChatWithYou as refusal:
            key = fresh(self._front.seams, turn, refusal.sentence)
            await self._front.point(turn, refusal.sentence, key=key)
        except Unreachable as refusal:
            log.warning("press.unshown", why=type(refusal).__name__)
            await self._front.tell_later(turn, outcome.sentence if isinstance(outcome, Told) else NOT_SHOWN)

    async def _shown(self, turn: Turn, outcome: Outcome, press: Press | None) -> None:
        makes_place = press is not None and _is_step(press, outcome) and await self._refreshing.is_form(turn)
        match outcome:
            case Told():
                card = told_card("", outcome.sentence)
                is_over = makes_place and not outcome.is_refusal
                if not (is_over and await self._replaced(turn, card, outcome.sentence)):
                    await self._front.tell(turn, outcome.sentence)
            case DialogView():
                card = _titled(outcome.written or outcome.card, outcome.title)
                await self._cards(turn, outcome.title, [card], makes_place=makes_place)
            case Shown():
                await self._cards(turn, outcome.title, list(outcome.cards), makes_place=makes_place)

    async def _cards(self, turn: Turn, title: str, cards: list[JsonObject], *, makes_place: bool) -> None:
        if makes_place and cards and await self._replaced(turn, cards[0], title):
            cards = cards[1:]
        place = await self._front.private(turn)
        base = fresh(self._front.seams, turn, title)
        for number, card in enumerate(cards):
            await self._front.surface.show(place, card, summary=title, key=f"{base}/{number}")
        if cards and place != turn.place:
            await self._front.point(turn, IN_OUR_CHAT, key=f"{base}/pointer")

    async def turn_page(self, turn: Turn, outcome: Shown) -> None:
        """Has the pressed message itself show the answer's first card."""
        await self._replaced(turn, outcome.cards[0], outcome.title)

    async def _replaced(self, turn: Turn, card: JsonObject, summary: str) -> bool:
        """Puts a card in the place of what was pressed; False where that is not there any more."""
        try:
            await self._front.surface.replace(turn.place, turn.reply_to, card, summary=summary)
        except (Gone, NotAccepted) as refusal:
            log.info("form.gone", why=type(refusal).__name__)
            return False
        return True


def _titled(card: JsonObject, title: str) -> JsonObject:
    """Gives the card with a title, which in a dialog stands above it."""
    body = card.get("body")
    return {**card, "body": [heading(title), *body]} if isinstance(body, list) else card


def _is_step(press: Press, outcome: Outcome) -> bool:
    """Whether what was pressed is done with: a form that was sent or turned, or a page of an answer."""
    if press.do in {Do.ACT, Do.ANSWER, Do.ALLOW, Do.PREVIEW, Do.PICK, Do.SEND, Do.PAGE}:
        return True
    if press.do is Do.VIEW:
        return bool(press.text("since"))
    if press.do in {Do.COMMAND, Do.CHOOSE}:
        return isinstance(outcome, Shown)
    return False
