"""A process dies between Slack and the database: what was acknowledged is done once, no card is stale."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.slack.access import Access
from bot.chat.slack.shown.buttons import ACT
from bot.chat.slack.start import Outward, slack_inward, slack_outward
from bot.demo.estate import recent_changes
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Surface
from tests.journeys.stage import Stage, staged
from tests.servers.countersign_process import CountersignProcess
from tests.servers.slack_acme import Acme, acme_in_slack
from tests.servers.slack_faults import Hold
from tests.servers.slack_sight import words

RESET = "I forgot my password"
LINK = "one-time link"
ZENDESK = "I need access to Zendesk"
GIVEN = "now has member access to Zendesk"
LEASES_END = timedelta(minutes=3)
PATIENCE_S = 60.0


@pytest.fixture
async def acme() -> AsyncIterator[Acme]:
    """Gives Acme in a Slack that outlives the bot."""
    async with acme_in_slack(rates=False) as found:
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


async def test_a_message_that_was_acknowledged_before_a_kill_is_taken_up_once_after_it(
    acme: Acme, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with acme.demo(data) as bot:
        await bot.start()
        hold = acme.slack.faults.hangs("users.info")
        await acme.says("alice", RESET)
        assert acme.workspace.deliveries.all[-1].answer.acknowledged
        await killed_at(bot, hold)
        assert acme.workspace.answers(acme.people["alice"]) == []
        await bot.start()
        await acme.approves("bob")
        await acme.told("alice", LINK)
        assert len(acme.read("alice", "Your request")) == 1
        assert changes(data) == ["reset_password"]


async def test_a_decision_before_a_kill_shows_on_every_card_after_it(
    acme: Acme, database: str, tmp_path: Path
) -> None:
    """The process is killed right after the click was stored, before any card said so."""
    data = tmp_path / "data"
    async with acme.demo(data, database=shared(database)) as bot:
        await bot.start()
        await acme.says("alice", RESET)
        bobs, carols = await acme.card("bob"), await acme.card("carol")
        hold = acme.slack.faults.hangs("chat.update", times=20)
        await acme.workspace.presses(acme.people["bob"], bobs, f"{ACT}approve")
        await killed_at(bot, hold)
        assert "Approved" not in words(bobs)
        acme.slack.faults.clear()
        await bot.start()
        await acme.eventually(lambda: "Approved" in words(bobs) and "Approved" in words(carols), "both cards")
        await acme.eventually(
            lambda: acme.read("alice", LINK) or acme.asking("bob", "it_ran"), "the outcome to be told"
        )
        if ran := acme.asking("bob", "it_ran"):
            truth = "it_ran" if changes(data) else "it_did_not_run"
            await acme.workspace.presses(acme.people["bob"], ran[-1], f"{ACT}{truth}")
        else:
            assert changes(data) == ["reset_password"]
        assert len(changes(data)) <= 1
        assert len(acme.read("alice", "Your request")) == 1
        assert [one.ts for one in acme.read("carol", "Approved")] == [carols.ts]


async def test_a_process_that_is_killed_at_every_kind_of_call_tells_the_story_once(
    acme: Acme, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    moments = (
        "users.info", "chat.postMessage", "users.lookupByEmail", "conversations.open", "chat.postMessage",
        "auth.test",
    )  # fmt: skip
    async with acme.demo(data) as bot:
        await bot.start()
        hold = acme.slack.faults.hangs(moments[0])
        await acme.says("alice", ZENDESK)
        for moment in moments[1:]:
            await killed_at(bot, hold)
            hold = acme.slack.faults.hangs(moment)
            await bot.launch()
        await killed_at(bot, hold)
        acme.slack.faults.clear()
        await bot.start()
        bobs = await acme.approves("bob")
        hold = acme.slack.faults.hangs("chat.update")
        megans = await acme.approves("megan")
        await killed_at(bot, hold)
        await bot.start()
        await acme.eventually(lambda: "Approved" in words(bobs) and "Approved" in words(megans), "the cards")
        await acme.eventually(
            lambda: acme.read("alice", GIVEN) or acme.asking("bob", "it_ran"), "the outcome to be told"
        )
        assert len(changes(data)) <= 1
        assert "Traceback" not in bot.said
        for who in ("alice", "bob", "megan", "carol"):
            cards = [one for one in acme.read(who, "Zendesk") if "Technician" in words(one)]
            assert len(cards) == 1, (who, [words(one)[:60] for one in cards])


@dataclass(kw_only=True)
class Ears:
    """Slack beside the page: one life of the bot in it."""

    outward: Outward

    @property
    def surface(self) -> Surface:
        return self.outward.surface

    @asynccontextmanager
    async def listening(self, seams: Seams) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        async with slack_inward(self.outward, seams, worker=seams.ids.new()) as inward:
            yield inward.look


@asynccontextmanager
async def alive(acme: Acme, database: str, folder: Path, *, later: timedelta) -> AsyncIterator[Stage]:
    """Has the bot live in this process, with a clock that is ahead by so much."""
    keys = acme.slack.keys
    access = Access(bot_token=acme.workspace.bot_token, app_token=keys.app_token, api_url=acme.slack.api_url)

    @asynccontextmanager
    async def further(seams: Seams, memory: Memory) -> AsyncIterator[Ears]:
        async with slack_outward(access, seams, memory, every=timedelta()) as outward:
            yield Ears(outward=outward)

    async with staged(database, folder, further=[further], has_page=False) as stage:
        stage.clock.advance(later)
        yield stage


def stopped(*names: str) -> None:
    """Ends what runs under these names at once, as the end of its process does."""
    for task in asyncio.all_tasks():
        if task.get_name() in names:
            task.cancel()


async def test_what_was_acknowledged_is_taken_up_by_the_next_life_on_either_database(
    acme: Acme, database: str, tmp_path: Path
) -> None:
    async with alive(acme, database, tmp_path, later=timedelta()):
        hold = acme.slack.faults.hangs("users.info")
        await acme.says("alice", RESET)
        await reached(hold)
        stopped("arrivals")
    hold.release()
    assert acme.workspace.answers(acme.people["alice"]) == []
    async with alive(acme, database, tmp_path, later=LEASES_END) as stage:
        await acme.approves("bob")
        await acme.told("alice", LINK)
        assert len(stage.changes()) == 1
    assert len(acme.read("alice", "Your request")) == 1


async def test_a_decision_is_shown_by_the_next_life_on_either_database(
    acme: Acme, database: str, tmp_path: Path
) -> None:
    async with alive(acme, database, tmp_path, later=timedelta()) as stage:
        await acme.says("alice", RESET)
        bobs, carols = await acme.card("bob"), await acme.card("carol")
        stage.connectors.away = True
        hold = acme.slack.faults.hangs("chat.update", times=20)
        await acme.workspace.presses(acme.people["bob"], bobs, f"{ACT}approve")
        await reached(hold)
        stopped("deliver")
    assert "Approved" not in words(bobs)
    acme.slack.faults.clear()
    async with alive(acme, database, tmp_path, later=LEASES_END) as stage:
        await acme.eventually(lambda: "Approved" in words(bobs) and "Approved" in words(carols), "both cards")
        await acme.told("alice", LINK)
        assert len(stage.changes()) == 1
    for who, card in (("bob", bobs), ("carol", carols)):
        assert [one.ts for one in acme.read(who, "Approved")] == [card.ts]


@pytest.mark.parametrize("is_posted", [True, False], ids=["posted", "not posted"])
async def test_a_card_whose_posting_a_life_did_not_see_the_end_of_is_there_once(
    acme: Acme, database: str, tmp_path: Path, *, is_posted: bool
) -> None:
    async with alive(acme, database, tmp_path, later=timedelta()):
        acme.slack.faults.drops("chat.postMessage", after_effect=is_posted, times=6)
        await acme.says("alice", RESET)
        await acme.eventually(lambda: len(acme.slack.calls_of("chat.postMessage")) >= 3, "a few tries")
        stopped("deliver")
    acme.slack.faults.clear()
    async with alive(acme, database, tmp_path, later=LEASES_END) as stage:
        await acme.approves("bob")
        await acme.told("alice", LINK)
        assert len(stage.changes()) == 1
    assert len(acme.read("alice", "Your request")) == 1
    for who in ("bob", "carol"):
        assert len([one for one in acme.read(who, "Approved") if "Technician" in words(one)]) == 1
