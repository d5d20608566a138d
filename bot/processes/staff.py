"""Who is at work in a process: connectors, worker and surfaces, put together."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp.web import RouteDef

from bot.agent.runbook import Runbooks
from bot.agent.runbook_file import load_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.app import Deployment
from bot.chat.web.surface import WebSurface
from bot.connectors.addresses import Reach
from bot.connectors.hub import Hub
from bot.connectors.schemas import JsonSchemas
from bot.connectors.settings import ConnectorSettings
from bot.domain.people import TenantId
from bot.flow.advance import Advance
from bot.flow.catalog import TakeListing
from bot.flow.deliver import Deliver
from bot.flow.expire import Expire
from bot.flow.grant_upkeep import GrantUpkeep
from bot.flow.recheck import Recheck
from bot.flow.seams import Seams
from bot.policyfile.files import YamlPolicyFiles
from bot.ports.outside import Planner
from bot.processes.chat import Chat, Look, Outward, go_inward, go_outward
from bot.scheduler.alone import working_on
from bot.scheduler.bell import ProcessBell
from bot.scheduler.worker import Worker
from bot.settings import Settings

First = Callable[[Seams, Outward], Awaitable[None]]
"""Does what has to be done first, before anybody in chat is listened to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A deployment at work: its seams, its worker, its web surface, and the routes of the others."""

    seams: Seams
    worker: Worker
    surface: WebSurface
    deployment: Deployment
    routes: list[RouteDef]
    chat: Outward


@asynccontextmanager
async def staffed(
    deployment: Deployment,
    *,
    chat: Chat,
    has_page: bool,
    listens: bool = True,
    first: First | None = None,
) -> AsyncIterator[Staff]:
    """Connects the connectors and starts the worker; leaving the block finishes what is under way.

    Args:
        deployment: what is at work.
        chat: how chat platforms are reached.
        has_page: whether people can be reached on the web surface.
        listens: whether what people do in chat comes to this process.
        first: what has to be done before anybody is listened to.

    Raises:
        TokenNotAccepted: Slack does not know the app.
    """
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
        offstage = Seams(
            tenant=deployment.tenant,
            store=deployment.store,
            directory=deployment.directory,
            planner=_planner(settings),
            connectors=hub.for_tenant(deployment.tenant),
            schemas=JsonSchemas(),
            policy_files=YamlPolicyFiles(),
            surfaces=(),
            clock=clock,
            ids=ids,
            bell=bell,
        )
        name = _worker_name(deployment)
        outward = await go_outward(stack, chat, offstage, deployment.memory)
        surfaces = [surface, *outward.surfaces] if has_page else outward.surfaces
        seams = replace(offstage, surfaces=tuple(surfaces))
        looks: list[Look] = []
        worker = _worker(deployment, seams, bell, name=name, looks=looks)
        running = asyncio.create_task(worker.run(), name="worker")
        stack.push_async_callback(_ended, worker, running)
        routes: list[RouteDef] = []
        if first is not None:
            await first(seams, outward)
        if listens:
            inward = await go_inward(stack, outward, seams, worker=name)
            looks += inward.looks
            routes += inward.routes
        yield Staff(
            seams=seams,
            worker=worker,
            surface=surface,
            deployment=deployment,
            routes=routes,
            chat=outward,
        )


async def _ended(worker: Worker, running: asyncio.Task[None]) -> None:
    worker.stop()
    await running


def _worker_name(deployment: Deployment) -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{deployment.ids.new()[:8]}"


def _worker(
    deployment: Deployment, seams: Seams, bell: ProcessBell, *, name: str, looks: Sequence[Look]
) -> Worker:
    store, expire = deployment.store, Expire(seams)
    recheck = Recheck(seams)
    upkeep = GrantUpkeep(seams, deployment.memory.postings)

    def seams_of(tenant: TenantId) -> Seams | None:
        return seams if tenant == seams.tenant else None

    async def look_at_the_clock() -> None:
        await expire()
        await expire.unanswered()
        await recheck()
        for look in looks:
            await look()
        await upkeep()

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
