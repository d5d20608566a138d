"""The real `countersign demo`, `serve` and `check` in Slack, over both connections."""

import json
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.demo.estate import recent_changes
from tests.servers.countersign_process import CountersignProcess
from tests.servers.slack_acme import UNSET, Acme, Way, acme_in_slack, moved_in
from tests.servers.slack_sight import words

ZENDESK = "I need access to Zendesk"
GIVEN = "now has member access to Zendesk"


@pytest.fixture
async def acme() -> AsyncIterator[Acme]:
    """Gives Acme in a Slack of its own."""
    async with acme_in_slack() as found:
        yield found


def changes(data: Path) -> list[str]:
    """Gives the tools that changed something in the company's systems."""
    return [change.tool for change in recent_changes(data / "estate.db")]


async def played(acme: Acme, data: Path) -> None:
    """Plays the whole way: a direct message, the technician, the manager, the reply."""
    ts = await acme.says("alice", ZENDESK)
    await acme.told("alice", "Your request")
    technician = await acme.approves("bob")
    manager = await acme.approves("megan")
    (reply,) = [one for one in await acme.told("alice", GIVEN) if "Your request" not in words(one)]
    assert reply.thread_ts == ts
    assert changes(data) == ["grant_app_access"]
    await acme.eventually(
        lambda: "Approved" in words(technician) and "Approved" in words(manager), "the decisions to show"
    )


async def ended_well(bot: CountersignProcess) -> None:
    """Stops it as Ctrl-C does."""
    assert await bot.ended(signal.SIGINT) == 0
    assert "Traceback" not in bot.said


@pytest.mark.parametrize("way", ["socket"])
async def test_the_demo_goes_the_whole_way_in_slack_and_ends_on_ctrl_c(
    acme: Acme, tmp_path: Path, way: Way
) -> None:
    data = tmp_path / "data"
    async with acme.demo(data, way) as bot:
        await bot.start()
        await played(acme, data)
        assert ("Socket Mode" if way == "socket" else "/slack/events") in bot.said
        await ended_well(bot)
        assert "[warning" not in bot.said


@pytest.mark.parametrize("way", ["http"])
async def test_a_deployment_goes_the_whole_way_in_slack_and_ends_on_ctrl_c(
    acme: Acme, tmp_path: Path, way: Way
) -> None:
    data = tmp_path / "data"
    await moved_in(data)
    async with acme.serve(data, way) as bot:
        await bot.start()
        await played(acme, data)
        await ended_well(bot)


async def test_without_a_signing_secret_there_is_no_address_for_requests(acme: Acme, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with acme.demo(data, "socket") as bot:
        await bot.start()
        async with ClientSession(f"http://127.0.0.1:{bot.port}") as session:
            for path in ("/slack/events", "/slack/install", "/slack/oauth_redirect"):
                async with session.post(path, json={"type": "url_verification", "challenge": "x"}) as answer:
                    assert answer.status in {404, 405}, path
                async with session.get(path) as answer:
                    assert answer.status == 404, path


async def test_somebody_with_another_address_plays_a_person_of_the_demo(tmp_path: Path) -> None:
    async with acme_in_slack(domain="somewhere.test") as acme:
        data, people = tmp_path / "data", acme.people
        parts = [f"--play-as={who}={people[who].id}" for who in ("alice", "bob", "megan")]
        async with acme.demo(data, "socket", *parts) as bot:
            await bot.start()
            await played(acme, data)
            await acme.says("carol", ZENDESK)
            await acme.told("carol", "I do not know who you are")
            await ended_well(bot)


async def refused(bot: CountersignProcess, *parts: str) -> None:
    """Starts what must not start, and looks at what it says."""
    async with bot:
        await bot.launch()
        assert await bot.ended() == 1, bot.said
        for part in parts:
            assert part in bot.said
        assert "Traceback" not in bot.said


async def test_a_user_whom_slack_does_not_know_plays_nobody(acme: Acme, tmp_path: Path) -> None:
    bot = acme.demo(tmp_path / "data", "socket", "--play-as=alice=U99999999")
    await refused(bot, "Slack has no user U99999999", "Copy member ID")


Start = Callable[[Acme, Path, dict[str, str]], CountersignProcess]


def _demo(acme: Acme, data: Path, environment: dict[str, str]) -> CountersignProcess:
    return acme.demo(data, "socket", **environment)


def _serve(acme: Acme, data: Path, environment: dict[str, str]) -> CountersignProcess:
    return acme.serve(data, "socket", **environment)


@pytest.mark.parametrize(
    ("start", "name", "wrong", "where"),
    [
        (_demo, "SLACK_BOT_TOKEN", "xoxb-wrong", "OAuth & Permissions"),
        (_serve, "SLACK_APP_TOKEN", "xapp-wrong", "App-Level Tokens"),
    ],
)
async def test_a_token_that_slack_does_not_know_keeps_it_from_starting(
    acme: Acme, tmp_path: Path, start: Start, name: str, wrong: str, where: str
) -> None:
    data = tmp_path / "data"
    await moved_in(data)
    await refused(start(acme, data, {name: wrong}), f"Slack does not accept {name}", where)


@pytest.mark.parametrize(("start", "blank"), [(_demo, ""), (_serve, "   ")])
async def test_an_empty_signing_secret_keeps_it_from_starting(
    acme: Acme, tmp_path: Path, start: Start, blank: str
) -> None:
    data = tmp_path / "data"
    await moved_in(data)
    environment = {"SLACK_APP_TOKEN": UNSET, "SLACK_SIGNING_SECRET": blank}
    await refused(start(acme, data, environment), "SLACK_SIGNING_SECRET is empty")
    assert acme.slack.calls == []


async def test_it_starts_while_slack_is_away_and_is_there_once_slack_is_back(
    acme: Acme, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for method in ("auth.test", "apps.connections.open"):
        acme.slack.faults.breaks(method, status=503, times=1000)
    async with acme.demo(data, "socket") as bot:
        await bot.start()
        await acme.eventually(
            lambda: len(acme.slack.calls_of("apps.connections.open")) > 1, "the first tries to connect"
        )
        acme.slack.faults.clear()
        await acme.eventually(lambda: acme.slack.sockets.open, "a socket")
        await played(acme, data)
        await ended_well(bot)


async def test_it_ends_well_in_the_midst_of_a_call_that_slack_does_not_answer(
    acme: Acme, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with acme.demo(data, "socket") as bot:
        await bot.start()
        hold = acme.slack.faults.hangs("chat.postMessage")
        await acme.says("alice", ZENDESK)
        await hold.arrived.wait()
        await ended_well(bot)
        hold.release()
        await bot.start()
        await played_on(acme, data)


async def played_on(acme: Acme, data: Path) -> None:
    """Plays on after the message was taken; the cards are there once each."""
    await acme.approves("bob")
    await acme.approves("megan")
    await acme.told("alice", GIVEN)
    assert len(acme.read("alice", "Your request")) == 1
    assert changes(data) == ["grant_app_access"]


@pytest.mark.parametrize("is_whole", [True, False], ids=["all permissions", "one missing"])
async def test_check_says_who_it_is_in_slack_and_what_it_may_not_do(
    acme: Acme, tmp_path: Path, *, is_whole: bool
) -> None:
    data = tmp_path / "data"
    await moved_in(data)
    if not is_whole:
        acme.workspace.world.scopes -= {"users:read.email", "im:write"}
    command = ("check", "--connect", "--json", "--data", data)
    async with CountersignProcess(
        *command, output=tmp_path / "check.txt", **acme.environment("socket")
    ) as check:
        await check.launch()
        assert await check.ended() == (0 if is_whole else 1)
        found = [one for one in json.loads(check.said)["findings"] if one["about"] == "slack"]
    sentences = " ".join(one["sentence"] for one in found)
    assert "Slack knows the app as countersign in Acme" in sentences
    assert ("lacks the permissions im:write, users:read.email" in sentences) is not is_whole


async def test_check_says_which_token_is_wrong(acme: Acme, tmp_path: Path) -> None:
    data = tmp_path / "data"
    await moved_in(data)
    environment = acme.environment("socket") | {"SLACK_APP_TOKEN": "xapp-wrong"}
    async with CountersignProcess(
        "check", "--connect", "--data", data, output=tmp_path / "check.txt", **environment
    ) as check:
        await check.launch()
        assert await check.ended() == 1
        assert "Slack does not accept SLACK_APP_TOKEN" in check.said
        assert "xapp-wrong" not in check.said
