"""Presses in Teams are answered in time, whatever is slow behind them, and their end is told afterwards."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.chat.teams.listeners.desk import LATE as TAKES_LONGER
from bot.directory.recent import RecentDirectory
from bot.domain.people import Person, PersonId
from tests.journeys.stage import Stage
from tests.journeys.teams_decisions import LATE, approval_id, comes_to, copies_of, next_card, shown_to
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.servers.teams_words import titles, words

BY_BOB = "approved by Bob Brennan, 16 November 2026, 09:00 UTC"
RUNS = "Approved. It is checked once more, then it runs."


@pytest.fixture
async def hurried(acme_database: str, tmp_path: Path) -> AsyncIterator[TeamsStage]:
    """Gives Acme in Teams, where a press is answered after a moment, whether it is done or not."""
    async with teams_staged(acme_database, tmp_path, in_time_s=0.6) as found:
        yield found


@contextmanager
def slow_directory(stage: Stage) -> Iterator[None]:
    """Has the directory say nothing of persons while the block lasts, and all that was asked for then."""
    directory = stage.seams.directory
    assert isinstance(directory, RecentDirectory)
    provider = directory._provider
    released, person = asyncio.Event(), provider.person

    async def asked(wanted: PersonId) -> Person | None:
        await released.wait()
        return await person(wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "person", asked)
        try:
            yield
        finally:
            released.set()


@pytest.mark.promise("APR-01", "APR-11")
async def test_while_the_directory_is_slow_presses_are_answered_in_time_and_told_of_afterwards(
    hurried: TeamsStage,
) -> None:
    stage = hurried
    await stage.says("alice", "I forgot my password")
    copies = await copies_of(stage, await stage.card("bob"))
    approval, old = approval_id(copies["bob"]), copies["carol"].activity
    since = len(shown_to(stage, "dan"))
    with slow_directory(stage.stage):
        executed = await stage.presses("bob", copies["bob"], "Approve")
        assert (executed.kind, executed.text) == ("message", TAKES_LONGER)
        fetched = await stage.presses("dan", copies["dan"], "Deny…")
        assert (fetched.kind, fetched.text) == ("closed", TAKES_LONGER)
        assert stage.stage.changes() == []
    await stage.told("bob", RUNS)
    await comes_to(stage, approval, "done")
    for who, copy in copies.items():
        await stage.shows(who, copy, f"Decision\n{BY_BOB}")
    form = await next_card(stage, "dan", "Deny", since=since)
    assert "Nothing will run." in words(form)
    await stage.stage.worker.settle(None)
    # As where an update was lost.
    copies["carol"].activity = old
    with slow_directory(stage.stage):
        late = await stage.presses("carol", copies["carol"], "Approve")
        assert (late.kind, late.text) == ("message", TAKES_LONGER)
    await stage.told("carol", f"{LATE}Technician (technicians): {BY_BOB}.")
    await stage.shows("carol", copies["carol"], BY_BOB)
    assert titles(copies["carol"]) == []
    assert len(stage.stage.changes()) == 1


@pytest.mark.promise("APR-11")
async def test_while_the_database_is_locked_the_first_press_is_answered_in_time_too(
    hurried: TeamsStage, tmp_path: Path
) -> None:
    stage = hurried
    await stage.says("alice", "I forgot my password")
    card = await stage.card("bob")
    approval = approval_id(card)
    await stage.stage.worker.settle(None)
    with closing(sqlite3.connect(tmp_path / "countersign.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        pressed = await stage.presses("bob", card, "Approve")
        assert (pressed.kind, pressed.text) == ("message", TAKES_LONGER)
        other.execute("ROLLBACK")
    await stage.told("bob", RUNS)
    await comes_to(stage, approval, "done")
    await stage.shows("bob", card, BY_BOB)
