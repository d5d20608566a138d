"""Whoever clicks at the same moment: one decides, and everybody else is told who it was."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.demo.estate import recent_changes
from tests.journeys.stage import rows, staged
from tests.servers.countersign_process import CountersignProcess, eventually

TECHNICIANS: Final = {"bob": "Bob Brennan", "carol": "Carol Castillo", "dan": "Dan Dubois"}
ASKED: Final = "I forgot my password"


def check_one_decided(answers: Sequence[tuple[int, str]], clicks: Sequence[tuple[str, str]]) -> str:
    """Gives what was decided, after looking that one click decided and the others were told whose."""
    assert Counter(status for status, _ in answers) == {200: 1, 409: len(answers) - 1}
    winner = next(number for number, (status, _) in enumerate(answers) if status == 200)
    who, action = clicks[winner]
    untold = [text for status, text in answers if status == 409 and TECHNICIANS[who] not in text]
    assert untold == []
    return action


def mixed_clicks(*who: str) -> list[tuple[str, str]]:
    """A hundred clicks of these people, half of them yes and half no."""
    return [(who[number % len(who)], ("approve", "deny")[number // 7 % 2]) for number in range(100)]


async def test_of_a_hundred_clicks_one_decides_and_the_others_are_told_who(
    database: str, tmp_path: Path
) -> None:
    async with staged(database, tmp_path) as stage:
        request = await stage.says("alice", ASKED)
        card = await stage.card("bob", request)
        clicks = mixed_clicks(*TECHNICIANS)
        found = await asyncio.gather(*(stage.presses(one, card, action) for one, action in clicks))
        action = check_one_decided([(one.status, str(one.json)) for one in found], clicks)
        over = await stage.ends(request)
        assert over["status"] == {"approve": "done", "deny": "denied"}[action]
        assert len(stage.changes()) == (action == "approve")
        (approval,) = rows(over["approvals"])
        assert approval["by"] in {f"{one}@acme.test" for one in TECHNICIANS}


async def test_of_a_hundred_clicks_on_two_servers_one_decides(database: str, tmp_path: Path) -> None:
    """Two processes share a database, and on SQLite the directory too."""
    shared = database if database.startswith("postgresql") else None
    data = tmp_path / "data"
    async with (
        CountersignProcess.demo(data, database=shared) as first,
        CountersignProcess.demo(data, database=shared) as second,
    ):
        await first.start()
        await second.start()
        request = await first.says("alice", ASKED)
        card = await second.card("bob", request, "approve")
        clicks = mixed_clicks(*TECHNICIANS)
        servers = (first, second)
        found = await asyncio.gather(
            *(servers[n % 2].presses(who, card, action) for n, (who, action) in enumerate(clicks))
        )
        action = check_one_decided([(status, str(answer)) for status, answer in found], clicks)
        status = await second.comes_to(request, "done", "denied")
        assert status == {"approve": "done", "deny": "denied"}[action]
        assert len(recent_changes(data / "estate.db")) == (action == "approve")


async def test_a_grant_for_one_use_lets_one_of_twenty_requests_through(database: str, tmp_path: Path) -> None:
    async with staged(database, tmp_path) as stage:
        request = await stage.says("alice", ASKED)
        card = await stage.card("bob", request)
        answer = await stage.presses("bob", card, "always_allow", uses=1)
        assert answer.status == 200, answer.body
        await stage.comes_to(request, "done")
        (call,) = rows((await stage.request(request))["calls"])
        arguments = call["arguments"]
        assert isinstance(arguments, dict)
        fills = (stage.fills("alice", "reset_password", f"{n}", **arguments) for n in range(20))
        found = await asyncio.gather(*fills)
        assert len(set(found)) == 20

        async def settled() -> Counter[str] | None:
            counted = Counter([str((await stage.request(one))["status"]) for one in found])
            return counted if not {"received", "planning", "executing"} & set(counted) else None

        assert await eventually(settled, "all requests to be decided") == {"done": 1, "waiting": 19}
        assert len(stage.changes()) == 2
