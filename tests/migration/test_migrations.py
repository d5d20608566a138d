"""Migrations: they make the tables that the code wants, there and back, however many run them at once."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bot.storage.engine import Engine, open_engine
from bot.storage.migrate import NewerTables, RevisionState, migrate, revision_state, take_back
from bot.storage.store import SqlStore
from bot.storage.tables import METADATA
from tests.databases import KEY
from tests.records import ACME, a_tenant


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


def described(connection: Connection) -> dict[str, object]:
    found = inspect(connection)
    return {
        table: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)],
            found.get_pk_constraint(table),
            sorted(str(key) for key in found.get_foreign_keys(table)),
            sorted(str(constraint) for constraint in found.get_unique_constraints(table)),
            sorted(
                (one["name"] or "", one["column_names"], one["unique"]) for one in found.get_indexes(table)
            ),
        )
        for table in found.get_table_names()
    }


async def seen(engine: Engine) -> dict[str, object]:
    async with engine.read() as session:
        return await (await session.connection()).run_sync(described)


async def test_the_migrated_tables_are_those_of_the_code(database: str) -> None:
    engine = open_engine(database)
    async with engine.read() as session:
        assert await (await session.connection()).run_sync(differences) == []
    await engine.close()


async def test_up_down_and_up_again_ends_with_the_same_tables(empty_database: str) -> None:
    engine = open_engine(empty_database)
    await migrate(empty_database)
    first = await seen(engine)
    assert set(first) == {*METADATA.tables, "alembic_version"}
    await take_back(empty_database, to="base")
    assert set(await seen(engine)) == {"alembic_version"}
    assert await revision_state(empty_database) is RevisionState.EMPTY
    await migrate(empty_database)
    assert await seen(engine) == first
    await engine.close()


async def test_migrating_again_changes_nothing_and_keeps_what_is_stored(empty_database: str) -> None:
    await migrate(empty_database)
    store = SqlStore(open_engine(empty_database), key=KEY)
    async with store.unit(ACME) as unit:
        await unit.put_tenant(a_tenant())
    await migrate(empty_database)
    assert await store.tenants() == (ACME,)
    await store.close()


async def test_several_processes_migrate_at_once(empty_database: str) -> None:
    program = (
        "import asyncio, sys; from bot.storage.migrate import migrate;"
        "print('ready', flush=True); sys.stdin.readline(); asyncio.run(migrate(sys.argv[1]))"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-W",
            "error",
            "-c",
            program,
            empty_database,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    ended = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert [error for _, error in ended] == [b""] * 4
    assert [process.returncode for process in processes] == [0] * 4
    assert await revision_state(empty_database) is RevisionState.CURRENT


async def test_the_state_of_the_tables_is_told(empty_database: str) -> None:
    assert await revision_state(empty_database) is RevisionState.EMPTY
    await migrate(empty_database)
    assert await revision_state(empty_database) is RevisionState.CURRENT
    engine = open_engine(empty_database)
    async with engine.write() as session:
        await (await session.connection()).execute(text("UPDATE alembic_version SET version_num = 'later'"))
    assert await revision_state(empty_database) is RevisionState.AHEAD
    with pytest.raises(NewerTables):
        await migrate(empty_database)
    await engine.close()


async def test_asking_for_the_state_makes_no_file_and_migrating_makes_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "countersign.db"
    url = f"sqlite:///{file}"
    assert await revision_state(url) is RevisionState.EMPTY
    assert not await asyncio.to_thread(file.parent.exists)
    await migrate(url)
    assert await revision_state(url) is RevisionState.CURRENT


async def test_migrating_needs_no_file_of_the_repository(tmp_path: Path) -> None:
    """As in an installed package, which has no pyproject.toml beside it."""
    root = Path(__file__).parents[2]
    program = (
        "import asyncio, sys; sys.path.insert(0, sys.argv[1]);"
        "from bot.storage.migrate import migrate; asyncio.run(migrate('sqlite:///here.db'))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(root), cwd=tmp_path)
    assert await process.wait() == 0
    assert await revision_state(f"sqlite:///{tmp_path / 'here.db'}") is RevisionState.CURRENT
