"""Leases: which worker drives a request or delivers a notice, and until when."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.events import ClaimedNotice, Notice, NoticeKind
from bot.domain.people import TenantId
from bot.domain.requests import DRIVEN_STATUSES, RequestId
from bot.storage.mapping import thing_of
from bot.storage.tables.outbox import NoticeRow
from bot.storage.tables.requests import RequestRow
from bot.storage.tables.surfaces import ArrivalRow

_CLAIMING_NOTICES: Final = 0x6F757462
"""The PostgreSQL advisory lock under which notices are claimed."""

NO_LEASE: Final = {"lease_owner": None, "lease_until": None}


async def claim_request(
    session: AsyncSession,
    worker: str,
    *,
    now: datetime,
    until: datetime,
    tenants: Collection[TenantId] | None,
) -> tuple[TenantId, RequestId] | None:
    """Leases the request that has waited longest; those that others hold locked are passed by."""
    due = (
        select(RequestRow.number)
        .where(
            col(RequestRow.status).in_(DRIVEN_STATUSES),
            *_of(RequestRow, tenants),
            free(RequestRow, now),
            or_(col(RequestRow.retry_at).is_(None), col(RequestRow.retry_at) <= now),
        )
        .order_by(col(RequestRow.updated), col(RequestRow.number))
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    result = await session.exec(
        update(RequestRow)
        .where(col(RequestRow.number).in_(select(due.c.number)))
        .values(lease_owner=worker, lease_until=until)
        .returning(col(RequestRow.tenant), col(RequestRow.id))
    )
    found = result.one_or_none()
    return None if found is None else (TenantId(found[0]), RequestId(found[1]))


async def release_request(
    session: AsyncSession, worker: str, tenant: TenantId, request: RequestId, *, retry_at: datetime | None
) -> None:
    """Ends the worker's lease; a lease that is another worker's by now stays."""
    await session.exec(
        update(RequestRow)
        .where(
            col(RequestRow.tenant) == tenant,
            col(RequestRow.id) == request,
            col(RequestRow.lease_owner) == worker,
        )
        .values(lease_owner=None, lease_until=None, retry_at=retry_at)
    )


async def renew(session: AsyncSession, worker: str, *, until: datetime) -> None:
    """Prolongs every lease of the worker."""
    for kind in (RequestRow, NoticeRow):
        await session.exec(update(kind).where(col(kind.lease_owner) == worker).values(lease_until=until))


async def forget(session: AsyncSession) -> None:
    """Ends all leases."""
    for kind in (RequestRow, ArrivalRow):
        await session.exec(update(kind).where(col(kind.lease_owner).is_not(None)).values(NO_LEASE))
    newer = aliased(NoticeRow)
    await session.exec(
        delete(NoticeRow).where(
            col(NoticeRow.lease_owner).is_not(None),
            exists().where(_same_card(newer), col(newer.number) > col(NoticeRow.number)),
        )
    )
    await session.exec(update(NoticeRow).where(col(NoticeRow.lease_owner).is_not(None)).values(NO_LEASE))


async def due_tenants(session: AsyncSession, *, now: datetime) -> frozenset[TenantId]:
    """Gives whose notices are due, with nobody delivering them."""
    found = await session.exec(select(NoticeRow.tenant).where(*_due(now)).distinct())
    return frozenset(TenantId(tenant) for tenant in found)


async def claim_notices(
    session: AsyncSession,
    worker: str,
    *,
    now: datetime,
    until: datetime,
    limit: int,
    tenants: Collection[TenantId] | None,
    request: RequestId | None,
    dialect: str,
) -> tuple[tuple[TenantId, ClaimedNotice], ...]:
    """Leases notices that are due, oldest first.

    While a notice for a person is being delivered, that person's younger ones wait, so that nobody hears the
    end before the beginning. One that failed and waits for its next try holds up nobody else's.
    """
    if dialect == "postgresql":
        await session.exec(select(func.pg_advisory_xact_lock(_CLAIMING_NOTICES)))
    ahead = aliased(NoticeRow)
    wanted = [
        *_due(now),
        *_of(NoticeRow, tenants),
        ~exists().where(
            col(ahead.tenant) == col(NoticeRow.tenant),
            col(ahead.person) == col(NoticeRow.person),
            col(ahead.number) < col(NoticeRow.number),
            col(ahead.lease_until) > now,
        ),
    ]
    if request is not None:
        wanted.append(col(NoticeRow.request) == request)
    due = (
        select(NoticeRow.number)
        .where(*wanted)
        .order_by(col(NoticeRow.number))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    result = await session.exec(
        update(NoticeRow)
        .where(col(NoticeRow.number).in_(select(due.c.number)))
        .values(lease_owner=worker, lease_until=until)
        .returning(NoticeRow)
    )
    return _claimed(result.scalars().all())


async def finish_notices(session: AsyncSession, worker: str, notices: Sequence[int]) -> None:
    """Removes delivered notices; those that are another worker's by now stay."""
    await session.exec(
        delete(NoticeRow).where(col(NoticeRow.number).in_(notices), col(NoticeRow.lease_owner) == worker)
    )


async def retry_notice(
    session: AsyncSession, worker: str, notice: int, *, at: datetime, error: str, counted: bool
) -> None:
    """Puts the notice back; it goes if the same card waits for the person by now."""
    own = (col(NoticeRow.number) == notice, col(NoticeRow.lease_owner) == worker)
    back = {"due": at, "error": error, "attempts": NoticeRow.attempts + int(counted), **NO_LEASE}
    try:
        async with session.begin_nested():
            await session.exec(update(NoticeRow).where(*own).values(back))
    except IntegrityError:
        await session.exec(delete(NoticeRow).where(*own))


def free(kind: type[RequestRow] | type[NoticeRow] | type[ArrivalRow], now: datetime) -> ColumnElement[bool]:
    """Gives the condition that nobody holds the row."""
    return or_(col(kind.lease_until).is_(None), col(kind.lease_until) <= now)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return free(NoticeRow, now), or_(col(NoticeRow.due).is_(None), col(NoticeRow.due) <= now)


def _of(
    kind: type[RequestRow] | type[NoticeRow], tenants: Collection[TenantId] | None
) -> tuple[ColumnElement[bool], ...]:
    """Gives the condition that the row is one of these tenants'; none where all are meant."""
    return () if tenants is None else (col(kind.tenant).in_(tenants),)


def _same_card(other: type[NoticeRow]) -> ColumnElement[bool]:
    return and_(
        col(NoticeRow.kind) == NoticeKind.CARD,
        col(other.kind) == NoticeKind.CARD,
        col(other.tenant) == col(NoticeRow.tenant),
        col(other.card) == col(NoticeRow.card),
        col(other.person) == col(NoticeRow.person),
    )


def _claimed(rows: Sequence[NoticeRow]) -> tuple[tuple[TenantId, ClaimedNotice], ...]:
    return tuple(
        (
            TenantId(row.tenant),
            ClaimedNotice(id=row.number or 0, notice=thing_of(Notice, row), attempts=row.attempts),
        )
        for row in sorted(rows, key=lambda row: row.number or 0)
    )
