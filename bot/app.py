"""Composition root: the only place that knows every adapter."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from typing_extensions import override

from bot.directory.opened import opened_directory
from bot.directory.recent import RecentDirectory
from bot.directory.refusing import RefusingProvider
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.tenants import Tenant
from bot.domain.tools import shortened
from bot.ports.directory import Directory
from bot.ports.memory import Memory
from bot.ports.outside import Clock, Ids
from bot.settings import Settings
from bot.settings.directories import directory_settings
from bot.storage.chatlog import SqlChatLog
from bot.storage.codes import SqlCodes
from bot.storage.conversations import SqlConversations
from bot.storage.engine import Engine, open_engine, sqlite_file
from bot.storage.homes import SqlHomes
from bot.storage.inbox import SqlInbox
from bot.storage.installations import SqlInstallations
from bot.storage.migrate import RevisionState, migrate, revision_state
from bot.storage.postings import SqlPostings
from bot.storage.signins import SqlSignIns
from bot.storage.store import SqlStore

LOOKED_UP_S: Final = 5.0
"""Seconds for which a tenant's setting of the directory is remembered."""


class NotMigrated(Refusal):
    """The database has no tables for this version yet. Run “countersign migrate” once, then try again."""

    kind = "unavailable"


class NoSuchTenant(Refusal):
    """There is no tenant “{tenant}”. There are: {known}. To make another: countersign tenant add ID."""

    kind = "missing"


class OtherDeployment(Refusal):
    """COUNTERSIGN_TENANT_ID names {named}, but this deployment’s own tenant is {own}. Set it to {own}; for other tenants, write --tenant ID."""  # noqa: E501 - read as a whole

    kind = "conflict"


class SystemClock(Clock):
    """The machine's clock."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds(Ids):
    """Ids from the machine's source of secrets."""

    @override
    def new(self) -> str:
        return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One tenant's deployment, opened: what the command line works with."""

    settings: Settings
    tenant: TenantId
    store: SqlStore
    chat_log: SqlChatLog
    memory: Memory
    directory: Directory
    clock: Clock
    ids: Ids


@asynccontextmanager
async def open_deployment(settings: Settings, *, tenant: str = "") -> AsyncIterator[Deployment]:
    """Opens what the settings name; leaving the block closes it.

    A SQLite database is brought to this version's tables first, also while a server runs on it. The first
    tenant is set up from the settings.

    Args:
        settings: the deployment's.
        tenant: which tenant's it is to be; empty for the one of the settings.

    Raises:
        NotMigrated: a PostgreSQL database that `countersign migrate` has to prepare first.
        NoSuchTenant: there are others, and not this one.
        OtherDeployment: the settings name another tenant than they did at first.
        StoreUnreachable: the database does not answer.
        Refusal: the data directory or the key cannot be used.
    """
    key = settings.sealing_key()
    if sqlite_file(settings.database) is not None:
        await migrate(settings.database)
    elif await revision_state(settings.database) is not RevisionState.CURRENT:
        raise NotMigrated
    engine, clock = open_engine(settings.database), SystemClock()
    store = SqlStore(engine, key=key)
    try:
        wanted = await _tenant(store, settings, tenant or settings.tenant_id)
        async with _directory(store, settings, wanted, clock) as directory:
            yield Deployment(
                settings=settings,
                tenant=wanted,
                store=store,
                chat_log=SqlChatLog(engine),
                memory=memory_of(engine, key),
                directory=directory,
                clock=clock,
                ids=RandomIds(),
            )
    finally:
        await store.close()


@asynccontextmanager
async def for_tenant(deployment: Deployment, tenant: TenantId) -> AsyncIterator[Deployment]:
    """Gives the same deployment as another of its tenants has it."""
    async with _directory(deployment.store, deployment.settings, tenant, deployment.clock) as directory:
        yield replace(deployment, tenant=tenant, directory=directory)


@asynccontextmanager
async def _directory(
    store: SqlStore, settings: Settings, tenant: TenantId, clock: Clock
) -> AsyncIterator[Directory]:
    """Gives the tenant's directory; one that refuses everything where its file cannot be used."""
    limit = _Limit(store, tenant)
    try:
        found = directory_settings(settings.files_of(tenant).directory)
    except Refusal as refusal:
        yield RecentDirectory(RefusingProvider(refusal), clock=clock, limit=limit)
        return
    async with opened_directory(found.access, found.roles, clock=clock, limit=limit) as directory:
        yield directory


class _Limit:
    """How old the directory's word may be, as the tenant's setting is; looked up every few seconds."""

    def __init__(self, store: SqlStore, tenant: TenantId) -> None:
        self._store = store
        self._tenant = tenant
        self._known: tuple[float, timedelta] | None = None

    async def __call__(self) -> timedelta:
        """Gives it."""
        now = asyncio.get_running_loop().time()
        if self._known is None or now >= self._known[0] + LOOKED_UP_S:
            async with self._store.view(self._tenant) as view:
                self._known = (now, (await view.tenant()).directory_age)
        return self._known[1]


def memory_of(engine: Engine, key: bytes) -> Memory:
    """Gives what the chat surfaces remember in this database."""
    return Memory(
        installations=SqlInstallations(engine, key),
        postings=SqlPostings(engine),
        inbox=SqlInbox(engine),
        homes=SqlHomes(engine),
        codes=SqlCodes(engine),
        conversations=SqlConversations(engine),
        sign_ins=SqlSignIns(engine),
    )


async def _tenant(store: SqlStore, settings: Settings, wanted: str) -> TenantId:
    """Gives the tenant; the very first one is made from the settings, and is the deployment's own for good.

    Raises:
        NoSuchTenant: there are others, and not this one.
        OtherDeployment: the environment is about another tenant than it was before.
    """
    tenant, own = TenantId(wanted), TenantId(settings.tenant_id)
    known = await store.tenants()
    if not known:
        known = (own,)
        await _put_first(store, settings, own)
    found = await store.own_tenant(own)
    if found != own:
        raise OtherDeployment(named=own, own=found or f"one of {', '.join(known)}")
    if tenant not in known:
        raise NoSuchTenant(tenant=shortened(wanted), known=", ".join(known))
    return tenant


async def _put_first(store: SqlStore, settings: Settings, own: TenantId) -> None:
    async with store.unit(own) as unit:
        await unit.put_tenant(
            Tenant(
                id=own,
                name=settings.tenant_name,
                mode=settings.mode,
                zone=ZoneInfo(settings.time_zone),
                approval_lifetime=timedelta(hours=settings.approval_hours),
            )
        )
