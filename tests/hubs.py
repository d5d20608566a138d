"""A hub on a real store, with the stage that takes listings in."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from typing_extensions import override

from bot.connectors.hub import Hub
from bot.connectors.settings import ConnectorSettings
from bot.domain.connectors import Connector
from bot.domain.people import TenantId
from bot.flow.catalog import TakeListing
from bot.ports.directory import Directory
from bot.ports.outside import Clock, Ids
from bot.ports.store import Store
from bot.storage.engine import open_engine
from bot.storage.store import SqlStore
from tests.builders import NOW, an_admin
from tests.databases import KEY
from tests.fakes.directory import FakeDirectory
from tests.records import ACME, a_tenant
from tests.tool_servers import QUICK


class StoppedClock(Clock):
    """It is always the same moment."""

    @override
    def now(self) -> datetime:
        return NOW


class NumberedIds(Ids):
    """Ids in order."""

    def __init__(self) -> None:
        self._numbers = count(1)

    @override
    def new(self) -> str:
        return f"{next(self._numbers):032x}"


def a_stage(store: Store, directory: Directory | None = None) -> TakeListing:
    """Gives the stage that takes listings in; Ada is the admin unless a directory says otherwise."""
    known = FakeDirectory([an_admin()]) if directory is None else directory
    return TakeListing(store=store, clock=StoppedClock(), ids=NumberedIds(), directory=lambda _: known)


@asynccontextmanager
async def a_store(template: Path, folder: Path) -> AsyncIterator[SqlStore]:
    """Gives a store on a fresh SQLite file in the folder, with the tenant acme."""
    file = Path(shutil.copy(template, folder / "countersign.db"))
    store = SqlStore(open_engine(f"sqlite:///{file}"), key=KEY)
    try:
        await put_tenant(store)
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def a_hub(
    store: Store, *connectors: Connector, settings: ConnectorSettings = QUICK
) -> AsyncIterator[Hub]:
    """Gives a hub that keeps acme's connectors connected."""
    await put_connectors(store, *connectors)
    async with Hub(store=store, take=a_stage(store), settings=settings) as hub:
        yield hub


async def put_tenant(store: Store, tenant: TenantId = ACME) -> None:
    """Stores the tenant."""
    async with store.unit(tenant) as unit:
        await unit.put_tenant(a_tenant(tenant))


async def put_connectors(store: Store, *connectors: Connector, tenant: TenantId = ACME) -> None:
    """Stores the connectors."""
    async with store.unit(tenant) as unit:
        for connector in connectors:
            await unit.connections.put(connector)


async def health_of(store: Store, name: str = "desk") -> str:
    """Gives what is stored of acme's connector's health."""
    async with store.view(ACME) as view:
        return {one.name: one.health for one in await view.connections.all()}[name]


async def tools_of(store: Store, name: str = "desk") -> set[str]:
    """Gives the names of the tools that acme's connector offers by the catalog."""
    async with store.view(ACME) as view:
        catalog = await view.connections.catalog()
    return {tool.id.name for tool in catalog.values() if tool.id.connector == name and tool.present}
