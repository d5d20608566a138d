"""What only an admin can set right is told to every admin once a day."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.flow.tell_once import CUT_OFF, TellOnce
from bot.storage.engine import Engine, open_engine
from bot.storage.postings import SqlPostings
from tests.journeys.arranging import break_directory, entries
from tests.journeys.stage import Json, Stage

TEXT = "The bot may not look accounts up. Grant it User.Read.All."
ABOUT = "teams/lookup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Acme, and where it is remembered what was told."""

    stage: Stage
    engine: Engine

    async def alert(self) -> bool:
        """Tells the admins, as another process would."""
        return await TellOnce(self.stage.seams, SqlPostings(self.engine)).admins(ABOUT, TEXT)

    async def heard(self) -> list[int]:
        """Gives how often these people were told."""
        return [(await self.stage.texts(who)).count(TEXT) for who in ("ada", "ahmed", "alice", "bob")]

    async def is_told(self, times: int) -> None:
        """Waits until each admin, and nobody else, was told so often."""

        async def look() -> Json | None:
            return {"told": True} if await self.heard() == [times, times, 0, 0] else None

        await self.stage.eventually(look, f"admins to be told {times} times")
        assert len(await entries(self.stage, "admins.alerted")) == times


@pytest.fixture
async def desk(stage: Stage, acme_database: str) -> AsyncIterator[Desk]:
    engine = open_engine(acme_database)
    yield Desk(stage=stage, engine=engine)
    await engine.close()


async def test_every_admin_is_told_once_a_day_also_when_nobody_knows_yet_who_they_are(desk: Desk) -> None:
    back = break_directory(desk.stage)
    assert await desk.alert()
    await desk.stage.worker.settle(None)
    back()
    desk.stage.clock.advance(2 * CUT_OFF)
    await desk.is_told(1)
    assert not await desk.alert()
    desk.stage.clock.advance(timedelta(days=1))
    assert await desk.alert()
    await desk.is_told(2)
