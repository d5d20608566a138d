"""Requests and the messages they came from, in SQL."""

from dataclasses import replace

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update

from bot.domain.people import PersonId
from bot.domain.requests import OPEN_STATUSES, Request, RequestId, RequestStatus
from bot.ports.records import Overtaken
from bot.storage.calls import SqlCalls
from bot.storage.mapping import columns_of, request_of
from bot.storage.tables.requests import MessageRow, RequestRow


class SqlRequests(SqlCalls):
    """The port `Requests`."""

    async def add(self, request: Request) -> None:
        """Stores a new request.

        Raises:
            Overtaken: a request with this id is stored already.
        """
        if not await self._work.add(RequestRow, columns_of(request)):
            raise Overtaken

    async def get(self, request: RequestId) -> Request | None:
        """Gives the request of this tenant, locked until the transaction ends; None when there is none."""
        statement = select(RequestRow).where(*self._is(request))
        if self._work.writes:
            statement = statement.with_for_update()
        row = (await self._work.session.exec(statement)).one_or_none()
        return None if row is None else request_of(row)

    async def swap(self, was: Request, becomes: Request) -> Request:
        """Writes the change if status and version are still as they were; gives it with its new version.

        Raises:
            Overtaken: the stored request is another one by now.
        """
        written = replace(becomes, id=was.id, tenant=was.tenant, version=was.version + 1)
        result = await self._work.session.exec(
            update(RequestRow)
            .where(
                *self._is(was.id),
                col(RequestRow.status) == was.status,
                col(RequestRow.version) == was.version,
            )
            .values(columns_of(written, without=frozenset({"id", "tenant"})))
        )
        if result.rowcount != 1:
            raise Overtaken
        return written

    async def open_of(self, requester: PersonId) -> tuple[Request, ...]:
        """Gives the requester's requests that are under way, newest first."""
        return await self._found(
            col(RequestRow.requester) == requester, col(RequestRow.status).in_(OPEN_STATUSES), newest=True
        )

    async def newest_of(self, requester: PersonId, surface: str, place: str) -> Request | None:
        """Gives the requester's newest request in this place, whatever its status."""
        found = await self._found(
            col(RequestRow.requester) == requester,
            col(RequestRow.surface) == surface,
            col(RequestRow.place) == place,
            newest=True,
            limit=1,
        )
        return found[0] if found else None

    async def in_thread(self, requester: PersonId, surface: str, place: str, thread: str) -> Request | None:
        """Gives the requester's newest request in this thread of the place, whatever its status."""
        found = await self._found(
            col(RequestRow.requester) == requester,
            col(RequestRow.surface) == surface,
            col(RequestRow.place) == place,
            col(RequestRow.thread) == thread,
            newest=True,
            limit=1,
        )
        return found[0] if found else None

    async def newest(self, requester: PersonId, *, limit: int) -> tuple[Request, ...]:
        """Gives the requester's newest requests, newest first, whatever their status and place."""
        return await self._found(col(RequestRow.requester) == requester, newest=True, limit=limit)

    async def starting(self, start: str, *, limit: int) -> tuple[Request, ...]:
        """Gives anybody's requests whose id begins so, newest first; with an empty text the newest of all."""
        return await self._found(
            col(RequestRow.id).startswith(start, autoescape=True), newest=True, limit=limit
        )

    async def waiting(self) -> tuple[Request, ...]:
        """Gives every request that waits for approvals, oldest first."""
        return await self._found(col(RequestRow.status) == RequestStatus.WAITING)

    async def joined_to(self, request: RequestId) -> tuple[Request, ...]:
        """Gives the requests that share this one's approvals and are still waiting, oldest first."""
        return await self._found(
            col(RequestRow.joined_to) == request, col(RequestRow.status) == RequestStatus.WAITING
        )

    async def seen(self, surface: str, message: str) -> RequestId | None:
        """Gives the request that this message of the surface opened or continued; None when it is new."""
        statement = select(MessageRow.request).where(
            col(MessageRow.tenant) == self._work.tenant,
            col(MessageRow.surface) == surface,
            col(MessageRow.message) == message,
        )
        found = (await self._work.session.exec(statement)).one_or_none()
        return None if found is None else RequestId(found)

    async def remember(self, surface: str, message: str, request: RequestId) -> None:
        """Ties the surface's message to a request.

        Raises:
            Overtaken: the message is tied already.
        """
        row = {"surface": surface, "message": message, "request": request}
        if not await self._work.add(MessageRow, row):
            raise Overtaken

    async def _found(
        self, *conditions: ColumnElement[bool], newest: bool = False, limit: int | None = None
    ) -> tuple[Request, ...]:
        order = (col(RequestRow.created), col(RequestRow.number))
        statement = (
            select(RequestRow)
            .where(col(RequestRow.tenant) == self._work.tenant, *conditions)
            .order_by(*((column.desc() for column in order) if newest else order))
            .limit(limit)
        )
        return tuple(request_of(row) for row in await self._work.session.exec(statement))

    def _is(self, request: RequestId) -> tuple[ColumnElement[bool], ...]:
        return (col(RequestRow.tenant) == self._work.tenant, col(RequestRow.id) == request)
