"""Messages come in: stored before Slack is answered, taken up once, and never lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

import structlog

from bot.chat.slack.api import answer, text_at
from bot.chat.slack.listeners.front import Front, Who
from bot.chat.slack.shown.says import spoken
from bot.chat.slack.workspaces import SLACK, Workspace, place_of
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.requests import RequestId
from bot.flow.intake import Intake, Message
from bot.ports.chat import Arrival
from bot.ports.outside import DirectoryUnreachable, Gone, Unreachable
from bot.ports.store import StoreUnreachable

LEASE: Final = timedelta(minutes=1)
BATCH: Final = 20
GIVE_UP: Final = 40
"""Tries before a message is given up; with the pauses between them, about eight hours."""
PARALLEL: Final = 16
"""Conversations that one process listens to at the same time."""
LOST: Final = "Something went wrong here, and it is in the log. Nothing was done; please ask again."
_SUBTYPES: Final = frozenset({"", "file_share", "me_message", "thread_broadcast"})
_STATUS: Final = "is looking into it…"
_STATUS_S: Final = 1.5
"""Seconds that a message waits for its status to be shown."""

log = structlog.get_logger()


class GivenUp(Refusal):
    """I could not take your message in, because something that I need was away. Please ask again."""


class WordsDoNotDecide(Refusal):
    """Only the buttons of the card decide; what is written below it changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message, as it is kept until it is taken up."""

    team: str
    enterprise: str
    channel: str
    user: str
    text: str
    ts: str
    thread: str
    kind: str
    """What Slack says of the conversation: im, mpim, channel or group; empty where it does not."""

    @property
    def is_direct(self) -> bool:
        """Whether it was written to the bot alone."""
        return self.kind == "im" or (not self.kind and self.channel.startswith("D"))


def heard(event: JsonObject, *, team: str, enterprise: str) -> Heard | None:
    """Gives the message of an event; None for what people did not write, or did not write to the bot."""
    if event.get("bot_id") or event.get("hidden") or text_at(event, "subtype") not in _SUBTYPES:
        return None
    found = Heard(
        team=team,
        enterprise=enterprise,
        channel=text_at(event, "channel"),
        user=text_at(event, "user"),
        text=text_at(event, "text"),
        ts=text_at(event, "ts"),
        thread=text_at(event, "thread_ts"),
        kind=text_at(event, "channel_type"),
    )
    return found if found.user and found.channel and found.ts else None


class Arrivals:
    """Takes messages in."""

    def __init__(self, front: Front, *, worker: str) -> None:
        self._front = front
        self._seams = front.seams
        self._worker = worker
        self._intake = Intake(front.seams)
        self._conversations: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(PARALLEL)
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
            return await self._front.inbox.add(
                self._seams.tenant, SLACK, key, dict(content), now=self._seams.clock.now()
            )
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
        while True:
            now = self._seams.clock.now()
            claimed = await self._front.inbox.claim(
                self._seams.tenant, SLACK, self._worker, now=now, until=now + LEASE, limit=BATCH
            )
            lines: dict[str, list[Arrival]] = {}
            for arrival in claimed:
                lines.setdefault(text_at(arrival.content, "channel"), []).append(arrival)
            for channel, line in lines.items():
                self._front.background.start(self._in_order(channel, line, now), "arrivals")
            if len(claimed) < BATCH:
                return

    async def _in_order(self, channel: str, line: Sequence[Arrival], now: datetime) -> None:
        """Takes up one conversation's messages; behind one that has to wait the others wait as well."""
        conversation = self._conversations.setdefault(channel, asyncio.Lock())
        async with conversation, self._places:
            wait: timedelta | None = None
            for arrival in line:
                wait = wait or await self._take_up(arrival)
                if wait is None:
                    await self._front.inbox.finish(self._worker, arrival.id)
                else:
                    await self._front.inbox.retry(self._worker, arrival.id, at=now + wait)

    async def _take_up(self, arrival: Arrival) -> timedelta | None:
        """Takes one message up; gives how long it has to wait where something that it needs is away."""
        found = Heard(**{name: text_at(arrival.content, name) for name in Heard.__slots__})
        last = arrival.attempts + 1 >= GIVE_UP
        try:
            workspace = await self._front.workspaces.find(team=found.team, enterprise=found.enterprise)
            if workspace is not None:
                await self._understood(found, workspace, last=last)
        except Gone as refusal:
            log.warning("arrival.unanswerable", why=refusal.sentence)
        except (Unreachable, DirectoryUnreachable, StoreUnreachable) as refusal:
            log.warning("arrival.waits", why=type(refusal).__name__, attempts=arrival.attempts)
            return None if last else timedelta(seconds=min(2 ** (arrival.attempts + 1), 900))
        return None

    async def _understood(self, found: Heard, workspace: Workspace, *, last: bool) -> None:
        who = Who(workspace=workspace, user=found.user)
        place, thread = place_of(workspace, found.channel), found.thread or found.ts
        key = f"{place}/{found.ts}"
        try:
            person = await self._front.person(who, action="message")
            await self._request(found, workspace, person)
        except (Unreachable, DirectoryUnreachable, StoreUnreachable) as refusal:
            refused = GivenUp() if last else refusal
            if last or isinstance(refusal, DirectoryUnreachable):
                await self._front.surface.say(
                    place, refused.sentence, key=f"refused/{key}/{type(refused).__name__}", thread=thread
                )
            raise
        except Refusal as refusal:
            await self._front.surface.say(place, refusal.sentence, key=f"refused/{key}", thread=thread)
        except Exception:
            log.exception("arrival.failed")
            await self._front.surface.say(place, LOST, key=f"refused/{key}", thread=thread)

    async def _request(self, found: Heard, workspace: Workspace, person: Person) -> None:
        place, thread = place_of(workspace, found.channel), found.thread or found.ts
        is_reply = bool(found.thread) and found.thread != found.ts
        about = await self._answered_card(place, found.thread, person) if is_reply else None
        await self._show_status(found, workspace, thread)
        text = await self._front.read(workspace, found.text)
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
