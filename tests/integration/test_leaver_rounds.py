"""Rounds about leavers on a real store: doubted, cut off, made twice at once, and foreseen."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import override

from bot.domain.people import Person, PersonId, TenantId
from bot.flow.reconcile.marks import PAUSE
from bot.flow.reconcile.nightly import Nightly
from bot.flow.reconcile.report import Departed
from bot.flow.reconcile.round import Reconcile, TooManyGone
from bot.flow.reconcile.step import Effect
from bot.ports.chat import Posting
from bot.ports.directory import DirectoryUnreachable
from bot.ports.store import StoreUnreachable
from bot.storage.engine import open_engine
from bot.storage.postings import SqlPostings
from bot.storage.store import SqlStore
from tests.breaking import Breaking
from tests.databases import KEY
from tests.fakes.directory import FakeDirectory
from tests.journeys.arranging import break_directory, change_person, entries, finance_decides, grants
from tests.journeys.leaving import Office, ids, leave
from tests.journeys.stage import staged

SUSPENDED = "3 standing approvals suspended (aa11, bb22, cc33)"
MOVED = ", 1 open approval asked of others"
EVERYBODY = ("ada", "ahmed", "alice", "bob", "carol", "dan", "eve", "grace", "megan")


@pytest.fixture
async def office(database: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with staged(database, tmp_path) as stage:
        engine = open_engine(database)
        yield Office(stage, engine)
        await engine.close()


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Slow(FakeDirectory):
    """A directory that counts how many are asked for at once, and goes away after so many answers."""

    answers = 1_000
    now = 0
    most = 0

    @override
    async def person(self, person: PersonId) -> Person | None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        if not self.answers:
            raise DirectoryUnreachable
        self.answers -= 1
        return await super().person(person)


async def directory_of(office: Office) -> Slow:
    """Gives Acme's people in memory."""
    people = [await office.stage.seams.directory.person(PersonId(f"p-{who}")) for who in EVERYBODY]
    return Slow([one for one in people if one is not None], fallback="admins")


async def much_of_bob_and_alice(office: Office) -> list[str]:
    """Has Bob and Alice leave behind something of every kind; gives the requests."""
    stage = office.stage
    await finance_decides(stage)
    for name in ("aa11", "bb22", "cc33"):
        await office.given(name)
    await office.tie("bob")
    own = await stage.says("alice", "I need access to Zendesk")
    await stage.card("bob", own)
    other = await stage.says("dan", "I need access to Zendesk")
    await stage.card("bob", other)
    for request in (own, other):
        await stage.comes_to(request, "waiting")
    change_person(stage, "bob", enabled=False)
    change_person(stage, "alice", enabled=False)
    return [own, other]


async def check_all_is_done_once(office: Office, requests: list[str]) -> None:
    stage, (own, other) = office.stage, requests
    assert ids(await grants(stage)) == ["aa11", "bb22", "cc33"]
    suspended = [entry.grants for entry in await entries(stage, "grant.suspended")]
    assert sorted(suspended) == [("aa11",), ("bb22",), ("cc33",)]
    assert (await stage.request(own))["status"] == "failed"
    assert (await stage.request(other))["status"] == "waiting"
    assert len(await entries(stage, "request.failed", request=own)) == 1
    [moved] = await entries(stage, "approval.moved")
    assert (moved.request, moved.details["from"], moved.details["to"]) == (other, "p-bob", "p-grace")
    assert sorted(await office.left()) == ["p-alice", "p-bob"]
    assert len(await entries(stage, "leavers.reported")) == 1
    for admin in ("ada", "ahmed"):
        [text] = await office.told(admin)
        # Where time passes between tries, a worker that looks after managers' seats may have been first.
        assert text.replace(MOVED, "").splitlines()[1:3] == [
            "• Alice Archer is disabled: 1 open request ended.",
            f"• Bob Brennan is disabled: {SUSPENDED}. Still tied: slack U-bob.",
        ]


async def test_two_processes_at_once_do_everything_once(office: Office, database: str) -> None:
    requests = await much_of_bob_and_alice(office)
    engine = open_engine(database)
    other = SqlStore(engine, key=KEY)
    beside = replace(office.stage.seams, store=other)
    try:
        await asyncio.gather(
            *(office.nightly()() for _ in range(2)),
            *(Nightly(beside, SqlPostings(engine))() for _ in range(2)),
        )
    finally:
        await other.close()
    await check_all_is_done_once(office, requests)
    assert MOVED in (await office.told("ada"))[0]


async def test_two_rounds_at_once_do_nothing_twice(office: Office, database: str) -> None:
    requests = await much_of_bob_and_alice(office)
    engine = open_engine(database)
    other = SqlStore(engine, key=KEY)
    beside = replace(office.stage.seams, store=other)
    try:
        await asyncio.gather(
            Reconcile(office.stage.seams, office.postings)(),
            Reconcile(beside, SqlPostings(engine))(),
            return_exceptions=True,
        )
    finally:
        await other.close()
    office.stage.clock.advance(timedelta(minutes=2))
    assert (await office.round()).departed == ()
    await check_all_is_done_once(office, requests)


@on_sqlite
async def test_wherever_a_round_is_cut_off_a_later_try_finishes_it(office: Office, database: str) -> None:
    requests = await much_of_bob_and_alice(office)
    tries = 0
    while not await office.postings.get(office.stage.seams.tenant, "upkeep", "reconcile/2026-11-16"):
        engine = open_engine(database)
        store = Breaking(engine, key=KEY)
        # Each process does one thing, and the next one it does is lost.
        store.holds = 1
        await Nightly(replace(office.stage.seams, store=store), SqlPostings(engine))()
        await store.close()
        office.stage.clock.advance(PAUSE)
        tries += 1
        assert tries < 20
    assert tries > 3
    await check_all_is_done_once(office, requests)


class Forgetful(SqlPostings):
    """A memory whose process is killed before it notes who is gone."""

    @override
    async def begin(self, tenant: TenantId, surface: str, key: str, *, place: str, now: datetime) -> Posting:
        if key.startswith("gone/"):
            raise StoreUnreachable
        return await super().begin(tenant, surface, key, place=place, now=now)


@on_sqlite
async def test_a_round_that_is_cut_off_after_its_report_tells_nobody_again(office: Office) -> None:
    requests = await much_of_bob_and_alice(office)
    for _ in range(3):
        await Nightly(office.stage.seams, Forgetful(office.engine))()
        office.stage.clock.advance(PAUSE)
    await office.night()
    await check_all_is_done_once(office, requests)
    await office.time_passes(days=1)
    await check_all_is_done_once(office, requests)


@on_sqlite
async def test_an_outage_in_the_middle_concludes_nothing_of_anybody(office: Office) -> None:
    stage = office.stage
    await office.given("aa11", giver="alice", holder="dan")
    await office.given("bb22")
    await office.tie(*EVERYBODY)
    directory = await directory_of(office)
    directory.remove(PersonId("p-alice"))
    seams = replace(stage.seams, directory=directory)
    before = await entries(stage)
    for answers in range(len(EVERYBODY)):
        directory.answers = answers
        await office.nightly(seams)()
        assert ids(await grants(stage)) == []
        assert await entries(stage) == before
        stage.clock.advance(PAUSE)
    directory.answers = 1_000
    await office.nightly(seams)()
    assert ids(await grants(stage)) == ["aa11", "bb22"]
    assert await office.left() == ["p-alice"]
    assert directory.most == 8


@on_sqlite
async def test_where_so_many_seem_gone_nothing_changes_until_the_operator_says_so(office: Office) -> None:
    stage = office.stage
    for number, who in enumerate(EVERYBODY):
        await office.given(f"{number}{number}aa", giver=who, holder="grace" if who != "grace" else "ada")
    await office.tie(*EVERYBODY)
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.comes_to(request, "waiting")
    leave(stage, "alice", "bob", "carol", "dan", "eve", "megan")
    for _ in range(2):
        await office.night()
        await office.time_passes(hours=1)
    assert ids(await grants(stage)) == await office.left() == []
    assert (await stage.request(request))["status"] == "waiting"
    words = "6 of 9 people seem to have left the directory."
    [text] = await office.told("ada", words)
    assert text.endswith(
        "If it is true, the operator does it with “countersign --tenant acme reconcile --anyway”."
    )
    await office.time_passes(days=1)
    assert len(await office.told("ada", words)) == 2

    reconcile = Reconcile(stage.seams, office.postings)
    with pytest.raises(TooManyGone):
        await reconcile()
    with pytest.raises(TooManyGone):
        await reconcile.foresee()
    assert len((await reconcile.foresee(anyway=True)).departed) == 6
    assert ids(await grants(stage)) == []
    assert len((await reconcile(anyway=True)).departed) == 6
    assert len(ids(await grants(stage))) == 6
    assert len(await office.told("ada")) == 1
    # They go on being tied and gone, and nobody doubts it any more.
    leave(stage, "grace")
    await office.time_passes(days=1)
    assert len(ids(await grants(stage))) == 9
    assert len(await office.told("ada")) == 2


@on_sqlite
async def test_a_round_that_nobody_can_finish_is_told_to_admins_once_a_night(office: Office) -> None:
    stage = office.stage
    await office.given()
    leave(stage, "bob")
    back = break_directory(stage)
    with pytest.raises(DirectoryUnreachable) as refused:
        await office.round()
    await office.night()
    for hours, nights in ((3, 0), (2.9, 0), (0.3, 1), (3, 1), (15, 1), (1, 1), (6, 2), (2, 2)):
        await office.time_passes(hours=hours)
        assert len(await entries(stage, "admins.alerted")) == nights
    assert ids(await grants(stage)) == []
    back()
    await office.time_passes(minutes=30)
    assert ids(await grants(stage)) == ["ab12cd34ef"]
    told = await office.told("ada", "Last night’s look for people who left could not be finished")
    for text in told:
        assert refused.value.sentence in text
        assert text.endswith("the operator sees more with: countersign --tenant acme check directory")
    assert len(told) == 2
    assert await office.told("carol", "could not be finished") == []
    await office.time_passes(days=1)
    assert len(await entries(stage, "admins.alerted")) == 2


@on_sqlite
async def test_a_round_without_anybody_to_look_up_asks_the_directory_all_the_same(office: Office) -> None:
    assert (await office.round()).count == 0
    back = break_directory(office.stage)
    reconcile = Reconcile(office.stage.seams, office.postings)
    with pytest.raises(DirectoryUnreachable):
        await reconcile()
    with pytest.raises(DirectoryUnreachable):
        await reconcile.foresee()
    back()
    assert (await reconcile.foresee()).count == 0


@on_sqlite
async def test_where_everybody_of_a_few_seems_gone_nothing_changes(office: Office) -> None:
    await office.given()
    leave(office.stage, "alice", "bob")
    with pytest.raises(TooManyGone) as refused:
        await office.round()
    assert refused.value.sentence.startswith("2 of 2 people seem to have left the directory.")
    assert ids(await grants(office.stage)) == []
    assert len((await office.round(anyway=True)).departed) == 2
    assert ids(await grants(office.stage)) == ["ab12cd34ef"]


@on_sqlite
async def test_a_night_that_is_doubted_forgets_nobody_who_was_gone_before(office: Office) -> None:
    stage = office.stage
    # There the night begins while it is still the day before by UTC.
    await stage.tenant(zone=ZoneInfo("Asia/Tokyo"))
    await office.tie(*EVERYBODY)
    leave(stage, "alice")
    await office.night()
    leave(stage, "bob", "carol", "dan", "eve", "grace", "megan")
    for count, hours in enumerate((8, 24), start=1):
        await office.time_passes(hours=hours)
        assert await office.left() == ["p-alice"]
        assert len(await office.told("ada", "6 of 8 people seem to have left the directory.")) == count


@on_sqlite
async def test_what_is_foreseen_is_what_is_done_and_foreseeing_changes_nothing(office: Office) -> None:
    await much_of_bob_and_alice(office)
    stage = office.stage
    before, stored = await entries(stage), await grants(stage)
    foreseen = await Reconcile(stage.seams, office.postings).foresee()
    assert (await entries(stage), await grants(stage)) == (before, stored)
    assert await office.told("ada") == []
    done = await office.round()
    assert [whole(one) for one in foreseen.departed] == [whole(one) for one in done.departed]
    assert foreseen.count == done.count == 7
    assert (await office.round()).departed == ()


def whole(one: Departed) -> tuple[object, ...]:
    things = {effect: sorted(one.things(effect)) for effect in Effect}
    return one.leaver, things, one.accounts
