"""Hands what people do in Teams to its listener, and answers in the form that Teams waits for."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Final

import structlog

from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.events import (
    Added,
    DialogSent,
    DialogWanted,
    Event,
    Executed,
    Kind,
    Pressed,
    Removed,
    Said,
    Searched,
    Turn,
    Unknown,
)
from bot.chat.teams.kit.actions import Press
from bot.chat.teams.kit.dialogless import in_dialog
from bot.chat.teams.listeners.arrivals import Arrivals
from bot.chat.teams.listeners.away import Away
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.listeners.in_chat import InChat
from bot.chat.teams.listeners.outcome import Outcome, Shown, Told
from bot.chat.teams.listeners.pages import Pages
from bot.chat.teams.listeners.presses import Presses
from bot.chat.teams.listeners.refreshing import Refreshing
from bot.chat.teams.listeners.replies import (
    card_reply,
    closing_reply,
    dialog_reply,
    message_reply,
    search_reply,
)
from bot.chat.teams.listeners.welcomes import Welcomes
from bot.chat.teams.route import NoSuchInvoke
from bot.chat.teams.shown.card import render
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.ports.store import StoreUnreachable

IN_TIME_S: Final = 4.0
"""Seconds after which a press is answered without its outcome; Teams waits for about 5.

Source: platform limits are not written down for all clients; 5 s is what clients were seen to wait.
"""
FORM_IN_CHAT: Final = "The form is in our chat."
LATE: Final = "This takes a little longer. I tell you in our chat how it ends."

log = structlog.get_logger()


class TeamsDesk:
    """Takes events."""

    def __init__(
        self,
        front: Front,
        *,
        arrivals: Arrivals,
        presses: Presses,
        pages: Pages,
        welcomes: Welcomes,
        in_time_s: float,
    ) -> None:
        """Takes its listeners.

        Args:
            front: what they share.
            arrivals: takes messages.
            presses: takes presses.
            pages: finds what fits a typed text.
            welcomes: greets.
            in_time_s: seconds after which a press is answered without its outcome.
        """
        self._front = front
        self._arrivals = arrivals
        self._presses = presses
        self._pages = pages
        self._welcomes = welcomes
        self._refreshing = Refreshing(front)
        self._in_chat = InChat(front, self._refreshing)
        self._away = Away(front)
        self._in_time_s = in_time_s

    async def __call__(self, event: Event) -> JsonObject | None:
        """Gives what is answered to the event; None for nothing.

        Raises:
            StoreUnreachable: it is not stored; it has to be sent again.
            NoSuchInvoke: nobody here answers such an event.
        """
        match event:
            case Executed() | DialogWanted() | DialogSent():
                return await self._answered(event)
            case Searched():
                return await self._found(event)
            case Unknown():
                if event.is_invoke:
                    raise NoSuchInvoke
            case _:
                await self._kept(event)
        return None

    async def _found(self, event: Searched) -> JsonObject:
        """Gives what fits a typed text; nothing where that takes too long, since more is typed by then."""
        try:
            return search_reply(await asyncio.wait_for(self._pages.search(event), self._in_time_s))
        except TimeoutError:
            return search_reply(())
        except Exception:
            log.exception("search.failed")
            return search_reply(())

    async def _kept(self, event: Said | Pressed | Added | Removed) -> None:
        """Takes what is answered by nothing but messages; what cannot be stored has to be sent again."""
        turn = event.turn
        try:
            if isinstance(event, Removed):
                await self._welcomes.left(turn)
                return
            await self._heard(turn)
            match event:
                case Said():
                    if await self._arrivals.keep(event):
                        self._later(self._arrivals.take(), "arrivals")
                case Pressed():
                    if await self._front.is_first(turn, f"press/{turn.place}/{turn.id}"):
                        self._later(self._pressed(turn, event.press), "press")
                case Added():
                    self._later(self._welcomes(turn), "welcome")
        except StoreUnreachable:
            if isinstance(event, Said | Pressed):
                self._later(self._away.say(turn), "away")
            raise

    async def _pressed(self, turn: Turn, press: Press | None) -> None:
        """Answers a press that came as a message, in the chat."""
        outcome = await self._presses(turn, press)
        if isinstance(outcome, Told) and outcome.is_refusal:
            await self._refreshing(turn)
        await self._in_chat(turn, outcome, press=press)

    async def _heard(self, turn: Turn) -> None:
        """Keeps where somebody was heard of."""
        await self._front.conversations.heard(turn, self._front.people.scope(turn))

    def _later(self, work: Coroutine[object, object, None], what: str) -> None:
        self._front.background.start(work, what)

    async def _answered(self, event: Executed | DialogWanted | DialogSent) -> JsonObject:
        """Gives the answer to a press, or in time that it takes longer; the end is then told in the chat."""
        done: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        is_late = asyncio.Event()
        self._later(self._worked(event, done, is_late), "press")
        try:
            return await asyncio.wait_for(asyncio.shield(done), self._in_time_s)
        except TimeoutError:
            if done.done():
                return done.result()
            is_late.set()
            return self._said(event, LATE)

    async def _worked(
        self,
        event: Executed | DialogWanted | DialogSent,
        done: asyncio.Future[JsonObject],
        is_late: asyncio.Event,
    ) -> None:
        """Does what was pressed, and answers it: there, or in the chat where it is too late for that."""
        turn = event.turn
        try:
            if not _is_elsewhere(event):
                await self._heard(turn)
        except Refusal as refusal:
            # What cannot be kept is kept the next time; the press itself says what it cannot do.
            log.warning("press.unheard", why=type(refusal).__name__)
        outcome = await self._presses(turn, event.press)
        if isinstance(outcome, Told) and outcome.is_refusal:
            self._later(self._refreshing(turn), "refresh")
        if is_late.is_set():
            await self._in_chat(turn, outcome)
            return
        answer = await self._reply(event, outcome)
        if is_late.is_set():
            await self._in_chat(turn, outcome)
        elif not done.done():
            done.set_result(answer)

    async def _reply(self, event: Executed | DialogWanted | DialogSent, outcome: Outcome) -> JsonObject:
        """Gives the outcome in the form that the press waits for."""
        is_dialog = not isinstance(event, Executed)
        match outcome:
            case Told():
                card = "" if is_dialog or outcome.is_refusal or outcome.is_news else outcome.card
                drawn = await self._drawn(event.turn, card) if card else None
                return self._said(event, outcome.sentence) if drawn is None else card_reply(self._out(drawn))
            case Shown():
                return self._showed(event, outcome)
            case DialogView():
                if is_dialog:
                    return dialog_reply(replace(outcome, card=self._out(outcome.card)))
                self._later(self._in_chat(event.turn, outcome), "form")
                return message_reply(FORM_IN_CHAT)

    def _showed(self, event: Executed | DialogWanted | DialogSent, outcome: Shown) -> JsonObject:
        """Gives the first card of an answer; the others stand in the chat."""
        first, turn = self._out(outcome.cards[0]), event.turn
        rest = Shown(title=outcome.title, cards=outcome.cards[1:])
        if rest.cards:
            self._later(self._in_chat(turn, rest), "answer")
        if not isinstance(event, Executed):
            return dialog_reply(DialogView(title=outcome.title, card=in_dialog(first)))
        if turn.kind is Kind.PERSONAL and turn.reply_to:
            # What is answered lives in one client until it is opened anew; the message lives everywhere.
            self._later(self._in_chat.turn_page(turn, outcome), "page")
        return card_reply(first)

    def _said(self, event: Executed | DialogWanted | DialogSent, sentence: str) -> JsonObject:
        if isinstance(event, Executed):
            return message_reply(sentence)
        return closing_reply(sentence)

    async def _drawn(self, turn: Turn, card: str) -> JsonObject | None:
        """Gives a card as whoever pressed it sees it now; None where it cannot be drawn."""
        try:
            person = await self._front.person(turn, action="view")
            return render(await self._presses.card(card, person)).card
        except Refusal as refusal:
            log.info("press.undrawn", why=type(refusal).__name__)
        except Exception:
            log.exception("press.undrawn")
        return None

    def _out(self, card: JsonObject) -> JsonObject:
        """Gives the card as this client can use it."""
        return self._front.surface.fitted(card)


def _is_elsewhere(event: Event) -> bool:
    """Whether the bot need not be where this comes from: a message extension is used in any chat."""
    return isinstance(event, DialogWanted | DialogSent) and event.is_extension
