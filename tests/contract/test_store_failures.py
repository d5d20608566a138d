"""What happens when the database is away, locked or not writable: a refusal, and nothing half done."""

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.ports.records import Overtaken
from bot.ports.store import StoreUnreachable
from bot.storage.engine import Engine, UnusableUrl, open_engine
from bot.storage.store import SqlStore
from tests.databases import KEY, PostgresqlServer
from tests.records import ACME, a_request, a_tenant, an_approval, an_entry

ONE = a_request().id


@pytest.fixture
def sqlite_copy(sqlite_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sqlite_template, tmp_path / "countersign.db"))


@asynccontextmanager
async def opened(url: str, *, patience_s: float = 0.2) -> AsyncIterator[SqlStore]:
    store = SqlStore(open_engine(url, patience_s=patience_s), key=KEY)
    try:
        yield store
    finally:
        await store.close()


async def add_request(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request())


async def ask(store: SqlStore) -> None:
    async with store.view(ACME) as unit:
        await unit.requests.get(ONE)


async def execute(engine: Engine, statement: str) -> None:
    async with engine.write() as session:
        await (await session.connection()).execute(text(statement))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody@host.invalid/none",
        "sqlite:////proc/none/countersign.db",
    ],
)
async def test_a_database_that_is_not_there_is_unreachable(url: str) -> None:
    async with opened(url, patience_s=5) as store:
        for way in (add_request(store), ask(store), store.tenants(), store.forget_leases()):
            with pytest.raises(StoreUnreachable):
                await way


async def test_a_server_that_refuses_the_database_or_the_person_is_unreachable(
    postgresql_server: PostgresqlServer,
) -> None:
    known = make_url(postgresql_server.url)
    for address in (known.set(database="no_such_database"), known.set(username="no_such_role")):
        async with opened(address.render_as_string(hide_password=False)) as store:
            with pytest.raises(StoreUnreachable):
                await ask(store)


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x", "countersign.db"]
)
def test_an_address_of_no_database_is_refused(url: str) -> None:
    with pytest.raises(UnusableUrl):
        open_engine(url)


async def test_a_file_that_is_no_database_is_unreachable(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("nothing but words " * 400)
    async with opened(f"sqlite:///{file}") as store:
        with pytest.raises(StoreUnreachable):
            await add_request(store)
    assert file.read_text().startswith("nothing but words")


async def test_a_full_disk_is_unreachable_and_nothing_is_half_done(sqlite_copy: Path) -> None:
    async with opened(f"sqlite:///{sqlite_copy}") as store:
        async with store._engine.write() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")

        async def fill() -> None:
            async with store.unit(ACME) as unit:
                await unit.requests.add(a_request())
                await unit.requests.add(a_request("big", text="x" * 1_000_000))

        with pytest.raises(StoreUnreachable):
            await fill()
        async with store.view(ACME) as unit:
            assert await unit.requests.get(ONE) is None


async def test_a_writer_waits_its_turn_and_then_gives_up(store: SqlStore, database: str) -> None:
    async with opened(database) as other, store.unit(ACME) as unit:
        await unit.put_tenant(a_tenant())
        async with other.view(ACME) as view:
            assert await view.requests.get(ONE) is None
        with pytest.raises(StoreUnreachable):
            async with other.unit(ACME) as theirs:
                await theirs.put_tenant(a_tenant())
    await add_request(store)


async def test_a_view_cannot_write(store: SqlStore) -> None:
    with pytest.raises(Exception, match=r"read-only|readonly|not answer"):
        async with store.view(ACME) as unit:
            await unit.requests.add(a_request())
    async with store.view(ACME) as unit:
        assert await unit.requests.get(ONE) is None


async def test_a_view_sees_one_moment(store: SqlStore) -> None:
    async with store.view(ACME) as view:
        assert await view.requests.get(ONE) is None
        await add_request(store)
        assert await view.requests.get(ONE) is None
    async with store.view(ACME) as view:
        assert await view.requests.get(ONE) is not None


async def test_an_exception_rolls_all_of_a_unit_back(store: SqlStore) -> None:
    async def fail() -> None:
        async with store.unit(ACME) as unit:
            await unit.put_tenant(a_tenant())
            await unit.requests.add(a_request())
            await unit.approvals.add(an_approval())
            await unit.audit.append(an_entry())
            raise Overtaken

    with pytest.raises(Overtaken):
        await fail()
    assert await store.tenants() == ()
    async with store.view(ACME) as unit:
        assert await unit.approvals.pending() == ()
        assert await unit.audit.read() == ()
    await add_request(store)


async def test_a_cancelled_unit_is_rolled_back_and_holds_nothing(store: SqlStore) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with store.unit(ACME) as unit:
            await unit.requests.add(a_request())
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await add_request(store)


async def test_units_never_nest(store: SqlStore) -> None:
    async with store.unit(ACME):
        with pytest.raises(RuntimeError, match="nest"):
            await add_request(store)
    await add_request(store)


async def test_a_mistake_of_the_caller_inside_a_unit_stays_as_it_is(store: SqlStore) -> None:
    for error in (TimeoutError(), ConnectionResetError(), KeyError()):
        with pytest.raises(type(error)):
            async with store.unit(ACME):
                raise error


async def test_a_connection_that_was_cut_is_unreachable_once_and_then_made_anew(
    postgresql_server: PostgresqlServer,
) -> None:
    url = postgresql_server.create(postgresql_server.template)
    async with opened(url) as store, opened(url) as other:

        async def cut_inside() -> None:
            async with store.unit(ACME) as unit:
                await unit.requests.add(a_request())
                await execute(
                    other._engine,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
                await unit.requests.get(ONE)

        with pytest.raises(StoreUnreachable):
            await cut_inside()
        async with store.view(ACME) as unit:
            assert await unit.requests.get(ONE) is None
        await add_request(store)
    postgresql_server.drop(url)


async def test_of_two_units_that_wait_for_each_other_one_is_overtaken(
    postgresql_server: PostgresqlServer,
) -> None:
    url = postgresql_server.create(postgresql_server.template)
    async with opened(url, patience_s=20) as store:
        async with store.unit(ACME) as unit:
            for name in ("a", "b"):
                await unit.requests.add(a_request(name))
        both = asyncio.Barrier(2)

        async def lock(first: str, second: str) -> None:
            async with store.unit(ACME) as unit:
                await unit.requests.get(a_request(first).id)
                await both.wait()
                await unit.requests.get(a_request(second).id)

        found = await asyncio.gather(lock("a", "b"), lock("b", "a"), return_exceptions=True)
        assert sorted(type(one).__name__ for one in found) == ["NoneType", "Overtaken"]
    postgresql_server.drop(url)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_file_that_is_not_writable_is_unreachable_for_units(sqlite_copy: Path) -> None:
    await asyncio.to_thread(sqlite_copy.chmod, stat.S_IRUSR)
    async with opened(f"sqlite:///{sqlite_copy}") as store:
        with pytest.raises(StoreUnreachable):
            await add_request(store)


async def test_sqlite_waits_for_the_disk_at_every_commit(sqlite_copy: Path) -> None:
    async with opened(f"sqlite:///{sqlite_copy}") as store, store._engine.write() as session:
        connection = await session.connection()
        assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one() == "wal"
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one() == 2
        assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar_one() == 1
