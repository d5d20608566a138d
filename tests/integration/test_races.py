"""Whoever comes at the same moment: each thing happens once, on each kind of database."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlmodel import col, select

from bot.domain.grants import GrantId
from bot.domain.people import PersonId
from bot.domain.requests import ApprovalStatus, RequestId
from bot.storage.chatlog import SqlChatLog
from bot.storage.store import SqlStore
from bot.storage.tables.chat import ChatItemRow
from tests.builders import NOW, a_grant
from tests.integration import racer
from tests.records import ACME, a_card, a_request, a_tenant, a_text, put_request

ROOT: Final = Path(__file__).parents[2]


@asynccontextmanager
async def started(event: str, url: str, name: str) -> AsyncIterator[Process]:
    """Gives a process that is ready to start."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "tests.integration.racer", event, url, name),
        stdin=PIPE,
        stdout=PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def raced(event: str, url: str, *, processes: int = 4) -> list[Any]:
    """Gives what came of the event in each of several processes that started at once."""

    async def one(number: int) -> Any:
        async with started(event, url, f"p{number}") as process:
            await ready.wait()
            output, _ = await process.communicate(b"\n")
            assert process.returncode == 0
            return json.loads(output)

    ready = asyncio.Barrier(processes)
    return await asyncio.gather(*(one(number) for number in range(processes)))


async def test_of_a_hundred_clicks_in_one_process_one_wins(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await put_request(unit)
    found = await asyncio.gather(*(racer.settle(store, str(number)) for number in range(100)))
    assert Counter(found) == {"won": 1, "overtaken": 99}
    async with store.view(ACME) as unit:
        approval = await unit.approvals.get(racer.APPROVAL)
    assert approval is not None
    assert approval.status is ApprovalStatus.APPROVED
    assert approval.explanation == str(found.index("won"))


async def test_of_a_hundred_clicks_in_four_processes_one_wins(store: SqlStore, database: str) -> None:
    async with store.unit(ACME) as unit:
        await put_request(unit)
    found: Counter[str] = Counter()
    for counted in await raced("many_clicks", database):
        found.update(counted)
    assert found == {"won": 1, "overtaken": 99}


async def test_a_grant_for_one_use_lets_one_call_of_fifty_through(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.put_tenant(a_tenant())
        await unit.grants.add(a_grant(uses_limit=1))
    assert sum(await asyncio.gather(*(racer.many_uses(store, "") for _ in range(2)))) == 1


async def test_a_daily_limit_holds_over_several_processes(store: SqlStore, database: str) -> None:
    async with store.unit(ACME) as unit:
        await unit.put_tenant(a_tenant())
        await unit.grants.add(a_grant(daily_limit=7))
    assert sum(await raced("many_uses", database, processes=2)) == 7
    async with store.view(ACME) as unit:
        grant = await unit.grants.get(GrantId("grant-1"))
    assert grant is not None
    assert (grant.uses, grant.uses_today) == (7, 7)


async def test_four_workers_deliver_a_thousand_notices_once_each(store: SqlStore, database: str) -> None:
    """A hundred of them are for one person, who hears them in their order."""
    async with store.unit(ACME) as unit:
        for number in range(1000):
            person = "alice" if number % 10 == 0 else f"p{number}"
            await unit.outbox.add(a_text(str(number), person=person))
    delivered = await raced("deliveries", database)
    assert Counter(text for texts in delivered for text in texts) == {str(n): 1 for n in range(1000)}
    assert await store.claim_notices("w", now=NOW, until=NOW, limit=9) == ()
    for texts in delivered:
        alices = [int(text) for text in texts if int(text) % 10 == 0]
        assert alices == sorted(alices)


async def test_a_request_is_driven_by_one_of_several_workers(store: SqlStore, database: str) -> None:
    async with store.unit(ACME) as unit:
        for number in range(40):
            await unit.requests.add(a_request(f"r{number}"))
    found = await raced("driven", database, processes=2)
    assert Counter(request for requests in found for request in requests) == {f"r{n}": 1 for n in range(40)}


async def test_several_processes_append_to_one_log_without_a_gap(store: SqlStore, database: str) -> None:
    await raced("many_entries", database)
    verified = await store.verify_audit(ACME)
    assert (verified.entries, verified.fault) == (4 * 8 * 5, "")
    async with store.view(ACME) as unit:
        entries = await unit.audit.read()
    assert [sealed.sequence for sealed in entries] == list(range(1, 4 * 8 * 5 + 1))
    steps = [sealed.entry.details["step"] for sealed in entries]
    assert steps == [0, 1, 2, 3, 4] * (4 * 8)


async def test_versions_of_a_policy_have_no_gaps(store: SqlStore, database: str) -> None:
    async with store.unit(ACME) as unit:
        await unit.put_tenant(a_tenant())
    found = await raced("many_policies", database, processes=2)
    versions = sorted(version for numbers in found for version in numbers if version)
    assert versions == list(range(1, len(versions) + 1))
    async with store.view(ACME) as unit:
        (policy,) = await unit.policies.all()
    assert policy.version == versions[-1]


async def test_revisions_of_a_chat_are_as_many_as_its_changes(store: SqlStore, database: str) -> None:
    await raced("many_items", database, processes=2)
    log = SqlChatLog(store._engine)
    assert await log.changed_since(ACME, 0) == (30, frozenset({PersonId("alice")}))
    assert len(await log.items(ACME, PersonId("alice"))) == 30
    async with store._engine.read() as session:
        order = select(ChatItemRow.revision).order_by(col(ChatItemRow.revision))
        assert (await session.exec(order)).all() == list(range(1, 31))


async def test_a_process_killed_inside_a_unit_leaves_nothing_half_done(
    store: SqlStore, database: str
) -> None:
    async with store.unit(ACME) as unit:
        await put_request(unit)
    async with started("half_done", database, "p") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        assert await process.stdout.readline() == b"inside\n"
        async with store.view(ACME) as unit:
            assert await unit.requests.get(RequestId("half")) is None
        process.send_signal(signal.SIGKILL)
        await process.wait()
    async with store.unit(ACME) as unit:
        assert await unit.requests.get(RequestId("half")) is None
        assert [approval.id for approval in await unit.approvals.pending()] == ["approval-1"]
        assert await unit.audit.read() == ()
        await unit.requests.add(a_request("half"))
    assert await store.claim_notices("w", now=NOW, until=NOW, limit=9) == ()


async def test_a_change_that_meets_a_claim_is_delivered_after_it_is_committed(store: SqlStore) -> None:
    """While a change of a waiting card is not committed, nobody takes up the card as it was before."""
    async with store.unit(ACME) as unit:
        await unit.outbox.add(a_text("x"), a_card())

    async def change() -> None:
        async with store.unit(ACME) as unit:
            await unit.outbox.add(a_card())
            added.set()
            await asyncio.wait({claiming}, timeout=0.3)
            committed.append("changed")

    async def claim() -> None:
        await added.wait()
        found = await store.claim_notices("w1", now=NOW, until=NOW, limit=9)
        committed.extend(one.notice.card for _, one in found if one.notice.card)
        again = await store.claim_notices("w1", now=NOW, until=NOW, limit=9)
        committed.extend(one.notice.card for _, one in again if one.notice.card)

    added, committed = asyncio.Event(), list[str]()
    claiming = asyncio.create_task(claim())
    await change()
    await claiming
    committed.extend(
        one.notice.card
        for _, one in await store.claim_notices("w2", now=NOW, until=NOW, limit=9)
        if one.notice.card
    )
    assert committed.index("changed") < committed.index("card-1")
