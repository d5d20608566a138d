"""Messages come in: stored before Slack is answered, taken up once, and never lost."""

import asyncio
import hashlib
from typing import Final

import structlog

from bot.chat.arriving import Arriving, WordsDoNotDecide, answered
from bot.chat.command_in_chat import is_command_for
from bot.chat.slack.api import answer
from bot.chat.slack.listeners.front import Front
from bot.chat.slack.listeners.heard import Heard, heard
from bot.chat.slack.listeners.proofs import Proofs
from bot.chat.slack.shown.says import spoken
from bot.chat.slack.workspaces import SLACK, Workspace, place_of
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.requests import RequestId
from bot.domain.tools import shortened
from bot.flow.intake import Intake, Message
from bot.ports.outside import Unreachable
from bot.ports.store import StoreUnreachable

_STATUS: Final = "is looking into it…"
_STATUS_S: Final = 1.5
"""Seconds that a message waits for its status to be shown."""

log = structlog.get_logger()


class SlashMissing(Refusal):
    """In Slack a command begins with a slash, so nothing was done. Write it like this: /{line}"""  # noqa: D415 - the command ends the sentence


class Arrivals:
    """Takes messages in."""

    def __init__(self, front: Front, *, worker: str) -> None:
        self._front = front
        self._seams = front.seams
        self._intake = Intake(front.seams)
        self._proofs = Proofs(front)
        self._arriving = Arriving(
            seams=front.seams,
            inbox=front.inbox,
            surface=SLACK,
            background=front.background,
            worker=worker,
            take_up=self._take_up,
        )
        self._told_away: set[str] = set()

    async def keep(self, event: JsonObject, workspace: Workspace) -> bool:
        """Stores what a message event brought; False for what is none, is not for us, or came before.

        Raises:
            StoreUnreachable: it is not stored, so Slack must not be told that it was taken.
        """
        found = heard(event, team=workspace.team, enterprise=workspace.enterprise)
        if found is None or found.user == workspace.bot_user:
            return False
        if text_at(event, "type") == "message" and not await self._is_ours(found, workspace):
            return False
        content: dict[str, str] = {name: getattr(found, name) for name in Heard.__slots__}
        key = f"{place_of(workspace, found.channel)}/{found.ts}"
        try:
            return await self._arriving.keep(key, dict(content))
        except StoreUnreachable:
            self._front.background.start(self._say_away(found, workspace), "slack-away")
            raise

    async def _is_ours(self, found: Heard, workspace: Workspace) -> bool:
        """Whether the bot is meant: a direct message, or a reply in the thread of the writer's own request.

        What others write to each other in that thread is none of the bot's business; they can mention it.
        """
        if found.is_direct:
            return True
        if not found.thread or found.thread == found.ts:
            return False
        place = place_of(workspace, found.channel)
        async with self._seams.store.view(self._seams.tenant) as view:
            link = await view.links.of_user(workspace.user(found.user))
            if link is None:
                return False
            return await view.requests.in_thread(link.person, SLACK, place, found.thread) is not None

    async def _say_away(self, found: Heard, workspace: Workspace) -> None:
        """Tells the writer that nothing can be taken in now; once a message, however often Slack sends it."""
        mark = f"{found.channel}/{found.ts}"
        if mark in self._told_away or not found.is_direct:
            return
        if len(self._told_away) > 1000:
            self._told_away.clear()
        self._told_away.add(mark)
        text = (
            "I cannot take this in at the moment, because my database does not answer. Please ask again soon."
        )
        words = spoken(text)[0]
        await answer(
            "chat.postMessage",
            lambda: workspace.client.chat_postMessage(
                channel=found.channel,
                text=words.text,
                blocks=list(words.blocks),
                thread_ts=found.thread or found.ts,
                unfurl_links=False,
                mrkdwn=False,
            ),
        )

    async def take(self) -> None:
        """Begins to take up all that is due; what came in one conversation in the order in which it came."""
        await self._arriving.take()

    async def _take_up(self, content: JsonObject, *, last: bool) -> None:
        found = Heard(**{name: text_at(content, name) for name in Heard.__slots__})
        workspace = await self._front.workspaces.find(team=found.team, enterprise=found.enterprise)
        if workspace is None:
            return
        place, thread = place_of(workspace, found.channel), found.thread or found.ts

        async def take_in() -> None:
            if not await self._proofs.took_code(found, workspace):
                person = await self._proofs.person(found, workspace)
                if person is not None:
                    await self._request(found, workspace, person)

        async def say(sentence: str) -> None:
            mark = hashlib.sha256(sentence.encode()).hexdigest()[:16]
            key = f"refused/{place}/{found.ts}/{mark}"
            await self._front.surface.say(place, sentence, key=key, thread=thread)

        await answered(take_in, say, last=last)

    async def _request(self, found: Heard, workspace: Workspace, person: Person) -> None:
        place, thread = place_of(workspace, found.channel), found.thread or found.ts
        is_reply = bool(found.thread) and found.thread != found.ts
        about = await self._answered_card(place, found.thread, person) if is_reply else None
        await self._show_status(found, workspace, thread)
        text = await self._front.read(workspace, found.text)
        if found.is_direct and not is_reply and is_command_for(person, text):
            raise SlashMissing(line=shortened(text.removeprefix("/")))
        request_id = await self._intake(
            Message(
                surface=SLACK,
                place=place,
                person=person.id,
                text=text,
                key=f"{place}/{found.ts}",
                thread=thread,
                is_reply=is_reply,
                about=about,
            )
        )
        async with self._seams.store.view(self._seams.tenant) as view:
            request = await view.requests.get(request_id)
        if request is not None and (request.place, request.thread) != (place, thread):
            pointer = "This belongs to a request of yours that is open already. I go on in its thread."
            await self._front.surface.say(place, pointer, key=f"pointer/{place}/{found.ts}", thread=thread)

    async def _answered_card(self, place: str, thread: str, person: Person) -> RequestId | None:
        """Gives the request whose card the message answers; None where its thread begins with no card.

        Raises:
            WordsDoNotDecide: the card asks somebody for a decision, which words never are.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            copy = await view.outbox.copy_at(SLACK, place, thread)
        if copy is None:
            return None
        if copy.card.startswith("status-") and copy.person == person.id:
            return RequestId(copy.card.removeprefix("status-"))
        raise WordsDoNotDecide

    async def _show_status(self, found: Heard, workspace: Workspace, thread: str) -> None:
        """Shows under the message that it is being looked into; where Slack does not offer that, nothing."""
        if not found.is_direct:
            return
        try:
            async with asyncio.timeout(_STATUS_S):
                await answer(
                    "assistant.threads.setStatus",
                    lambda: workspace.client.assistant_threads_setStatus(
                        channel_id=found.channel, thread_ts=thread, status=_STATUS
                    ),
                )
        except (Unreachable, TimeoutError) as refusal:
            log.debug("slack.no_status", why=type(refusal).__name__)
