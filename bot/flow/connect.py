"""Adds, removes and switches connectors and their tools."""

from collections.abc import Sequence
from typing import Final

from bot.domain.connectors import Connector
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import TenantId
from bot.domain.rule_changes import SwitchEdit
from bot.domain.tools import ToolDefinition, ToolId, check_connector_name, shortened
from bot.flow.catalog import TakeListing
from bot.flow.listing_report import ListingReport
from bot.flow.write_edits import Author, write_edits
from bot.ports.outside import Clock
from bot.ports.records import Overtaken
from bot.ports.store import Store, Unit

_TRIES: Final = 3
"""How often a listing is taken: a running server may take the same one at the same moment."""


class ConnectorExists(Refusal):
    """There is a connector {name} already. Remove it first, or choose another name."""

    kind = "conflict"


class UnknownConnector(Refusal):
    """There is no connector {name}. “connector list” shows those there are."""

    kind = "missing"


class UnknownTool(Refusal):
    """There is no tool {tool}. “connector tools {connector}” shows those there are."""

    kind = "missing"


async def connector_named(unit: Unit, name: str) -> Connector:
    """Gives the connector.

    Raises:
        UnknownConnector: there is none.
    """
    for connector in await unit.connections.all():
        if connector.name == name:
            return connector
    raise UnknownConnector(name=shortened(name))


class CheckConnector:
    """Looks whether a connector could be added, before anybody connects to it."""

    def __init__(self, *, store: Store, tenant: TenantId) -> None:
        self._store = store
        self._tenant = tenant

    async def __call__(self, name: str) -> None:
        """Passes if the name can be a new connector's.

        Raises:
            BadConnectorName: it can be no connector's.
            ConnectorExists: another one has it.
        """
        check_connector_name(name)
        async with self._store.view(self._tenant) as view:
            if name in {connector.name for connector in await view.connections.all()}:
                raise ConnectorExists(name=name)


class AddConnector:
    """Stores a connector that was reached, and seeds its tools."""

    def __init__(self, *, store: Store, tenant: TenantId, clock: Clock, take: TakeListing) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock
        self._take = take

    async def __call__(
        self, connector: Connector, tools: Sequence[ToolDefinition], *, refused: Sequence[str], by: str
    ) -> ListingReport:
        """Gives what became of the tools that the connector's server listed.

        Raises:
            BadConnectorName: the name can be no connector's.
            ConnectorExists: another connector has the name.
        """
        check_connector_name(connector.name)
        async with self._store.unit(self._tenant) as unit:
            if connector.name in {one.name for one in await unit.connections.all()}:
                raise ConnectorExists(name=connector.name)
            await unit.connections.put(connector)
            await unit.audit.append(_entry(connector, "connector.added", self._clock, by))
        for attempt in range(_TRIES):
            try:
                return await self._take(self._tenant, connector, tools, refused=refused)
            except Overtaken:
                if attempt == _TRIES - 1:
                    raise
        raise Overtaken


class RemoveConnector:
    """Removes a connector with its tools and their seeded policies."""

    def __init__(self, *, store: Store, tenant: TenantId, clock: Clock) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock

    async def __call__(self, name: str, *, by: str) -> None:
        """Removes it; what admins laid down for its tools stays, and counts again if it comes back.

        Raises:
            UnknownConnector: there is none of this name.
        """
        async with self._store.unit(self._tenant) as unit:
            connector = await connector_named(unit, name)
            await unit.connections.remove(name)
            await unit.audit.append(_entry(connector, "connector.removed", self._clock, by))


class SwitchConnector:
    """Switches a connector on or off; off beats every policy."""

    def __init__(self, *, store: Store, tenant: TenantId, clock: Clock) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock

    async def __call__(self, name: str, *, on: bool, by: str) -> None:
        """Switches it; twice the same changes nothing.

        Raises:
            UnknownConnector: there is none of this name.
        """
        async with self._store.unit(self._tenant) as unit:
            await unit.changes.newest()
            connector = await connector_named(unit, name)
            if connector.on is not on:
                edit = SwitchEdit(connector=name, before=connector.on, after=on)
                await write_edits(unit, [edit], Author(by=by), now=self._clock.now())


class SwitchTool:
    """Switches one tool on or off; off beats every policy."""

    def __init__(self, *, store: Store, tenant: TenantId, clock: Clock) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock

    async def __call__(self, tool: ToolId, *, on: bool, by: str) -> None:
        """Switches it; twice the same changes nothing.

        Raises:
            UnknownTool: no connector has it.
        """
        async with self._store.unit(self._tenant) as unit:
            await unit.changes.newest()
            known = (await unit.connections.catalog()).get(tool)
            if known is None:
                raise UnknownTool(tool=tool, connector=tool.connector)
            if known.enabled is not on:
                edit = SwitchEdit(connector=tool.connector, tool=tool.name, before=known.enabled, after=on)
                await write_edits(unit, [edit], Author(by=by), now=self._clock.now())


def _entry(connector: Connector, kind: str, clock: Clock, by: str) -> AuditEntry:
    return AuditEntry(
        at=clock.now(),
        kind=kind,
        agent=by,
        connector_id=connector.id,
        connector=connector.name,
        details={"by": by},
    )
