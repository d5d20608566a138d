"""Upgrades of databases that hold something: all of it is still there, on the way up and down."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from alembic import command

from bot.domain.people import PersonId
from bot.domain.requests import RequestId
from bot.ports.records import CardCopy
from bot.storage.engine import Engine, open_engine
from bot.storage.migrate import RevisionState, configuration, migrate, revision_state, take_back
from bot.storage.store import SqlStore
from tests.builders import NOW
from tests.databases import KEY
from tests.records import ACME, HOSTILE, a_card, a_request, a_tenant, put_request

FIRST: Final = "0001"
ADDED: Final[Mapping[str, Mapping[str, object]]] = {
    "requests": {"thread": ""},
    "tenants": {
        "slack_triage_channel": "",
        "email_domains": "[]",
        "teams_triage_channel": "",
        "directory_age": 60_000_000,
        "is_own": True,
    },
    "grants": {"suspended_why": ""},
}
"""What rows of the first tables have after the later revisions."""

Rows = Mapping[str, Sequence[Mapping[str, object]]]


def a_value(column: sa.Column[object]) -> object:
    """Gives something that fits the column; texts are equal, so that rows refer to each other."""
    kind = column.type.python_type
    fitting = {str: "x", int: 7, float: 1.5, bool: True, date: date(2026, 1, 2), datetime: NOW}
    return fitting[kind]


def fill(connection: sa.Connection) -> None:
    tables = sa.MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), {column.name: a_value(column) for column in table.columns})


def rows_of(connection: sa.Connection) -> Rows:
    tables = sa.MetaData()
    tables.reflect(connection)
    found = {
        table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
        for table in tables.sorted_tables
    }
    del found["alembic_version"]
    return found


async def stored(engine: Engine) -> Rows:
    async with engine.read() as session:
        return await (await session.connection()).run_sync(rows_of)


async def an_old_database(url: str) -> Engine:
    """Gives a database of the first revision with one row in every table."""
    engine = open_engine(url, may_create=True)
    async with engine.write() as session:
        connection = await session.connection()
        await connection.run_sync(lambda inside: command.upgrade(configuration(inside), FIRST))
        await connection.run_sync(fill)
    return engine


async def test_what_a_database_of_the_first_tables_holds_survives_the_upgrade(empty_database: str) -> None:
    engine = await an_old_database(empty_database)
    before = await stored(engine)
    assert {len(rows) for rows in before.values()} == {1}
    assert await revision_state(empty_database) is RevisionState.BEHIND
    await migrate(empty_database)
    after = await stored(engine)
    assert {name: after[name] for name in before} == {
        name: [{**row, **ADDED.get(name, {})} for row in rows] for name, rows in before.items()
    }
    assert not any(after[name] for name in set(after) - set(before))
    await take_back(empty_database, to=FIRST)
    assert await stored(engine) == before
    await migrate(empty_database)
    assert await stored(engine) == after
    await engine.close()


async def test_what_the_code_stores_is_read_again_after_the_way_down_and_up(database: str) -> None:
    store = SqlStore(open_engine(database), key=KEY)
    copy = CardCopy(card="c", person=PersonId("bob"), surface="slack", place="D1", reference=HOSTILE)
    async with store.unit(ACME) as unit:
        await put_request(unit)
        await unit.requests.remember("slack", "m", RequestId("request-1"))
        await unit.requests.add(a_request("request-2", surface="slack", thread="1.0"))
        await unit.outbox.add(a_card())
        await unit.outbox.add_copy(copy)
    await take_back(database, to=FIRST)
    await migrate(database)
    async with store.view(ACME) as unit:
        assert await unit.tenant() == a_tenant()
        assert await unit.requests.get(RequestId("request-2")) == a_request("request-2", surface="slack")
        assert await unit.requests.seen("slack", "m") == "request-1"
        assert len(await unit.approvals.pending()) == 1
        assert await unit.outbox.copy_at("slack", "D1", HOSTILE) == copy
    assert len(await store.claim_notices("w", now=NOW, until=NOW, limit=9)) == 1
    await store.close()
