"""The bot comes and goes in Teams: it greets once, shows what waits, and remembers where it can write."""

import asyncio
from pathlib import Path

import pytest

from tests.journeys.kept import requests_of
from tests.journeys.teams_looks import a_channel, a_group, mentions
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.servers.teams_things import Client, Message
from tests.servers.teams_words import titles, words

HELLO = "I am the IT help bot."
HELLO_ALL = "I am the IT help bot. Mention me, and say in your own words what you need."
FORM = "Ask with a form"


async def greeted(stage: TeamsStage, who: str, *, times: int) -> Message:
    """Waits until a person is greeted so often; gives the newest greeting."""

    def look() -> list[Message] | None:
        found = [one for one in stage.acme.answers(stage.user(who)) if HELLO in words(one)]
        return found if len(found) >= times else None

    found = await stage.acme.eventually(look, f"{who} to be greeted {times}×")
    assert len(found) == times
    return found[-1]


@pytest.mark.promise("INT-03", "INT-04")
async def test_whoever_installs_the_bot_is_greeted_once_and_can_ask_from_the_greeting(
    acme_database: str, tmp_path: Path
) -> None:
    """Teams tells of an installation twice, and may tell of each again."""
    async with teams_staged(acme_database, tmp_path, installed=False) as stage:
        alice = stage.user("alice")
        for times in (1, 2):
            await stage.acme.installs(alice)
            await greeted(stage, "alice", times=times)
            told = stage.acme.deliveries.all[-2:]
            found = await asyncio.gather(*(stage.acme.sends(one.activity) for one in told * 3))
            assert [one.status for one in found] == [200] * 6
            await greeted(stage, "alice", times=times)
            await stage.acme.uninstalls(alice)
        await stage.acme.installs(alice)
        hello = await greeted(stage, "alice", times=3)
        first = titles(hello)[0]
        await stage.presses("alice", hello, first)
        await stage.status_card("alice")
        assert [one.text for one in await requests_of(stage, "alice")] == [first]
        opened = await stage.presses("alice", hello, FORM)
        assert opened.dialog is not None
        alice.client = Client(opens_dialogs=False)
        await stage.presses("alice", hello, FORM)
        await stage.card("alice", "Next")
        assert FORM in titles(hello)


@pytest.mark.promise("INT-03")
async def test_a_channel_and_a_group_are_greeted_and_left_alone_when_the_bot_is_removed(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    channel, group = a_channel(stage, "alice"), a_group(stage, "alice")
    for place in (channel, group):
        place.has_bot = False
        await stage.acme.installs(stage.user("alice"), place)
        await stage.acme.told(place, HELLO_ALL)
        assert [words(one) for one in stage.acme.answers(place)] == [HELLO_ALL]
    await mentions(stage, "alice", group, "I forgot my password")
    card = await stage.status_card("alice", place=group)
    await stage.shows("alice", card, "Waiting for approval.")
    await stage.acme.uninstalls(stage.user("alice"), group)
    await stage.approves("bob")
    await stage.told("alice", "was sent a one-time link")
    assert "one-time link" not in "".join(map(words, stage.acme.answers(group)))


@pytest.mark.promise("INT-03", "APR-01")
async def test_what_waits_is_shown_to_an_approver_who_installs_the_bot_late(
    acme_database: str, tmp_path: Path
) -> None:
    async with teams_staged(acme_database, tmp_path, installed=False) as stage:
        stage.teams.graph.permissions.clear()
        await stage.acme.installs(stage.user("ada"))
        request = await stage.asks("alice", "I forgot my password")
        await stage.card("ada")
        await stage.acme.installs(stage.user("bob"))
        await greeted(stage, "bob", times=1)
        waits = await stage.card("bob", "Open")
        assert "1 approval waits for you" in words(waits)
        opened = await stage.presses("bob", waits, "Open")
        assert opened.dialog is not None
        done = await stage.acme.submits(stage.user("bob"), None, "Approve")
        assert (done.kind, done.text) == ("closed", "Approved. It is checked once more, then it runs.")
        await stage.stage.ends(request)
        await stage.told("alice", "was sent a one-time link")
        await stage.acme.uninstalls(stage.user("bob"))
        await stage.acme.installs(stage.user("bob"))
        await greeted(stage, "bob", times=2)
