"""What came in, in SQL."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, delete, select, update

from bot.domain.canonical import JsonObject
from bot.domain.people import TenantId
from bot.ports.chat import Arrival
from bot.storage.engine import Engine
from bot.storage.leases import NO_LEASE, free
from bot.storage.mapping import thing_of
from bot.storage.tables.surfaces import ArrivalRow
from bot.storage.work import Work


class SqlInbox:
    """The port `Inbox`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add(
        self, tenant: TenantId, surface: str, key: str, content: JsonObject, *, now: datetime
    ) -> bool:
        """Stores it; False when the key came before, be it taken up already or not."""
        row = {"surface": surface, "key": key, "content": content, "came": now}
        async with self._engine.write() as session:
            work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
            return await work.add(ArrivalRow, row)

    async def claim(
        self, tenant: TenantId, surface: str, worker: str, *, now: datetime, until: datetime, limit: int
    ) -> tuple[Arrival, ...]:
        """Leases what is due and nobody holds, oldest first; what others hold locked is passed by."""
        due = (
            select(ArrivalRow.number)
            .where(
                col(ArrivalRow.tenant) == tenant,
                col(ArrivalRow.surface) == surface,
                col(ArrivalRow.content).is_not(None),
                free(ArrivalRow, now),
                or_(col(ArrivalRow.due).is_(None), col(ArrivalRow.due) <= now),
            )
            .order_by(col(ArrivalRow.number))
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        async with self._engine.write() as session:
            result = await session.exec(
                update(ArrivalRow)
                .where(col(ArrivalRow.number).in_(select(due.c.number)))
                .values(lease_owner=worker, lease_until=until)
                .returning(ArrivalRow)
            )
            arrivals = [_arrival_of(row) for row in result.scalars()]
        return tuple(sorted(arrivals, key=lambda arrival: arrival.id))

    async def finish(self, worker: str, arrival: int) -> None:
        """Notes that it is taken up; its content is removed, its key stays. Only who leased it can."""
        await self._change(worker, arrival, {"content": None})

    async def retry(self, worker: str, arrival: int, *, at: datetime) -> None:
        """Puts it back, due at `at`, with one more attempt counted. Only who leased it can."""
        await self._change(worker, arrival, {"due": at, "attempts": ArrivalRow.attempts + 1})

    async def forget_before(self, moment: datetime) -> int:
        """Removes the keys of what came before the moment and was taken up; gives how many that were."""
        async with self._engine.write() as session:
            result = await session.exec(
                delete(ArrivalRow).where(col(ArrivalRow.content).is_(None), col(ArrivalRow.came) < moment)
            )
            return result.rowcount

    async def _change(self, worker: str, arrival: int, columns: Mapping[str, object]) -> None:
        async with self._engine.write() as session:
            await session.exec(
                update(ArrivalRow)
                .where(col(ArrivalRow.number) == arrival, col(ArrivalRow.lease_owner) == worker)
                .values({**columns, **NO_LEASE})
            )


def _arrival_of(row: ArrivalRow) -> Arrival:
    return thing_of(Arrival, row, id=row.number)
