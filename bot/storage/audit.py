"""The audit log and the decisions, in SQL."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, func, or_, type_coerce
from sqlmodel import col, select, update

from bot.domain.events import AuditEntry, DecisionRecord, SealedEntry
from bot.domain.requests import CallId
from bot.storage.chain import FIRST, line_of, linked
from bot.storage.documents import decision_of, entry_of, written
from bot.storage.spelling import unspelled
from bot.storage.tables.audit import AuditHeadRow, AuditRow, DecisionRow
from bot.storage.work import Work


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
        place = func.row_number().over(
            partition_by=col(DecisionRow.call_id),
            order_by=(col(DecisionRow.at).desc(), col(DecisionRow.number).desc()),
        )
        ranked = (
            select(DecisionRow.number, DecisionRow.call_id, place.label("place"))
            .where(col(DecisionRow.tenant) == self._work.tenant, col(DecisionRow.at) >= since)
            .subquery()
        )
        statement = (
            select(type_coerce(col(DecisionRow.document), Text))
            .join(ranked, col(DecisionRow.number) == ranked.c.number)
            .where(or_(ranked.c.place == 1, ranked.c.call_id.is_(None)))
            .order_by(col(DecisionRow.at), col(DecisionRow.number))
        )
        documents = (await self._work.session.exec(statement)).all()
        # In a thread, because there may be many, and others wait for the loop meanwhile.
        return await asyncio.to_thread(lambda: tuple(decision_of(unspelled(one)) for one in documents))

    async def _locked_head(self) -> tuple[int, str]:
        statement = (
            select(AuditHeadRow).where(col(AuditHeadRow.tenant) == self._work.tenant).with_for_update()
        )
        head = (await self._work.session.exec(statement)).one_or_none()
        if head is None:
            await self._work.add(AuditHeadRow, {"sequence": 0, "hash": FIRST})
            head = (await self._work.session.exec(statement)).one()
        return head.sequence, head.hash
