"""What the bot stored, on whatever surface a journey plays."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Literal, Protocol

from bot.domain.canonical import JsonObject
from bot.domain.people import PersonId
from bot.domain.requests import Request, RequestId
from tests.journeys.stage import TENANT, Stage

EVERYBODY = ("alice", "megan", "bob", "carol", "dan", "ada", "ahmed", "eve", "grace")


class Staged(Protocol):
    """The stage of a surface, with that of the whole bot in it."""

    @property
    def stage(self) -> Stage: ...


async def requests_of(staged: Staged, who: str) -> list[Request]:
    """Gives a person's requests, oldest first."""
    async with staged.stage.store.view(TENANT) as view:
        return [*reversed(await view.requests.newest(PersonId(f"p-{who}"), limit=100))]


async def all_requests(staged: Staged) -> list[Request]:
    """Gives everybody's requests."""
    return [request for who in EVERYBODY for request in await requests_of(staged, who)]


async def comes_to(staged: Staged, request: str, *statuses: str) -> Request:
    """Waits until a request has one of the statuses; gives it as it is stored."""
    await staged.stage.comes_to(request, *statuses)
    async with staged.stage.store.view(TENANT) as view:
        found = await view.requests.get(RequestId(request))
    assert found is not None
    return found


async def stored(staged: Staged, table: Literal["arrivals", "requests"]) -> int:
    """Gives how many rows the SQLite database has in a table."""
    return await asyncio.to_thread(_counted, staged, f"select count(*) from {table}")  # noqa: S608 - a literal


async def taken_up(staged: Staged) -> None:
    """Waits until everything that came in is taken up."""

    async def look() -> JsonObject | None:
        statement = "select count(*) from arrivals where content is not null"
        return None if await asyncio.to_thread(_counted, staged, statement) else {"left": 0}

    await staged.stage.eventually(look, "everything that came in to be taken up")


def _counted(staged: Staged, statement: str) -> int:
    path = staged.stage.company.data / "countersign.db"
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        return int(connection.execute(statement).fetchone()[0])
