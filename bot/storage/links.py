"""Which chat user is which person, in SQL."""

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select

from bot.domain.people import PersonId
from bot.ports.chat import ChatUser, Link
from bot.ports.records import Overtaken
from bot.storage.mapping import thing_of
from bot.storage.tables.surfaces import LinkRow
from bot.storage.work import Work


class SqlLinks:
    """The port `Links`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def of_user(self, user: ChatUser) -> Link | None:
        """Gives the user's link; None while they are nobody known."""
        found = await self._found(*_is(user))
        return found[0] if found else None

    async def of_person(self, person: PersonId, surface: str) -> tuple[Link, ...]:
        """Gives the person's links on the surface, newest first."""
        found = await self._found(col(LinkRow.person) == person, col(LinkRow.surface) == surface)
        return tuple(sorted(found, key=lambda link: link.at, reverse=True))

    async def all(self) -> tuple[Link, ...]:
        """Gives every link of the tenant, by surface, team and user."""
        return await self._found()

    async def add(self, link: Link) -> None:
        """Stores a link.

        Raises:
            Overtaken: the user is linked already, or the person has another user in the same team.
        """
        user = link.user
        row = {"surface": user.surface, "team": user.team, "user": user.id, "person": link.person}
        if not await self._work.add(LinkRow, row | {"proof": link.proof, "at": link.at}):
            raise Overtaken

    async def remove(self, user: ChatUser) -> bool:
        """Removes the user's link; False when there was none."""
        result = await self._work.session.exec(
            delete(LinkRow).where(col(LinkRow.tenant) == self._work.tenant, *_is(user))
        )
        return result.rowcount == 1

    async def _found(self, *conditions: ColumnElement[bool]) -> tuple[Link, ...]:
        statement = select(LinkRow).where(col(LinkRow.tenant) == self._work.tenant, *conditions)
        rows = sorted(
            await self._work.session.exec(statement), key=lambda row: (row.surface, row.team, row.user)
        )
        return tuple(
            thing_of(Link, row, user=ChatUser(surface=row.surface, team=row.team, id=row.user))
            for row in rows
        )


def _is(user: ChatUser) -> tuple[ColumnElement[bool], ...]:
    return (
        col(LinkRow.surface) == user.surface,
        col(LinkRow.team) == user.team,
        col(LinkRow.user) == user.id,
    )
