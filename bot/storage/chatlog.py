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
        """Adds items, each at the end of its person's chat; the same id twice changes nothing."""
        if not items:
            return
        async with self._engine.write() as session:
            work = self._work(session, tenant)
            first = await _raised(work, by=len(items))
            added = 0
            for item in items:
                added += await work.add(ChatItemRow, columns_of(item) | {"revision": first + added})
            if added < len(items):
                await _raised(work, by=added - len(items))

    async def put(self, tenant: TenantId, item: ChatItem) -> None:
        """Adds an item at the end of the person's chat, or gives the one with its id the new content."""
        async with self._engine.write() as session:
            work = self._work(session, tenant)
            revision = await _raised(work)
            row = work.own(columns_of(item) | {"revision": revision})
            await session.exec(
                work.insert(ChatItemRow)
                .values(row)
                .on_conflict_do_update(
                    index_elements=("tenant", "person", "id"),
                    set_={"content": item.content, "revision": revision},
                )
            )

    async def replace(self, tenant: TenantId, item: ChatItem) -> None:
        """Replaces the item's content in its place; its `at` stays. One that is not there stays away."""
        async with self._engine.write() as session:
            work = self._work(session, tenant)
            revision = await _raised(work)
            result = await session.exec(
                update(ChatItemRow)
                .where(
                    col(ChatItemRow.tenant) == tenant,
                    col(ChatItemRow.person) == item.person,
                    col(ChatItemRow.id) == item.id,
                )
                .values(content=item.content, revision=revision)
            )
            if not result.rowcount:
                await _raised(work, by=-1)

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


async def _raised(work: Work, *, by: int = 1) -> int:
    """Gives the first of the revisions to write with; the head stays locked, so they come true in order."""
    statement = (
        work.insert(ChatHeadRow)
        .values(tenant=work.tenant, revision=by)
        .on_conflict_do_update(index_elements=("tenant",), set_={"revision": ChatHeadRow.revision + by})
        .returning(col(ChatHeadRow.revision))
    )
    raised: int = (await work.session.exec(statement)).scalar_one()
    return raised - by + 1
