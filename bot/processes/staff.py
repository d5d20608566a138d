"""Who is at work in a process: connectors, worker and surfaces, put together."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp.web import RouteDef

from bot.app import Deployment
from bot.chat.web.surface import WebSurface
from bot.connectors.addresses import Reach
from bot.connectors.hub import Hub
from bot.connectors.settings import ConnectorSettings
from bot.domain.people import TenantId
from bot.flow.advance import Advance
from bot.flow.catalog import TakeListing
from bot.flow.deliver import Deliver
from bot.flow.expire import Expire
from bot.flow.grant_upkeep import GrantUpkeep
from bot.flow.recheck import Recheck
from bot.flow.reconcile.nightly import Nightly
from bot.flow.seams import Seams
from bot.ports.directory import Directory
from bot.processes.apart import Apart
from bot.processes.chat import Chat, Look, Outward, go_inward, go_outward
from bot.processes.signing_in import signing_in
from bot.processes.tenants import bound_teams, elsewhere, nobody_known, offstage, opened_tenants
from bot.scheduler.alone import working_on
from bot.scheduler.bell import ProcessBell
from bot.scheduler.worker import Worker

First = Callable[[Seams, Outward], Awaitable[None]]
"""Does what has to be done first, before anybody in chat is listened to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A deployment at work: the seams and surfaces of its own tenant, and what serves all of them."""

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

    Every tenant is served; the page and `first` are of the deployment's own.

    Args:
        deployment: what is at work, as its own tenant has it.
        chat: how chat platforms are reached.
        has_page: whether people can be reached on the web surface.
        listens: whether what people do in chat comes to this process.
        first: what has to be done before anybody is listened to.

    Raises:
        TokenNotAccepted: Slack does not know the app.
        NoPublicUrl, BadPublicUrl: people can sign in, and it is not said where.
    """
    settings = deployment.settings
    bell = ProcessBell()
    async with AsyncExitStack() as stack:
        alone = stack.enter_context(working_on(settings.prepare_data_dir()))
        if alone and settings.database_url is None:
            await deployment.store.forget_leases()
        deployments = await opened_tenants(stack, deployment)
        hub = await stack.enter_async_context(_hub(deployment, deployments))
        surface = WebSurface(deployment.tenant, deployment.chat_log, deployment.clock)
        name = _worker_name(deployment)
        bound = {one.tenant: await bound_teams(one) for one in deployments}
        tenants: list[tuple[Outward, Seams]] = []
        for one in deployments:
            own = surface if has_page and one is deployment else None
            seams = offstage(one, hub, bell, is_alone=len(deployments) == 1)
            taken = elsewhere(bound, one.tenant)
            reached = chat.of(bound[one.tenant], elsewhere=taken, is_own=one is deployment)
            outward = await go_outward(
                stack, reached, seams, one.memory, first=tenants[0][0] if tenants else None
            )
            surfaces = (*((own,) if own is not None else ()), *outward.surfaces)
            tenants.append((outward, replace(seams, surfaces=surfaces)))
        looks: list[Look] = []
        for _, seams in tenants:
            for step in (_round(seams, deployment), Nightly(seams, deployment.memory.postings).__call__):
                apart = Apart(step)
                stack.push_async_callback(apart.stop)
                looks.append(apart)
        worker = _worker(deployment, [seams for _, seams in tenants], bell, name=name, looks=looks)
        running = asyncio.create_task(worker.run(), name="worker")
        stack.push_async_callback(_ended, worker, running)
        routes: list[RouteDef] = []
        chat_of_own, seams_of_own = tenants[0]
        if first is not None:
            await first(seams_of_own, chat_of_own)
        if listens:
            places = signing_in(deployments)
            inward = await go_inward(stack, tenants, worker=name, places=places)
            for look in inward.looks:
                # What it takes up would be cut off if it did so after the offices have finished.
                apart = Apart(look)
                stack.push_async_callback(apart.finish)
                looks.append(apart)
            routes += [*inward.routes, *places.routes(deployment.memory, deployment.clock)]
        yield Staff(
            seams=seams_of_own,
            worker=worker,
            surface=surface,
            deployment=deployment,
            routes=routes,
            chat=chat_of_own,
        )


def _hub(deployment: Deployment, deployments: Sequence[Deployment]) -> Hub:
    directories = {one.tenant: one.directory for one in deployments}

    def directory_of(tenant: TenantId) -> Directory:
        """Gives the tenant's directory; one that was added since the start has none in this process yet."""
        return directories.get(tenant) or nobody_known(deployment.clock)

    listings = TakeListing(
        store=deployment.store, clock=deployment.clock, ids=deployment.ids, directory=directory_of
    )
    patience = ConnectorSettings(reach=Reach(deployment.settings.connector_reach))
    return Hub(store=deployment.store, take=listings, settings=patience)


async def _ended(worker: Worker, running: asyncio.Task[None]) -> None:
    worker.stop()
    await running


def _worker_name(deployment: Deployment) -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{deployment.ids.new()[:8]}"


def _worker(
    deployment: Deployment, tenants: Sequence[Seams], bell: ProcessBell, *, name: str, looks: Sequence[Look]
) -> Worker:
    store = deployment.store
    by_tenant = {seams.tenant: seams for seams in tenants}

    async def look_at_the_clock() -> None:
        for look in looks:
            await look()

    return Worker(
        clock=deployment.clock,
        bell=bell,
        advance=Advance(store, by_tenant, worker=name),
        deliver=Deliver(store, by_tenant, worker=name),
        expire=look_at_the_clock,
    )


def _round(seams: Seams, deployment: Deployment) -> Look:
    """Gives what is done for a tenant every few seconds."""
    expire, recheck = Expire(seams), Recheck(seams)
    upkeep = GrantUpkeep(seams, deployment.memory.postings)

    async def look() -> None:
        await expire()
        await expire.unanswered()
        await recheck()
        await upkeep()

    return look
