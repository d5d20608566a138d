"""The audit log and the decisions, in SQL."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import Text, and_, func, or_, tuple_, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.events import AuditEntry, DecisionRecord, SealedEntry
from bot.domain.people import TenantId
from bot.domain.reach import Reach
from bot.domain.requests import CallId, RequestId
from bot.storage.chain import FIRST, line_of, linked
from bot.storage.documents import decision_of, entry_of, written
from bot.storage.spelling import unspelled
from bot.storage.tables.audit import AuditHeadRow, AuditRow, DecisionRow
from bot.storage.tables.requests import CallRow
from bot.storage.work import Work

Statement: TypeAlias = SelectOfScalar[str]
_BATCH: Final = 5_000
"""Values of one statement; databases take some 32,000."""


class SqlAudit:
    """The port `Audit`.

    Entries wait in here until the transaction's end, so that the chain's end is locked last and for a moment
    only: two transactions can never wait for each other because of it.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: list[AuditEntry] = []

    async def append(self, entry: AuditEntry) -> None:
        """Adds the entry to the tenant's chain, in the same transaction as the change it tells of."""
        self._waiting.append(entry)

    async def read(self, *, after: int = 0, limit: int = 1000) -> tuple[SealedEntry, ...]:
        """Gives entries in order, after the given sequence number."""
        await self.write()
        statement = (
            select(AuditRow)
            .where(col(AuditRow.tenant) == self._work.tenant, col(AuditRow.sequence) > after)
            .order_by(col(AuditRow.sequence))
            .limit(limit)
        )
        return tuple(
            SealedEntry(
                sequence=row.sequence,
                entry=entry_of(unspelled(row.line)),
                previous=row.previous,
                hash=row.hash,
            )
            for row in await self._work.session.exec(statement)
        )

    async def write(self) -> None:
        """Writes the entries that wait to the chain's end; the last thing that a transaction does."""
        if not self._waiting:
            return
        sequence, previous = await self._locked_head()
        for entry in self._waiting:
            sequence += 1
            line = line_of(self._work.tenant, sequence, entry)
            hashed = linked(previous, line)
            row = {"sequence": sequence, "line": line, "previous": previous, "hash": hashed}
            await self._work.session.exec(self._work.insert(AuditRow).values(tenant=self._work.tenant, **row))
            previous = hashed
        await self._work.session.exec(
            update(AuditHeadRow)
            .where(col(AuditHeadRow.tenant) == self._work.tenant)
            .values(sequence=sequence, hash=previous)
        )
        self._waiting.clear()

    async def record(self, decision: DecisionRecord) -> None:
        """Keeps a decision with what it was made from."""
        columns = {"at": decision.at, "call_id": decision.call_id, "document": written(decision)}
        await self._work.add(DecisionRow, columns)

    async def decisions_on(self, calls: Sequence[CallId]) -> tuple[DecisionRecord, ...]:
        """Gives every decision on these calls, oldest first."""
        statement = (
            select(DecisionRow.document)
            .where(col(DecisionRow.tenant) == self._work.tenant, col(DecisionRow.call_id).in_(calls))
            .order_by(col(DecisionRow.at), col(DecisionRow.number))
        )
        return tuple(decision_of(document) for document in await self._work.session.exec(statement))

    async def decisions(self, since: datetime) -> tuple[DecisionRecord, ...]:
        """Gives the decisions of this time, oldest first; the newest per call only."""
        return await self._newest(_newest_per_call(self._work.tenant, since))

    async def last_decisions(self, since: datetime, *, of: Reach, limit: int) -> tuple[DecisionRecord, ...]:
        """Gives the decisions of this time about these tools, oldest first; the newest per call only.

        Of more than `limit`, the last ones.
        """
        return await self._newest(_about(_newest_per_call(self._work.tenant, since), of).limit(limit))

    async def decisions_for(
        self, requests: Sequence[RequestId], since: datetime, *, of: Reach
    ) -> tuple[DecisionRecord, ...]:
        """Gives those of them that were made for calls of these requests."""
        found: list[DecisionRecord] = []
        for start in range(0, len(requests), _BATCH):
            batch = requests[start : start + _BATCH]
            statement = _with_calls(_newest_per_call(self._work.tenant, since))
            found += await self._newest(_among(statement, of).where(col(CallRow.request).in_(batch)))
        return tuple(found)

    async def _newest(self, statement: Statement) -> tuple[DecisionRecord, ...]:
        documents = (await self._work.session.exec(statement)).all()
        # In a thread, because there may be many, and others wait for the loop meanwhile.
        return await asyncio.to_thread(
            lambda: tuple(decision_of(unspelled(one)) for one in reversed(documents))
        )

    async def _locked_head(self) -> tuple[int, str]:
        statement = (
            select(AuditHeadRow).where(col(AuditHeadRow.tenant) == self._work.tenant).with_for_update()
        )
        head = (await self._work.session.exec(statement)).one_or_none()
        if head is None:
            await self._work.add(AuditHeadRow, {"sequence": 0, "hash": FIRST})
            head = (await self._work.session.exec(statement)).one()
        return head.sequence, head.hash


def _newest_per_call(tenant: TenantId, since: datetime) -> Statement:
    """Gives the statement for the decisions of this time, newest first; of a call, the newest only."""
    later = aliased(DecisionRow)
    # Wrapped, because SQLite would else look through all that was decided later, not at the call's index.
    at = func.coalesce(later.at, later.at)
    is_newer = tuple_(at, later.number) > tuple_(DecisionRow.at, DecisionRow.number)
    newer = select(later.number).where(
        col(later.tenant) == tenant, col(later.call_id) == col(DecisionRow.call_id), is_newer
    )
    return (
        select(type_coerce(col(DecisionRow.document), Text))
        .where(col(DecisionRow.tenant) == tenant, col(DecisionRow.at) >= since, ~newer.exists())
        .order_by(col(DecisionRow.at).desc(), col(DecisionRow.number).desc())
    )


def _about(statement: Statement, of: Reach) -> Statement:
    return statement if of.is_all else _among(_with_calls(statement), of)


def _with_calls(statement: Statement) -> Statement:
    same = and_(col(CallRow.tenant) == col(DecisionRow.tenant), col(CallRow.id) == col(DecisionRow.call_id))
    return statement.join(CallRow, same)


def _among(statement: Statement, of: Reach) -> Statement:
    """Gives the statement, which has the calls in it, for those of these tools only."""
    if of.is_all:
        return statement
    named: dict[str, list[str]] = {}
    for tool in sorted(of.tools):
        named.setdefault(tool.connector, []).append(tool.name)
    those = [
        and_(col(CallRow.connector) == connector, col(CallRow.tool).in_(names))
        for connector, names in named.items()
    ]
    return statement.where(or_(col(CallRow.connector).in_(sorted(of.connectors)), *those))
