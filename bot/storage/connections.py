"""Connectors and the catalog of their tools, in SQL."""

from dataclasses import replace
from types import MappingProxyType

from sqlmodel import col, delete, select, update

from bot.domain.connectors import Connector
from bot.domain.tools import Catalog, CatalogTool
from bot.ports.records import Overtaken
from bot.storage.documents import manifest_of, transport_of, written
from bot.storage.mapping import columns_of, thing_of, tool_columns, tool_of
from bot.storage.policies import SqlPolicies
from bot.storage.remembered import Remembered
from bot.storage.revisions import at_revision, connector_revision
from bot.storage.sealing import SealedBox
from bot.storage.tables.connections import ConnectorRow, ToolRow
from bot.storage.work import Work


class SqlConnections:
    """The port `Connections`."""

    def __init__(self, work: Work, box: SealedBox, known: Remembered[Catalog], policies: SqlPolicies) -> None:
        self._work = work
        self._box = box
        self._known = known
        self._policies = policies

    async def all(self) -> tuple[Connector, ...]:
        """Gives every connector, by name.

        Raises:
            WrongKey: the secret key is another one than when a connector was stored.
        """
        statement = select(ConnectorRow).where(col(ConnectorRow.tenant) == self._work.tenant)
        found = [self._connector_of(row) for row in await self._work.session.exec(statement)]
        return tuple(sorted(found, key=lambda connector: connector.name))

    async def put(self, connector: Connector) -> None:
        """Stores a connector under its name; one that differs from the stored one in nothing changes nothing.

        Raises:
            WrongKey: the secret key is another one than when the connector was stored.
        """
        known = await self._locked(connector.name)
        if known is not None:
            stored = self._connector_of(known)
            if stored == connector:
                return
            if replace(stored, health=connector.health) == connector:
                await self.report(connector.name, health=connector.health)
                return
        columns = columns_of(connector) | {
            "transport": self._box.seal(written(connector.transport), place=self._place(connector.name)),
            "manifest": {tool: effect.value for tool, effect in connector.manifest.items()},
        }
        await self._work.put(ConnectorRow, columns, key=("name",))
        self._work.rules_changed = self._work.connectors_changed = True

    async def remove(self, name: str) -> None:
        """Removes the connector with its tools and seeded policies; repeating it changes nothing."""
        if await self._locked(name) is None:
            return
        await self._work.session.exec(
            delete(ToolRow).where(col(ToolRow.tenant) == self._work.tenant, col(ToolRow.connector) == name)
        )
        await self._work.session.exec(
            delete(ConnectorRow).where(
                col(ConnectorRow.tenant) == self._work.tenant, col(ConnectorRow.name) == name
            )
        )
        await self._policies.remove_seeds(name)
        self._work.rules_changed = self._work.connectors_changed = True

    async def report(self, name: str, *, health: str) -> None:
        """Stores what is wrong with the connector; empty when nothing is."""
        await self._work.session.exec(
            update(ConnectorRow)
            .where(col(ConnectorRow.tenant) == self._work.tenant, col(ConnectorRow.name) == name)
            .values(health=health)
        )

    async def revision(self) -> int:
        """Gives a number that rises whenever a connector is added, changed or removed (not its health)."""
        return await connector_revision(self._work)

    async def catalog(self) -> Catalog:
        """Gives every tool of every connector; cheap unless something changed since the last time."""
        return await at_revision(self._work, self._known, self._load)

    async def put_tool(self, tool: CatalogTool) -> None:
        """Stores what is known of a tool; raises the tenant's policy revision.

        Whether the connector is on is not the tool's to say: the catalog takes it from the connector.

        Raises:
            Overtaken: the connector was removed.
        """
        if await self._locked(tool.id.connector) is None:
            raise Overtaken
        await self._work.put(ToolRow, tool_columns(tool), key=("connector", "name"))
        self._work.rules_changed = True

    async def _load(self) -> Catalog:
        statement = (
            select(ToolRow, ConnectorRow.on)
            .join(
                ConnectorRow,
                (col(ConnectorRow.tenant) == col(ToolRow.tenant))
                & (col(ConnectorRow.name) == col(ToolRow.connector)),
            )
            .where(col(ToolRow.tenant) == self._work.tenant)
        )
        tools = [tool_of(row, connector_on=on) for row, on in await self._work.session.exec(statement)]
        return MappingProxyType({tool.id: tool for tool in sorted(tools, key=lambda tool: tool.id)})

    async def _locked(self, name: str) -> ConnectorRow | None:
        statement = (
            select(ConnectorRow)
            .where(col(ConnectorRow.tenant) == self._work.tenant, col(ConnectorRow.name) == name)
            .with_for_update()
        )
        return (await self._work.session.exec(statement)).one_or_none()

    def _connector_of(self, row: ConnectorRow) -> Connector:
        transport = transport_of(self._box.open(row.transport, place=self._place(row.name)))
        return thing_of(Connector, row, transport=transport, manifest=manifest_of(row.manifest))

    def _place(self, name: str) -> tuple[str, str]:
        return (self._work.tenant, name)
