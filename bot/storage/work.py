"""One transaction on one tenant's things, as the record kinds share it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, UTCDateTime, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.people import TenantId
from bot.storage.mapping import Columns


class Work:
    """A transaction, the tenant it is on, and what its end has to raise."""

    def __init__(self, session: AsyncSession, tenant: TenantId, *, dialect: str, writes: bool) -> None:
        self.session = session
        self.tenant = tenant
        self.writes = writes
        self.rules_changed = False
        """Whether policies, defaults, freezes, grants, tools or connectors changed."""
        self.connectors_changed = False
        self._dialect = dialect

    def insert(self, kind: type[SQLModel]) -> "postgresql.Insert | sqlite.Insert":
        """Gives an insert that can have an `ON CONFLICT`, in this database's words."""
        return postgresql.insert(kind) if self._dialect == "postgresql" else sqlite.insert(kind)

    def own(self, columns: Columns) -> Columns:
        """Gives the columns with the tenant of this transaction.

        Raises:
            ValueError: they are another tenant's.
        """
        if columns.get("tenant", self.tenant) != self.tenant:
            raise ValueError("this belongs to another tenant")
        return columns | {"tenant": self.tenant}

    async def add(self, kind: type[SQLModel], columns: Columns) -> bool:
        """Inserts a row of the tenant; False when one of its keys is taken, and nothing changed."""
        statement = self.insert(kind).values(self.own(columns))
        result = await self.session.exec(statement.on_conflict_do_nothing())
        return result.rowcount == 1

    async def put(self, kind: type[SQLModel], columns: Columns, *, key: tuple[str, ...]) -> None:
        """Inserts a row of the tenant, or changes the one with the same key into it."""
        statement = self.insert(kind).values(self.own(columns))
        new: dict[str, Any] = {name: value for name, value in columns.items() if name not in key}
        await self.session.exec(statement.on_conflict_do_update(index_elements=("tenant", *key), set_=new))

    async def moment(self) -> datetime:
        """Gives the database's own present moment."""
        return (await self.session.exec(select(_PRESENT[self._dialect]))).one()


_PRESENT: Final[Mapping[str, ColumnElement[datetime]]] = {
    "postgresql": func.now(type_=UTCDateTime()),
    "sqlite": func.strftime("%Y-%m-%d %H:%M:%f000", "now", type_=UTCDateTime()),
}
"""SQLite's fractions have three digits; the column type reads six."""
