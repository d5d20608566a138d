"""The tables of Acme's IT estate, and how its database file is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.demo.refusals import CannotOpenEstate, EstateUnavailable

APPLICATION_ID = 0x41434D45
"""Marks the file as ours ("ACME"), so that no other program's database is ever filled with the demo."""

SCHEMA_VERSION = 1

BUSY_TIMEOUT_S = 10.0
"""How long a connection waits for another process that is writing."""

_WAL_ATTEMPTS = 50  # one is in the way per process that starts at the same moment

_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"  # UTC, ISO 8601, milliseconds

_TABLES = (
    f"""CREATE TABLE accounts (
        id TEXT PRIMARY KEY,
        email TEXT NOT NULL UNIQUE COLLATE NOCASE,
        name TEXT NOT NULL,
        title TEXT NOT NULL,
        department TEXT NOT NULL,
        manager TEXT REFERENCES accounts (id) ON DELETE SET NULL,
        enabled INTEGER NOT NULL DEFAULT 1,
        locked INTEGER NOT NULL DEFAULT 0,
        mfa TEXT NOT NULL DEFAULT 'none',
        reset_sent_at TEXT,
        created_at TEXT NOT NULL DEFAULT ({_NOW})
    ) STRICT""",
    """CREATE TABLE groups (
        id TEXT PRIMARY KEY COLLATE NOCASE,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        description TEXT NOT NULL
    ) STRICT""",
    f"""CREATE TABLE memberships (
        group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
        account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        since TEXT NOT NULL DEFAULT ({_NOW}),
        PRIMARY KEY (group_id, account)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE apps (
        id TEXT PRIMARY KEY COLLATE NOCASE,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        description TEXT NOT NULL,
        category TEXT NOT NULL,
        licences INTEGER NOT NULL CHECK (licences >= 0),
        yearly_price_usd INTEGER NOT NULL
    ) STRICT""",
    f"""CREATE TABLE access (
        app TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
        account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        level TEXT NOT NULL CHECK (level IN ('viewer', 'member', 'admin')),
        since TEXT NOT NULL DEFAULT ({_NOW}),
        PRIMARY KEY (app, account)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE devices (
        id TEXT PRIMARY KEY COLLATE NOCASE,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        model TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('laptop', 'phone')),
        owner TEXT REFERENCES accounts (id) ON DELETE SET NULL,
        state TEXT NOT NULL CHECK (state IN ('in_use', 'locked', 'wiped')),
        lock_message TEXT NOT NULL DEFAULT '',
        recovery_key TEXT
    ) STRICT""",
    f"""CREATE TABLE changes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL DEFAULT ({_NOW}),
        tool TEXT NOT NULL,
        summary TEXT NOT NULL,
        arguments TEXT NOT NULL
    ) STRICT""",
)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Gives a new connection to an existing or new file; the caller closes it.

    Every statement outside an explicit transaction commits by itself. Connections are cheap, and one is
    never shared between threads.

    Raises:
        sqlite3.Error: The file cannot be opened.
    """
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens one IMMEDIATE transaction: all of it is stored when the block ends, or nothing if it raises.

    Raises:
        EstateUnavailable: The file cannot be written now; nothing has changed.
    """
    try:
        connection = connect(path)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # rolls back whatever was not committed
    except sqlite3.OperationalError as error:
        raise EstateUnavailable(reason=error) from error


def use_write_ahead_log(path: Path) -> None:
    """Lets others read while a tool writes; the file remembers it.

    SQLite does not wait for other connections here but fails at once, so the waiting is done by taking
    the write lock in between.

    Raises:
        sqlite3.OperationalError: Others were in the way each time.
    """
    for attempts_left in reversed(range(_WAL_ATTEMPTS)):
        with closing(connect(path)) as connection:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if not attempts_left:
                    raise
                connection.execute("BEGIN IMMEDIATE")
            else:
                return


def create_tables(connection: sqlite3.Connection) -> bool:
    """Creates the tables in a fresh file, inside the caller's transaction; gives whether it was fresh.

    Raises:
        CannotOpenEstate: The file is another program's database, or of another version of the demo.
    """
    application_id, version, tables = (
        connection.execute(question).fetchone()[0]
        for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    )
    if (application_id, version) == (APPLICATION_ID, SCHEMA_VERSION):
        return False
    if application_id == APPLICATION_ID:
        raise CannotOpenEstate(reason="it was made by another version of the demo")
    if application_id or tables:
        raise CannotOpenEstate(reason="it is another program's database")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    return True
