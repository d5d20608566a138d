"""Slow sends to Teams keep nobody waiting who writes or presses; measured through the whole bot."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from bot.chat.teams.posting import text_activity
from bot.domain.events import Notice, NoticeKind
from bot.domain.people import PersonId
from tests.journeys.stage import TENANT
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.journeys.teams_trials import data_of
from tests.servers.teams_activities import invoke
from tests.servers.teams_things import Json

SENDS: Final = 40
TAKES_S: Final = 1.0
DELAY_S: Final = 0.1
"""What a send may at most add to the time in which something else is acknowledged."""
ROUNDS: Final = 3
"""A machine under load holds everything up now and then; sends that block would do so in every round."""
UNHURRIED: Final = 15
"""Acknowledgements that are measured while nothing is sent."""


class Acknowledgements:
    """Times in which the bot takes a message and answers a press, in turns."""

    def __init__(self, stage: TeamsStage) -> None:
        user = stage.user("bob")
        chat = stage.acme.chat(user)
        data = data_of("act", card="0" * 32, action="approve")
        value: Json = {"action": {"type": "Action.Execute", "verb": "act", "data": data}, "trigger": "manual"}
        self._press = invoke(stage.acme.world, user, chat, "adaptiveCard/action", value)
        self._message = stage.acme.drafts(stage.user("alice"), "help")
        """It is new once only; each time it is looked whether it is, and it is acknowledged."""
        self._stage = stage

    async def usual(self, number: int, *, until: asyncio.Future[object] | None = None) -> float:
        """Gives the median of so many, or of all that there are until something is done, in seconds.

        The longest would tell of the machine: sends that block hold up more than half of them.
        """
        loop, found = asyncio.get_running_loop(), list[float]()
        while len(found) < number if until is None else not until.done():
            for activity in (self._message, self._press):
                begun = loop.time()
                answer = await self._stage.acme.sends(activity)
                found.append(loop.time() - begun)
                assert answer.status == 200
        return median(found)


async def delayed(stage: TeamsStage, sending: Callable[[int], Awaitable[object]]) -> float:
    """Gives how much longer acknowledgements take while the sends of a round are under way, in seconds."""
    teams, acknowledged, delays = stage.teams, Acknowledgements(stage), list[float]()
    while len(delays) < ROUNDS and (not delays or delays[-1] >= DELAY_S):
        before = await acknowledged.usual(UNHURRIED)
        posted = len(teams.calls_of("post"))
        teams.faults.delays("post", TAKES_S)
        sends = asyncio.ensure_future(sending(len(delays)))
        during = await acknowledged.usual(0, until=sends)
        teams.faults.clear()
        assert len(teams.calls_of("post")) - posted == SENDS
        delays.append(during - before)
    return min(delays)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_forty_slow_sends_by_the_outbox_delay_no_acknowledgement_by_a_tenth_of_a_second(
    database: str, tmp_path: Path
) -> None:
    async with teams_staged(database, tmp_path) as stage:
        persons = [PersonId(f"p-{who}") for who in stage.cast.people]

        async def sending(number: int) -> None:
            said = (
                Notice(kind=NoticeKind.SAY, person=persons[at % len(persons)], text=f"Text {number}/{at}.")
                for at in range(SENDS)
            )
            async with stage.stage.store.unit(TENANT) as unit:
                await unit.outbox.add(*said)
            await stage.stage.worker.settle(None)

        assert await delayed(stage, sending) < DELAY_S
        assert stage.teams.traffic.most_at_once > 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_forty_slow_sends_at_the_same_moment_delay_no_acknowledgement_by_a_tenth_of_a_second(
    database: str, tmp_path: Path
) -> None:
    async with teams_staged(database, tmp_path) as stage:
        await stage.says("eve", "help")
        await stage.acme.eventually(lambda: stage.texts("eve"), "an answer to eve")
        place = f"personal/{stage.acme.chat(stage.user('eve')).id}"
        reference = await stage.outward.conversations.reference(place)

        async def sending(number: int) -> None:
            texts = (text_activity(f"Text {number}/{at}.") for at in range(SENDS))
            await asyncio.gather(*(stage.outward.connector.send(reference, one) for one in texts))

        assert await delayed(stage, sending) < DELAY_S
        # On a busy machine the first ones are through before the last ones are there.
        assert stage.teams.traffic.most_at_once > SENDS / 2
