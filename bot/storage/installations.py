"""Where the bot is installed, in SQL; tokens are sealed."""

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, delete, select

from bot.domain.people import TenantId
from bot.ports.chat import Installation
from bot.ports.records import Overtaken
from bot.storage.engine import Engine
from bot.storage.mapping import columns_of, thing_of
from bot.storage.sealing import SealedBox
from bot.storage.tables.surfaces import InstallationRow
from bot.storage.work import Work


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

        Raises:
            WrongKey: the secret key is another one than when the installation was stored.
        """
        fitting = _is(surface, team, enterprise)
        if enterprise:
            fitting = or_(fitting, _is(surface, "", enterprise))
        statement = select(InstallationRow).where(fitting).order_by(col(InstallationRow.team).desc()).limit(1)
        async with self._engine.read() as session:
            row = (await session.exec(statement)).one_or_none()
        return None if row is None else (TenantId(row.tenant), self._installation_of(row))

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
            Overtaken: the workspace belongs to another tenant.
        """
        place = _place(tenant, installation.surface, installation.team, installation.enterprise)
        sealed = self._box.seal(installation.content, place=place)
        new = {"name": installation.name, "content": sealed, "at": installation.at}
        async with self._engine.write() as session:
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

    async def remove(self, surface: str, *, team: str, enterprise: str) -> None:
        """Removes exactly this installation; repeating it changes nothing."""
        async with self._engine.write() as session:
            await session.exec(delete(InstallationRow).where(_is(surface, team, enterprise)))

    def _installation_of(self, row: InstallationRow) -> Installation:
        place = _place(TenantId(row.tenant), row.surface, row.team, row.enterprise)
        return thing_of(Installation, row, content=self._box.open(row.content, place=place))


def _is(surface: str, team: str, enterprise: str) -> ColumnElement[bool]:
    return and_(
        col(InstallationRow.surface) == surface,
        col(InstallationRow.team) == team,
        col(InstallationRow.enterprise) == enterprise,
    )


def _place(tenant: TenantId, surface: str, team: str, enterprise: str) -> tuple[str, ...]:
    return (tenant, surface, enterprise, team)
