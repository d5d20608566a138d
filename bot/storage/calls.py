"""The calls of requests, in SQL."""

from collections.abc import Sequence

from sqlalchemy import or_
from sqlmodel import col, delete, select, update

from bot.domain.requests import CallRecord, CallStatus, Request, RequestId
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.storage.mapping import call_columns, call_of, request_of
from bot.storage.tables.requests import CallRow, RequestRow
from bot.storage.work import Work


class SqlCalls:
    """The part of the port `Requests` that is about calls."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add_calls(self, calls: Sequence[CallRecord]) -> None:
        """Stores calls.

        Raises:
            Overtaken: a call with the same id is stored already.
        """
        for call in calls:
            if not await self._work.add(CallRow, call_columns(call)):
                raise Overtaken

    async def remove_calls(self, request: RequestId) -> None:
        """Forgets the request's proposed steps and reads, before it is planned anew; calls that ran stay."""
        await self._work.session.exec(
            delete(CallRow).where(
                col(CallRow.tenant) == self._work.tenant,
                col(CallRow.request) == request,
                or_(col(CallRow.position) < 0, col(CallRow.status) == CallStatus.PROPOSED),
            )
        )

    async def calls(self, request: RequestId) -> tuple[CallRecord, ...]:
        """Gives the request's calls by position, reads first."""
        statement = (
            select(CallRow)
            .where(col(CallRow.tenant) == self._work.tenant, col(CallRow.request) == request)
            .order_by(col(CallRow.position), col(CallRow.number))
        )
        return tuple(call_of(row) for row in await self._work.session.exec(statement))

    async def swap_call(self, was: CallRecord, becomes: CallRecord) -> None:
        """Writes the change if the status is still as it was.

        Raises:
            Overtaken: the stored call is another one by now.
        """
        columns = call_columns(becomes)
        del columns["id"], columns["request"]
        result = await self._work.session.exec(
            update(CallRow)
            .where(
                col(CallRow.tenant) == self._work.tenant,
                col(CallRow.id) == was.id,
                col(CallRow.request) == was.request,
                col(CallRow.status) == was.status,
            )
            .values(columns)
        )
        if result.rowcount != 1:
            raise Overtaken

    async def recent_calls(self, tool: ToolId, *, limit: int) -> tuple[tuple[CallRecord, Request], ...]:
        """Gives the newest steps (no reads) of the tool with their requests, newest first."""
        statement = (
            select(CallRow, RequestRow)
            .join(
                RequestRow,
                (col(RequestRow.tenant) == col(CallRow.tenant))
                & (col(RequestRow.id) == col(CallRow.request)),
            )
            .where(
                col(CallRow.tenant) == self._work.tenant,
                col(CallRow.connector) == tool.connector,
                col(CallRow.tool) == tool.name,
                col(CallRow.position) >= 0,
            )
            .order_by(
                col(RequestRow.created).desc(), col(RequestRow.number).desc(), col(CallRow.position).desc()
            )
            .limit(limit)
        )
        found = await self._work.session.exec(statement)
        return tuple((call_of(call), request_of(request)) for call, request in found)
