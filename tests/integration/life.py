"""One life of the bot, which may end at any moment: it works, and people act, until the story is told.

A story is a tenant of its own: access to an app (technician and manager approve), a password reset that is
always allowed from then on, and the next reset, for which nobody is asked.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import ClientSession
from sqlalchemy import text
from typing_extensions import override

from bot.agent.runbook import Runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.app import RandomIds
from bot.chat.web.api import Api, Playground
from bot.chat.web.body import sentences
from bot.chat.web.surface import WebSurface
from bot.connectors.schemas import JsonSchemas
from bot.demo.company import CONNECTOR, Company, changes_json
from bot.demo.estate import Estate
from bot.directory.file import FileDirectory
from bot.directory.recent import RecentDirectory, each_time
from bot.domain.canonical import JsonObject
from bot.domain.people import TenantId
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.flow.advance import Advance
from bot.flow.catalog import TakeListing
from bot.flow.deliver import Deliver
from bot.flow.expire import Expire
from bot.flow.seams import Seams
from bot.policyfile.files import YamlPolicyFiles
from bot.scheduler.bell import ProcessBell
from bot.scheduler.worker import Worker
from bot.storage.chatlog import SqlChatLog
from bot.storage.engine import open_engine
from bot.storage.store import SqlStore
from bot.web import listening
from tests.databases import KEY
from tests.fakes.clock import MovedClock
from tests.fakes.estate_connectors import EstateConnectors, estate_definitions
from tests.journeys.stage import Stage, action_ids, is_status

LATENCY_S: Final = 0.02
"""Seconds that a call is on its way to the company's systems, and its answer on the way back."""

Told = Callable[[str], None]
"""Says that a life has come to a point."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that the requester wants done, and the tool that does it."""

    name: str
    text: str
    tool: str
    always: bool = False
    """Whether the technician presses Always allow."""


ERRANDS: Final = (
    Errand("access", "I need access to Zendesk", "grant_app_access"),
    Errand("first reset", "I forgot my password", "reset_password", always=True),
    Errand("next reset", "I forgot my password again", "reset_password"),
)


class LifeClock(MovedClock):
    """The machine's clock, ahead by so much."""

    def __init__(self, ahead: timedelta) -> None:
        super().__init__()
        self._ahead = ahead

    @override
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead  # noqa: TID251 - this is a clock


class DistantConnectors(EstateConnectors):
    """The demo's tools at a distance; what arrives there is written down, whoever is killed then."""

    def __init__(self, estate: Estate, arrivals: Path, told: Told) -> None:
        super().__init__(estate)
        self._arrivals = arrivals
        self._told = told

    @override
    async def call(self, call: ToolCall) -> CallResult:
        self._told("call")
        await asyncio.sleep(LATENCY_S)
        written_down(self._arrivals, call.tool.name)
        result = await super().call(call)
        await asyncio.sleep(LATENCY_S)
        return result


def written_down(file: Path, line: str) -> None:
    """Appends a line that outlives the process from now on."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


class Life:
    """The bot on one story, and the people in it."""

    def __init__(self, stage: Stage, tenant: TenantId) -> None:
        self.stage = stage
        self.tenant = tenant

    async def play(self) -> None:
        """Has people do what they do, from wherever an earlier life left the story, until all is done."""
        for errand in ERRANDS:
            await self._accomplished(errand)

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Gives what the database holds of this story; `:tenant` stands for it."""
        return await _rows(self.stage.store, self.tenant, statement)

    async def count(self, table: str, *conditions: str) -> int:
        """Gives how many rows of this story a table has."""
        where = " AND ".join(("tenant = :tenant", *conditions))
        rows = await self.rows(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608 - words of ours
        return int(str(rows[0][0]))

    def changes(self, tool: str) -> int:
        """Gives how often the tool changed something in the company's systems."""
        return sum(change.tool == tool for change in self.stage.changes())

    async def _accomplished(self, errand: Errand) -> None:
        attempt = 1
        while True:
            request = await self.stage.says("alice", errand.text, id=f"{errand.name}-{attempt}")
            if (await self._decided(request, errand))["status"] == "done":
                return
            attempt += 1

    async def _decided(self, request: str, errand: Errand) -> JsonObject:
        """Gives the request when it is over, with everybody pressing what their cards offer."""

        async def look() -> JsonObject | None:
            found = await self.stage.request(request)
            if found["status"] == "waiting":
                await self._approved(request, errand)
            elif found["status"] == "attention":
                await self._resolved(request, errand)
            return found if found["status"] in {"done", "failed"} else None

        return await self.stage.eventually(look, f"{errand.name} to be done")

    async def _approved(self, request: str, errand: Errand) -> None:
        for who in ("bob", "megan"):
            for card in await self.stage.cards(who, request):
                actions = action_ids(card)
                if is_status(card) or "approve" not in actions:
                    continue
                action = "always_allow" if errand.always and "always_allow" in actions else "approve"
                answer = await self.stage.presses(who, card, action)
                assert answer.status in {200, 409}, answer.body

    async def _resolved(self, request: str, errand: Errand) -> None:
        """The technician looks whether it was done, and says so."""
        known = await self.count("calls", "position >= 0", "status = 'succeeded'", f"tool = '{errand.tool}'")
        action = "it_ran" if self.changes(errand.tool) > known else "it_did_not_run"
        for card in await self.stage.cards("bob", request):
            if action in action_ids(card):
                answer = await self.stage.presses("bob", card, action)
                assert answer.status in {200, 409}, answer.body


@asynccontextmanager
async def alive(
    *,
    database: str,
    folder: Path,
    number: int,
    ahead: timedelta,
    runbooks: Runbooks,
    told: Told,
) -> AsyncIterator[Life]:
    """Starts the bot on a story, which has a folder and a number of its own; leaving the block stops it.

    With a clock that is not `ahead` of the life before, all leases are forgotten, as a demo does that finds
    itself alone.
    """
    tenant = TenantId(f"story-{number}")
    clock, bell, ids = LifeClock(ahead), ProcessBell(), RandomIds()
    engine = open_engine(database)
    store, log = SqlStore(engine, key=KEY), SqlChatLog(engine)
    company = Company(folder)
    directory = FileDirectory(Path(str(files("bot.demo").joinpath("people.yaml"))))
    connectors = DistantConnectors(Estate.open(company.estate), folder / "arrivals", told)
    surface = WebSurface(tenant, log, clock)
    written_down(folder / "found", await _found(store, tenant))
    if not ahead:
        await store.forget_leases()
    await company.move_in(store, tenant, clock, ids)
    seams = Seams(
        tenant=tenant,
        store=store,
        directory=RecentDirectory(directory, clock=clock, limit=each_time),
        planner=RunbookPlanner(runbooks),
        connectors=connectors,
        schemas=JsonSchemas(),
        policy_files=YamlPolicyFiles(),
        surfaces=(surface,),
        clock=clock,
        ids=ids,
        bell=bell,
    )
    await _list_tools(seams)
    expire = Expire(seams)
    name = f"life-{os.getpid()}"

    async def look_at_the_clock() -> None:
        await expire()
        await expire.unanswered()

    worker = Worker(
        clock=clock,
        bell=bell,
        advance=Advance(store, {tenant: seams}, worker=name),
        deliver=Deliver(store, {tenant: seams}, worker=name),
        expire=look_at_the_clock,
    )
    running = asyncio.create_task(worker.run())
    playground = Playground(
        seams=seams,
        surface=surface,
        log=log,
        settle=worker.settle,
        people=directory.everyone,
        estate=lambda: changes_json(company.estate),
    )
    try:
        async with (
            listening("127.0.0.1", 0, Api(playground).routes(), [sentences]) as port,
            ClientSession() as session,
        ):
            stage = Stage(
                url=f"http://127.0.0.1:{port}", session=session, seams=seams, clock=clock, worker=worker,
                connectors=connectors, company=company, store=store, expire=expire,
            )  # fmt: skip
            told("up")
            yield Life(stage, tenant)
    finally:
        worker.stop()
        await running
        await store.close()


async def _found(store: SqlStore, tenant: TenantId) -> str:
    """Gives, as JSON, where the life before was when it ended."""
    requests = await _rows(store, tenant, "SELECT id, status FROM requests WHERE tenant = :tenant")
    calls = await _rows(
        store, tenant, "SELECT id, status, request, position FROM calls WHERE tenant = :tenant"
    )
    return json.dumps(
        {
            "requests": {request: status for request, status in requests if status not in {"done", "failed"}},
            "reads": {call: status for call, status, _, position in calls if int(str(position)) < 0},
            "steps": {request: status for _, status, request, position in calls if int(str(position)) >= 0},
        }
    )


async def _rows(store: SqlStore, tenant: TenantId, statement: str) -> list[tuple[object, ...]]:
    async with store._engine.read() as session:
        found = await (await session.connection()).execute(text(statement), {"tenant": tenant})
        return [tuple(row) for row in found]


async def _list_tools(seams: Seams) -> None:
    async with seams.store.view(seams.tenant) as view:
        connector = next(one for one in await view.connections.all() if one.name == CONNECTOR)
    take = TakeListing(
        store=seams.store, clock=seams.clock, ids=seams.ids, directory=lambda _: seams.directory
    )
    await take(seams.tenant, connector, estate_definitions())
