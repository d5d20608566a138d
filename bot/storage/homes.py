"""Whose own pages may be open on a surface, in SQL."""

from datetime import datetime

from sqlmodel import col, select, update

from bot.domain.people import PersonId, TenantId
from bot.ports.chat import ChatUser, Home
from bot.storage.engine import Engine
from bot.storage.mapping import thing_of
from bot.storage.tables.surfaces import HomeRow
from bot.storage.work import Work


class SqlHomes:
    """The port `Homes`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def opened(self, tenant: TenantId, user: ChatUser, person: PersonId, *, now: datetime) -> None:
        """Stores that the user opened their page now; what it showed last is kept."""
        new = {"person": person, "opened": now}
        row = {"surface": user.surface, "team": user.team, "user": user.id, **new}
        async with self._engine.write() as session:
            work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
            await session.exec(
                work.insert(HomeRow)
                .values(work.own(row | {"drawn": ""}))
                .on_conflict_do_update(index_elements=("tenant", "surface", "team", "user"), set_=new)
            )

    async def since(self, tenant: TenantId, surface: str, moment: datetime) -> tuple[Home, ...]:
        """Gives the pages that were opened at or after the moment, by user."""
        statement = select(HomeRow).where(
            col(HomeRow.tenant) == tenant, col(HomeRow.surface) == surface, col(HomeRow.opened) >= moment
        )
        async with self._engine.read() as session:
            rows = (await session.exec(statement)).all()
        return tuple(_home_of(row) for row in sorted(rows, key=lambda row: (row.team, row.user)))

    async def drawn(self, tenant: TenantId, user: ChatUser, *, mark: str) -> None:
        """Stores the mark of what the page shows now; a page that nobody opened stays unknown."""
        async with self._engine.write() as session:
            await session.exec(
                update(HomeRow)
                .where(
                    col(HomeRow.tenant) == tenant,
                    col(HomeRow.surface) == user.surface,
                    col(HomeRow.team) == user.team,
                    col(HomeRow.user) == user.id,
                )
                .values(drawn=mark)
            )


def _home_of(row: HomeRow) -> Home:
    return thing_of(Home, row, user=ChatUser(surface=row.surface, team=row.team, id=row.user))
