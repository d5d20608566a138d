"""Presses of our buttons: each is done, asks for more, or is refused in a sentence."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from bot.cards.model import ALWAYS_ALLOW, APPROVE, DENY, IT_DID_NOT_RUN, IT_RAN, NUDGE, Card, Dialog
from bot.chat.card_buttons import ARE_YOU_SURE, YES, confirmation_of
from bot.chat.card_words import WHOLE
from bot.chat.teams.dialogs.allow import allow_view, is_shown
from bot.chat.teams.dialogs.dialog import confirm_view, dialog_values, dialog_view
from bot.chat.teams.dialogs.inputs import held_choice
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.events import Turn
from bot.chat.teams.kit.actions import Do, Press
from bot.chat.teams.listeners.commands import Commands
from bot.chat.teams.listeners.forms import Forms
from bot.chat.teams.listeners.front import BROKEN, Front
from bot.chat.teams.listeners.outcome import Outcome, Told
from bot.chat.teams.listeners.pages import Pages
from bot.chat.teams.shown.whole import whole_view
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.requests import ApprovalId
from bot.flow.act import Act
from bot.flow.open_card import OpenCard
from bot.flow.preview import PreviewGrant
from bot.flow.refusals import BadValue

DECIDING: Final = frozenset({APPROVE, DENY, ALWAYS_ALLOW, IT_RAN, IT_DID_NOT_RUN})
"""Actions that guests and people of other organisations may not do."""
NOT_SEEN: Final = "This is the rule that would be saved. Read it, then send it once more."
CHOOSE_FIRST: Final = "Choose something in the list first."
OLD_BUTTON: Final = "This button is not in use any more. Use the newest card in our chat."
_PAGE_DIGITS: Final = 9

log = structlog.get_logger()


class Presses:
    """Takes presses."""

    def __init__(self, front: Front, commands: Commands, forms: Forms, pages: Pages) -> None:
        self._front = front
        self._commands = commands
        self._act = Act(front.seams)
        self._open = OpenCard(front.seams)
        self._preview = PreviewGrant(front.seams)
        self._done: Mapping[Do, Callable[[Turn, Press], Awaitable[Outcome]]] = {
            Do.ACT: self._acted,
            Do.ASK: self._asked,
            Do.ANSWER: self._answered,
            Do.VIEW: self._viewed,
            Do.PREVIEW: self._previewed,
            Do.ALLOW: self._allowed,
            Do.COMMAND: self._commanded,
            Do.REQUEST: lambda turn, press: forms.request(turn, text=press.text("text")),
            Do.PICK: forms.picked,
            Do.SEND: forms.sent,
            Do.CHOOSE: self._chosen,
            Do.PAGE: pages.sent,
        }

    async def __call__(self, turn: Turn, press: Press | None) -> Outcome:
        """Gives what came of the press; it never raises, because every press is answered."""
        if press is None:
            return Told(sentence=OLD_BUTTON, is_refusal=True)
        try:
            return await self._done[press.do](turn, press)
        except Refusal as refusal:
            return Told(sentence=refusal.sentence, card=press.text("card"), is_refusal=True)
        except Exception:
            log.exception("press.failed", do=press.do.value)
            return Told(sentence=BROKEN, card=press.text("card"), is_refusal=True)

    async def card(self, card: str, person: Person) -> Card:
        """Gives a card as this person sees it now.

        Raises:
            UnknownCard: there is none for them.
        """
        return await self._open(card, person)

    async def _person(self, turn: Turn, action: str) -> Person:
        return await self._front.person(turn, action=action, deciding=action in DECIDING)

    async def _acted(self, turn: Turn, press: Press) -> Outcome:
        card, action = press.text("card"), press.text("action")
        if action == ALWAYS_ALLOW:
            # No button of ours carries that: a rule is saved only from the form that shows it.
            return await self._asked(turn, press)
        person = await self._person(turn, action)
        sentence = await self._act(card, person.id, action, {})
        return Told(sentence=sentence, card=card, is_news=action == NUDGE)

    async def _asked(self, turn: Turn, press: Press) -> Outcome:
        card, action = press.text("card"), press.text("action")
        person = await self._person(turn, action)
        if action == APPROVE:
            return await self._asked_for_sure(card, person)
        dialog = await self._open.dialog(card, person, action)
        if action == ALWAYS_ALLOW:
            return await self._allow(card, person, dialog, None)
        return dialog_view(dialog, card=card, action=action)

    async def _asked_for_sure(self, card: str, person: Person) -> Outcome:
        """Asks once more before something that destroys is approved; what is not offered is refused."""
        shown = await self._open(card, person)
        if not any(action.id == APPROVE for action in shown.actions):
            await self._open.dialog(card, person, APPROVE)
        question = confirmation_of(shown, APPROVE)
        title, text = (question.title, question.text) if question else (ARE_YOU_SURE, "")
        body = f"{shown.title}\n{text}".strip()
        return confirm_view(title, body, label="Approve", do=Do.ACT, card=card, action=APPROVE)

    async def _answered(self, turn: Turn, press: Press) -> Outcome:
        card, action = press.text("card"), press.text("action")
        if action == ALWAYS_ALLOW:
            return await self._allowed(turn, press)
        person = await self._person(turn, action)
        dialog = await self._open.dialog(card, person, action)
        values = dialog_values(dialog.fields, press)
        try:
            sentence = await self._act(card, person.id, action, values)
        except BadValue as refusal:
            return dialog_view(dialog, card=card, action=action, values=values, errors=refusal.fields)
        return Told(sentence=sentence, card=card)

    async def _viewed(self, turn: Turn, press: Press) -> Outcome:
        person = await self._front.person(turn, action="view")
        card = await self._open(press.text("card"), person)
        page = press.text("page")
        is_number = page.isascii() and page.isdecimal() and len(page) <= _PAGE_DIGITS
        return DialogView(title=WHOLE, card=whole_view(card, int(page) if is_number else 1))

    async def _previewed(self, turn: Turn, press: Press) -> Outcome:
        card = press.text("card")
        person = await self._person(turn, ALWAYS_ALLOW)
        dialog = await self._open.dialog(card, person, ALWAYS_ALLOW)
        return await self._allow(card, person, dialog, dialog_values(dialog.fields, press))

    async def _allowed(self, turn: Turn, press: Press) -> Outcome:
        """Saves a standing approval, if the form showed the very rule that it would be."""
        card = press.text("card")
        person = await self._person(turn, ALWAYS_ALLOW)
        dialog = await self._open.dialog(card, person, ALWAYS_ALLOW)
        values = dialog_values(dialog.fields, press)
        if not is_shown(dialog, press, values):
            return await self._allow(card, person, dialog, values, notice=NOT_SEEN)
        try:
            sentence = await self._act(card, person.id, ALWAYS_ALLOW, values)
        except BadValue as refusal:
            return await self._allow(card, person, dialog, values, errors=refusal.fields)
        return Told(sentence=sentence, card=card, is_news=True)

    async def _allow(
        self,
        card: str,
        person: Person,
        dialog: Dialog,
        values: JsonObject | None,
        *,
        notice: str = "",
        errors: Mapping[str, str] | None = None,
    ) -> DialogView:
        wanted = {one.name: one.value for one in dialog.fields} if values is None else values
        try:
            preview = await self._preview(ApprovalId(card), person.id, wanted)
        except BadValue as refusal:
            found = {**refusal.fields, **(errors or {})}
            return allow_view(dialog, None, card=card, values=values, notice=notice, errors=found)
        except Refusal as refusal:
            return allow_view(dialog, None, card=card, values=values, notice=refusal.sentence, errors=errors)
        return allow_view(dialog, preview, card=card, values=values, notice=notice, errors=errors)

    async def _commanded(self, turn: Turn, press: Press) -> Outcome:
        line, question = press.text("line"), press.text("confirm")
        if question:
            await self._front.person(turn, action="command")
            return confirm_view(ARE_YOU_SURE, question, label=YES, do=Do.COMMAND, line=line)
        return await self._commands.pressed(turn, line)

    async def _chosen(self, turn: Turn, press: Press) -> Outcome:
        """Does the command of what was chosen, which is checked as if it had been written."""
        end = held_choice(press.inputs, press.text("input"))
        if not end:
            return Told(sentence=CHOOSE_FIRST, is_refusal=True)
        return await self._commands.pressed(turn, press.text("line") + end)
