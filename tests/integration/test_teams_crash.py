"""A process dies between Teams and the database: what was acknowledged is done once, no card is stale."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.teams.access import MESSAGES_PATH, Access
from bot.chat.teams.start import Outward, teams_inward, teams_outward
from bot.demo.estate import recent_changes
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Surface
from bot.web import listening
from tests.fakes.tokens import FakeTokens
from tests.journeys.stage import Stage, staged
from tests.journeys.teams_stage import TECHNICIANS
from tests.journeys.teams_trials import rows
from tests.servers.countersign_process import CountersignProcess
from tests.servers.teams_deployed import Deployed, acme_deployed
from tests.servers.teams_faults import Hold
from tests.servers.teams_things import Message
from tests.servers.teams_words import titles, words

RESET = "I forgot my password"
LINK = "one-time link"
ZENDESK = "I need access to Zendesk"
GIVEN = "now has member access to Zendesk"
WAS_DONE = "It was done"
"""What a technician presses where the outcome is unknown."""
LEASES_END = timedelta(minutes=3)
PATIENCE_S = 60.0


@pytest.fixture
async def acme() -> AsyncIterator[Deployed]:
    """Gives Acme in a Teams that outlives the bot."""
    async with acme_deployed() as found:
        yield found


def shared(database: str) -> str:
    """Gives the address that the environment names; a SQLite file lies in the data directory as always."""
    return database if database.startswith("postgresql") else ""


def changes(data: Path) -> list[str]:
    """Gives the tools that changed something in the company's systems."""
    return [change.tool for change in recent_changes(data / "estate.db")]


async def reached(hold: Hold) -> None:
    """Waits until a call hangs."""
    await asyncio.wait_for(hold.arrived.wait(), PATIENCE_S)


async def killed_at(bot: CountersignProcess, hold: Hold) -> None:
    """Kills the process while a call of it hangs."""
    await reached(hold)
    await bot.kill()
    hold.release()


def cards(acme: Deployed, who: str, part: str) -> list[Message]:
    """Gives the approver's cards of a person that say something."""
    return [one for one in acme.read(who, part) if "Technician (technicians)" in words(one)]


async def test_a_process_that_is_killed_again_and_again_loses_nothing_and_does_nothing_twice(
    acme: Deployed, tmp_path: Path
) -> None:
    """It dies between storing a message and taking it up, between a post and its note, before an update."""
    data, teams = tmp_path / "data", acme.cast.teams
    async with acme.demo(data) as bot:
        await bot.start()
        hold = teams.faults.hangs("member")
        await acme.says("alice", ZENDESK)
        assert teams.deliveries.all[-1].answer.status == 200
        await killed_at(bot, hold)
        assert acme.read("alice", "") == []
        teams.faults.drops("post", after_effect=True, times=8)
        await bot.start()
        await acme.eventually(lambda: teams.calls_of("post"), "something to be sent")
        await bot.kill()
        teams.faults.clear()
        await bot.start()
        bobs, megans = await acme.approves("bob"), await acme.card("megan")
        hold = teams.faults.hangs("update", times=20)
        await acme.approves("megan")
        await killed_at(bot, hold)
        teams.faults.clear()
        await bot.start()
        await acme.eventually(lambda: not titles(bobs) and not titles(megans), "the cards")
        await acme.eventually(
            lambda: acme.read("alice", GIVEN) or acme.asking("bob", WAS_DONE), "the outcome to be told"
        )
        assert len(changes(data)) <= 1
        assert "Traceback" not in bot.said
        for who in ("bob", "megan", "carol"):
            assert 1 <= len(cards(acme, who, "Zendesk")) <= 2, who
        assert 1 <= len(acme.read("alice", "Your request")) <= 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_decision_before_a_kill_shows_on_every_card_after_it(
    acme: Deployed, database: str, tmp_path: Path
) -> None:
    """The process is killed right after the press was stored, before any card said so."""
    data, faults = tmp_path / "data", acme.cast.teams.faults
    async with acme.demo(data, database=shared(database)) as bot:
        await bot.start()
        await acme.says("alice", RESET)
        bobs, carols = await acme.card("bob"), await acme.card("carol")
        hold = faults.hangs("update", times=20)
        await acme.cast.acme.presses(acme.cast.user("bob"), bobs, "Approve")
        await killed_at(bot, hold)
        assert "approved by" not in words(carols)
        faults.clear()
        await bot.start()
        await acme.eventually(
            lambda: "approved by Bob" in words(bobs) and "Bob" in words(carols), "both cards"
        )
        await acme.eventually(
            lambda: acme.read("alice", LINK) or acme.asking("bob", WAS_DONE), "the outcome to be told"
        )
        if ran := acme.asking("bob", WAS_DONE):
            truth = WAS_DONE if changes(data) else "It was not done"
            await acme.cast.acme.presses(acme.cast.user("bob"), ran[-1], truth)
        else:
            assert changes(data) == ["reset_password"]
        assert len(changes(data)) <= 1
        assert len(acme.read("alice", "Your request")) == 1
        assert [one.id for one in cards(acme, "carol", "password")] == [carols.id]


@dataclass(kw_only=True)
class Ears:
    """Teams beside the page: one life of the bot in it."""

    outward: Outward
    urls: list[str] = field(default_factory=list)

    @property
    def surface(self) -> Surface:
        return self.outward.surface

    @asynccontextmanager
    async def listening(self, seams: Seams) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        async with (
            teams_inward(self.outward, seams, worker=seams.ids.new()) as inward,
            listening("127.0.0.1", 0, inward.routes) as port,
        ):
            self.urls.append(f"http://127.0.0.1:{port}{MESSAGES_PATH}")
            yield inward.look


@dataclass(frozen=True, kw_only=True)
class Life:
    """The bot, alive in this process."""

    stage: Stage
    url: str


@asynccontextmanager
async def alive(acme: Deployed, database: str, folder: Path, *, later: timedelta) -> AsyncIterator[Life]:
    """Has the bot live in this process, with a clock that is ahead by so much; what people do reaches it."""
    teams = acme.cast.teams
    access = Access(
        app_id=teams.app_id,
        tenant=acme.cast.acme.tenant,
        tenants=frozenset({acme.cast.acme.tenant}),
        openid_url=teams.metadata_url,
        graph_url=f"{teams.graph_url}/",
        service_url=teams.service_url,
    )
    ears: list[Ears] = []

    @asynccontextmanager
    async def further(seams: Seams, memory: Memory) -> AsyncIterator[Ears]:
        teams.clock = seams.clock
        async with teams_outward(access, seams, memory, tokens=FakeTokens(teams.bot_token)) as outward:
            ears.append(Ears(outward=outward))
            yield ears[0]

    async with staged(database, folder, further=[further], has_page=False) as stage:
        stage.clock.advance(later)
        teams.posts_to(ears[0].urls[0])
        yield Life(stage=stage, url=ears[0].urls[0])


def stopped(*names: str) -> None:
    """Ends what runs under these names at once, as the end of its process does."""
    for task in asyncio.all_tasks():
        if task.get_name() in names:
            task.cancel()


async def test_what_was_acknowledged_is_taken_up_by_the_next_life_on_either_database(
    acme: Deployed, database: str, tmp_path: Path
) -> None:
    async with alive(acme, database, tmp_path, later=timedelta()):
        hold = acme.cast.teams.faults.hangs("member")
        await acme.says("alice", RESET)
        await reached(hold)
        stopped("arrivals")
    hold.release()
    assert acme.cast.acme.answers(acme.cast.user("alice")) == []
    async with alive(acme, database, tmp_path, later=LEASES_END) as life:
        await acme.approves("bob")
        await acme.told("alice", LINK)
        assert len(life.stage.changes()) == 1
    assert len(acme.read("alice", "Your request")) == 1


@pytest.mark.parametrize("is_posted", [True, False], ids=["posted", "not posted"])
async def test_a_card_whose_posting_a_life_did_not_see_the_end_of_comes_at_most_once_more(
    acme: Deployed, database: str, tmp_path: Path, *, is_posted: bool
) -> None:
    teams = acme.cast.teams
    async with alive(acme, database, tmp_path, later=timedelta()):
        teams.faults.drops("post", after_effect=is_posted, times=6)
        await acme.says("alice", RESET)
        await acme.eventually(lambda: len(teams.calls_of("post")) >= 3, "a few tries")
        stopped("deliver")
    teams.faults.clear()
    async with alive(acme, database, tmp_path, later=LEASES_END) as life:
        await acme.approves("bob")
        await acme.told("alice", LINK)
        assert len(life.stage.changes()) == 1
    copies = [acme.read("alice", "Your request"), *(asked(acme, who) for who in TECHNICIANS)]
    assert all(1 <= len(found) <= 2 for found in copies)


def asked(acme: Deployed, who: str) -> list[Message]:
    """Gives the approver's cards of a person."""
    return [one for one in acme.read(who, "Alice Archer asks") if "Internal note" not in words(one)]


@pytest.mark.promise("OPS-01")
async def test_two_processes_share_one_inbox_and_one_goes_on_where_the_other_ended(
    acme: Deployed, database: str, tmp_path: Path
) -> None:
    """On PostgreSQL as on SQLite: what reaches one is not taken by the other, unless the first is gone."""
    teams = acme.cast.teams
    async with alive(acme, database, tmp_path, later=timedelta()) as other:
        async with alive(acme, database, tmp_path, later=timedelta()) as first:
            hold = teams.faults.hangs("member")
            await acme.says("alice", RESET)
            await reached(hold)
            teams.posts_to(other.url)
            for _ in range(3):
                assert (await teams.deliveries.resends()).status == 200
            await acme.says("megan", "I need access to Figma")
            await acme.told("megan", "Your request")
            assert len(await rows(first.stage, "SELECT key FROM arrivals")) == 2
            assert acme.read("alice", "") == []
            stopped("arrivals")
        other.stage.clock.advance(LEASES_END)
        hold.release()
        await acme.told("alice", "Your request")
        await acme.eventually(lambda: len(acme.asking("bob")) == 2, "both cards for bob")
        for card in acme.asking("bob"):
            await acme.cast.acme.presses(acme.cast.user("bob"), card, "Approve")
        await acme.told("alice", LINK)
        assert len(await rows(other.stage, "SELECT id FROM requests")) == 2
        assert len(acme.read("alice", "Your request")) == 1
