"""What the port promises of leases and the outbox, on each kind of database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.domain.events import Notice, NoticeKind
from bot.domain.people import PersonId, TenantId
from bot.domain.requests import DRIVEN_STATUSES, ApprovalStatus, RequestId, RequestStatus
from bot.ports.records import CardCopy
from bot.storage.store import SqlStore
from bot.storage.tables.outbox import CardMissRow
from tests.builders import NOW
from tests.records import ACME, GLOBEX, HOSTILE, a_card, a_request, a_text, an_approval

LATER = NOW + timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ONE = RequestId("request-1")


async def put_requests(store: SqlStore, *names: str, tenant: TenantId = ACME) -> None:
    async with store.unit(tenant) as unit:
        for number, name in enumerate(names):
            await unit.requests.add(a_request(name, tenant=tenant, created=NOW + number * SECOND))


async def claimed(store: SqlStore, worker: str = "w1", *, at: timedelta = timedelta()) -> str | None:
    found = await store.claim_request(worker, now=NOW + at, until=LATER + at)
    return None if found is None else str(found[1])


async def notices(
    store: SqlStore, worker: str = "w1", *, at: timedelta = timedelta(), limit: int = 9
) -> list[str]:
    found = await store.claim_notices(worker, now=NOW + at, until=LATER + at, limit=limit)
    return [one.notice.card or one.notice.text for _, one in found]


async def test_a_request_is_leased_once_oldest_first_until_it_is_released(store: SqlStore) -> None:
    await put_requests(store, "a", "b")
    assert [await claimed(store), await claimed(store, "w2"), await claimed(store)] == ["a", "b", None]
    await store.release("w2", ACME, RequestId("a"))
    assert await claimed(store) is None
    await store.release("w1", ACME, RequestId("a"))
    assert await claimed(store, "w2") == "a"


async def test_only_requests_with_something_to_do_are_leased(store: SqlStore) -> None:
    for status in RequestStatus:
        request = a_request(status.value, status=status)
        async with store.unit(ACME) as unit:
            await unit.requests.add(request)
    found = {await claimed(store) for _ in RequestStatus}
    assert found == {status.value for status in DRIVEN_STATUSES} | {None}


async def test_a_lease_ends_by_itself_unless_it_is_renewed(store: SqlStore) -> None:
    await put_requests(store, "a")
    assert await claimed(store) == "a"
    assert await claimed(store, "w2", at=timedelta(seconds=59)) is None
    await store.renew("w2", until=LATER + timedelta(hours=1))
    await store.renew("w1", until=LATER + SECOND)
    assert await claimed(store, "w2", at=timedelta(minutes=1)) is None
    assert await claimed(store, "w2", at=timedelta(minutes=1) + SECOND) == "a"


async def test_a_request_that_asked_for_a_pause_is_left_until_then(store: SqlStore) -> None:
    await put_requests(store, "a")
    assert await claimed(store) == "a"
    await store.release("w1", ACME, RequestId("a"), retry_at=NOW + SECOND)
    assert await claimed(store) is None
    assert await claimed(store, at=SECOND) == "a"
    await store.release("w1", ACME, RequestId("a"))
    assert await claimed(store) == "a"


async def test_a_lease_is_no_part_of_the_request(store: SqlStore) -> None:
    await put_requests(store, "request-1")
    assert await claimed(store) == "request-1"
    async with store.unit(ACME) as unit:
        request = await unit.requests.get(ONE)
        assert request == a_request()
        await unit.requests.swap(request, replace(request, diagnosis="changed"))
    assert await claimed(store, "w2") is None


async def test_leases_of_equal_ids_in_two_tenants_are_two(store: SqlStore) -> None:
    await put_requests(store, "a")
    await put_requests(store, "a", tenant=GLOBEX)
    assert [await claimed(store), await claimed(store)] == ["a", "a"]
    await store.release("w1", GLOBEX, RequestId("a"))
    assert await store.claim_request("w2", now=NOW, until=LATER) == (GLOBEX, "a")


async def test_forgetting_leases_frees_requests_and_notices(store: SqlStore) -> None:
    await put_requests(store, "a")
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_card(), a_text("hello"))
    assert await claimed(store) == "a"
    assert await notices(store) == ["card-1", "hello"]
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_card())
    await store.forget_leases()
    assert await claimed(store, "w2") == "a"
    assert await notices(store, "w2") == ["hello", "card-1"]


async def test_a_notice_comes_back_as_it_was_stored_with_its_tenant(store: SqlStore) -> None:
    stored = (
        Notice(kind=NoticeKind.NOTE, request=ONE, text=HOSTILE),
        Notice(kind=NoticeKind.SAY, person=PersonId(HOSTILE), text="x"),
        a_card(HOSTILE),
    )
    async with store.unit(GLOBEX) as unit:
        await unit.outbox.add(*stored)
    found = await store.claim_notices("w1", now=NOW, until=LATER, limit=9)
    assert [(tenant, one.notice, one.attempts) for tenant, one in found] == [
        (GLOBEX, one, 0) for one in stored
    ]


async def test_notices_of_a_change_that_is_rolled_back_are_never_delivered(store: SqlStore) -> None:
    async def add_and_fail() -> None:
        async with store.unit(ACME) as unit:
            await unit.outbox.add(a_card())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await add_and_fail()
    assert await notices(store) == []


async def test_notices_are_claimed_oldest_first_and_at_most_so_many(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(*(a_text(str(number), person=f"p{number}") for number in range(5)))
    assert await notices(store, limit=3) == ["0", "1", "2"]
    assert await notices(store, "w2", limit=3) == ["3", "4"]
    assert await notices(store, "w3") == []


async def test_only_the_notices_of_one_request_are_claimed_when_it_is_named(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("other", person="eve", request="request-2"), a_text("this"))
    found = await store.claim_notices("w1", now=NOW, until=LATER, limit=9, request=ONE)
    assert [one.notice.text for _, one in found] == ["this"]


async def test_of_tenants_that_are_named_only_theirs_is_claimed(store: SqlStore) -> None:
    for tenant in (ACME, GLOBEX):
        await put_requests(store, "a", tenant=tenant)
        async with store.unit(tenant) as unit:
            await unit.outbox.add(a_text("hello"))
    for nobodys in ([], [TenantId(HOSTILE)]):
        assert await store.claim_request("w1", now=NOW, until=LATER, tenants=nobodys) is None
        assert await store.claim_notices("w1", now=NOW, until=LATER, limit=9, tenants=nobodys) == ()
    for tenants in ([GLOBEX], [GLOBEX, ACME]):
        tenant = tenants[-1]
        assert await store.claim_request("w1", now=NOW, until=LATER, tenants=tenants) == (tenant, "a")
        found = await store.claim_notices("w1", now=NOW, until=LATER, limit=9, tenants=tenants)
        assert [(whose, one.attempts) for whose, one in found] == [(tenant, 0)]


async def test_it_is_known_whose_notices_are_due_with_nobody_delivering_them(store: SqlStore) -> None:
    assert await store.due_tenants(now=NOW) == frozenset()
    for tenant in (ACME, GLOBEX):
        async with store.unit(tenant) as unit:
            await unit.outbox.add(a_text("hello"), a_text("again"))
    assert await store.due_tenants(now=NOW) == {ACME, GLOBEX}
    found = await store.claim_notices("w1", now=NOW, until=LATER, limit=9, tenants=(ACME,))
    assert await store.due_tenants(now=NOW) == {GLOBEX}
    assert await store.due_tenants(now=LATER) == {ACME, GLOBEX}
    for _, one in found:
        await store.retry_notice("w1", one.id, at=NOW + SECOND, error="away")
    assert await store.due_tenants(now=NOW) == {GLOBEX}
    assert await store.due_tenants(now=NOW + SECOND) == {ACME, GLOBEX}


async def test_a_finished_notice_is_gone_and_only_its_worker_finishes_it(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("hello"))
    ((_, one),) = await store.claim_notices("w1", now=NOW, until=LATER, limit=9)
    await store.finish_notice("w2", one.id)
    assert await notices(store, "w2", at=timedelta(minutes=1)) == ["hello"]
    await store.finish_notice("w1", one.id)
    assert await notices(store, "w3", at=timedelta(minutes=2)) == ["hello"]
    await store.finish_notice("w3", one.id)
    assert await notices(store, "w3", at=timedelta(hours=1)) == []


async def test_a_notice_that_failed_is_due_later_with_one_more_attempt(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("hello"))
    for attempt in range(3):
        at = NOW + attempt * SECOND
        ((_, one),) = await store.claim_notices("w1", now=at, until=at + 9 * SECOND, limit=9)
        assert one.attempts == attempt
        await store.retry_notice("w2", one.id, at=at, error="not mine")
        await store.retry_notice("w1", one.id, at=at + SECOND, error=HOSTILE)
        assert await notices(store, at=at - NOW) == []


async def test_a_try_that_says_nothing_about_the_notice_is_not_counted(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("hello"))
    for number, counted in enumerate((True, False, False, True)):
        at = NOW + number * SECOND
        ((_, one),) = await store.claim_notices("w1", now=at, until=at + 9 * SECOND, limit=9)
        await store.retry_notice("w1", one.id, at=at + SECOND, error="busy", counted=counted)
        assert one.attempts == (0, 1, 1, 1)[number]
    at = NOW + 4 * SECOND
    ((_, one),) = await store.claim_notices("w1", now=at, until=at + 9 * SECOND, limit=9)
    assert one.attempts == 2


async def test_a_card_waits_once_per_person_and_keeps_its_place(store: SqlStore) -> None:
    for _ in range(3):
        async with store.unit(ACME) as unit:
            await unit.outbox.add(a_card("x"), a_card("y"), a_card("x"), a_card("x", person="eve"))
    async with store.unit(GLOBEX) as unit:
        await unit.outbox.add(a_card("x"))
    found = await store.claim_notices("w1", now=NOW, until=LATER, limit=99)
    assert [(tenant, one.notice.card, one.notice.person) for tenant, one in found] == [
        (ACME, "x", "bob"),
        (ACME, "y", "bob"),
        (ACME, "x", "eve"),
        (GLOBEX, "x", "bob"),
    ]


async def test_texts_are_never_joined(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("hello"), a_text("hello"))
    assert await notices(store) == ["hello", "hello"]


async def test_a_card_that_changes_while_it_is_delivered_is_delivered_again(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_card())
    ((_, first),) = await store.claim_notices("w1", now=NOW, until=LATER, limit=9)
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_card())
    assert await notices(store, "w2") == []
    await store.finish_notice("w1", first.id)
    assert await notices(store, "w2") == ["card-1"]


async def test_a_failed_card_gives_way_to_the_same_card_that_waits(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_card())
    ((_, first),) = await store.claim_notices("w1", now=NOW, until=LATER, limit=9)
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_card())
    await store.retry_notice("w1", first.id, at=NOW, error="away")
    found = await store.claim_notices("w1", now=NOW, until=LATER, limit=9)
    assert len(found) == 1
    assert found[0][1].id != first.id


async def test_nobody_hears_the_end_before_the_beginning(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("beginning"), a_text("end"), a_text("other", person="eve"))
    assert await notices(store, "w1", limit=1) == ["beginning"]
    assert await notices(store, "w2") == ["other"]
    assert await notices(store, "w2", at=timedelta(minutes=1)) == ["beginning", "end", "other"]


async def test_a_notice_that_failed_does_not_hold_up_the_persons_next_ones(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("fails"), a_text("next"))
    ((_, first),) = await store.claim_notices("w1", now=NOW, until=LATER, limit=1)
    await store.retry_notice("w1", first.id, at=LATER, error="away")
    assert await notices(store, "w2") == ["next"]


async def test_a_copy_of_a_card_replaces_the_earlier_one_in_the_same_place(store: SqlStore) -> None:
    copy = CardCopy(card="c", person=PersonId("bob"), surface="slack", place="D1", reference="1.0")
    teams = replace(copy, surface="teams", reference=HOSTILE)
    newer = replace(copy, place="D2", reference="2.0")
    async with store.unit(ACME) as unit:
        for one in (copy, teams, newer):
            await unit.outbox.add_copy(one)
        assert set(await unit.outbox.copies("c")) == {newer, teams}
        assert await unit.outbox.copies("d") == ()
    async with store.view(GLOBEX) as unit:
        assert await unit.outbox.copies("c") == ()


async def test_a_copy_is_found_by_where_it_stands(store: SqlStore) -> None:
    copy = CardCopy(card="c", person=PersonId("bob"), surface="slack", place="D1", reference=HOSTILE)
    others = (replace(copy, person=PersonId("eve"), place="D2"), replace(copy, surface="teams"))
    async with store.unit(GLOBEX) as unit:
        await unit.outbox.add_copy(replace(copy, card="theirs"))
    async with store.unit(ACME) as unit:
        for one in (copy, *others):
            await unit.outbox.add_copy(one)
        assert await unit.outbox.copy_at("slack", "D1", HOSTILE) == copy
        assert await unit.outbox.copy_at("teams", "D1", HOSTILE) == others[1]
        assert await unit.outbox.copy_at("slack", "D1", "1.0") is None
    async with store.view(GLOBEX) as unit:
        assert await unit.outbox.copy_at("slack", "D1", HOSTILE) == replace(copy, card="theirs")


async def test_who_could_not_be_reached_is_known_until_the_card_gets_there(store: SqlStore) -> None:
    bob, eve = PersonId("bob"), PersonId(HOSTILE)
    async with store.unit(GLOBEX) as unit:
        await unit.outbox.miss("c", bob, at=NOW, why="away")
    async with store.unit(ACME) as unit:
        assert await unit.outbox.missed("c") == frozenset()
        for card, person in (("c", bob), ("c", eve), ("d", bob)):
            await unit.outbox.miss(card, person, at=NOW, why=HOSTILE)
        await unit.outbox.miss("c", bob, at=LATER, why="still away")
        assert await unit.outbox.missed("c") == {bob, eve}
        copy = CardCopy(card="c", person=bob, surface="slack", place="D1", reference="1.0")
        await unit.outbox.add_copy(copy)
        assert await unit.outbox.missed("c") == {eve}
        assert await unit.outbox.missed("d") == {bob}
    async with store._engine.read() as session:
        rows = {(row.tenant, row.card, row.person): row for row in await session.exec(select(CardMissRow))}
    assert set(rows) == {(ACME, "c", eve), (ACME, "d", bob), (GLOBEX, "c", bob)}
    assert (rows[ACME, "c", eve].at, rows[ACME, "c", eve].why) == (NOW, HOSTILE)


async def test_a_newer_miss_replaces_the_earlier_one(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        for at, why in ((NOW, "away"), (LATER, "gone")):
            await unit.outbox.miss("c", PersonId("bob"), at=at, why=why)
    async with store._engine.read() as session:
        (row,) = (await session.exec(select(CardMissRow))).all()
    assert (row.at, row.why) == (LATER, "gone")


async def test_misses_are_open_while_their_approval_is_pending(store: SqlStore) -> None:
    bob, eve = PersonId("bob"), PersonId(HOSTILE)
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())
        waiting = an_approval()
        decided = an_approval("decided", status=ApprovalStatus.APPROVED)
        for approval in (waiting, decided):
            await unit.approvals.add(approval)
            for person in (bob, eve):
                await unit.outbox.miss(approval.id, person, at=NOW, why="away")
        await unit.outbox.miss("status-of-something", bob, at=NOW, why="away")
        assert await unit.outbox.open_misses() == {waiting.id: {bob, eve}}
    async with store.view(GLOBEX) as unit:
        assert await unit.outbox.open_misses() == {}
