"""The history of what is laid down, what waits for a second admin, and what was told of tools."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from sqlalchemy import Index
from sqlmodel import Field

from bot.domain.announcements import AnnouncementStatus
from bot.domain.proposals import ProposalStatus
from bot.storage.columns import (
    AnyText,
    Json,
    JsonThing,
    KeyNumber,
    KeyText,
    MaybeJson,
    MaybeNumber,
    MaybeText,
    WholeNumber,
    Words,
)
from bot.storage.tables.base import Row

JsonList = Annotated[Sequence[object], Field(sa_type=Json())]


class RuleChangeRow(Row, table=True):
    """One change, kept for ever."""

    __tablename__ = "rule_changes"

    tenant: KeyText
    number: KeyNumber
    at: datetime
    by: AnyText
    actor: MaybeText
    reason: AnyText
    edits: JsonList
    approved_by: MaybeText
    undoes: MaybeNumber


class ChangedThingRow(Row, table=True):
    """The name of one thing that a change touched, to find the change by."""

    __tablename__ = "changed_things"

    tenant: KeyText
    name: KeyText
    number: KeyNumber


class ProposalRow(Row, table=True):
    """A change that waits for a second admin, or once did."""

    __tablename__ = "proposals"
    __table_args__ = (Index(None, "tenant", "status"),)

    tenant: KeyText
    id: KeyText
    at: datetime
    by: AnyText
    reason: AnyText
    edits: JsonList
    tools: JsonList
    effect: AnyText
    undoes: MaybeNumber
    expires: datetime
    status: ProposalStatus = Field(sa_type=Words(ProposalStatus))
    decided_by: MaybeText
    decided: datetime | None
    note: AnyText
    number: WholeNumber


class AnnouncementRow(Row, table=True):
    """What was told of one new or changed tool."""

    __tablename__ = "announcements"
    __table_args__ = (Index(None, "tenant", "status"),)

    tenant: KeyText
    id: KeyText
    connector: AnyText
    tool: AnyText
    before: MaybeJson
    after: JsonThing
    at: datetime
    status: AnnouncementStatus = Field(sa_type=Words(AnnouncementStatus))
    by: MaybeText
    decided: datetime | None
