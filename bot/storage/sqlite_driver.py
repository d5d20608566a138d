"""aiosqlite, asked once for each statement: it answers with everything that there is to know of it.

By itself it is asked four times, for a cursor, the statement, its rows and the cursor's end, and each time
the connection's thread has to be woken.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeVar

import aiosqlite
from typing_extensions import override

_CHUNK: Final = 64
"""Rows that an iteration takes at a time; nothing here iterates."""

Row = tuple[object, ...]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a statement gave."""

    description: Sequence[Row] | None = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Sequence[Row] = ()


class OneQuestionCursor:
    """A cursor that holds what the last statement gave."""

    def __init__(self, connection: "OneQuestionConnection") -> None:
        self._connection = connection
        self._said = _Said()
        self._given = 0
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Sequence[Row] | None:
        """The columns of the rows; None for a statement that gives none."""
        return self._said.description

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""
        return self._said.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that was inserted last."""
        return self._said.lastrowid

    async def execute(self, operation: str, parameters: Sequence[object] = ()) -> Self:
        """Runs a statement and takes all of its rows."""
        return await self._asked(lambda cursor: cursor.execute(operation, parameters))

    async def executemany(self, operation: str, parameters: Iterable[Sequence[object]]) -> Self:
        """Runs a statement with each of the parameters."""
        return await self._asked(lambda cursor: cursor.executemany(operation, parameters))

    async def fetchall(self) -> Sequence[Row]:
        """Gives the rows that were not given yet."""
        return await self.fetchmany(len(self._said.rows))

    async def fetchmany(self, size: int | None = None) -> Sequence[Row]:
        """Gives so many further rows, or what is left of them."""
        found = self._said.rows[self._given : self._given + (self.arraysize if size is None else size)]
        self._given += len(found)
        return found

    async def fetchone(self) -> Row | None:
        """Gives the next row, or None when there is none."""
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        """Forgets the rows; what else is known of the statement stays."""
        self._said = replace(self._said, rows=())

    async def _asked(self, run: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> Self:
        def asked(database: sqlite3.Connection) -> _Said:
            cursor = run(database.cursor())
            rows = cursor.fetchall() if cursor.description else ()
            said = _Said(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
            cursor.close()
            return said

        self._said, self._given = await self._connection.asked(asked), 0
        return self


class OneQuestionConnection(aiosqlite.Connection):
    """A connection whose cursors ask its thread once for each statement."""

    @override
    def cursor(self) -> OneQuestionCursor:  # type: ignore[override]  # aiosqlite's own is another kind
        return OneQuestionCursor(self)

    async def asked(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Gives what the question finds on the connection's thread."""
        asked: Callable[[Callable[[], Answer]], Awaitable[Answer]] = self._execute
        return await asked(lambda: question(self._conn))


async def connect(file: str, **options: Any) -> OneQuestionConnection:
    """Gives a new connection to the file; the options are those of `sqlite3.connect`."""
    connection = OneQuestionConnection(lambda: sqlite3.connect(file, **options), _CHUNK)
    # A process that ends must not wait for a connection that nobody closed.
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with aiosqlite's own
    _ = await connection
    return connection
