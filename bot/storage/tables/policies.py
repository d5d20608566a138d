"""Policies with their versions, defaults, freezes, and standing approvals."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from bot.domain.actions import Action
from bot.domain.policies import FreezeScope, PolicySource
from bot.storage.columns import (
    AnyText,
    JsonThing,
    KeyNumber,
    KeyText,
    MaybeJson,
    MaybeNumber,
    MaybeText,
    Number,
    Texts,
    WholeNumber,
    Words,
)
from bot.storage.tables.base import Row


class PolicyRow(Row, table=True):
    """One policy as it is now; the columns beside the document are for finding it."""

    __tablename__ = "policies"
    __table_args__ = (UniqueConstraint("tenant", "name"), Index(None, "tenant", "connector"))

    tenant: KeyText
    id: KeyText
    name: AnyText
    connector: AnyText
    source: PolicySource = Field(sa_type=Words(PolicySource))
    version: WholeNumber
    document: JsonThing


class PolicyVersionRow(Row, table=True):
    """One version of a policy, kept for ever; the version that removed it has no document."""

    __tablename__ = "policy_versions"

    tenant: KeyText
    policy: KeyText
    version: KeyNumber
    author: AnyText
    at: datetime
    document: MaybeJson


class DefaultRow(Row, table=True):
    """The default of a connector, or the tenant's, whose connector is empty."""

    __tablename__ = "defaults"

    tenant: KeyText
    connector: KeyText
    action: Action = Field(sa_type=Words(Action))
    author: AnyText


class FreezeRow(Row, table=True):
    """What an admin froze."""

    __tablename__ = "freezes"

    tenant: KeyText
    scope: FreezeScope = Field(sa_type=Words(FreezeScope), primary_key=True)
    target: KeyText
    by: AnyText
    reason: AnyText
    at: datetime


class GrantRow(Row, table=True):
    """One standing approval and how often it was used."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("tenant", "id"),)

    number: Number = None
    id: AnyText
    tenant: AnyText
    connector: AnyText
    tool: AnyText
    holder: JsonThing
    arguments: JsonThing
    agent: MaybeText
    technician_groups: Texts
    manager: bool
    fingerprint: AnyText
    giver: AnyText
    reason: AnyText
    created: datetime
    ends: datetime | None
    uses_limit: MaybeNumber
    daily_limit: MaybeNumber
    uses: WholeNumber
    uses_today: WholeNumber
    used_on: date | None
    last_used: datetime | None
    revoked: datetime | None
    revoked_by: MaybeText = None
    suspended: bool
    suspended_why: AnyText
