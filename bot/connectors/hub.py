"""All tenants' connectors: started, stopped and restarted as the store says, and their tools taken in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Protocol, Self

import structlog
from typing_extensions import override

from bot.connectors.listing import Listing
from bot.connectors.settings import ConnectorSettings
from bot.connectors.upstream import Upstream
from bot.domain.connectors import Connector
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.domain.tools import ToolDefinition
from bot.flow.listing_report import ListingReport
from bot.ports.outside import Connectors, NotSent
from bot.ports.store import Store

_log: Final = structlog.get_logger(__name__)


class TakesListings(Protocol):
    """The stage that takes a connector's tools into the catalog."""

    async def __call__(
        self,
        tenant: TenantId,
        connector: Connector,
        definitions: Sequence[ToolDefinition],
        *,
        refused: Sequence[str] = (),
    ) -> ListingReport:
        """Gives what has changed; the same list twice changes nothing."""
        ...


@dataclass(slots=True, kw_only=True)
class _Kept:
    """A connector that is kept connected, and what of it is stored."""

    connector: Connector
    upstream: Upstream
    reported: str
    taken: Listing | None = None


@dataclass(slots=True, kw_only=True)
class _Tenant:
    """One tenant's connectors by name, as of a revision."""

    revision: int | None = None
    kept: dict[str, _Kept] = field(default_factory=dict)


class Hub:
    """Keeps every stored connector connected while its block is entered.

    Several processes may each have one: what they store of the same server is the same.
    """

    def __init__(self, *, store: Store, take: TakesListings, settings: ConnectorSettings) -> None:
        """Starts nothing yet."""
        self._store = store
        self._take = take
        self._settings = settings
        self._tenants: dict[TenantId, _Tenant] = {}
        self._bell = asyncio.Event()
        self._complaints: dict[str, str] = {}
        self._farewells: dict[Upstream, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begins to connect what is stored, and goes on looking; a store that is away is waited for."""
        await self._look()
        self._task = asyncio.create_task(self._run(), name="connectors")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnects everything and ends the servers that are our children; at most some seconds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        for tenant in self._tenants.values():
            for kept in tenant.kept.values():
                self._part_with(kept.upstream)
        await asyncio.gather(*self._farewells.values())
        self._tenants.clear()

    def for_tenant(self, tenant: TenantId) -> Connectors:
        """Gives the tenant's tool servers; none of another tenant's can be called by it."""
        return _TenantConnectors(self, tenant)

    async def call(self, tenant: TenantId, call: ToolCall) -> CallResult:
        """Makes a call of the tenant.

        Raises:
            NotSent: the tenant has no such connector, or it cannot be reached.
            OutcomeUnknown: the call left, and no answer came.
        """
        known = self._tenants.get(tenant)
        kept = known.kept.get(call.tool.connector) if known is not None else None
        if kept is None:
            raise NotSent(connector=call.tool.connector, why="it is turned off, or not set up here.")
        return await kept.upstream.call(call)

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._settings.poll_s):
                    await self._bell.wait()
            except TimeoutError:
                pass
            self._bell.clear()
            await self._look()

    async def _look(self) -> None:
        try:
            tenants = await self._store.tenants()
        except Refusal as refusal:
            self._complain("store", refusal)
            return
        for tenant in tenants:
            try:
                await self._reconcile(tenant)
            except Exception as error:  # noqa: BLE001 - one tenant's fault must not be the others'
                self._complain(tenant, error)
            else:
                self._complaints.pop(tenant, None)
        self._complaints.pop("store", None)
        for gone in set(self._tenants) - set(tenants):
            for kept in self._tenants.pop(gone).kept.values():
                self._part_with(kept.upstream)

    def _complain(self, about: str, error: Exception) -> None:
        """Logs what went wrong, once as long as it stays the same; every look tries again."""
        word = type(error).__name__
        if self._complaints.get(about) != word:
            self._complaints[about] = word
            _log.warning("connectors.look_failed", about=about, error=word)

    async def _reconcile(self, tenant: TenantId) -> None:
        known = self._tenants.setdefault(tenant, _Tenant())
        async with self._store.view(tenant) as view:
            revision = await view.connections.revision()
            stored = await view.connections.all() if revision != known.revision else None
        if stored is not None:
            self._adjust(known, {one.name: one for one in stored if one.on})
            known.revision = revision
        for kept in list(known.kept.values()):
            await self._store_news(tenant, kept)

    def _adjust(self, known: _Tenant, wanted: dict[str, Connector]) -> None:
        replaced: dict[str, Upstream] = {}
        for name, kept in list(known.kept.items()):
            connector = wanted.get(name)
            if connector is None or _way(connector) != _way(kept.connector):
                replaced[name] = known.kept.pop(name).upstream
                self._part_with(replaced[name])
            elif replace(connector, health="") != replace(kept.connector, health=""):
                # What its tools do is judged anew, by the manifest as it is now.
                kept.connector, kept.taken = connector, None
        for name, connector in wanted.items():
            if name not in known.kept:
                upstream = Upstream(connector, self._settings, ring=self._bell.set)
                known.kept[name] = _Kept(connector=connector, upstream=upstream, reported=connector.health)
                # A server may allow one of its kind only: the old one ends before the new one starts.
                upstream.start(after=self._farewells.get(replaced[name]) if name in replaced else None)

    def _part_with(self, upstream: Upstream) -> None:
        farewell = asyncio.create_task(upstream.stop())
        self._farewells[upstream] = farewell
        farewell.add_done_callback(lambda _: self._farewells.pop(upstream, None))

    async def _store_news(self, tenant: TenantId, kept: _Kept) -> None:
        listing, health = kept.upstream.listing, kept.upstream.health
        name = kept.connector.name
        try:
            if listing is not None and listing is not kept.taken:
                await self._take(tenant, kept.connector, listing.tools, refused=listing.refused)
                kept.taken = listing
            if health is not None and health != kept.reported:
                async with self._store.unit(tenant) as unit:
                    await unit.connections.report(name, health=health)
                kept.reported = health
        except Refusal as refusal:
            # The store is away, or another process was faster; the next look tries again.
            self._complain(f"{tenant}/{name}", refusal)
        else:
            self._complaints.pop(f"{tenant}/{name}", None)


class _TenantConnectors(Connectors):
    """The port, for one tenant."""

    def __init__(self, hub: Hub, tenant: TenantId) -> None:
        self._hub = hub
        self._tenant = tenant

    @override
    async def call(self, call: ToolCall) -> CallResult:
        return await self._hub.call(self._tenant, call)


def _way(connector: Connector) -> tuple[object, ...]:
    """Gives what a connection depends on."""
    return (connector.id, connector.transport, connector.timeout_s)
