"""Bringing a database to the tables that this version of Countersign wants."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.domain.errors import Refusal
from bot.storage.engine import Engine, open_engine, sqlite_file

_MIGRATING: Final = 0x6D696772
"""The PostgreSQL advisory lock under which migrations run."""

_PATIENCE_S: Final = 300.0
"""Seconds to wait for another process that migrates."""


class RevisionState(StrEnum):
    """How a database's tables stand to this version."""

    CURRENT = "current"
    BEHIND = "behind"
    """Older tables: `migrate` is to be run."""
    EMPTY = "empty"
    """No tables of ours: `migrate` makes them."""
    AHEAD = "ahead"
    """Tables of a newer version, which this one must not touch."""


class NewerTables(Refusal):
    """This database belongs to a newer version of Countersign. Update this installation first."""

    kind = "conflict"


async def migrate(url: str) -> None:
    """Brings the database to the newest tables; repeating it changes nothing.

    All of it happens in one transaction. Of several processes that do it at once, one does the work and the
    others wait for it. A SQLite file is made, with its folder, where there is none.

    Raises:
        NewerTables: the database has tables of a newer version.
        StoreUnreachable: the database does not answer, or another process held it for five minutes.
    """
    file = sqlite_file(url)
    if file is not None:
        await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
    await _run(url, _upgrade)


async def take_back(url: str, *, to: str) -> None:
    """Brings the database back to an older revision, or to `base`, which is none; what it held is lost.

    Raises:
        StoreUnreachable: the database does not answer.
    """
    await _run(url, lambda connection: command.downgrade(configuration(connection), to))


async def revision_state(url: str) -> RevisionState:
    """Gives how the database's tables stand to this version; changes nothing.

    Raises:
        StoreUnreachable: the database does not answer.
    """
    file = sqlite_file(url)
    if file is not None and not await asyncio.to_thread(file.exists):
        return RevisionState.EMPTY
    engine = open_engine(url)
    try:
        return await state_of(engine)
    finally:
        await engine.close()


async def state_of(engine: Engine) -> RevisionState:
    """Gives how the tables of an opened database stand to this version.

    Raises:
        StoreUnreachable: the database does not answer.
    """
    async with engine.read() as session:
        return await (await session.connection()).run_sync(_state)


def configuration(connection: Connection | None = None) -> Config:
    """Gives alembic's settings, which need no file beside the installed package."""
    config = Config()
    config.set_main_option("script_location", "bot.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _run(url: str, step: Callable[[Connection], None]) -> None:
    engine = open_engine(url, patience_s=_PATIENCE_S, may_create=True)
    try:
        async with engine.write() as session:
            connection = await session.connection()
            if engine.dialect == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
            await connection.run_sync(step)
    finally:
        await engine.close()


def _upgrade(connection: Connection) -> None:
    if _state(connection) is RevisionState.AHEAD:
        raise NewerTables
    command.upgrade(configuration(connection), "head")


def _state(connection: Connection) -> RevisionState:
    found = set(MigrationContext.configure(connection).get_current_heads())
    scripts = ScriptDirectory.from_config(configuration())
    if not found:
        return RevisionState.EMPTY
    if found == set(scripts.get_heads()):
        return RevisionState.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return RevisionState.BEHIND if found <= known else RevisionState.AHEAD
