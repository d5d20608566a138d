"""What the ports promise of the audit log, the decisions, tenants and the web surface's chats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.domain.people import PersonId
from bot.domain.reach import Reach
from bot.domain.requests import RequestId
from bot.domain.tenants import Mode
from bot.domain.tools import ToolId
from bot.ports.store import ChatItem
from bot.storage.chain import FIRST, line_of, linked
from bot.storage.chatlog import SqlChatLog
from bot.storage.engine import open_engine
from bot.storage.revisions import UnknownTenant
from bot.storage.store import SqlStore
from tests.builders import NOW, RESET, a_call
from tests.records import (
    ACME,
    GLOBEX,
    HOSTILE,
    a_decision,
    a_record,
    a_request,
    a_tenant,
    an_entry,
    put_request,
)

ENTRIES = 1203
"""More than two batches of `verify`."""


async def put_entries(store: SqlStore, count: int = 5) -> None:
    for tenant in (ACME, GLOBEX):
        async with store.unit(tenant) as unit:
            for number in range(count):
                await unit.audit.append(an_entry(details={"number": number}))


async def tampered(store: SqlStore, statement: str, **values: str) -> str:
    """Gives what `verify` says after somebody was at the database."""
    async with store._engine.write() as session:
        await (await session.connection()).execute(text(statement), values)
    assert (await store.verify_audit(GLOBEX)).fault == ""
    return (await store.verify_audit(ACME)).fault


async def test_entries_come_back_as_they_were_appended_in_a_chain(store: SqlStore) -> None:
    first = an_entry(details={HOSTILE: [1, 1.0, None, 10**30, {"x": HOSTILE}]})
    second = replace(an_entry(HOSTILE), decision=None, actor=None, request=None, duration_s=None, policies=())
    async with store.unit(ACME) as unit:
        await unit.audit.append(first)
    async with store.unit(ACME) as unit:
        await unit.audit.append(second)
        assert [sealed.entry for sealed in await unit.audit.read()] == [first, second]
    async with store.view(ACME) as unit:
        one, two = await unit.audit.read()
        assert await unit.audit.read(after=1) == (two,)
        assert await unit.audit.read(limit=1) == (one,)
    assert (one.sequence, one.entry, one.previous) == (1, first, FIRST)
    assert (two.sequence, two.entry, two.previous) == (2, second, one.hash)
    assert two.hash == linked(one.hash, line_of(ACME, 2, second))


async def test_an_entry_stands_or_falls_with_its_change(store: SqlStore) -> None:
    async def change_and_fail() -> None:
        async with store.unit(ACME) as unit:
            await unit.requests.add(a_request())
            await unit.audit.append(an_entry())
            await unit.audit.read()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()
    async with store.view(ACME) as unit:
        assert await unit.audit.read() == ()
        assert await unit.requests.get(a_request().id) is None


async def test_a_whole_log_is_counted(store: SqlStore) -> None:
    assert (await store.verify_audit(ACME)).entries == 0
    await put_entries(store, ENTRIES)
    verified = await store.verify_audit(ACME)
    assert (verified.entries, verified.fault) == (ENTRIES, "")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE audit_entries SET line = replace(line, 'bob', 'eve') WHERE tenant='acme' AND sequence=3",
            "Entry 3 of the audit log is not as it was written.",
        ),
        (
            "UPDATE audit_entries SET previous = hash WHERE tenant='acme' AND sequence=3",
            "Entry 3 of the audit log does not follow from the entry before it.",
        ),
        (
            "UPDATE audit_entries SET hash = previous WHERE tenant='acme' AND sequence=3",
            "Entry 3 of the audit log is not as it was written.",
        ),
        (
            "DELETE FROM audit_entries WHERE tenant='acme' AND sequence=3",
            "Entry 3 is missing from the audit log.",
        ),
        (
            "DELETE FROM audit_entries WHERE tenant='acme' AND sequence>3",
            "Entry 4 is missing from the audit log, which should end with 5.",
        ),
        (
            "DELETE FROM audit_entries WHERE tenant='acme'",
            "Entry 1 is missing from the audit log, which should end with 5.",
        ),
        (
            "DELETE FROM audit_heads WHERE tenant='acme'",
            "The record of where the audit log ends is missing.",
        ),
        (
            "INSERT INTO audit_entries VALUES ('acme', 6, '{}', 'x', 'y')",
            "Entry 6 of the audit log does not follow from the entry before it.",
        ),
        (
            "UPDATE audit_heads SET sequence = 3 WHERE tenant='acme'",
            "Entry 4 was added to the audit log from outside.",
        ),
    ],
)
async def test_the_first_bad_entry_is_named(store: SqlStore, statement: str, fault: str) -> None:
    await put_entries(store)
    assert await tampered(store, statement) == fault


async def test_an_entry_that_was_put_in_with_a_fitting_hash_is_found(store: SqlStore) -> None:
    await put_entries(store)
    async with store.view(ACME) as unit:
        last = (await unit.audit.read())[-1]
    line = line_of(ACME, 6, an_entry())
    added = "INSERT INTO audit_entries VALUES ('acme', 6, :line, :previous, :hash)"
    values = {"line": line, "previous": last.hash, "hash": linked(last.hash, line)}
    assert await tampered(store, added, **values) == "Entry 6 was added to the audit log from outside."


async def test_an_entry_of_another_tenant_or_place_is_found(store: SqlStore) -> None:
    await put_entries(store)
    moved = line_of(GLOBEX, 1, an_entry())
    swapped = "UPDATE audit_entries SET line = :line, hash = :hash WHERE tenant='acme' AND sequence=1"
    values = {"line": moved, "hash": linked(FIRST, moved)}
    assert await tampered(store, swapped, **values) == "Entry 1 of the audit log is not as it was written."


async def test_decisions_come_back_as_they_were_kept_the_newest_per_call(store: SqlStore) -> None:
    old = a_decision(at=NOW - timedelta(seconds=1))
    kept = [
        a_decision("call-2", at=NOW),
        a_decision(None, at=NOW + timedelta(seconds=1), reason=HOSTILE),
        a_decision(None, at=NOW + timedelta(seconds=2)),
        a_decision("call-1", at=NOW + timedelta(seconds=3), reason="newer"),
    ]
    async with store.unit(ACME) as unit:
        for decision in (a_decision("call-1"), *kept, old):
            await unit.audit.record(decision)
    async with store.view(ACME) as unit:
        assert await unit.audit.decisions(NOW) == tuple(kept)
        assert await unit.audit.decisions(NOW + timedelta(days=1)) == ()
    async with store.view(GLOBEX) as unit:
        assert await unit.audit.decisions(NOW) == ()


async def test_decisions_are_found_by_tool_and_by_request_the_last_ones_of_too_many(store: SqlStore) -> None:
    lock = ToolId("crm", "lock")
    asked = [
        a_decision("call-1", at=NOW),
        a_decision("call-2", at=NOW + timedelta(seconds=1)),
        replace(a_decision("call-3", at=NOW + timedelta(seconds=2)), call=a_call(lock)),
    ]
    by_itself = a_decision(None, at=NOW + timedelta(seconds=3))
    async with store.unit(ACME) as unit:
        await put_request(unit)
        await unit.requests.add_calls(
            [
                a_record(str(decision.call_id), position=number, tool=decision.call.tool)
                for number, decision in enumerate(asked)
            ]
        )
        for decision in (a_decision("call-1", at=NOW - timedelta(seconds=1)), *asked, by_itself):
            await unit.audit.record(decision)
    everything, locks = Reach(is_all=True), Reach(connectors=frozenset({"crm"}))
    resets = Reach(tools=frozenset({RESET}))
    async with store.view(ACME) as unit:
        last, made_for = unit.audit.last_decisions, unit.audit.decisions_for
        assert await last(NOW, of=everything, limit=9) == (*asked, by_itself)
        assert await last(NOW, of=everything, limit=2) == (asked[2], by_itself)
        assert await last(NOW, of=resets, limit=9) == (asked[0], asked[1])
        assert await last(NOW, of=resets, limit=1) == (asked[1],)
        assert await last(NOW, of=locks, limit=9) == (asked[2],)
        assert await last(NOW, of=Reach(), limit=9) == ()
        mine = [RequestId("request-1")]
        assert await made_for(mine, NOW, of=everything) == tuple(asked)
        assert await made_for(mine, NOW, of=locks) == (asked[2],)
        assert await made_for([RequestId("request-2")], NOW, of=everything) == ()
    async with store.view(GLOBEX) as unit:
        assert await unit.audit.last_decisions(NOW, of=everything, limit=9) == ()


async def test_a_tenant_comes_back_with_its_settings(store: SqlStore) -> None:
    tenant = replace(
        a_tenant(),
        name=HOSTILE,
        mode=Mode.EXECUTE,
        zone=ZoneInfo("Pacific/Auckland"),
        approval_lifetime=timedelta(days=3, microseconds=1),
        nudge_interval=timedelta(minutes=5),
        never_ending_grants=True,
        slack_triage_channel="C0123456789",
        teams_triage_channel="19:0123abcd@thread.tacv2",
        email_domains=("acme.test", HOSTILE),
    )
    async with store.unit(GLOBEX) as unit:
        with pytest.raises(UnknownTenant, match="globex"):
            await unit.tenant()
        await unit.put_tenant(a_tenant(GLOBEX))
    for settings in (a_tenant(), tenant):
        async with store.unit(ACME) as unit:
            await unit.put_tenant(settings)
            assert await unit.tenant() == settings
    assert await store.tenants() == (ACME, GLOBEX)
    async with store.unit(ACME) as unit:
        with pytest.raises(ValueError, match="another tenant"):
            await unit.put_tenant(a_tenant(GLOBEX))


async def test_moments_keep_their_instant_and_those_without_zone_are_refused(store: SqlStore) -> None:
    elsewhere = datetime(2026, 3, 1, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=13)))
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request(created=elsewhere))
        found = await unit.requests.get(a_request().id)
    assert found is not None
    assert (found.created, found.created.tzinfo) == (elsewhere, UTC)
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(Exception, match="timezone"):
        async with store.unit(ACME) as unit:
            await unit.requests.add(a_request("naive", created=naive))


def an_item(item: str, *, person: str = "alice", number: int = 0) -> ChatItem:
    return ChatItem(id=item, person=PersonId(person), at=NOW, content={"number": number, HOSTILE: HOSTILE})


async def test_a_chat_holds_its_items_in_their_order(database: str) -> None:
    engine = open_engine(database)
    log = SqlChatLog(engine)
    for item in ("b", "a", "b"):
        await log.append(ACME, an_item(item))
    await log.append(ACME, an_item("a", person="eve"))
    await log.append(GLOBEX, an_item("c"))
    assert await log.items(ACME, PersonId("alice")) == (an_item("b"), an_item("a"))
    later = replace(an_item("b", number=7), at=NOW + timedelta(days=1))
    await log.replace(ACME, later)
    await log.replace(ACME, an_item("never"))
    assert await log.items(ACME, PersonId("alice")) == (an_item("b", number=7), an_item("a"))
    assert await log.items(ACME, PersonId("eve")) == (an_item("a", person="eve"),)
    await engine.close()


async def test_a_long_chat_gives_its_newest_items(database: str) -> None:
    engine = open_engine(database)
    log = SqlChatLog(engine)
    for number in range(502):
        await log.append(ACME, an_item(str(number)))
    items = await log.items(ACME, PersonId("alice"))
    assert [items[0].id, items[-1].id, len(items)] == ["2", "501", 500]
    await engine.close()


async def test_whose_chats_changed_is_known_by_revision(database: str) -> None:
    engine = open_engine(database)
    log = SqlChatLog(engine)
    assert await log.changed_since(ACME, 0) == (0, frozenset())
    await log.append(ACME, an_item("1"))
    await log.append(ACME, an_item("2", person="eve"))
    newest, everyone = await log.changed_since(ACME, 0)
    assert everyone == {"alice", "eve"}
    await log.append(ACME, an_item("1"))
    await log.replace(ACME, an_item("never"))
    assert await log.changed_since(ACME, newest) == (newest, frozenset())
    await log.replace(ACME, an_item("1"))
    later, changed = await log.changed_since(ACME, newest)
    assert later > newest
    assert changed == {"alice"}
    assert await log.changed_since(GLOBEX, 0) == (0, frozenset())
    await engine.close()
