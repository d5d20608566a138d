"""Sessions for HTTP that goes out, and what is read of an answer."""

import json
from datetime import timedelta
from typing import Final

from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from bot.domain.canonical import JsonObject, JsonValue

TIMEOUT_S: Final = 10
"""Seconds that one try of a call may take in all."""
CONNECT_S: Final = 5
AT_ONCE: Final = 200
"""Connections that one session may have."""
MOST_BYTES: Final = 1_000_000
"""Bytes of an answer that are read; those that we ask for are far smaller."""


class Unreadable(Exception):
    """The answer is not the JSON that was asked for, or too long."""


def new_session(address: str) -> ClientSession:
    """Gives a session for addresses like this one, on the running loop; it has to be closed.

    What is not https is on this machine, so it never goes through a proxy that the environment names.
    """
    return ClientSession(
        connector=TCPConnector(limit=AT_ONCE),
        timeout=ClientTimeout(total=TIMEOUT_S, sock_connect=CONNECT_S),
        cookie_jar=DummyCookieJar(),
        trust_env=address.lower().startswith("https:"),
    )


async def object_in(response: ClientResponse) -> JsonObject:
    """Gives the JSON object that the answer holds; an empty one for an empty answer.

    Raises:
        Unreadable: it holds something else, or more than `MOST_BYTES`.
    """
    found = await json_in(response)
    if not isinstance(found, dict):
        raise Unreadable
    return found


async def json_in(response: ClientResponse) -> JsonValue:
    """Gives the JSON that the answer holds; an empty object for an empty answer.

    Raises:
        Unreadable: it holds no JSON, or more than `MOST_BYTES`.
    """
    body = await body_in(response)
    if not body.strip():
        return {}
    try:
        found: JsonValue = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable from None
    return found


async def body_in(response: ClientResponse) -> bytes:
    """Gives the bytes of an answer.

    Raises:
        Unreadable: there are more than `MOST_BYTES`.
    """
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise Unreadable
    return bytes(body)


def retry_after(response: ClientResponse) -> timedelta | None:
    """Gives how long the answer asks to wait, an hour at most; None where it does not say it in seconds."""
    return wait_in(response.headers.get("Retry-After", ""))


def wait_in(said: str) -> timedelta | None:
    """Gives how long a `Retry-After` asks to wait, an hour at most; None where it is not in seconds."""
    said = said.strip()
    return timedelta(seconds=min(int(said), 3600)) if said.isdecimal() and len(said) < 10 else None
