"""Acme's IT estate in one SQLite file: its state, and a log of every change to it."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from bot.demo.estate_schema import connect, create_tables, transaction, use_write_ahead_log
from bot.demo.refusals import CannotOpenEstate, EstateUnavailable
from bot.demo.seed import fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that a tool changed."""

    id: int
    at: datetime
    tool: str
    summary: str
    """What changed, in one sentence."""
    arguments: Mapping[str, object]


class Ledger:
    """The estate inside one transaction, waiting for the sentence that says what changed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.summary: str | None = None


class Estate:
    """Acme's systems. Safe to use from several threads and several processes at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens the file; creates and fills it if it is not there yet, and otherwise keeps its state.

        Raises:
            CannotOpenEstate: The file cannot be written, or is not an estate of this version.
        """
        try:
            with transaction(path) as connection:
                if create_tables(connection):
                    fill(connection)
            use_write_ahead_log(path)
        except EstateUnavailable as error:
            raise CannotOpenEstate(reason=error.facts["reason"]) from error
        except sqlite3.Error as error:
            raise CannotOpenEstate(reason=error) from error
        return cls(path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Gives one consistent view of the state, through which nothing can be changed.

        Raises:
            EstateUnavailable: The file cannot be read now.
        """
        try:
            with closing(connect(self.path)) as connection:
                connection.execute("PRAGMA query_only = ON")
                connection.execute("BEGIN")
                yield connection
        except sqlite3.OperationalError as error:
            raise EstateUnavailable(reason=error) from error

    @contextmanager
    def changing(self, *, tool: str, arguments: Mapping[str, object]) -> Iterator[Ledger]:
        """Gives the state to change. The change and its row in the log are stored together, or neither is.

        The block sets `summary` on what it gets; if it raises, nothing has changed.

        Raises:
            EstateUnavailable: The file cannot be written now; nothing has changed.
        """
        with self._writing, transaction(self.path) as connection:
            ledger = Ledger(connection)
            yield ledger
            if ledger.summary is None:
                raise ValueError(f"{tool} does not say what it changed")
            connection.execute(
                "INSERT INTO changes (tool, summary, arguments) VALUES (?, ?, ?)",
                (tool, ledger.summary, json.dumps(arguments, ensure_ascii=False, sort_keys=True)),
            )

    def changes(self, *, limit: int = 50) -> list[Change]:
        """Gives the latest changes, newest first."""
        return recent_changes(self.path, limit=limit)


def recent_changes(path: Path, *, limit: int = 50) -> list[Change]:
    """Gives the latest changes in an estate's file, newest first; for any process, while others write.

    A file that does not exist yet has no changes.

    Raises:
        EstateUnavailable: The file cannot be read now, or is not an estate.
    """
    if not path.exists():
        return []
    try:
        with closing(connect(path, read_only=True)) as connection:
            rows = connection.execute(
                "SELECT id, at, tool, summary, arguments FROM changes ORDER BY id DESC LIMIT ?",
                (max(limit, 0),),
            ).fetchall()
    except sqlite3.DatabaseError as error:
        raise EstateUnavailable(reason=error) from error
    return [
        Change(
            id=row["id"],
            at=datetime.fromisoformat(row["at"]),
            tool=row["tool"],
            summary=row["summary"],
            arguments=json.loads(row["arguments"]),
        )
        for row in rows
    ]
