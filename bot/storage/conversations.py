"""Where the bot can write, in SQL."""

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select

from bot.domain.people import TenantId
from bot.ports.chat import Conversation
from bot.storage.engine import Engine
from bot.storage.mapping import columns_of, thing_of
from bot.storage.tables.conversations import ConversationRow
from bot.storage.work import Work


class SqlConversations:
    """The port `Conversations`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def put(self, tenant: TenantId, conversation: Conversation) -> None:
        """Stores the conversation; what was stored of the same place is replaced."""
        async with self._engine.write() as session:
            work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
            await work.put(ConversationRow, columns_of(conversation), key=("surface", "place"))

    async def get(self, tenant: TenantId, surface: str, place: str) -> Conversation | None:
        """Gives what is stored of the place."""
        statement = select(ConversationRow).where(*_is(tenant, surface, place))
        async with self._engine.read() as session:
            row = (await session.exec(statement)).one_or_none()
        return None if row is None else thing_of(Conversation, row)

    async def of_user(
        self, tenant: TenantId, surface: str, *, team: str, user: str
    ) -> tuple[Conversation, ...]:
        """Gives the user's private conversations, the one heard of last first."""
        if not user:
            return ()
        statement = select(ConversationRow).where(
            *_of_team(tenant, surface, team), col(ConversationRow.user) == user
        )
        async with self._engine.read() as session:
            rows = (await session.exec(statement)).all()
        ordered = sorted(rows, key=lambda row: (row.at, row.place), reverse=True)
        return tuple(thing_of(Conversation, row) for row in ordered)

    async def newest(self, tenant: TenantId, surface: str, *, team: str) -> Conversation | None:
        """Gives the organisation's conversation that was heard of last; None while there is none."""
        statement = (
            select(ConversationRow)
            .where(*_of_team(tenant, surface, team))
            .order_by(col(ConversationRow.at).desc())
            .limit(1)
        )
        async with self._engine.read() as session:
            row = (await session.exec(statement)).one_or_none()
        return None if row is None else thing_of(Conversation, row)

    async def remove(self, tenant: TenantId, surface: str, place: str) -> bool:
        """Forgets the place; False when nothing was stored of it."""
        async with self._engine.write() as session:
            result = await session.exec(delete(ConversationRow).where(*_is(tenant, surface, place)))
            return result.rowcount == 1


def _is(tenant: TenantId, surface: str, place: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ConversationRow.tenant) == tenant,
        col(ConversationRow.surface) == surface,
        col(ConversationRow.place) == place,
    )


def _of_team(tenant: TenantId, surface: str, team: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ConversationRow.tenant) == tenant,
        col(ConversationRow.surface) == surface,
        col(ConversationRow.team) == team,
    )
