"""Clicks on cards: each is answered, be it by the card itself, by a modal, or by a sentence."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from bot.cards.model import ALWAYS_ALLOW, APPROVE, DENY, IT_DID_NOT_RUN, IT_RAN, Dialog
from bot.cards.tool_change import ACCEPT, KEEP_ASKING, SWITCH_OFF
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.listeners.front import BROKEN, Front, Who
from bot.chat.slack.modals.allow import allow_view
from bot.chat.slack.modals.dialog import dialog_values, dialog_view, metadata_of
from bot.chat.slack.modals.inputs import state_of
from bot.chat.slack.shown.whole import turned_to, whole_view
from bot.chat.slack.workspaces import SLACK, place_of
from bot.documents.json_reading import object_at, text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.requests import ApprovalId
from bot.domain.tools import shortened
from bot.flow.act import Act
from bot.flow.open_card import OpenCard
from bot.flow.present import Present
from bot.flow.preview import PreviewGrant
from bot.ports.outside import Unreachable

DECIDING: Final = frozenset(
    {APPROVE, DENY, ALWAYS_ALLOW, IT_RAN, IT_DID_NOT_RUN, ACCEPT, KEEP_ASKING, SWITCH_OFF}
)
"""Actions that guests and people of other organisations may not do."""

REQUESTERS: Final = ("status-", "attention-")
"""What the ids of cards begin with that a guest may see, too."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """One click on a card."""

    who: Who
    card: str
    action: str
    trigger: str
    message: str = ""
    """The timestamp of the message that was clicked; empty for a modal."""
    view: str = ""
    """The modal that was clicked; empty for a message and for App Home, which no modal can replace."""


def click_of(who: Who, body: JsonObject, *, action: str, card: str) -> Click:
    """Gives the click that Slack describes."""
    return Click(
        who=who,
        card=card,
        action=action,
        trigger=text_at(body, "trigger_id"),
        message=text_at(body, "container", "message_ts") or text_at(body, "message", "ts"),
        view=text_at(body, "view", "id") if text_at(body, "view", "type") == "modal" else "",
    )


class Clicks:
    """Takes clicks."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._act = Act(front.seams)
        self._open = OpenCard(front.seams)
        self._preview = PreviewGrant(front.seams)

    async def __call__(self, click: Click) -> None:
        """Does what the button says, or opens its dialog; what is refused is told in a sentence."""
        if click.action in {DENY, ALWAYS_ALLOW} or click.action not in DECIDING | {"withdraw", "nudge"}:
            await self._in_modal(click, lambda: self._dialog(click))
            return
        try:
            person = await self._person(click)
            sentence = await self._act(click.card, person.id, click.action, {})
        except Refusal as refusal:
            await self._answered(click, refusal.sentence, is_refusal=True)
            return
        except Exception:
            log.exception("click.failed", action=shortened(click.action))
            await self._answered(click, BROKEN, is_refusal=True)
            return
        await self._answered(click, sentence, is_refusal=False)

    async def view_all(self, click: Click, *, page: int = 1) -> None:
        """Shows a card whole, one page at a time."""

        async def draw() -> Block:
            is_theirs = click.card.startswith(REQUESTERS)
            person = await self._front.person(click.who, action=click.action, deciding=not is_theirs)
            card = await self._open(click.card, person, action=click.action)
            return whole_view(card, page)

        await self._in_modal(click, draw)

    async def turn(self, click: Click) -> None:
        """Turns to another page of a card that is shown whole; the click names both."""
        card, page = turned_to(click.card)
        await self.view_all(
            Click(who=click.who, card=card, action=click.action, trigger=click.trigger, view=click.view),
            page=page,
        )

    async def allow_again(self, who: Who, view: JsonObject) -> None:
        """Works the preview of Always allow out anew, after something in its modal was changed."""
        card = metadata_of(view).get("card", "")
        click = Click(who=who, card=card, action=ALWAYS_ALLOW, trigger="", view=text_at(view, "id"))
        values = state_of(view)

        async def draw() -> Block:
            person = await self._person(click)
            dialog = await self.offered(click, person)
            return await self.allow(click.card, person, dialog, dialog_values(dialog.fields, values))

        await self._front.into(who, click.view, draw)

    async def offered(self, click: Click, person: Person) -> Dialog:
        """Gives the dialog of an action that this person may do now.

        Raises:
            Refusal: why they may not; it stands in the audit log.
        """
        return await self._open.dialog(click.card, person, click.action)

    async def _dialog(self, click: Click) -> Block:
        person = await self._person(click)
        dialog = await self.offered(click, person)
        if click.action == ALWAYS_ALLOW:
            return await self.allow(click.card, person, dialog, None)
        return dialog_view(dialog, card=click.card, action=click.action)

    async def allow(
        self, card: str, person: Person, dialog: Dialog, values: JsonObject | None, *, notice: str = ""
    ) -> Block:
        """Gives the modal of Always allow with what these values would do."""
        wanted = {one.name: one.value for one in dialog.fields} if values is None else values
        try:
            preview = await self._preview(ApprovalId(card), person.id, wanted)
        except Refusal as refusal:
            return allow_view(dialog, None, card=card, values=values, notice=refusal.sentence)
        return allow_view(dialog, preview, card=card, values=values, notice=notice)

    async def _person(self, click: Click) -> Person:
        return await self._front.person(click.who, action=click.action, deciding=click.action in DECIDING)

    async def _in_modal(self, click: Click, draw: Callable[[], Awaitable[Block]]) -> None:
        refused = False

        async def drawn() -> Block:
            nonlocal refused
            try:
                return await draw()
            except Refusal:
                refused = True
                raise

        if click.view:
            await self._front.into(click.who, click.view, drawn)
        else:
            await self._front.in_modal(click.who, click.trigger, drawn)
        if refused and click.message:
            await self._refreshed(click)

    async def _answered(self, click: Click, sentence: str, *, is_refusal: bool) -> None:
        """Tells the clicker, and brings the clicked copy up to date where it may be an old one."""
        if click.view:
            title = "Not possible" if is_refusal else "Done"
            await self._front.say_in(click.who, click.view, title, sentence)
            return
        await self._front.tell(click.who, sentence)
        if is_refusal and click.message:
            await self._refreshed(click)

    async def _refreshed(self, click: Click) -> None:
        seams = self._front.seams
        place = place_of(click.who.workspace, click.who.channel)
        async with seams.store.view(seams.tenant) as view:
            copy = await view.outbox.copy_at(SLACK, place, click.message)
        person = await seams.directory.person(copy.person) if copy else None
        card = await Present(seams)(copy.card, person) if copy and person else None
        if card is None:
            return
        try:
            await self._front.surface.update(place, click.message, card)
        except Unreachable as refusal:
            log.info("click.stale", why=type(refusal).__name__)


def card_of(action: JsonObject) -> str:
    """Gives the card that a clicked element names."""
    return text_at(action, "value") or text_at(object_at(action, "selected_option"), "value")
