"""What runs until it is told to stop: the server, the worker, and the demo company."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.agent.runbook import Runbooks
from bot.agent.runbook_file import load_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.app import Deployment, open_deployment
from bot.chat.web.api import Api, Playground
from bot.chat.web.body import own_page_only, sentences
from bot.chat.web.page import page_routes
from bot.chat.web.surface import WebSurface
from bot.connectors.addresses import Reach
from bot.connectors.hub import Hub
from bot.connectors.schemas import JsonSchemas
from bot.connectors.settings import ConnectorSettings
from bot.demo.company import Company, changes_json
from bot.demo.transcript import play
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.flow.advance import Advance
from bot.flow.catalog import TakeListing
from bot.flow.deliver import Deliver
from bot.flow.expire import Expire
from bot.flow.recheck import Recheck
from bot.flow.seams import Seams
from bot.ports.outside import Planner
from bot.ports.store import StoreUnreachable
from bot.scheduler.alone import working_on
from bot.scheduler.bell import ProcessBell
from bot.scheduler.worker import Worker
from bot.settings import Settings
from bot.storage.migrate import migrate, take_back
from bot.web import health_routes, listening

Say = Callable[[str], None]
"""Prints one line."""


def log_to_stderr(level: str) -> None:
    """Has the log on standard error, from this level on; it holds ids, never what people said."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # The usual tracebacks show the values of variables, and with them what people wrote.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


class NotTheDemos(Refusal):
    """The database holds more than the demo, so nothing was removed. Name another, or leave out --fresh."""

    kind = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A deployment at work: its seams, its worker, and its web surface."""

    seams: Seams
    worker: Worker
    surface: WebSurface
    deployment: Deployment


@asynccontextmanager
async def staffed(deployment: Deployment) -> AsyncIterator[Staff]:
    """Connects the connectors and starts the worker; leaving the block finishes what is under way."""
    settings, clock, ids = deployment.settings, deployment.clock, deployment.ids
    listings = TakeListing(
        store=deployment.store, clock=clock, ids=ids, directory=lambda _: deployment.directory
    )
    patience = ConnectorSettings(reach=Reach(settings.connector_reach))
    bell = ProcessBell()
    async with AsyncExitStack() as stack:
        alone = stack.enter_context(working_on(settings.prepare_data_dir()))
        if alone and settings.database_url is None:
            await deployment.store.forget_leases()
        hub = await stack.enter_async_context(Hub(store=deployment.store, take=listings, settings=patience))
        surface = WebSurface(deployment.tenant, deployment.chat_log, clock)
        seams = Seams(
            tenant=deployment.tenant,
            store=deployment.store,
            directory=deployment.directory,
            planner=_planner(settings),
            connectors=hub.for_tenant(deployment.tenant),
            schemas=JsonSchemas(),
            surfaces=(surface,),
            clock=clock,
            ids=ids,
            bell=bell,
        )
        worker = _worker(deployment, seams, bell)
        running = asyncio.create_task(worker.run(), name="worker")
        try:
            yield Staff(seams=seams, worker=worker, surface=surface, deployment=deployment)
        finally:
            worker.stop()
            await running


def _worker(deployment: Deployment, seams: Seams, bell: ProcessBell) -> Worker:
    name = f"{socket.gethostname()}-{os.getpid()}-{deployment.ids.new()[:8]}"
    store, expire = deployment.store, Expire(seams)
    recheck = Recheck(seams)

    def seams_of(tenant: TenantId) -> Seams | None:
        return seams if tenant == seams.tenant else None

    async def look_at_the_clock() -> None:
        await expire()
        await expire.unanswered()
        await recheck()

    return Worker(
        clock=deployment.clock,
        bell=bell,
        advance=Advance(store, seams_of, worker=name),
        deliver=Deliver(store, seams_of, worker=name),
        expire=look_at_the_clock,
    )


def _planner(settings: Settings) -> Planner:
    if not settings.runbooks.exists():
        return RunbookPlanner(Runbooks(runbooks={}))
    return RunbookPlanner(load_runbooks(settings.runbooks))


async def run_serve(settings: Settings, say: Say) -> None:
    """Serves health and works on requests until it is told to stop.

    Raises:
        Refusal: a setting, the database or the port cannot be used.
    """
    log_to_stderr(settings.log_level)
    async with open_deployment(settings) as deployment:

        async def ready() -> str:
            try:
                await deployment.store.tenants()
            except StoreUnreachable as refusal:
                return refusal.sentence
            return ""

        async with (
            listening(settings.host, settings.port, health_routes(ready), [sentences]) as port,
            staffed(deployment),
        ):
            say(f"Countersign listens on http://{settings.host}:{port}. Ctrl-C stops it.")
            await _told_to_stop()


async def run_work(settings: Settings, say: Say) -> None:
    """Works on requests until it is told to stop.

    Raises:
        Refusal: a setting or the database cannot be used.
    """
    log_to_stderr(settings.log_level)
    async with open_deployment(settings) as deployment, staffed(deployment):
        say("This worker is at work. Ctrl-C stops it.")
        await _told_to_stop()


async def run_demo(*, data: Path, port: int, fresh: bool, say: Say) -> None:
    """Runs the demo company with its playground until it is told to stop.

    Raises:
        Refusal: the directory or the port cannot be used, or another demo runs there.
    """
    async with _company(data, fresh=fresh) as (company, staff):
        playground = Playground(
            seams=staff.seams,
            surface=staff.surface,
            log=staff.deployment.chat_log,
            settle=staff.worker.settle,
            estate=lambda: changes_json(company.estate),
        )

        async def ready() -> str:
            return "" if await company.is_connected(staff.seams) else "The demo's tool server is starting."

        routes = [*page_routes(), *Api(playground).routes(), *health_routes(ready)]
        async with listening("127.0.0.1", port, routes, [sentences, own_page_only]) as chosen:
            await company.connected(staff.seams)
            say(f"Countersign demo: open http://127.0.0.1:{chosen}/ in a browser. Ctrl-C stops it.")
            say(f"Its data is in {data}.")
            await _told_to_stop()


async def run_transcript(*, data: Path, fresh: bool, text: str, say: Say) -> None:
    """Plays one request of the demo company through in the terminal.

    Raises:
        Refusal: the request changed nothing in the company's systems, or the demo cannot run.
    """
    async with _company(data, fresh=fresh) as (company, staff):
        await company.connected(staff.seams)
        await play(company, staff.seams, text, say)


@asynccontextmanager
async def _company(data: Path, *, fresh: bool) -> AsyncIterator[tuple[Company, Staff]]:
    log_to_stderr("warning")
    company = Company(data)
    if fresh:
        company.forget()
    company.prepare()
    settings = Settings.load(data=data)
    await migrate(settings.database)
    if fresh and settings.database_url is not None:
        await _forget_database(settings)
    async with open_deployment(settings) as deployment:
        await company.move_in(deployment.store, deployment.tenant, deployment.clock, deployment.ids)
        async with staffed(deployment) as staff:
            yield company, staff


async def _forget_database(settings: Settings) -> None:
    """Empties the demo's own database on a server.

    Raises:
        NotTheDemos: other tenants live in it.
    """
    async with open_deployment(settings) as deployment:
        if set(await deployment.store.tenants()) != {deployment.tenant}:
            raise NotTheDemos
    await take_back(settings.database, to="base")
    await migrate(settings.database)


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
