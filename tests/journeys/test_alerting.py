"""What only an admin can set right is told to every admin once a day, whatever breaks in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from bot.domain.people import TenantId
from bot.flow.alert import CUT_OFF, AlertAdmins
from bot.ports.chat import Posting
from bot.ports.store import StoreUnreachable
from bot.storage.engine import Engine, open_engine
from bot.storage.postings import SqlPostings
from tests.breaking import Breaking
from tests.databases import KEY
from tests.journeys.arranging import entries
from tests.journeys.stage import Stage

TEXT = "The bot may not look accounts up. Grant it User.Read.All."
ABOUT = "teams/lookup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Acme, and where it is remembered what was told."""

    stage: Stage
    engine: Engine

    @property
    def alert(self) -> AlertAdmins:
        """What tells admins, as another process has it."""
        return AlertAdmins(self.stage.seams, SqlPostings(self.engine))

    async def told(self) -> int:
        """Gives how often each admin was told; nobody else ever was."""
        await self.stage.worker.settle(None)
        [times] = {(await self.stage.texts(who)).count(TEXT) for who in ("ada", "ahmed")}
        for who in ("alice", "bob"):
            assert TEXT not in await self.stage.texts(who)
        assert len(await entries(self.stage, "admins.alerted")) == times
        return times


@pytest.fixture
async def desk(stage: Stage, acme_database: str) -> AsyncIterator[Desk]:
    engine = open_engine(acme_database)
    yield Desk(stage=stage, engine=engine)
    await engine.close()


class Killed(BaseException):
    """The process is no more."""


class CutOff(SqlPostings):
    """A memory whose process is killed once something is begun."""

    @override
    async def begin(self, tenant: TenantId, surface: str, key: str, *, place: str, now: datetime) -> Posting:
        found = await super().begin(tenant, surface, key, place=place, now=now)
        if found.is_new:
            raise Killed
        return found


async def test_every_admin_is_told_once_a_day(desk: Desk) -> None:
    assert await desk.alert(ABOUT, TEXT)
    desk.stage.clock.advance(2 * CUT_OFF)
    assert not await desk.alert(ABOUT, TEXT)
    assert await desk.told() == 1
    desk.stage.clock.advance(timedelta(days=1))
    assert await desk.alert(ABOUT, TEXT)
    assert await desk.told() == 2


async def test_what_could_not_be_stored_is_told_the_next_time(desk: Desk) -> None:
    away = replace(desk.stage.seams, store=Breaking(desk.engine, key=KEY))
    with pytest.raises(StoreUnreachable):
        await AlertAdmins(away, SqlPostings(desk.engine))(ABOUT, TEXT)
    assert await desk.told() == 0
    assert await desk.alert(ABOUT, TEXT)
    assert not await desk.alert(ABOUT, TEXT)
    assert await desk.told() == 1


async def test_what_a_kill_cut_off_is_told_a_minute_later_by_one_of_many(desk: Desk) -> None:
    for _ in range(2):
        with pytest.raises(Killed):
            await AlertAdmins(desk.stage.seams, CutOff(desk.engine))(ABOUT, TEXT)
        desk.stage.clock.advance(CUT_OFF / 2)
        assert not await desk.alert(ABOUT, TEXT)
        assert await desk.told() == 0
        desk.stage.clock.advance(CUT_OFF / 2)
    tried = await asyncio.gather(*(desk.alert(ABOUT, TEXT) for _ in range(5)))
    assert sorted(tried) == [False] * 4 + [True]
    desk.stage.clock.advance(2 * CUT_OFF)
    assert not await desk.alert(ABOUT, TEXT)
    assert await desk.told() == 1
