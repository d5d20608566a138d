"""Accepts a tool whose definition has changed."""

from dataclasses import replace

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import TenantId
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.listing_changes import seeding_of
from bot.ports.outside import Clock
from bot.ports.records import Overtaken
from bot.ports.store import Store


class UnknownTool(Refusal):
    """No connector offers {tool} now. Check the name with: countersign connector list."""

    kind = "missing"


class AcceptTool:
    """Accepts a tool's definition as it is now."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(
        self, tenant: TenantId, tool: ToolId, *, by: str, fingerprint: str | None = None
    ) -> CatalogTool:
        """Ends the tool's drift and gives the tool; accepting it a second time changes nothing.

        `by` is who accepts, for the audit log. With `fingerprint`, exactly the definition that was looked at.

        Raises:
            UnknownTool: the connector does not offer it now.
            Overtaken: the definition is another one than the one that was looked at.
        """
        async with self._store.unit(tenant) as unit:
            known = (await unit.connections.catalog()).get(tool)
            if known is None or not known.present:
                raise UnknownTool(tool=tool)
            if fingerprint is not None and fingerprint != known.fingerprint:
                raise Overtaken
            if not known.drifted:
                return known
            connectors = {one.name: one for one in await unit.connections.all()}
            connector = connectors[tool.connector]
            seeding = seeding_of(connector, known.definition)
            accepted = replace(
                known, accepted=known.fingerprint, effect=seeding.effect, why=seeding.why.value
            )
            await unit.connections.put_tool(accepted)
            entry = AuditEntry(
                at=self._clock.now(),
                kind="tool.accepted",
                agent=by,
                connector_id=connector.id,
                connector=connector.name,
                tool=str(tool),
                details={"fingerprint": known.fingerprint, "before": known.accepted, "by": by},
            )
            await unit.audit.append(entry)
        return accepted
