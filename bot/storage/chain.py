"""The audit log's hash chain: how an entry hangs on the one before it, and whether all of them still do."""

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.events import AuditEntry
from bot.domain.people import TenantId
from bot.storage.documents import written
from bot.storage.spelling import spelled, unspelled
from bot.storage.tables.audit import AuditHeadRow, AuditRow

FIRST: Final = "0" * 64
"""What stands before the first entry."""

_BATCH: Final = 500


def line_of(tenant: TenantId, sequence: int, entry: AuditEntry) -> str:
    """Gives the text of an entry in its place: JSON with sorted names, ASCII only, no white space."""
    return spelled({**written(entry), "sequence": sequence, "tenant": tenant})


def linked(previous: str, line: str) -> str:
    """Gives the hash of an entry: the SHA-256, in hexadecimal, of the hash before it and its own text."""
    return hashlib.sha256((previous + line).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How many entries are as they were written, and what is wrong with the next one."""

    entries: int
    fault: str
    """One sentence on the first bad entry; empty when there is none."""


async def verify(session: AsyncSession, tenant: TenantId) -> Verification:
    """Gives whether the tenant's log is as it was written; reads it once, a few entries at a time.

    It finds entries that were changed, removed, put in or cut off the end. Whoever can write to the database
    could write the whole log and its end anew: only an export kept elsewhere tells of that.
    """
    sequence, previous = 0, FIRST
    while rows := await _after(session, tenant, sequence):
        for row in rows:
            fault = _fault(row, sequence + 1, previous)
            if fault:
                return Verification(entries=sequence, fault=fault)
            sequence, previous = row.sequence, row.hash
    return Verification(entries=sequence, fault=await _fault_at_end(session, tenant, sequence, previous))


async def _after(session: AsyncSession, tenant: TenantId, sequence: int) -> list[AuditRow]:
    statement = (
        select(AuditRow)
        .where(col(AuditRow.tenant) == tenant, col(AuditRow.sequence) > sequence)
        .order_by(col(AuditRow.sequence))
        .limit(_BATCH)
    )
    return list(await session.exec(statement))


def _fault(row: AuditRow, expected: int, previous: str) -> str:
    if row.sequence != expected:
        return f"Entry {expected} is missing from the audit log."
    if row.previous != previous:
        return f"Entry {expected} of the audit log does not follow from the entry before it."
    if row.hash != linked(previous, row.line) or not _says(row):
        return f"Entry {expected} of the audit log is not as it was written."
    return ""


def _says(row: AuditRow) -> bool:
    """Whether the hashed text names the place where the row stands."""
    entry = unspelled(row.line)
    return bool(entry.get("sequence") == row.sequence and entry.get("tenant") == row.tenant)


async def _fault_at_end(session: AsyncSession, tenant: TenantId, sequence: int, last: str) -> str:
    statement = select(AuditHeadRow).where(col(AuditHeadRow.tenant) == tenant)
    head = (await session.exec(statement)).one_or_none()
    if head is None:
        return "The record of where the audit log ends is missing." if sequence else ""
    if head.sequence > sequence:
        return f"Entry {sequence + 1} is missing from the audit log, which should end with {head.sequence}."
    if (head.sequence, head.hash) != (sequence, last):
        return f"Entry {head.sequence + 1} was added to the audit log from outside."
    return ""
