"""What surfaces posted, in SQL."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.people import TenantId
from bot.ports.chat import Posting
from bot.storage.engine import Engine
from bot.storage.mapping import thing_of
from bot.storage.tables.surfaces import PostingRow
from bot.storage.work import Work


class SqlPostings:
    """The port `Postings`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def begin(self, tenant: TenantId, surface: str, key: str, *, place: str, now: datetime) -> Posting:
        """Stores that this is about to be posted, or gives what is stored under the key already."""
        row = {"surface": surface, "key": key, "place": place, "reference": "", "begun": now}
        async with self._engine.write() as session:
            work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
            while True:
                if await work.add(PostingRow, row):
                    return Posting(place=place, reference="", begun=now, is_new=True)
                found = await _found(session, tenant, surface, key)
                if found is not None:
                    return found

    async def get(self, tenant: TenantId, surface: str, key: str) -> Posting | None:
        """Gives what is stored under the key; `is_new` is False."""
        async with self._engine.read() as session:
            return await _found(session, tenant, surface, key)

    async def done(self, tenant: TenantId, surface: str, key: str, *, reference: str) -> None:
        """Stores what the platform calls it."""
        async with self._engine.write() as session:
            await session.exec(
                update(PostingRow).where(*_is(tenant, surface, key)).values(reference=reference)
            )

    async def forget(self, tenant: TenantId, surface: str, key: str) -> None:
        """Removes the key: the platform said that nothing was posted, or it is there no more."""
        async with self._engine.write() as session:
            await session.exec(delete(PostingRow).where(*_is(tenant, surface, key)))

    async def forget_before(self, moment: datetime) -> int:
        """Removes what was begun before the moment, and gives how many that were."""
        async with self._engine.write() as session:
            result = await session.exec(delete(PostingRow).where(col(PostingRow.begun) < moment))
            return result.rowcount


async def _found(session: AsyncSession, tenant: TenantId, surface: str, key: str) -> Posting | None:
    row = (await session.exec(select(PostingRow).where(*_is(tenant, surface, key)))).one_or_none()
    return None if row is None else thing_of(Posting, row, is_new=False)


def _is(tenant: TenantId, surface: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(PostingRow.tenant) == tenant,
        col(PostingRow.surface) == surface,
        col(PostingRow.key) == key,
    )
