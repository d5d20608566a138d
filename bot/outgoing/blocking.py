"""A call over HTTP for libraries that block: it ends in time, goes nowhere else, and its answer is short.

Timeouts of libraries that block count from byte to byte, so that whoever drips would hold a thread for ever.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import ClientError
from yarl import URL

from bot.outgoing.session import Unreadable, body_in, new_session


class NoAnswer(Exception):
    """There was none in time, or it was too long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it says."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def answer_to(
    verb: str, url: str, *, headers: Mapping[str, str], body: bytes | None, within_s: float
) -> Answer:
    """Gives what a server answers to one call; a detour is an answer, too, and is not taken.

    It is called on a thread that has no event loop.

    Args:
        verb: of HTTP.
        url: quoted, with its query.
        headers: of the call.
        body: of the call; None for none.
        within_s: seconds that all of it may take.

    Raises:
        NoAnswer: nothing came that could be read.
    """
    return asyncio.run(_answer_to(verb, url, headers, body, within_s))


async def _answer_to(
    verb: str, url: str, headers: Mapping[str, str], body: bytes | None, within_s: float
) -> Answer:
    try:
        async with (
            asyncio.timeout(within_s),
            new_session(url) as session,
            session.request(
                verb, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            ) as response,
        ):
            return Answer(response.status, dict(response.headers), await body_in(response))
    except (ClientError, TimeoutError, OSError, ValueError, Unreadable) as error:
        raise NoAnswer(type(error).__name__) from None
