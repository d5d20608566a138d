"""Posts each message once: what is not known to have arrived is looked for before it is posted again."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from slack_sdk.models.metadata import Metadata

from bot.chat.slack.api import SlackBusy, SlackRefused, answer
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.workspaces import SLACK, Workspace, place_of
from bot.documents.json_reading import rows_at, text_at
from bot.domain.canonical import JsonObject
from bot.domain.people import TenantId
from bot.ports.chat import Postings
from bot.ports.outside import Busy, Clock, Gone

_MARK: Final = "countersign_posting"
"""The type of the metadata by which our own messages are found again."""
_SKEW: Final = timedelta(minutes=2)
"""How far Slack's clock and ours may be apart."""
_SHOWN: Final = 100
"""Messages of a conversation that are looked through."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a message says: blocks, and the text of its notification."""

    text: str
    blocks: Sequence[Block]


class Pace:
    """Keeps to one message a second per channel, in this process; Slack's own answer does the rest."""

    def __init__(self, every: timedelta = limits.POST_EVERY) -> None:
        self._every = every.total_seconds()
        self._next: dict[str, float] = {}

    def take(self, place: str) -> None:
        """Takes the place's turn.

        Raises:
            Busy: it is not its turn yet.
        """
        now = asyncio.get_running_loop().time()
        wait = self._next.get(place, now) - now
        if wait > 0:
            after = timedelta(seconds=wait)
            raise SlackBusy(name=place, surface="Slack", why="one message a second", after=after)
        if len(self._next) > 1000:
            self._next = {known: at for known, at in self._next.items() if at > now}
        self._next[place] = now + self._every


class Poster:
    """Posts messages under keys of our own."""

    def __init__(self, *, tenant: TenantId, postings: Postings, clock: Clock, pace: Pace) -> None:
        self._tenant = tenant
        self._postings = postings
        self._clock = clock
        self._pace = pace

    async def __call__(
        self, workspace: Workspace, channel: str, words: Words, *, key: str, thread: str = ""
    ) -> tuple[str, bool]:
        """Gives the message's timestamp, and whether an earlier try had posted it already.

        Raises:
            Unreachable: it is not posted, or it is not known; the same key tries again.
        """
        place = place_of(workspace, channel)
        known = await self._postings.get(self._tenant, SLACK, key)
        if known is not None and known.reference:
            return known.reference, True
        if known is not None:
            found = await self._found(workspace, channel, key, thread=thread, since=known.begun - _SKEW)
            if found:
                await self._postings.done(self._tenant, SLACK, key, reference=found)
                return found, True
        self._pace.take(place)
        await self._postings.begin(self._tenant, SLACK, key, place=place, now=self._clock.now())
        try:
            told = await answer(
                "chat.postMessage",
                lambda: workspace.client.chat_postMessage(
                    channel=channel,
                    text=words.text,
                    blocks=list(words.blocks),
                    thread_ts=thread or None,
                    unfurl_links=False,
                    unfurl_media=False,
                    mrkdwn=False,
                    metadata=Metadata(event_type=_MARK, event_payload={"key": _hidden(key)}),
                ),
            )
        except (Busy, Gone, SlackRefused):
            await self._postings.forget(self._tenant, SLACK, key)
            raise
        reference = text_at(told, "ts")
        await self._postings.done(self._tenant, SLACK, key, reference=reference)
        return reference, False

    async def _found(
        self, workspace: Workspace, channel: str, key: str, *, thread: str, since: datetime
    ) -> str:
        """Gives the timestamp of the message that an earlier try posted; empty where there is none."""
        oldest = f"{since.timestamp():.6f}"
        client = workspace.client
        try:
            if thread:
                told = await answer(
                    "conversations.replies",
                    lambda: client.conversations_replies(
                        channel=channel, ts=thread, oldest=oldest, limit=_SHOWN, include_all_metadata=True
                    ),
                )
            else:
                told = await answer(
                    "conversations.history",
                    lambda: client.conversations_history(
                        channel=channel, oldest=oldest, limit=_SHOWN, include_all_metadata=True
                    ),
                )
        except (Gone, SlackRefused):
            return ""
        mark = _hidden(key)
        return next((text_at(one, "ts") for one in rows_at(told, "messages") if _is_marked(one, mark)), "")

    async def update(self, workspace: Workspace, channel: str, reference: str, words: Words) -> None:
        """Replaces a message in place.

        Raises:
            Gone: it is not there any more.
            Unreachable: Slack does not take it now.
        """
        await answer(
            "chat.update",
            lambda: workspace.client.chat_update(
                channel=channel, ts=reference, text=words.text, blocks=list(words.blocks)
            ),
        )


def _is_marked(message: JsonObject, mark: str) -> bool:
    return (
        text_at(message, "metadata", "event_type") == _MARK
        and text_at(message, "metadata", "event_payload", "key") == mark
    )


def _hidden(key: str) -> str:
    """Gives what stands for a key where other apps may read it."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
