"""Requests, the messages they came from, and their calls."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from bot.domain.actions import Action, Effect
from bot.domain.requests import CallStatus, RequestStatus
from bot.storage.columns import AnyText, JsonThing, KeyText, MaybeText, Number, Texts, WholeNumber, Words
from bot.storage.tables.base import Row


class RequestRow(Row, table=True):
    """One request, and the lease of the worker that drives it."""

    __tablename__ = "requests"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        Index(None, "tenant", "requester", "created"),
        Index(None, "tenant", "surface", "place", "thread"),
        Index(None, "tenant", "joined_to"),
        Index(None, "tenant", "status"),
        Index(None, "status", "updated"),
        Index(None, "lease_owner"),
    )

    number: Number = None
    id: AnyText
    tenant: AnyText
    requester: AnyText
    surface: AnyText
    place: AnyText
    agent: AnyText
    text: AnyText
    status: RequestStatus = Field(sa_type=Words(RequestStatus))
    created: datetime
    updated: datetime
    expires: datetime
    diagnosis: AnyText
    runbook: MaybeText
    plan_digest: MaybeText
    outcome: AnyText
    question_open: bool
    joined_to: MaybeText
    nudged: datetime | None
    details: Texts
    version: WholeNumber
    thread: AnyText
    lease_owner: MaybeText = None
    lease_until: datetime | None = None
    retry_at: datetime | None = None


class MessageRow(Row, table=True):
    """A surface's message and the request that it opened or continued."""

    __tablename__ = "messages"
    __table_args__ = (ForeignKeyConstraint(["tenant", "request"], ["requests.tenant", "requests.id"]),)

    tenant: KeyText
    surface: KeyText
    message: KeyText
    request: AnyText


class CallRow(Row, table=True):
    """One call of a request."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "request"], ["requests.tenant", "requests.id"]),
        Index(None, "tenant", "request", "position"),
        Index(None, "tenant", "connector", "tool"),
    )

    number: Number = None
    id: AnyText
    tenant: AnyText
    request: AnyText
    position: WholeNumber
    connector: AnyText
    tool: AnyText
    arguments: JsonThing
    digest: AnyText
    fingerprint: AnyText
    effect: Effect = Field(sa_type=Words(Effect))
    status: CallStatus = Field(sa_type=Words(CallStatus))
    action: Action | None = Field(sa_type=Words(Action))
    reason: AnyText
    policies: Texts
    grants: Texts
    standing: bool
    result: AnyText
    started: datetime | None
    ended: datetime | None
