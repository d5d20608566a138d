"""Slow sends to Teams keep nothing else waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import ClientSession

from bot.chat.teams.access import Access
from bot.chat.teams.connector.connected import connected
from bot.domain.canonical import JsonObject
from tests.fakes.tokens import FakeTokens
from tests.servers.slow_connector import slow_connector
from tests.servers.teams_bot import card, message, text

SENDS: Final = 40
TAKES_S: Final = 1.0
LAG_S: Final = 0.1
"""What another request may at most be held up."""
ROUNDS: Final = 5
"""A machine under load holds everything up now and then; sends that block would do so in every round."""


class Lag:
    """How late the loop was at most."""

    def __init__(self) -> None:
        self.worst = 0.0

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Looks every five milliseconds while the block runs."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.005
            await asyncio.sleep(0.005)
            self.worst = max(self.worst, loop.time() - due)


async def test_forty_slow_sends_at_once_delay_nothing_else_by_more_than_a_tenth_of_a_second() -> None:
    content = message(card(*(text("x" * 100) for _ in range(160))))
    worst: list[float] = []
    async with (
        slow_connector(TAKES_S) as url,
        connected(Access(app_id="app"), tokens=FakeTokens("token")) as connector,
        ClientSession() as session,
    ):
        chat: JsonObject = {"serviceUrl": url, "conversation": {"id": "a:1"}}
        while len(worst) < ROUNDS and (not worst or worst[-1] >= LAG_S):
            lag = Lag()
            async with lag.measured():
                await asyncio.gather(*(connector.send(chat, content) for _ in range(SENDS)))
            worst.append(lag.worst)
        async with session.get(f"{url}most") as answer:
            assert await answer.json() == SENDS
    assert worst[-1] < LAG_S, worst
