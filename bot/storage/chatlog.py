"""What stands in whose chat on the web surface, in SQL."""

from typing import Final

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.people import PersonId, TenantId
from bot.ports.store import ChatItem
from bot.storage.engine import Engine
from bot.storage.mapping import columns_of, thing_of
from bot.storage.tables.chat import ChatHeadRow, ChatItemRow
from bot.storage.work import Work

SHOWN: Final = 500
"""Items of a chat that are given, the newest ones."""


class SqlChatLog:
    """The port `ChatLog`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def append(self, tenant: TenantId, *items: ChatItem) -> None:
        """Adds items, each at the end of its person's chat, all or none; the same id twice changes nothing."""
        if not items:
            return
        async with self._engine.write() as session:
            work = self._work(session, tenant)
            first = revision = await _next_revision(work)
            for item in items:
                revision += await work.add(ChatItemRow, columns_of(item) | {"revision": revision})
            if revision > first:
                await _settle(work, revision - 1)

    async def put(self, tenant: TenantId, item: ChatItem) -> None:
        """Adds an item at the end of the person's chat; one with its id keeps its place and gets its content."""
        async with self._engine.write() as session:
            work = self._work(session, tenant)
            revision = await _next_revision(work)
            row = work.own(columns_of(item) | {"revision": revision})
            await session.exec(
                work.insert(ChatItemRow)
                .values(row)
                .on_conflict_do_update(
                    index_elements=("tenant", "person", "id"),
                    set_={"content": item.content, "revision": revision},
                )
            )
            await _settle(work, revision)

    async def replace(self, tenant: TenantId, item: ChatItem) -> None:
        """Replaces the item's content in its place; its `at` stays. One that is not there stays away."""
        async with self._engine.write() as session:
            work = self._work(session, tenant)
            revision = await _next_revision(work)
            result = await session.exec(
                update(ChatItemRow)
                .where(
                    col(ChatItemRow.tenant) == tenant,
                    col(ChatItemRow.person) == item.person,
                    col(ChatItemRow.id) == item.id,
                )
                .values(content=item.content, revision=revision)
            )
            if result.rowcount:
                await _settle(work, revision)

    async def items(self, tenant: TenantId, person: PersonId) -> tuple[ChatItem, ...]:
        """Gives the person's chat, oldest first, at most the newest 500."""
        statement = (
            select(ChatItemRow)
            .where(col(ChatItemRow.tenant) == tenant, col(ChatItemRow.person) == person)
            .order_by(col(ChatItemRow.number).desc())
            .limit(SHOWN)
        )
        async with self._engine.read() as session:
            rows = (await session.exec(statement)).all()
        return tuple(thing_of(ChatItem, row) for row in reversed(rows))

    async def changed_since(self, tenant: TenantId, revision: int) -> tuple[int, frozenset[PersonId]]:
        """Gives the newest revision and whose chats changed after the given one."""
        newest = select(ChatHeadRow.revision).where(col(ChatHeadRow.tenant) == tenant)
        changed = (
            select(ChatItemRow.person)
            .where(col(ChatItemRow.tenant) == tenant, col(ChatItemRow.revision) > revision)
            .distinct()
        )
        async with self._engine.read() as session:
            head = (await session.exec(newest)).one_or_none() or 0
            persons = (await session.exec(changed)).all()
        return head, frozenset(PersonId(person) for person in persons)

    def _work(self, session: AsyncSession, tenant: TenantId) -> Work:
        return Work(session, tenant, dialect=self._engine.dialect, writes=True)


async def _next_revision(work: Work) -> int:
    """Gives the revision to write with; the head stays locked, so revisions come true in their order."""
    await work.add(ChatHeadRow, {"revision": 0})
    statement = select(ChatHeadRow.revision).where(col(ChatHeadRow.tenant) == work.tenant).with_for_update()
    return (await work.session.exec(statement)).one() + 1


async def _settle(work: Work, revision: int) -> None:
    await work.session.exec(
        update(ChatHeadRow).where(col(ChatHeadRow.tenant) == work.tenant).values(revision=revision)
    )
