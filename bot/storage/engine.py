"""Connections to the database: one writer at a time on SQLite, a pool on PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.errors import Refusal
from bot.ports.store import StoreUnreachable
from bot.storage.failures import translated
from bot.storage.sqlite_driver import connect

PATIENCE_S: Final = 20.0
"""Seconds to wait for a connection or a lock before the database counts as unreachable."""

_SESSION_OPTIONS: Final = {"populate_existing": True, "synchronize_session": False}
"""Rows are read anew each time: what a transaction has read before says nothing about now."""


class UnusableUrl(Refusal):
    """That database address cannot be used. Write sqlite:///path/to/file.db or postgresql://user@host/name."""


class Engine:
    """A database; `write` opens a transaction that may write, `read` one that cannot, and sees one moment."""

    def __init__(self, *, writing: AsyncEngine, reading: AsyncEngine) -> None:
        self._writing = writing
        self._reading = reading

    @property
    def dialect(self) -> str:
        """The kind of database: sqlite or postgresql."""
        return self._writing.dialect.name

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Opens a transaction; leaving it commits, an exception rolls all of it back.

        Raises:
            StoreUnreachable: the database does not answer, or was locked for too long.
            Overtaken: the database broke a deadlock with another transaction by giving up this one.
        """
        async with _opened(self._writing) as session:
            with translated(connecting=True):
                _ = await session.connection()
            with translated():
                yield session
            with translated(connecting=True):
                await session.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Opens a transaction that only reads, and never waits for one that writes.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        async with _opened(self._reading) as session:
            with translated(connecting=True):
                _ = await session.connection()
            with translated():
                yield session

    async def close(self) -> None:
        """Closes every connection; repeating it changes nothing."""
        await self._reading.dispose()
        await self._writing.dispose()


def open_engine(url: str, *, patience_s: float = PATIENCE_S, may_create: bool = False) -> Engine:
    """Gives the database at the address, without connecting to it yet.

    `sqlite:///path` is a file, relative to the working directory, and `sqlite:////path` an absolute one.
    A file that is not there counts as unreachable, unless it may be created: an empty one in place of one
    that somebody moved away could not be told from it afterwards.

    Raises:
        UnusableUrl: neither a SQLite file nor a PostgreSQL database.
    """
    address = driver_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, patience_s, may_create=may_create)
    return _postgresql(address, patience_s)


def driver_url(url: str) -> URL:
    """Gives the address with the driver that is used for it.

    Raises:
        UnusableUrl: neither a SQLite file nor a PostgreSQL database.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise UnusableUrl from None
    scheme = address.drivername.partition("+")[0]
    if scheme in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+asyncpg")
    if scheme == "sqlite" and address.database and address.database != ":memory:":
        return address.set(drivername="sqlite+aiosqlite")
    raise UnusableUrl


def sqlite_file(url: str) -> Path | None:
    """Gives the file that the address names; None for PostgreSQL."""
    address = driver_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


@asynccontextmanager
async def _opened(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """Opens a session; how closing it goes changes nothing about what came of it."""
    session = AsyncSession(
        engine, expire_on_commit=False, autoflush=False, execution_options=_SESSION_OPTIONS
    )
    try:
        yield session
    finally:
        closing = asyncio.create_task(session.close())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait({closing})
            raise
        except (DBAPIError, OSError):
            # The database ended the connection meanwhile.
            await session.invalidate()


def _sqlite(address: URL, patience_s: float, *, may_create: bool) -> Engine:
    """One connection writes, so that writers of this process queue up here, not in SQLite's busy loop."""
    connecting = {"timeout": patience_s, "async_creator_fn": connect}
    options = {"connect_args": connecting, "pool_timeout": patience_s}
    writing = create_async_engine(address, pool_size=1, max_overflow=0, **options)
    reading = create_async_engine(address, pool_size=4, max_overflow=28, **options)
    file = Path(address.database or "")
    for engine in () if may_create else (writing, reading):
        event.listen(engine.sync_engine, "do_connect", lambda *_: _check_there(file))
    _prepare_sqlite(writing, file, begin="BEGIN IMMEDIATE", pragmas=_WRITER_PRAGMAS)
    _prepare_sqlite(reading, file, begin="BEGIN", pragmas=_READER_PRAGMAS)
    return Engine(writing=writing, reading=reading)


_WRITER_PRAGMAS: Final = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL")
"""FULL, not NORMAL: a commit must outlive a power cut too.

A call is marked as executing before it leaves. If the mark could be lost after the call left, the call
would run a second time. (A process that is killed loses nothing with either.)

Source: https://www.sqlite.org/pragma.html#pragma_synchronous
"""

_READER_PRAGMAS: Final = ("query_only=ON",)


def _prepare_sqlite(engine: AsyncEngine, file: Path, *, begin: str, pragmas: tuple[str, ...]) -> None:
    """Takes transactions out of the driver's hands, and takes the write lock at their beginning.

    A transaction that reads first and then writes could otherwise find that it is too late, with no way but
    to begin again. Source: https://www.sqlite.org/lang_transaction.html

    A file that was moved away or removed could still be written, and what was written there would be lost:
    a connection to it is given up. Source: https://www.sqlite.org/howtocorrupt.html
    """

    def on_connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = _file_mark(file)
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        cursor.close()

    def on_begin(connection: Connection) -> None:
        if connection.info.get(_FILE) != _file_mark(file):
            connection.invalidate()
            raise StoreUnreachable
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)


_FILE: Final = "countersign file"


def _check_there(file: Path) -> None:
    if _file_mark(file) is None:
        raise StoreUnreachable


def _file_mark(file: Path) -> tuple[int, int] | None:
    """Gives what tells a file from another one at the same place; None when there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgresql(address: URL, patience_s: float) -> Engine:
    milliseconds = str(int(patience_s * 1000))
    settings = {
        "application_name": "countersign",
        "jit": "off",
        "lock_timeout": milliseconds,
        "idle_in_transaction_session_timeout": "60000",
    }
    writing = create_async_engine(
        address,
        pool_size=10,
        max_overflow=10,
        pool_timeout=patience_s,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={"timeout": patience_s, "server_settings": settings},
    )
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engine(writing=writing, reading=reading)
