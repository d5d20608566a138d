"""What admins were told of new and changed tools, in SQL."""

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update

from bot.domain.announcements import Announcement, AnnouncementId, AnnouncementStatus
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.storage.documents import written
from bot.storage.edits import definition_of
from bot.storage.mapping import Columns, columns_of, thing_of
from bot.storage.tables.changes import AnnouncementRow
from bot.storage.work import Work


class SqlAnnouncements:
    """The port `Announcements`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, announcement: Announcement) -> None:
        """Stores one."""
        if not await self._work.add(AnnouncementRow, _columns(announcement)):
            raise Overtaken

    async def get(self, announcement: AnnouncementId) -> Announcement | None:
        """Gives it, locked until the transaction ends; None when there is none."""
        found = await self._found(col(AnnouncementRow.id) == announcement)
        return found[0] if found else None

    async def open_of(self, tool: ToolId) -> Announcement | None:
        """Gives the newest about the tool that nobody dealt with; None when there is none."""
        found = await self._found(
            col(AnnouncementRow.status) == AnnouncementStatus.OPEN,
            col(AnnouncementRow.connector) == tool.connector,
            col(AnnouncementRow.tool) == tool.name,
        )
        return found[-1] if found else None

    async def newest_of(self, tool: ToolId) -> Announcement | None:
        """Gives the newest about the tool, dealt with or not; None when there is none."""
        statement = (
            select(AnnouncementRow)
            .where(
                col(AnnouncementRow.tenant) == self._work.tenant,
                col(AnnouncementRow.connector) == tool.connector,
                col(AnnouncementRow.tool) == tool.name,
            )
            .order_by(
                col(AnnouncementRow.at).desc(),
                col(AnnouncementRow.decided).is_not(None),
                col(AnnouncementRow.id).desc(),
            )
            .limit(1)
        )
        row = (await self._work.session.exec(statement)).first()
        return None if row is None else _announcement_of(row)

    async def open(self) -> tuple[Announcement, ...]:
        """Gives those that nobody dealt with, oldest first."""
        return await self._found(col(AnnouncementRow.status) == AnnouncementStatus.OPEN)

    async def swap(self, was: Announcement, becomes: Announcement) -> None:
        """Writes the change if its status is still as it was.

        Raises:
            Overtaken: the stored one is another by now.
        """
        result = await self._work.session.exec(
            update(AnnouncementRow)
            .where(
                col(AnnouncementRow.tenant) == self._work.tenant,
                col(AnnouncementRow.id) == was.id,
                col(AnnouncementRow.status) == was.status,
            )
            .values(_columns(becomes))
        )
        if result.rowcount != 1:
            raise Overtaken

    async def _found(self, *those: ColumnElement[bool]) -> tuple[Announcement, ...]:
        statement = (
            select(AnnouncementRow)
            .where(col(AnnouncementRow.tenant) == self._work.tenant, *those)
            .order_by(col(AnnouncementRow.at), col(AnnouncementRow.id))
        )
        if self._work.writes:
            statement = statement.with_for_update()
        return tuple(_announcement_of(row) for row in await self._work.session.exec(statement))


def _columns(announcement: Announcement) -> Columns:
    return columns_of(announcement) | {
        "connector": announcement.tool.connector,
        "tool": announcement.tool.name,
        "before": None if announcement.before is None else written(announcement.before),
        "after": written(announcement.after),
    }


def _announcement_of(row: AnnouncementRow) -> Announcement:
    return thing_of(
        Announcement,
        row,
        tool=ToolId(row.connector, row.tool),
        before=None if row.before is None else definition_of(row.before),
        after=definition_of(row.after),
    )
