"""The audit log's chain, and the decisions."""

from datetime import datetime

from sqlalchemy import Index

from bot.storage.columns import AnyText, JsonThing, KeyNumber, KeyText, MaybeText, Number, WholeNumber
from bot.storage.tables.base import Row


class AuditRow(Row, table=True):
    """One entry in its place; `line` is the very text that was hashed."""

    __tablename__ = "audit_entries"

    tenant: KeyText
    sequence: KeyNumber
    line: AnyText
    previous: AnyText
    hash: AnyText


class AuditHeadRow(Row, table=True):
    """Where a tenant's chain ends; whoever appends locks it."""

    __tablename__ = "audit_heads"

    tenant: KeyText
    sequence: WholeNumber
    hash: AnyText


class DecisionRow(Row, table=True):
    """One decision with what it was made from."""

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "tenant", "at"), Index(None, "tenant", "call_id"))

    number: Number = None
    tenant: AnyText
    at: datetime
    call_id: MaybeText
    document: JsonThing
