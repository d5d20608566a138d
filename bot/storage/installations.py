"""Where the bot is installed, in SQL; tokens are sealed."""

from typing import Final

from sqlalchemy import ColumnElement, and_, false, func, or_
from sqlmodel import col, delete, select

from bot.domain.people import TenantId
from bot.ports.chat import Installation
from bot.ports.records import Overtaken
from bot.storage.engine import Engine
from bot.storage.mapping import columns_of, thing_of
from bot.storage.sealing import SealedBox
from bot.storage.tables.surfaces import InstallationRow
from bot.storage.work import Work

_PUTTING: Final = 0x696E7374
"""The PostgreSQL advisory lock under which installations are stored."""


class SqlInstallations:
    """The port `Installations`."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        """Takes the database and the key that seals tokens.

        Raises:
            UnusableKey: the key is not 32 bytes in URL-safe base64.
        """
        self._engine = engine
        self._box = SealedBox(key)

    async def find(self, surface: str, *, team: str, enterprise: str) -> tuple[TenantId, Installation] | None:
        """Gives the workspace's installation, else the one of the whole organisation (its team is empty).

        A workspace that moved into another organisation is the same one. One that two tenants have, from
        before that was refused, is nobody's.

        Raises:
            WrongKey: the secret key is another one than when the installation was stored.
        """
        fitting = _of(surface, team=team)
        if enterprise:
            fitting = or_(fitting, _is(surface, "", enterprise))
        async with self._engine.read() as session:
            rows = (await session.exec(select(InstallationRow).where(fitting))).all()
        of_team = [row for row in rows if row.team]
        nearest = of_team or rows
        if len({row.tenant for row in nearest}) != 1:
            return None
        row = max(nearest, key=lambda row: (row.enterprise == enterprise, row.at))
        return TenantId(row.tenant), self._installation_of(row)

    async def all(self, tenant: TenantId, surface: str) -> tuple[Installation, ...]:
        """Gives the tenant's installations, oldest first.

        Raises:
            WrongKey: the secret key is another one than when an installation was stored.
        """
        statement = select(InstallationRow).where(
            col(InstallationRow.tenant) == tenant, col(InstallationRow.surface) == surface
        )
        async with self._engine.read() as session:
            rows = (await session.exec(statement)).all()
        ordered = sorted(rows, key=lambda row: (row.at, row.enterprise, row.team))
        return tuple(self._installation_of(row) for row in ordered)

    async def put(self, tenant: TenantId, installation: Installation) -> None:
        """Stores the installation; an earlier one of the same workspace is replaced.

        Raises:
            Overtaken: the workspace, or something of its organisation, belongs to another tenant.
        """
        surface, team, enterprise = installation.surface, installation.team, installation.enterprise
        sealed = self._box.seal(installation.content, place=_place(tenant, surface, team, enterprise))
        new = {"name": installation.name, "content": sealed, "at": installation.at}
        near = _of(surface, team=team, enterprise=enterprise)
        async with self._engine.write() as session:
            if self._engine.dialect == "postgresql":
                await session.exec(select(func.pg_advisory_xact_lock(_PUTTING)))
            of_others = select(InstallationRow.tenant).where(near, col(InstallationRow.tenant) != tenant)
            if (await session.exec(of_others.limit(1))).one_or_none() is not None:
                raise Overtaken
            await session.exec(
                delete(InstallationRow).where(
                    _of(surface, team=team),
                    col(InstallationRow.enterprise) != enterprise,
                    col(InstallationRow.tenant) == tenant,
                )
            )
            work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
            result = await session.exec(
                work.insert(InstallationRow)
                .values(work.own(columns_of(installation) | new))
                .on_conflict_do_update(
                    index_elements=("surface", "enterprise", "team"),
                    set_=new,
                    where=col(InstallationRow.tenant) == tenant,
                )
            )
            if result.rowcount != 1:
                raise Overtaken

    async def remove(self, surface: str, *, team: str, enterprise: str) -> bool:
        """Removes exactly this installation; False when there was none."""
        async with self._engine.write() as session:
            result = await session.exec(delete(InstallationRow).where(_is(surface, team, enterprise)))
        return result.rowcount > 0

    def _installation_of(self, row: InstallationRow) -> Installation:
        place = _place(TenantId(row.tenant), row.surface, row.team, row.enterprise)
        return thing_of(Installation, row, content=self._box.open(row.content, place=place))


def _is(surface: str, team: str, enterprise: str) -> ColumnElement[bool]:
    return and_(
        col(InstallationRow.surface) == surface,
        col(InstallationRow.team) == team,
        col(InstallationRow.enterprise) == enterprise,
    )


def _of(surface: str, *, team: str = "", enterprise: str = "") -> ColumnElement[bool]:
    """Gives what is of the workspace or of the organisation; an empty name is nobody's."""
    named = ((InstallationRow.team, team), (InstallationRow.enterprise, enterprise))
    is_of = or_(false(), *(col(column) == name for column, name in named if name))
    return and_(col(InstallationRow.surface) == surface, is_of)


def _place(tenant: TenantId, surface: str, team: str, enterprise: str) -> tuple[str, ...]:
    return (tenant, surface, enterprise, team)
