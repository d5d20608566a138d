"""The real `countersign demo`, killed, stopped, doubled, and with what it needs taken away."""

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import asyncpg  # type: ignore[import-untyped]  # it comes without types
import pytest

from bot.demo.estate import recent_changes
from tests.servers.countersign_process import CountersignProcess, eventually

RESET: Final = "I forgot my password"


def shared(database: str) -> str | None:
    """Gives the address that the environment names; a SQLite file lies in the data directory as always."""
    return database if database.startswith("postgresql") else None


@asynccontextmanager
async def demo(tmp_path: Path, database: str | None = None) -> AsyncIterator[CountersignProcess]:
    """Gives a demo that is ready."""
    async with CountersignProcess.demo(tmp_path / "data", database=database) as found:
        await found.start()
        yield found


def changes(tmp_path: Path) -> list[str]:
    """Gives the tools that changed something in the company's systems, newest first."""
    return [change.tool for change in recent_changes(tmp_path / "data" / "estate.db")]


async def gone(children: list[int]) -> None:
    """Waits until none of the processes is left."""

    async def look() -> bool:
        return not any(_is_alive(child) for child in children)

    await eventually(look, f"processes {children} to end")


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def again(process: CountersignProcess) -> None:
    """Kills the process, waits until its children are gone, and starts it with the same command."""
    children = process.children()
    assert children
    await process.kill()
    await gone(children)
    await process.start()


async def test_a_killed_demo_goes_on_from_every_moment_and_leaves_no_children(
    database: str, tmp_path: Path
) -> None:
    async with demo(tmp_path, shared(database)) as bot:
        request = await bot.says("alice", "I need access to Zendesk")
        await again(bot)
        assert await bot.says("alice", "I need access to Zendesk") == request
        await bot.approves("bob", request)
        await again(bot)
        await bot.approves("megan", request)
        await again(bot)
        status = await bot.comes_to(request, "done", "attention")
        if status == "attention":
            ran = "it_ran" if changes(tmp_path) else "it_did_not_run"
            await bot.presses("bob", await bot.card("bob", request, ran), ran)
            status = await bot.comes_to(request, "done", "failed")
        await again(bot)
        assert await bot.status_of(request) == status
        assert changes(tmp_path) == ["grant_app_access"] * (status == "done")
        cards = [item for item in await bot.items("bob") if item["kind"] == "card"]
        assert [card["actions"] for card in cards if card["request"] == request] == [[]] * len(cards)
        assert "Traceback" not in bot.said


@pytest.mark.parametrize("ends", [signal.SIGTERM])
async def test_a_stopped_demo_ends_well_and_takes_its_children_along(
    tmp_path: Path, ends: signal.Signals
) -> None:
    async with demo(tmp_path) as bot:
        request = await bot.says("alice", RESET)
        await bot.approves("bob", request)
        children = bot.children()
        assert await bot.ended(ends) == 0
        await gone(children)
        assert "Traceback" not in bot.said
        await bot.start()
        assert await bot.status_of(request) == "done"
        assert changes(tmp_path) == ["reset_password"]


async def test_a_demo_that_is_interrupted_while_it_starts_says_nothing_of_it(tmp_path: Path) -> None:
    async with CountersignProcess.demo(tmp_path / "data") as bot:
        await bot.launch()

        async def prepared() -> bool:
            return (tmp_path / "data" / "countersign.db").exists()

        await eventually(prepared, "the demo to begin")
        assert await bot.ended(signal.SIGINT) in {0, 130}
        assert "Traceback" not in bot.said


async def test_a_second_demo_on_the_same_port_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with (
        demo(tmp_path) as first,
        CountersignProcess.demo(tmp_path / "other", port=first.port) as second,
    ):
        await second.launch()
        assert await second.ended() == 1
        assert f"Port {first.port} on 127.0.0.1 is in use." in second.said
        assert "Traceback" not in second.said


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_killed_workers_request_is_taken_over_by_another_process(
    database: str, tmp_path: Path
) -> None:
    """The worker is killed during a call that hangs: the other one says that the outcome is unknown."""
    async with demo(tmp_path, database) as first:
        request = await first.says("alice", RESET)
        card = await first.card("bob", request, "approve")
        with hanging(first.children()):
            assert (await first.presses("bob", card, "approve"))[0] == 200

            async def is_under_way() -> bool:
                _, answer = await first.get(f"/api/requests/{request}")
                return '"executing", "result"' in str(answer).replace("'", '"')

            await eventually(is_under_way, "the call to be under way")
            async with demo(tmp_path, database) as second:
                await first.kill()
                assert await second.comes_to(request, "done", "attention") == "attention"
                assert "it_ran" in str(await second.items("bob"))
                assert changes(tmp_path) == []


@contextmanager
def hanging(processes: list[int]) -> Iterator[None]:
    """Stops processes without ending them, while the block lasts."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            if _is_alive(process):
                os.kill(process, signal.SIGCONT)


async def test_a_policy_that_one_process_changes_holds_at_the_next_decision_of_the_other(
    database: str, tmp_path: Path
) -> None:
    async with (
        demo(tmp_path, shared(database)) as bot,
        CountersignProcess(
            "--data", tmp_path / "data", "policy", "set", "acme-it:reset_password", "disabled",
            output=tmp_path / "policy.txt",
            **({"COUNTERSIGN_DATABASE_URL": database} if shared(database) else {}),
        ) as command,
    ):  # fmt: skip
        request = await bot.says("alice", RESET)
        card = await bot.card("bob", request, "approve")
        await command.launch()
        assert await command.ended() == 0, command.said
        await bot.presses("bob", card, "approve")
        assert await bot.comes_to(request, "done", "denied") == "denied"
        assert changes(tmp_path) == []


async def test_with_a_full_disk_nothing_runs_and_all_goes_on_when_there_is_room(tmp_path: Path) -> None:
    async with demo(tmp_path) as bot:
        request = await bot.says("alice", RESET)
        card = await bot.card("bob", request, "approve")
        _, most = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, most))
        status, answer = await bot.presses("bob", card, "approve")
        assert (status, answer["error"]) == (503, AWAY)
        status, answer = await bot.post("/api/chats", {"as": "eve@acme.test", "text": "hello"})
        assert (status, answer["error"]) == (503, AWAY)
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (most, most))
        await bot.approves("bob", request)
        await bot.comes_to(request, "done")
        assert changes(tmp_path) == ["reset_password"]


AWAY: Final = "The database does not answer, so nothing was changed. Try again in a minute."


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_connections_that_the_database_ends_lose_nothing(database: str, tmp_path: Path) -> None:
    """Every connection is ended again and again while requests go their way; people try again."""
    async with demo(tmp_path, database) as bot:
        ending = asyncio.create_task(_end_connections(database, times=40))
        asked = done = 0
        while not ending.done():
            request = await _tried(bot, str(asked))
            asked += 1
            done += await _pressed_until_over(bot, request, tmp_path, done) == "done"
        await ending
        assert len(changes(tmp_path)) == done
        assert done
        assert "Traceback" not in bot.said


async def _end_connections(database: str, *, times: int) -> None:
    connection = await asyncpg.connect(database)
    try:
        for _ in range(times):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.15)
    finally:
        await connection.close()


async def _tried(bot: CountersignProcess, key: str) -> str:
    async def look() -> str | None:
        status, answer = await bot.post("/api/chats", {"as": "alice@acme.test", "text": RESET, "id": key})
        assert status in {200, 503}, answer
        return str(answer["request"]) if status == 200 else None

    return await eventually(look, "the message to be taken")


async def _pressed_until_over(bot: CountersignProcess, request: str, tmp_path: Path, done: int) -> str:
    """The technician approves, and says truthfully what became of a call whose outcome is unknown."""

    async def look() -> str | None:
        status, answer = await bot.get("/api/chats/bob@acme.test")
        items = answer["items"] if status == 200 and isinstance(answer, dict) else []
        assert isinstance(items, list)
        truth = "it_ran" if len(changes(tmp_path)) > done else "it_did_not_run"
        for item in items:
            if isinstance(item, dict) and item.get("request") == request:
                for action in ("approve", truth):
                    if f"'{action}'" in str(item.get("actions")):
                        await bot.presses("bob", str(item["card"]), action)
        status, answer = await bot.get(f"/api/requests/{request}")
        if status != 200 or not isinstance(answer, dict):
            return None
        assert answer["status"] != "denied"
        return str(answer["status"]) if answer["status"] in {"done", "failed"} else None

    return await eventually(look, "the request to be over")


def _broken(people: Path) -> None:
    people.write_text("people: [", encoding="utf-8")


def _removed(people: Path) -> None:
    people.unlink()


@pytest.mark.parametrize("taken", [_broken, _removed])
async def test_without_people_nobody_decides_and_all_goes_on_when_they_are_back(
    tmp_path: Path, taken: Callable[[Path], None]
) -> None:
    async with demo(tmp_path) as bot:
        request = await bot.says("alice", RESET)
        card = await bot.card("bob", request, "approve")
        people = tmp_path / "data" / "people.yaml"
        as_it_was = people.read_text(encoding="utf-8")
        taken(people)
        status, answer = await bot.presses("bob", card, "approve")
        assert status == 503
        assert str(people) in str(answer["error"])
        assert await bot.status_of(request) == "waiting"
        people.write_text(as_it_was, encoding="utf-8")
        await bot.approves("bob", request)
        await bot.comes_to(request, "done")


async def test_a_data_directory_that_is_gone_is_refused_and_waited_for(tmp_path: Path) -> None:
    async with demo(tmp_path) as bot:
        request = await bot.says("alice", RESET)
        card = await bot.card("bob", request, "approve")
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        status, answer = await bot.presses("bob", card, "approve")
        assert (status, "error" in answer) == (503, True)
        (tmp_path / "elsewhere").rename(tmp_path / "data")
        await bot.approves("bob", request)
        await bot.comes_to(request, "done")


async def test_a_database_file_that_was_replaced_is_not_written_any_more(tmp_path: Path) -> None:
    async with demo(tmp_path) as bot:
        request = await bot.says("alice", RESET)
        card = await bot.card("bob", request, "approve")
        file = tmp_path / "data" / "countersign.db"
        file.rename(tmp_path / "kept.db")
        status, answer = await bot.presses("bob", card, "approve")
        assert (status, answer["error"]) == (503, AWAY)
        (tmp_path / "kept.db").rename(file)
        await bot.approves("bob", request)
        await bot.comes_to(request, "done")
        assert changes(tmp_path) == ["reset_password"]


async def test_a_tool_server_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async with demo(tmp_path) as bot:
        for number in range(2):
            request = await bot.says("alice", RESET, key=str(number))
            card = await bot.card("bob", request, "approve")
            for child in bot.children():
                os.kill(child, signal.SIGKILL)
            assert (await bot.presses("bob", card, "approve"))[0] == 200
            await bot.comes_to(request, "done")
        assert changes(tmp_path) == ["reset_password"] * 2
