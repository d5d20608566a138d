"""How what people do reaches the bot: a POST with a token of the Bot Connector, and an answer in time."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.teams_identity import Identity

ANSWER_S: Final = 10.0
"""Seconds in which an invoke must be answered.

Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the bot answered; `status` is zero when it did not."""

    status: int
    raw: bytes = b""
    content_type: str = ""
    reason: Literal["", "timeout", "connection_failed"] = ""

    @property
    def body(self) -> JsonValue:
        """The JSON that came back; None where there is none."""
        try:
            found: JsonValue = json.loads(self.raw)
        except ValueError:
            return None
        return found


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What was told, and what came of it."""

    activity: JsonObject
    answer: Answer


class Unanswered(AssertionError):
    """The bot did not take what a person did; they see that something went wrong."""


@dataclass(kw_only=True)
class Deliveries:
    """Brings activities to the bot, and keeps what came of them; `within_s` is what the bot has."""

    identity: Identity
    session: ClientSession
    url: str = ""
    """Where the bot listens, such as http://127.0.0.1:8080/api/messages."""
    within_s: float = ANSWER_S
    all: list[Delivery] = field(default_factory=list)
    _background: set[asyncio.Task[object]] = field(default_factory=set)

    async def sends(self, activity: JsonObject, *, authorization: str | None = "") -> Answer:
        """Gives the bot's answer, whatever it is.

        Args:
            activity: what is sent.
            authorization: the header; empty for that of a good token, None for no header.
        """
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if authorization is not None:
            headers["Authorization"] = authorization or f"Bearer {self.identity.token()}"
        answer = await self.raw(json.dumps(activity).encode(), headers)
        self.all.append(Delivery(activity=activity, answer=answer))
        return answer

    async def tells(self, activity: JsonObject) -> Answer:
        """Tells the bot of something, and gives its answer.

        Raises:
            Unanswered: it said no, or nothing in time.
        """
        answer = await self.sends(activity)
        if answer.status not in {200, 201, 202}:
            raise Unanswered(f"{activity.get('name') or activity.get('type')}: {answer}")
        return answer

    def tells_later(self, activity: JsonObject) -> None:
        """Tells the bot of something while the test goes on; nothing is done about a bad answer."""
        if self.url:
            task: asyncio.Task[object] = asyncio.create_task(self.sends(activity))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def resends(self, delivery: Delivery | None = None) -> Answer:
        """Sends an activity again, the last unless one is given, as the connector does without an answer."""
        return await self.sends((delivery or self.all[-1]).activity)

    async def raw(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Posts any bytes with any headers, and gives what comes back."""
        assert self.url, "nobody said where the bot listens"
        limit = ClientTimeout(total=self.within_s)
        try:
            async with self.session.post(
                self.url, data=body, headers=dict(headers or {}), timeout=limit
            ) as response:
                found = await response.read()
                return Answer(status=response.status, raw=found, content_type=response.content_type)
        except TimeoutError:
            return Answer(status=0, reason="timeout")
        except ClientError:
            return Answer(status=0, reason="connection_failed")

    async def settle(self) -> None:
        """Waits for what is told in the background."""
        await asyncio.gather(*self._background, return_exceptions=True)
