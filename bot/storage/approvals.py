"""Approvals and reviews, in SQL."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update

from bot.domain.grants import SeatKind
from bot.domain.requests import Approval, ApprovalId, ApprovalStatus, RequestId, Review
from bot.ports.records import Overtaken
from bot.storage.mapping import approval_columns, approval_of, columns_of, review_of
from bot.storage.tables.approvals import ApprovalRow, ReviewRow
from bot.storage.work import Work


class SqlApprovals:
    """The port `Approvals`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, approval: Approval) -> None:
        """Stores a pending approval.

        Raises:
            Overtaken: an approval with this id is stored already.
        """
        if not await self._work.add(ApprovalRow, approval_columns(approval)):
            raise Overtaken

    async def get(self, approval: ApprovalId) -> Approval | None:
        """Gives the approval with its reviews, locked until the transaction ends; None when there is none."""
        statement = select(ApprovalRow).where(
            col(ApprovalRow.tenant) == self._work.tenant, col(ApprovalRow.id) == approval
        )
        if self._work.writes:
            statement = statement.with_for_update()
        row = (await self._work.session.exec(statement)).one_or_none()
        if row is None:
            return None
        found = await self._with_reviews((row,), col(ReviewRow.approval) == approval)
        return found[0]

    async def of(self, request: RequestId) -> tuple[Approval, ...]:
        """Gives the request's approvals with their reviews, oldest first, the manager's last."""
        found = await self._found(col(ApprovalRow.request) == request)
        return tuple(sorted(found, key=lambda approval: approval.seat.kind is SeatKind.MANAGER))

    async def pending(self) -> tuple[Approval, ...]:
        """Gives every pending approval of the tenant, oldest first."""
        return await self._found(col(ApprovalRow.status) == ApprovalStatus.PENDING)

    async def due(self, now: datetime, *, limit: int) -> tuple[Approval, ...]:
        """Gives pending approvals whose time is over, oldest first."""
        return await self._found(
            col(ApprovalRow.status) == ApprovalStatus.PENDING, col(ApprovalRow.expires) <= now, limit=limit
        )

    async def swap(self, was: Approval, becomes: Approval) -> None:
        """Writes the change if the status is still as it was; reviews are not part of it.

        Raises:
            Overtaken: the stored approval is another one by now.
        """
        columns = approval_columns(becomes)
        del columns["id"], columns["tenant"], columns["request"]
        result = await self._work.session.exec(
            update(ApprovalRow)
            .where(
                col(ApprovalRow.tenant) == self._work.tenant,
                col(ApprovalRow.id) == was.id,
                col(ApprovalRow.status) == was.status,
            )
            .values(columns)
        )
        if result.rowcount != 1:
            raise Overtaken

    async def add_review(self, review: Review) -> None:
        """Stores a verdict.

        Raises:
            Overtaken: this person's verdict on this approval is stored already.
        """
        if not await self._work.add(ReviewRow, columns_of(review)):
            raise Overtaken

    async def _found(
        self, *conditions: ColumnElement[bool], limit: int | None = None
    ) -> tuple[Approval, ...]:
        within = (col(ApprovalRow.tenant) == self._work.tenant, *conditions)
        order = (col(ApprovalRow.created), col(ApprovalRow.number))
        statement = select(ApprovalRow).where(*within).order_by(*order).limit(limit)
        rows = tuple(await self._work.session.exec(statement))
        ids = select(ApprovalRow.id).where(*within).order_by(*order).limit(limit)
        return await self._with_reviews(rows, col(ReviewRow.approval).in_(ids))

    async def _with_reviews(
        self, rows: tuple[ApprovalRow, ...], those: ColumnElement[bool]
    ) -> tuple[Approval, ...]:
        statement = (
            select(ReviewRow)
            .where(col(ReviewRow.tenant) == self._work.tenant, those)
            .order_by(col(ReviewRow.number))
        )
        reviews: dict[str, list[Review]] = {}
        for row in await self._work.session.exec(statement):
            reviews.setdefault(row.approval, []).append(review_of(row))
        return tuple(approval_of(row, tuple(reviews.get(row.id, ()))) for row in rows)
