"""How what people do reaches the app: acknowledged in time, or, for events, sent again."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.domain.canonical import JsonObject
from bot.ports.outside import Clock
from tests.servers.slack_shapes import is_object

RETRIES: Final = 3


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One thing that the app is told."""

    kind: Literal["events_api", "interactive", "slash_commands"]
    payload: JsonObject
    retry: int = 0
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the app answered; `attempts` counts how often it was told."""

    acknowledged: bool
    payload: JsonObject = field(default_factory=dict)
    reason: str = ""
    """Why it counts as unanswered: timeout, http_timeout, http_error or connection_failed."""
    status: int = 0
    attempts: int = 1


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What was told, and what came of it."""

    envelope: Envelope
    answer: Answer


class Unanswered(AssertionError):
    """The app did not acknowledge what a person did; they see Slack's warning sign."""


class Way(Protocol):
    """One way to the app."""

    async def send(self, envelope: Envelope, within_s: float) -> Answer:
        """Gives what the app answers to one attempt."""


class SignedHttp:
    """Requests to the app's address, signed as Slack signs them."""

    def __init__(self, url: str, secret: str, session: ClientSession, clock: Clock) -> None:
        self._url = url
        self._secret = secret
        self._session = session
        self._clock = clock

    async def send(self, envelope: Envelope, within_s: float) -> Answer:
        body, kind = _body(envelope)
        headers = {
            "Content-Type": kind,
            **signed(self._secret, int(self._clock.now().timestamp()), body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }
        if envelope.retry:
            headers |= {
                "X-Slack-Retry-Num": str(envelope.retry),
                "X-Slack-Retry-Reason": envelope.reason,
            }
        limit = ClientTimeout(total=within_s)
        try:
            async with self._session.post(self._url, data=body, headers=headers, timeout=limit) as response:
                text = await response.text()
                if response.status != 200:
                    return Answer(acknowledged=False, reason="http_error", status=response.status)
                return Answer(acknowledged=True, payload=_read(text), status=200)
        except TimeoutError:
            return Answer(acknowledged=False, reason="http_timeout")
        except ClientError:
            return Answer(acknowledged=False, reason="connection_failed")


class Deliveries:
    """Brings envelopes to the app, whichever way it listens, and keeps what came of them.

    `within_s` is what the app has to acknowledge; after `pause_s` an event is told again.
    """

    def __init__(self, way: Callable[[], Way], *, within_s: float, pause_s: float) -> None:
        self.within_s = within_s
        self.all: list[Delivery] = []
        self._way = way
        self._pause_s = pause_s

    async def tell(self, envelope: Envelope) -> Answer:
        """Gives the app's answer to an event, told again up to three times; unanswered after all of them."""
        answer = await self._way().send(envelope, self.within_s)
        first = envelope.retry
        while not answer.acknowledged and envelope.retry < RETRIES:
            await asyncio.sleep(self._pause_s)
            envelope = replace(envelope, retry=envelope.retry + 1, reason=answer.reason)
            answer = await self._way().send(envelope, self.within_s)
        answer = replace(answer, attempts=envelope.retry - first + 1)
        self.all.append(Delivery(envelope=envelope, answer=answer))
        return answer

    async def ask(self, envelope: Envelope) -> Answer:
        """Gives the app's answer to what a person did.

        Raises:
            Unanswered: the app did not answer in time, or with an error.
        """
        answer = await self._way().send(envelope, self.within_s)
        self.all.append(Delivery(envelope=envelope, answer=answer))
        if not answer.acknowledged:
            raise Unanswered(f"{envelope.payload.get('type', envelope.kind)}: {answer}")
        return answer


def signed(secret: str, at: int, body: str) -> dict[str, str]:
    """Gives the headers that prove that Slack sent the body at this second."""
    base = f"v0:{at}:{body}".encode()
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


def _body(envelope: Envelope) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    match envelope.kind:
        case "events_api":
            return json.dumps(envelope.payload), "application/json"
        case "interactive":
            return urlencode({"payload": json.dumps(envelope.payload)}), form
        case "slash_commands":
            return urlencode({key: _form_text(value) for key, value in envelope.payload.items()}), form


def _form_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(text: str) -> JsonObject:
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text} if text else {}
    return found if is_object(found) else {}
