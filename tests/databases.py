"""Databases for tests: each test gets a fresh one of each kind, and it is gone afterwards."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg  # type: ignore[import-untyped]  # it comes without types
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import make_url

from bot.storage.engine import open_engine
from bot.storage.migrate import migrate
from bot.storage.store import SqlStore

KEY: Final = Fernet.generate_key()
KINDS: Final = ("sqlite", "postgresql")

Answer = TypeVar("Answer")


class PostgresqlServer:
    """A server on which tests may make databases, and one that is migrated to be copied from."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.template = self.create(None)
        run(migrate(self.template))

    def create(self, template: str | None) -> str:
        """Makes a database, empty or as a copy, and gives its address."""
        name = f"countersign_test_{secrets.token_hex(6)}"
        copied = "template0" if template is None else make_url(template).database
        run(_execute(self.url, f'CREATE DATABASE "{name}" TEMPLATE "{copied}"'))
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Removes the database, whoever is still connected."""
        run(_execute(self.url, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gives a migrated file to be copied from."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Gives the server that TEST_DATABASE_URL names, or one on this machine that lets everybody in."""
    server = PostgresqlServer(_reachable())
    yield server
    server.drop(server.template)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Gives the address of a fresh database with the newest tables, once per kind of database."""
    if request.param == "sqlite":
        file = tmp_path / "countersign.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        url = server.create(server.template)
        yield url
        server.drop(url)


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Gives the address of a fresh database without any table, once per kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'countersign.db'}"
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        url = server.create(None)
        yield url
        server.drop(url)


@pytest.fixture
async def store(database: str) -> AsyncIterator[SqlStore]:
    """Gives the store on a fresh database, once per kind of database."""
    store = SqlStore(open_engine(database), key=KEY)
    yield store
    await store.close()


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Gives what the coroutine gives, on a loop of its own: the test's loop is none of its business."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _reachable() -> str:
    named = os.environ.get("TEST_DATABASE_URL")  # noqa: TID251  # tests have no settings
    local = [f"postgresql://postgres@127.0.0.1:5432/{name}" for name in ("postgres", "test", "root")]
    problem = ""
    for url in [named] if named else local:
        try:
            run(_execute(url, "SELECT 1"))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            problem = problem or f"{type(error).__name__}: {error}"
        else:
            return url
    reason = f"no PostgreSQL server is reachable ({problem}); set TEST_DATABASE_URL"
    if os.environ.get("CI") == "true":  # noqa: TID251  # tests have no settings
        pytest.fail(reason)
    pytest.skip(reason)


async def _execute(url: str, statement: str) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
