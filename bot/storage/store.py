"""The database as the rest of Countersign sees it."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlmodel import col, select, update

from bot.domain.events import ClaimedNotice
from bot.domain.people import TenantId
from bot.domain.requests import RequestId
from bot.storage import chain, leases
from bot.storage.chain import Verification
from bot.storage.engine import Engine
from bot.storage.sealing import SealedBox
from bot.storage.tables.tenants import TenantRow
from bot.storage.unit import Known, SqlUnit
from bot.storage.work import Work


class SqlStore:
    """The port `Store`, on SQLite or PostgreSQL.

    Lock a request before its approvals where both are needed: the database gives up one of two transactions
    that wait for each other (`Overtaken`).
    """

    def __init__(self, engine: Engine, *, key: bytes) -> None:
        """Takes the database and the key that seals connectors' secrets.

        Raises:
            UnusableKey: the key is not 32 bytes in URL-safe base64.
        """
        self._engine = engine
        self._box = SealedBox(key)
        self._known = Known()
        self._inside: set[asyncio.Task[Any] | None] = set()

    @asynccontextmanager
    async def unit(self, tenant: TenantId) -> AsyncIterator[SqlUnit]:
        """Opens a transaction that may write.

        Raises:
            RuntimeError: this task is in a unit already, which would wait for itself.
        """
        task = asyncio.current_task()
        if task in self._inside:
            raise RuntimeError("units never nest")
        self._inside.add(task)
        try:
            async with self._engine.write() as session:
                work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
                unit = SqlUnit(work, self._box, self._known)
                yield unit
                await unit.end()
        finally:
            self._inside.discard(task)

    @asynccontextmanager
    async def view(self, tenant: TenantId) -> AsyncIterator[SqlUnit]:
        """Opens a transaction that only reads, sees one moment, and never waits for a writer."""
        async with self._engine.read() as session:
            work = Work(session, tenant, dialect=self._engine.dialect, writes=False)
            yield SqlUnit(work, self._box, self._known)

    async def tenants(self) -> tuple[TenantId, ...]:
        """Gives every tenant's id, in order."""
        async with self._engine.read() as session:
            found = (await session.exec(select(TenantRow.id))).all()
        return tuple(TenantId(tenant) for tenant in sorted(found))

    async def own_tenant(self, wanted: TenantId) -> TenantId | None:
        """Gives whom the environment is about; if that was never said, it is the wanted one from now on.

        However many say so at once, all get the same. None where there is no such tenant.
        """
        async with self._engine.write() as session:
            found = (await session.exec(select(TenantRow.id).where(col(TenantRow.is_own)))).one_or_none()
            if found is None:
                mine = update(TenantRow).where(col(TenantRow.id) == wanted).values(is_own=True)
                found = wanted if (await session.exec(mine)).rowcount else None
        return None if found is None else TenantId(found)

    async def claim_request(
        self,
        worker: str,
        *,
        now: datetime,
        until: datetime,
        tenants: Collection[TenantId] | None = None,
    ) -> tuple[TenantId, RequestId] | None:
        """Leases one request that has work to do and no living lease; None when there is none."""
        async with self._engine.write() as session:
            return await leases.claim_request(session, worker, now=now, until=until, tenants=tenants)

    async def renew(self, worker: str, *, until: datetime) -> None:
        """Prolongs every lease of the worker, on requests and on notices."""
        async with self._engine.write() as session:
            await leases.renew(session, worker, until=until)

    async def release(
        self, worker: str, tenant: TenantId, request: RequestId, *, retry_at: datetime | None = None
    ) -> None:
        """Ends the worker's lease on the request."""
        async with self._engine.write() as session:
            await leases.release_request(session, worker, tenant, request, retry_at=retry_at)

    async def forget_leases(self) -> None:
        """Ends all leases; only for a process that knows that no other is alive."""
        async with self._engine.write() as session:
            await leases.forget(session)

    async def due_tenants(self, *, now: datetime) -> frozenset[TenantId]:
        """Gives the tenants with notices that are due and that nobody is delivering."""
        async with self._engine.read() as session:
            return await leases.due_tenants(session, now=now)

    async def claim_notices(
        self,
        worker: str,
        *,
        now: datetime,
        until: datetime,
        limit: int,
        tenants: Collection[TenantId] | None = None,
        request: RequestId | None = None,
    ) -> tuple[tuple[TenantId, ClaimedNotice], ...]:
        """Leases notices that are due, oldest first; only those of the tenants or the request, if given."""
        async with self._engine.write() as session:
            return await leases.claim_notices(
                session,
                worker,
                now=now,
                until=until,
                limit=limit,
                tenants=tenants,
                request=request,
                dialect=self._engine.dialect,
            )

    async def finish_notice(self, worker: str, *notices: int) -> None:
        """Removes delivered notices that the worker has leased."""
        async with self._engine.write() as session:
            await leases.finish_notices(session, worker, notices)

    async def retry_notice(
        self, worker: str, notice: int, *, at: datetime, error: str, counted: bool = True
    ) -> None:
        """Puts the notice back, due again at `at`; one more attempt is counted unless `counted` is False."""
        async with self._engine.write() as session:
            await leases.retry_notice(session, worker, notice, at=at, error=error, counted=counted)

    async def verify_audit(self, tenant: TenantId) -> Verification:
        """Gives whether the tenant's audit log is as it was written."""
        async with self._engine.read() as session:
            return await chain.verify(session, tenant)

    async def close(self) -> None:
        """Closes every connection; repeating it changes nothing."""
        await self._engine.close()
