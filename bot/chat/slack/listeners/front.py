"""What Slack's listeners work with: the seams, the workspaces, and the ways of answering somebody."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from bot.chat.background import Background
from bot.chat.proving import Proving
from bot.chat.refusing import note_refused
from bot.chat.slack.api import SlackRefused, answer
from bot.chat.slack.kit.blocks import Block, modal, section
from bot.chat.slack.listeners.readable import mentioned, readable, without
from bot.chat.slack.people import SlackPeople
from bot.chat.slack.posting import Pace, Words
from bot.chat.slack.shown.says import spoken
from bot.chat.slack.surface import SlackSurface
from bot.chat.slack.workspaces import SLACK, Workspace, Workspaces, place_of
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.flow.seams import Seams
from bot.ports.chat import Homes, Inbox
from bot.ports.directory import DirectoryUnreachable
from bot.ports.outside import Busy, Gone, Unreachable

MENTIONS: Final = 20
"""Persons whom one text may name by their addresses."""
IN_TIME_S: Final = 2.3
"""Seconds after which a dialog that was sent is acknowledged without its outcome; Slack waits for 3."""
BROKEN: Final = "Something went wrong here, and it is in the log. Look at the card whether it was done."
PAUSE_S: Final = 5.0
"""Seconds that an answer waits for Slack to take more."""
TOLD: Final = "told"
"""The callback id of modals that only say something."""
LATE: Final = "This takes a little longer. I tell you in our direct message how it ends."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who did something, and where an answer to them goes."""

    workspace: Workspace
    user: str
    channel: str = ""
    """The conversation in which it was done; empty for none."""
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Everything that the listeners of one process share."""

    seams: Seams
    workspaces: Workspaces
    people: SlackPeople
    surface: SlackSurface
    inbox: Inbox
    homes: Homes
    pace: Pace
    proving: Proving | None = None
    """Has accounts prove who they are by signing in; None where nobody can sign in."""
    background: Background = field(default_factory=Background)

    async def person(self, who: Who, *, action: str, deciding: bool = False) -> Person:
        """Gives who it is; somebody who may not do it is noted in the audit log.

        Raises:
            Refusal: nobody known, or an account that may not.
        """
        try:
            return await self.people.person(who.workspace, who.user, deciding=deciding)
        except Unreachable:
            raise
        except Refusal as refusal:
            await note_refused(self.seams, refusal, surface=SLACK, user=who.user, action=action)
            raise

    async def read(self, workspace: Workspace, text: str) -> str:
        """Gives a text as people read it, without the bot's own name, and others by their addresses.

        Raises:
            Unreachable, DirectoryUnreachable: who is named cannot be found out at the moment.
        """
        text = without(text, workspace.bot_user)
        names: dict[str, str] = {}
        for user in mentioned(text)[:MENTIONS]:
            try:
                names[user] = (await self.people.person(workspace, user)).email
            except Refusal as refusal:
                if isinstance(refusal, Unreachable | DirectoryUnreachable) and not isinstance(refusal, Gone):
                    raise
        return readable(text, lambda user: names.get(user, f"@{user}"))

    async def tell(self, who: Who, text: str) -> None:
        """Says something to one user only: where they are, or else in the bot's direct message with them."""
        for words in spoken(text):
            await self.show(who, words)

    async def show(self, who: Who, words: Words) -> None:
        """Shows a message to one user only: where they are, or else in the bot's direct message with them."""
        if who.channel:
            ephemeral = partial(
                who.workspace.client.chat_postEphemeral,
                channel=who.channel,
                user=who.user,
                text=words.text,
                blocks=list(words.blocks),
                thread_ts=who.thread or None,
            )

            async def shown() -> None:
                await answer("chat.postEphemeral", ephemeral)

            try:
                await self._patiently(shown)
            except Unreachable as refusal:
                log.info("slack.ephemeral", why=type(refusal).__name__)
            else:
                return
        await self._directly(who, words.text, list(words.blocks))

    async def _directly(self, who: Who, text: str, blocks: list[Block]) -> None:
        client = who.workspace.client
        told = await answer("conversations.open", lambda: client.conversations_open(users=who.user))
        channel = text_at(told, "channel", "id")
        post = partial(
            client.chat_postMessage,
            channel=channel,
            text=text,
            blocks=blocks,
            unfurl_links=False,
            unfurl_media=False,
            mrkdwn=False,
        )

        async def posted() -> None:
            self.pace.take(place_of(who.workspace, channel))
            await answer("chat.postMessage", post)

        await self._patiently(posted)

    async def opened(self, who: Who, trigger: str, view: Block) -> str:
        """Opens a modal and gives its id.

        Raises:
            Unreachable: Slack did not open it; it has to be asked for again.
        """
        told = await answer(
            "views.open", lambda: who.workspace.client.views_open(trigger_id=trigger, view=view)
        )
        return text_at(told, "view", "id")

    async def shown(self, who: Who, view_id: str, view: Block) -> None:
        """Replaces what a modal shows."""
        await answer("views.update", lambda: who.workspace.client.views_update(view_id=view_id, view=view))

    async def in_modal(self, who: Who, trigger: str, draw: Callable[[], Awaitable[Block]]) -> None:
        """Opens a modal at once and shows in it what is drawn, or the sentence that says why not."""
        try:
            view_id = await self.opened(who, trigger, telling("One moment…", "I am looking it up."))
        except Unreachable as refusal:
            log.info("slack.unopened", why=refusal.sentence)
            await self.tell(who, "That took too long for Slack. Please try it once more.")
            return
        await self.into(who, view_id, draw)

    async def into(self, who: Who, view_id: str, draw: Callable[[], Awaitable[Block]]) -> None:
        """Shows in an open modal what is drawn, or the sentence that says why not."""
        said = ""
        try:
            view = await draw()
        except Refusal as refusal:
            said = refusal.sentence
            view = telling("Not possible", said)
        except Exception:
            log.exception("slack.undrawn")
            said = BROKEN
            view = telling("Not possible", said)
        try:
            await self._patiently(lambda: self.shown(who, view_id, view))
        except SlackRefused as refusal:
            # The modal would go on saying that something is being looked up.
            log.warning("slack.unshown", view=text_at(view, "callback_id"), why=refusal.sentence)
            await self.shown(who, view_id, telling("Not possible", BROKEN))
        except Gone:
            # It was closed meanwhile; what was only shown is not missed, what was said is.
            if text_at(view, "callback_id") == TOLD:
                await self.tell(who, said)

    async def say_in(self, who: Who, view_id: str, title: str, text: str) -> None:
        """Says something in an open modal; where it was closed meanwhile, to its user."""
        try:
            await self._patiently(lambda: self.shown(who, view_id, telling(title, text)))
        except Unreachable as refusal:
            log.info("slack.unshown", why=type(refusal).__name__)
            await self.tell(who, text)

    async def _patiently(self, call: Callable[[], Awaitable[None]]) -> None:
        """Makes a call once more where Slack asks for a short pause."""
        try:
            await call()
        except Busy as refusal:
            await asyncio.sleep(min(refusal.after.total_seconds(), PAUSE_S))
            await call()


def telling(title: str, text: str) -> Block:
    """Gives a modal that only says something."""
    blocks = [block for words in spoken(text)[:10] for block in words.blocks]
    return modal(TOLD, title, blocks or [section(" ")], close="Close")


def who_of(workspace: Workspace, body: JsonObject) -> Who:
    """Gives who did something by Slack's description of an interaction."""
    channel = text_at(body, "channel", "id") or text_at(body, "container", "channel_id")
    message = body.get("message")
    thread = text_at(message, "thread_ts") if isinstance(message, dict) else ""
    return Who(workspace=workspace, user=text_at(body, "user", "id"), channel=channel, thread=thread)
