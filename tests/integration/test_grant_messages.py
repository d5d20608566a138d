"""Looking after standing approvals on a real store: each thing is told once, whatever crashes in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from bot.domain.events import AuditEntry
from bot.domain.grants import ExactArguments, Grant, HolderPerson
from bot.domain.people import PersonId, TenantId
from bot.domain.tools import ToolId
from bot.flow.give_suggested import GiveSuggested
from bot.flow.grant_upkeep import GrantUpkeep
from bot.flow.seams import Seams
from bot.flow.suggestions import NotSuggested, Suggestions
from bot.flow.tell_once import CUT_OFF
from bot.flow.unused_grants import ProposeRemovals
from bot.flow.warn_grants import WarnGrants
from bot.ports.chat import Posting
from bot.ports.store import StoreUnreachable
from bot.storage.engine import Engine, open_engine
from bot.storage.postings import SqlPostings
from bot.storage.store import SqlStore
from tests.breaking import Breaking
from tests.builders import a_grant
from tests.databases import KEY
from tests.journeys.arranging import break_directory, change_person, entries, grants
from tests.journeys.stage import TENANT, Stage, staged

RESET = ToolId("acme-it", "reset_password")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Acme, and where it is remembered what was told."""

    stage: Stage
    engine: Engine

    @property
    def postings(self) -> SqlPostings:
        return SqlPostings(self.engine)

    async def warns(self, seams: Seams | None = None) -> int:
        """Has a process that just started look for what ends."""
        return await WarnGrants(seams or self.stage.seams, self.postings)()

    async def proposes(self) -> int:
        """Has a process that just started look for what nobody uses."""
        return await ProposeRemovals(self.stage.seams, self.postings)()

    async def given(
        self, name: str = "ab12cd34ef", *, giver: str = "bob", ago: timedelta = DAY,
        ends: timedelta | None = 30 * DAY, **more: object,
    ) -> Grant:  # fmt: skip
        """Stores a standing approval for Alice; `ends` is counted from now."""
        now = self.stage.clock.now()
        async with self.stage.store.unit(TENANT) as unit:
            tool = (await unit.connections.catalog())[RESET]
            made = replace(
                a_grant(
                    name,
                    tool=RESET,
                    holder=HolderPerson(PersonId("p-alice")),
                    arguments=ExactArguments({"user": "alice@acme.test", "token": "hunter2"}),
                    giver=f"p-{giver}",
                    fingerprint=tool.fingerprint,
                    ends=None if ends is None else now + ends,
                ),
                created=now - ago,
                **more,  # type: ignore[arg-type]  # any field of a grant
            )
            await unit.grants.add(made)
        return made

    async def told(self, who: str, words: str = "standing approval") -> list[str]:
        """Gives what the person was told."""
        await self.stage.worker.settle(None)
        return [text for text in await self.stage.texts(who) if words in text]


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with staged(database, tmp_path) as stage:
        engine = open_engine(database)
        yield Desk(stage=stage, engine=engine)
        await engine.close()


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@on_sqlite
async def test_the_giver_is_warned_three_days_before_the_end_once(desk: Desk) -> None:
    await desk.given(ends=4 * DAY, ago=20 * DAY, uses=12, last_used=desk.stage.clock.now() - DAY)
    assert await desk.warns() == 0
    desk.stage.clock.advance(DAY)
    assert await desk.warns() == 1
    desk.stage.clock.advance(DAY)
    assert await desk.warns() == 0
    [text] = await desk.told("bob")
    assert text.startswith("The standing approval “Alice Archer may use acme-it:reset_password with exactly ")
    assert "hunter2" not in text
    assert "” ends on 20 November 2026, 09:00 UTC. It was used 12 times, last on 15 November 2026" in text
    assert text.endswith("To end it now: grants revoke ab12cd34.")
    assert await desk.told("ada") == []
    [entry] = await entries(desk.stage, "grant.warned")
    assert entry.grants == ("ab12cd34ef",)


@on_sqlite
async def test_what_lives_shorter_than_six_days_is_warned_of_in_its_second_half(desk: Desk) -> None:
    await desk.given(ends=2 * DAY, ago=timedelta())
    desk.stage.clock.advance(DAY - timedelta(seconds=1))
    assert await desk.warns() == 0
    desk.stage.clock.advance(timedelta(seconds=1))
    assert await desk.warns() == 1


@on_sqlite
async def test_what_is_over_or_has_no_end_is_not_warned_of(desk: Desk) -> None:
    now = desk.stage.clock.now()
    await desk.given("revoked", ends=DAY, ago=9 * DAY, revoked=now)
    await desk.given("used-up", ends=DAY, ago=9 * DAY, uses=1, uses_limit=1)
    await desk.given("ended", ends=-DAY, ago=9 * DAY)
    await desk.given("suspended", ends=DAY, ago=9 * DAY, suspended=True)
    await desk.given("endless", ends=None, ago=9 * DAY)
    assert await desk.warns() == 0


@on_sqlite
async def test_admins_are_warned_for_givers_who_are_gone(desk: Desk) -> None:
    change_person(desk.stage, "bob", enabled=False)
    await desk.given(ends=DAY, ago=9 * DAY)
    await desk.given("bb22", giver="nobody", ends=DAY, ago=9 * DAY)
    assert await desk.warns() == 2
    assert [len(await desk.told(who)) for who in ("ada", "ahmed", "bob")] == [2, 2, 0]


@on_sqlite
async def test_nobody_is_told_while_it_is_not_known_whom_to_tell(desk: Desk) -> None:
    await desk.given(ends=DAY, ago=9 * DAY)
    upkeep = GrantUpkeep(desk.stage.seams, desk.postings)
    back = break_directory(desk.stage)
    await upkeep()
    back()
    await upkeep()
    assert await entries(desk.stage, "grant.warned") == []
    desk.stage.clock.advance(timedelta(minutes=5))
    await upkeep()
    assert len(await desk.told("bob")) == 1


@on_sqlite
async def test_what_could_not_be_stored_is_told_a_minute_later(desk: Desk) -> None:
    await desk.given(ends=DAY, ago=9 * DAY)
    with pytest.raises(StoreUnreachable):
        await desk.warns(replace(desk.stage.seams, store=Breaking(desk.engine, key=KEY)))
    assert await desk.warns() == 0
    desk.stage.clock.advance(CUT_OFF)
    assert await desk.warns() == 1
    assert len(await desk.told("bob")) == 1


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


class Unfinished(SqlPostings):
    """A memory whose process is killed before it notes that something is done."""

    @override
    async def done(self, tenant: TenantId, surface: str, key: str, *, reference: str) -> None:
        raise Killed


@on_sqlite
async def test_a_kill_between_the_mark_and_the_message_loses_nothing(desk: Desk) -> None:
    await desk.given(ends=DAY, ago=9 * DAY)
    with pytest.raises(Killed):
        await WarnGrants(desk.stage.seams, CutOff(desk.engine))()
    assert await desk.warns() == 0
    desk.stage.clock.advance(CUT_OFF)
    assert await desk.warns() == 1
    assert len(await desk.told("bob")) == 1


@on_sqlite
async def test_a_kill_between_the_message_and_its_note_doubles_nothing(desk: Desk) -> None:
    await desk.given(ends=DAY, ago=9 * DAY)
    for _ in range(2):
        with pytest.raises(Killed):
            await WarnGrants(desk.stage.seams, Unfinished(desk.engine))()
        desk.stage.clock.advance(2 * CUT_OFF)
    assert await desk.warns() == 0
    assert len(await desk.told("bob")) == 1
    assert len(await entries(desk.stage, "grant.warned")) == 1


@on_sqlite
async def test_what_was_told_is_found_in_a_long_log(desk: Desk) -> None:
    await desk.given(ends=2 * DAY, ago=9 * DAY)
    await _fill_the_log(desk, days=3)
    with pytest.raises(Killed):
        await WarnGrants(desk.stage.seams, Unfinished(desk.engine))()
    desk.stage.clock.advance(timedelta(hours=7))
    await _fill_the_log(desk, days=0)
    assert await desk.warns() == 0
    assert len(await entries(desk.stage, "grant.warned")) == 1


async def _fill_the_log(desk: Desk, *, days: int) -> None:
    now = desk.stage.clock.now()
    async with desk.stage.store.unit(TENANT) as unit:
        for number in range(23):
            at = now - days * DAY * (23 - number) / 23
            await unit.audit.append(AuditEntry(at=at, kind="command.refused"))


@on_postgresql
async def test_two_processes_at_once_tell_once(desk: Desk, database: str) -> None:
    await desk.given(ends=DAY, ago=40 * DAY)
    other = SqlStore(open_engine(database), key=KEY)
    beside = replace(desk.stage.seams, store=other)
    again = SqlPostings(other._engine)
    try:
        warned = await asyncio.gather(
            *(WarnGrants(desk.stage.seams, desk.postings)() for _ in range(3)),
            *(WarnGrants(beside, again)() for _ in range(3)),
        )
        proposed = await asyncio.gather(desk.proposes(), ProposeRemovals(beside, again)())
    finally:
        await other.close()
    assert sorted(warned) == [0, 0, 0, 0, 0, 1]
    assert sorted(proposed) == [0, 1]
    assert len(await desk.told("bob", "ends on")) == 1


async def test_of_two_who_accept_the_same_suggestion_at_once_one_gives_it(desk: Desk, database: str) -> None:
    stage = desk.stage
    for _ in range(5):
        request = await stage.fills("alice", "reset_password", user="alice@acme.test")
        await stage.approves("bob", request)
        await stage.ends(request)
    [rule] = (await Suggestions(stage.seams)()).suggestions
    other = SqlStore(open_engine(database), key=KEY)
    try:
        found = await asyncio.gather(
            GiveSuggested(stage.seams)(rule.id, PersonId("p-bob")),
            GiveSuggested(replace(stage.seams, store=other))(rule.id, PersonId("p-carol")),
            return_exceptions=True,
        )
    finally:
        await other.close()
    assert [isinstance(one, NotSuggested) for one in found].count(True) == 1, found
    assert len(await grants(stage)) == 1


@on_sqlite
async def test_unused_ones_are_proposed_for_removal_in_one_message_a_week(desk: Desk) -> None:
    now = desk.stage.clock.now()
    for number in range(12):
        await desk.given(f"{number:02}aa", ago=30 * DAY)
    await desk.given("recent", ago=29 * DAY)
    await desk.given("used", ago=60 * DAY, uses=3, last_used=now - 29 * DAY)
    await desk.given("revoked", ago=60 * DAY, revoked=now)
    await desk.given("long-ago", giver="carol", ago=60 * DAY, uses=3, last_used=now - 31 * DAY)
    assert await desk.proposes() == 2
    assert await desk.proposes() == 0
    [text] = await desk.told("bob")
    assert text.startswith("Nobody used 12 standing approvals of yours for 30 days.")
    assert text.count("Alice Archer may use acme-it:reset_password") == 10
    assert text.count("grants revoke ") == 10
    assert "grants revoke 11aa" in text
    assert text.endswith("And 2 more: grants list --unused")
    assert "grants revoke long-ago" in (await desk.told("carol"))[0]
    desk.stage.clock.advance(7 * DAY - timedelta(seconds=1))
    assert await desk.proposes() == 0
    desk.stage.clock.advance(timedelta(seconds=1))
    assert await desk.proposes() == 2
    async with desk.stage.store.view(TENANT) as view:
        assert sum(grant.revoked is not None for grant in await view.grants.all()) == 1
