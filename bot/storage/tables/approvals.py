"""Approvals and the verdicts on them."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from bot.domain.grants import SeatKind
from bot.domain.requests import ApprovalStatus, Verdict
from bot.storage.columns import AnyText, MaybeText, Number, WholeNumber, Words
from bot.storage.tables.base import Row


class ApprovalRow(Row, table=True):
    """One seat's question about a request's plan."""

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "request"], ["requests.tenant", "requests.id"]),
        Index(None, "tenant", "request"),
        Index(None, "tenant", "status", "expires"),
    )

    number: Number = None
    id: AnyText
    tenant: AnyText
    request: AnyText
    seat_kind: SeatKind = Field(sa_type=Words(SeatKind))
    seat_group: AnyText
    seat_quorum: WholeNumber
    digest: AnyText
    status: ApprovalStatus = Field(sa_type=Words(ApprovalStatus))
    approver: MaybeText
    asked_group: MaybeText
    explanation: AnyText
    created: datetime
    expires: datetime
    decided: datetime | None


class ReviewRow(Row, table=True):
    """One approver's verdict on one approval."""

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("tenant", "approval", "reviewer"),
        ForeignKeyConstraint(["tenant", "approval"], ["approvals.tenant", "approvals.id"]),
    )

    number: Number = None
    tenant: AnyText
    approval: AnyText
    reviewer: AnyText
    verdict: Verdict = Field(sa_type=Words(Verdict))
    reason: AnyText
    grant: MaybeText
    at: datetime
