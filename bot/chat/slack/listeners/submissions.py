"""Modals are sent: what is wrong is said at its field, and what was done in words."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from bot.cards.model import ALWAYS_ALLOW
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.listeners.clicks import DECIDING, Click, Clicks
from bot.chat.slack.listeners.front import BROKEN, IN_TIME_S, LATE, Front, Who, telling
from bot.chat.slack.modals.allow import is_shown
from bot.chat.slack.modals.dialog import dialog_errors, dialog_values, metadata_of
from bot.chat.slack.modals.form_page import FORM
from bot.chat.slack.modals.inputs import state_of
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.flow.act import Act
from bot.flow.refusals import BadValue
from bot.ports.outside import Unreachable

NOT_SEEN: Final = "This is the rule that would be saved. Read it, then send it once more."

log = structlog.get_logger()

Acknowledge = Callable[..., Awaitable[object]]
"""Answers Slack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a modal that was sent: a sentence per wrong field, another view, or a sentence."""

    errors: Mapping[str, str] = field(default_factory=dict)
    view: Block | None = None
    sentence: str = ""
    """What is told if the modal is closed by then."""


Handler = Callable[[Who, JsonObject], Awaitable[Outcome]]


class Submissions:
    """Takes what people send from modals."""

    def __init__(self, front: Front, clicks: Clicks) -> None:
        self._front = front
        self._clicks = clicks
        self._act = Act(front.seams)

    async def __call__(self, who: Who, view: JsonObject, ack: Acknowledge, handler: Handler) -> None:
        """Has a modal handled and answers Slack in time, with the outcome if it is there by then."""
        work = asyncio.create_task(self._handled(who, view, handler))
        done, _ = await asyncio.wait({work}, timeout=IN_TIME_S)
        if not done:
            await ack(response_action="update", view=telling("Still at it", LATE))
            self._front.background.start(self._tell_later(who, view, work), "late-submission")
            return
        outcome = work.result()
        if outcome.errors:
            await ack(response_action="errors", errors=dict(outcome.errors))
        elif outcome.view is not None:
            await ack(response_action="update", view=outcome.view)
        else:
            await ack(response_action="clear")

    async def _tell_later(self, who: Who, view: JsonObject, work: asyncio.Task[Outcome]) -> None:
        outcome = await work
        if text_at(outcome.view or {}, "callback_id") == FORM and outcome.view is not None:
            await self._go_on(who, view, outcome.view, outcome.sentence)
            return
        wrong = " ".join(outcome.errors.values())
        await self._front.tell(who, wrong or outcome.sentence or "Done.")

    async def _go_on(self, who: Who, sent: JsonObject, view: Block, otherwise: str) -> None:
        """Shows a form's page in the modal that says to wait; where that was closed, tells so."""
        try:
            await self._front.shown(who, text_at(sent, "id"), view)
        except Unreachable as refusal:
            log.info("submission.unshown", why=type(refusal).__name__)
            await self._front.tell(who, otherwise)

    async def _handled(self, who: Who, view: JsonObject, handler: Handler) -> Outcome:
        try:
            return await handler(who, view)
        except Refusal as refusal:
            return told("Not possible", refusal.sentence)
        except Exception:
            log.exception("submission.failed", view=text_at(view, "callback_id"))
            return told("Not possible", BROKEN)

    async def dialog(self, who: Who, view: JsonObject) -> Outcome:
        """Does what a card's dialog was opened for; Always allow only as its own modal does."""
        click = self._click(who, view)
        if click.action == ALWAYS_ALLOW:
            return await self.allow(who, view)
        person = await self._front.person(who, action=click.action, deciding=click.action in DECIDING)
        dialog = await self._clicks.offered(click, person)
        values = dialog_values(dialog.fields, state_of(view))
        try:
            sentence = await self._act(click.card, person.id, click.action, values)
        except BadValue as refusal:
            errors = dialog_errors(refusal.fields, view, fields=dialog.fields)
            return Outcome(errors=errors, sentence=refusal.sentence) if errors else _refused(refusal)
        return Outcome(sentence=sentence)

    async def allow(self, who: Who, view: JsonObject) -> Outcome:
        """Saves a standing approval, if the modal showed the very rule that it would be."""
        click = replace(self._click(who, view), action=ALWAYS_ALLOW)
        person = await self._front.person(who, action=ALWAYS_ALLOW, deciding=True)
        dialog = await self._clicks.offered(click, person)
        values = dialog_values(dialog.fields, state_of(view))
        if not is_shown(dialog, view, values):
            drawn = await self._clicks.allow(click.card, person, dialog, values, notice=NOT_SEEN)
            return Outcome(view=drawn, sentence=NOT_SEEN)
        try:
            sentence = await self._act(click.card, person.id, ALWAYS_ALLOW, values)
        except BadValue as refusal:
            errors = dialog_errors(refusal.fields, view, fields=dialog.fields)
            return Outcome(errors=errors, sentence=refusal.sentence) if errors else _refused(refusal)
        return told("Saved", sentence)

    def _click(self, who: Who, view: JsonObject) -> Click:
        kept = metadata_of(view)
        return Click(who=who, card=kept.get("card", ""), action=kept.get("action", ""), trigger="")


def told(title: str, sentence: str) -> Outcome:
    """Gives the outcome that only says something, in the modal."""
    return Outcome(view=telling(title, sentence), sentence=sentence)


def _refused(refusal: Refusal) -> Outcome:
    return told("Not possible", refusal.sentence)
