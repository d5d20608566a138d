"""What the ports promise of what came in from a surface and what was posted there."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.domain.canonical import JsonObject
from bot.domain.people import TenantId
from bot.ports.chat import Arrival, Posting
from bot.storage.engine import Engine, open_engine
from bot.storage.inbox import SqlInbox
from bot.storage.postings import SqlPostings
from bot.storage.tables.surfaces import ArrivalRow
from tests.builders import NOW
from tests.records import ACME, GLOBEX, HOSTILE

SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(minutes=1)
CONTENT: JsonObject = {"text": HOSTILE, HOSTILE: [1, 1.0, None, 10**30]}


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    engine = open_engine(database)
    yield engine
    await engine.close()


@pytest.fixture
async def engines(database: str) -> AsyncIterator[list[Engine]]:
    """Gives the database as three processes would have it."""
    async with AsyncExitStack() as stack:
        engines = [open_engine(database) for _ in range(3)]
        for engine in engines:
            stack.push_async_callback(engine.close)
        yield engines


async def put(inbox: SqlInbox, *keys: str) -> None:
    for key in keys:
        assert await inbox.add(ACME, "slack", key, {"key": key}, now=NOW)


async def claimed(
    inbox: SqlInbox,
    worker: str = "w1",
    *,
    tenant: TenantId = ACME,
    at: timedelta = timedelta(),
    limit: int = 99,
) -> list[Arrival]:
    return list(await inbox.claim(tenant, "slack", worker, now=NOW + at, until=LATER + at, limit=limit))


def keys_of(arrivals: list[Arrival]) -> list[object]:
    return [arrival.content["key"] for arrival in arrivals]


async def test_what_came_in_comes_back_as_it_was_stored_with_its_tenant(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    assert await inbox.add(GLOBEX, "slack", HOSTILE, CONTENT, now=NOW)
    assert await inbox.add(ACME, "slack", HOSTILE, {}, now=NOW)
    (own,) = await claimed(inbox)
    (others,) = await claimed(inbox, tenant=GLOBEX)
    assert own == Arrival(id=own.id, tenant=ACME, content={}, attempts=0)
    assert others == Arrival(id=others.id, tenant=GLOBEX, content=CONTENT, attempts=0)


async def test_the_same_key_comes_in_once_per_tenant_and_surface(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    for tenant in (ACME, GLOBEX):
        for surface in ("slack", "teams"):
            assert await inbox.add(tenant, surface, "k", CONTENT, now=NOW)
            assert not await inbox.add(tenant, surface, "k", {"other": 1}, now=LATER)
    for tenant in (ACME, GLOBEX):
        assert [one.content for one in await claimed(inbox, tenant=tenant)] == [CONTENT]


async def test_a_key_that_was_taken_up_does_not_come_in_again(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    await put(inbox, "k")
    (one,) = await claimed(inbox)
    await inbox.finish("w1", one.id)
    assert not await inbox.add(ACME, "slack", "k", CONTENT, now=LATER)
    assert await claimed(inbox, at=timedelta(days=1)) == []
    async with engine.read() as session:
        assert (await session.exec(select(ArrivalRow.key, ArrivalRow.content))).all() == [("k", None)]


async def test_what_came_in_is_leased_oldest_first_and_at_most_so_many(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    await put(inbox, "b", "c", "a")
    assert keys_of(await claimed(inbox, limit=2)) == ["b", "c"]
    assert keys_of(await claimed(inbox, "w2")) == ["a"]
    assert await claimed(inbox, "w3") == []
    assert await inbox.claim(ACME, "teams", "w1", now=LATER, until=LATER, limit=9) == ()


async def test_what_a_lost_worker_held_is_leased_anew_and_is_no_longer_its_to_change(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    await put(inbox, "a")
    (one,) = await claimed(inbox)
    assert await claimed(inbox, "w2", at=timedelta(seconds=59)) == []
    assert await claimed(inbox, "w2", at=timedelta(minutes=1)) == [one]
    await inbox.finish("w1", one.id)
    await inbox.retry("w1", one.id, at=NOW)
    assert await claimed(inbox, "w3", at=timedelta(seconds=90)) == []
    assert await claimed(inbox, "w3", at=timedelta(minutes=2)) == [one]
    await inbox.finish("w3", one.id)
    await inbox.retry("w3", one.id, at=NOW)
    assert await claimed(inbox, "w3", at=timedelta(hours=1)) == []


async def test_what_failed_is_due_later_with_one_more_attempt(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    await put(inbox, "a", "b")
    one, _ = await claimed(inbox)
    await inbox.retry("w1", one.id, at=NOW + SECOND)
    assert await claimed(inbox, "w2") == []
    assert await claimed(inbox, "w2", at=SECOND) == [replace(one, attempts=1)]
    await inbox.retry("w2", one.id, at=NOW)
    assert await claimed(inbox, "w2") == [replace(one, attempts=2)]


async def test_only_old_keys_that_were_taken_up_are_forgotten(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    await put(inbox, "done", "waiting")
    assert await inbox.add(GLOBEX, "slack", "done too", {}, now=NOW)
    assert await inbox.add(ACME, "slack", "newer", {}, now=LATER)
    for one in (*await claimed(inbox), *await claimed(inbox, tenant=GLOBEX)):
        if one.content != {"key": "waiting"}:
            await inbox.finish("w1", one.id)
    assert await inbox.forget_before(NOW) == 0
    assert await inbox.forget_before(LATER) == 2
    assert await inbox.forget_before(LATER) == 0
    async with engine.read() as session:
        kept = (await session.exec(select(ArrivalRow.key).order_by(col(ArrivalRow.number)))).all()
    assert kept == ["waiting", "newer"]
    assert await inbox.add(ACME, "slack", "done", {}, now=LATER)


async def test_of_a_hundred_deliveries_of_one_message_one_is_stored(engines: list[Engine]) -> None:
    tries = [SqlInbox(engines[number % 3]) for number in range(100)]
    found = await asyncio.gather(
        *(inbox.add(ACME, "slack", "k", {"n": n}, now=NOW) for n, inbox in enumerate(tries))
    )
    assert Counter(found) == {True: 1, False: 99}
    (one,) = await claimed(tries[0])
    assert one.content == {"n": found.index(True)}


async def test_many_workers_take_each_thing_up_once(engines: list[Engine]) -> None:
    async with engines[0].write() as session:
        for number in range(200):
            row = ArrivalRow(tenant=ACME, surface="slack", key=str(number), content={"n": number}, came=NOW)
            session.add(row)
        await session.flush()

    async def work(worker: int) -> list[object]:
        inbox, taken = SqlInbox(engines[worker % 3]), list[object]()
        while arrivals := await claimed(inbox, f"w{worker}", limit=7):
            for one in arrivals:
                taken.append(one.content["n"])
                await inbox.finish(f"w{worker}", one.id)
        return taken

    found = await asyncio.gather(*(work(worker) for worker in range(12)))
    assert Counter(number for taken in found for number in taken) == dict.fromkeys(range(200), 1)
    assert await claimed(SqlInbox(engines[0]), at=timedelta(days=1)) == []


async def begin(postings: SqlPostings, key: str = "k", *, place: str = "D1") -> Posting:
    return await postings.begin(ACME, "slack", key, place=place, now=NOW)


async def test_a_posting_is_new_once_and_tells_what_became_of_it(engine: Engine) -> None:
    postings = SqlPostings(engine)
    first = await begin(postings, HOSTILE, place=HOSTILE)
    assert first == Posting(place=HOSTILE, reference="", begun=NOW, is_new=True)
    again = await postings.begin(ACME, "slack", HOSTILE, place="D2", now=LATER)
    assert again == replace(first, is_new=False)
    await postings.done(ACME, "slack", HOSTILE, reference=HOSTILE)
    known = replace(first, is_new=False, reference=HOSTILE)
    assert await begin(postings, HOSTILE) == known
    assert await postings.get(ACME, "slack", HOSTILE) == known


async def test_equal_keys_of_two_tenants_and_surfaces_are_their_own(engine: Engine) -> None:
    postings = SqlPostings(engine)
    await begin(postings)
    assert await postings.get(GLOBEX, "slack", "k") is None
    assert await postings.get(ACME, "teams", "k") is None
    assert (await postings.begin(GLOBEX, "slack", "k", place="D9", now=NOW)).is_new
    await postings.done(GLOBEX, "slack", "k", reference="9.9")
    await postings.done(ACME, "slack", "never begun", reference="9.9")
    await postings.forget(GLOBEX, "slack", "k")
    assert await postings.get(ACME, "slack", "k") == Posting(
        place="D1", reference="", begun=NOW, is_new=False
    )
    assert await postings.get(GLOBEX, "slack", "k") is None
    assert await postings.get(ACME, "slack", "never begun") is None


async def test_a_forgotten_posting_is_new_again(engine: Engine) -> None:
    postings = SqlPostings(engine)
    await begin(postings)
    for _ in range(2):
        await postings.forget(ACME, "slack", "k")
    assert await postings.get(ACME, "slack", "k") is None
    assert await begin(postings, place="D2") == Posting(place="D2", reference="", begun=NOW, is_new=True)


async def test_old_postings_are_forgotten(engine: Engine) -> None:
    postings = SqlPostings(engine)
    for key in ("a", "b"):
        await begin(postings, key)
    await postings.begin(GLOBEX, "slack", "c", place="D1", now=LATER)
    assert await postings.forget_before(NOW) == 0
    assert await postings.forget_before(LATER) == 2
    assert await postings.get(ACME, "slack", "a") is None
    assert await postings.get(GLOBEX, "slack", "c") is not None


async def test_of_a_hundred_who_begin_a_posting_at_once_one_is_the_first(engines: list[Engine]) -> None:
    found = await asyncio.gather(
        *(begin(SqlPostings(engines[number % 3]), place=f"D{number}") for number in range(100))
    )
    (first,) = [posting for posting in found if posting.is_new]
    assert {posting.place for posting in found} == {first.place}


async def test_beginning_and_forgetting_at_once_never_ends_without_an_answer(engines: list[Engine]) -> None:
    async def turn(number: int) -> bool:
        postings = SqlPostings(engines[number % 3])
        is_new = (await begin(postings)).is_new
        if is_new:
            await postings.forget(ACME, "slack", "k")
        return is_new

    found = await asyncio.gather(*(turn(number) for number in range(60)))
    assert any(found)
    assert await SqlPostings(engines[0]).get(ACME, "slack", "k") is None
