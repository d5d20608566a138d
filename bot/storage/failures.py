"""Which failures of the database mean that it is away, and which that somebody else was faster."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from asyncpg import InternalClientError  # type: ignore[import-untyped]  # it comes without types
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.ports.records import Overtaken
from bot.ports.store import StoreUnreachable

_SQLITE_AWAY: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Primary result codes. Source: https://www.sqlite.org/rescode.html"""

_POSTGRESQL_AWAY: Final = ("08", "28", "3D", "53", "57", "58", "25006", "25P03", "25P04", "55P03", "F0", "XX")
"""Beginnings of SQLSTATEs. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_POSTGRESQL_OVERTAKEN: Final = frozenset({"40001", "40P01"})


@contextmanager
def translated(*, connecting: bool = False) -> Iterator[None]:
    """Raises the port's errors in place of the database's; what is a mistake in our SQL stays as it is.

    While `connecting`, the network's and the pool's errors are the database's too.

    Raises:
        StoreUnreachable: the database cannot be reached, opened, read or written.
        Overtaken: the database gave up this transaction for another one.
    """
    try:
        yield
    except Exception as error:
        refusal = _refusal(error, connecting=connecting)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: Exception, *, connecting: bool) -> StoreUnreachable | Overtaken | None:
    driver: BaseException = error
    if isinstance(error, DBAPIError):
        driver = error.orig or error
    state = str(getattr(driver, "sqlstate", None) or "")
    if state in _POSTGRESQL_OVERTAKEN:
        return Overtaken()
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    lost = lost or isinstance(driver.__cause__, InternalClientError)
    lost = lost or (connecting and isinstance(error, OSError | TimeoutError | PoolTimeout))
    if lost or state.startswith(_POSTGRESQL_AWAY) or _sqlite_code(driver) in _SQLITE_AWAY:
        return StoreUnreachable()
    return None


def _sqlite_code(error: BaseException) -> int:
    """Gives the primary code, which is the lowest byte of the extended one."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
