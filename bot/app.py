"""Composition root: the only place that knows every adapter."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from typing_extensions import override

from bot.directory.file import FileDirectory
from bot.directory.recent import RecentDirectory, each_time
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.tenants import Tenant
from bot.ports.directory import Directory
from bot.ports.memory import Memory
from bot.ports.outside import Clock, Ids
from bot.settings import Settings
from bot.storage.chatlog import SqlChatLog
from bot.storage.codes import SqlCodes
from bot.storage.conversations import SqlConversations
from bot.storage.engine import Engine, open_engine, sqlite_file
from bot.storage.homes import SqlHomes
from bot.storage.inbox import SqlInbox
from bot.storage.installations import SqlInstallations
from bot.storage.migrate import RevisionState, migrate, revision_state
from bot.storage.postings import SqlPostings
from bot.storage.store import SqlStore


class NotMigrated(Refusal):
    """The database has no tables for this version yet. Run “countersign migrate” once, then try again."""

    kind = "unavailable"


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
async def open_deployment(settings: Settings) -> AsyncIterator[Deployment]:
    """Opens what the settings name; leaving the block closes it.

    A SQLite database is brought to this version's tables first, also while a server runs on it. A tenant that
    is not there yet is set up from the settings.

    Raises:
        NotMigrated: a PostgreSQL database that `countersign migrate` has to prepare first.
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
        tenant = await _tenant(store, settings)
        yield Deployment(
            settings=settings,
            tenant=tenant,
            store=store,
            chat_log=SqlChatLog(engine),
            memory=memory_of(engine, key),
            directory=RecentDirectory(FileDirectory(settings.people), clock=clock, limit=each_time),
            clock=clock,
            ids=RandomIds(),
        )
    finally:
        await store.close()


def memory_of(engine: Engine, key: bytes) -> Memory:
    """Gives what the chat surfaces remember in this database."""
    return Memory(
        installations=SqlInstallations(engine, key),
        postings=SqlPostings(engine),
        inbox=SqlInbox(engine),
        homes=SqlHomes(engine),
        codes=SqlCodes(engine),
        conversations=SqlConversations(engine),
    )


async def _tenant(store: SqlStore, settings: Settings) -> TenantId:
    tenant = TenantId(settings.tenant_id)
    if tenant not in await store.tenants():
        async with store.unit(tenant) as unit:
            await unit.put_tenant(
                Tenant(
                    id=tenant,
                    name=settings.tenant_name,
                    mode=settings.mode,
                    zone=ZoneInfo(settings.time_zone),
                    approval_lifetime=timedelta(hours=settings.approval_hours),
                )
            )
    return tenant
