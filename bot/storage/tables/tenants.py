"""Tenants and the counters that rise with what they lay down."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Index, false, text
from sqlmodel import Field

from bot.domain.tenants import Mode
from bot.storage.columns import AnyText, Duration, KeyText, Texts, WholeNumber, Words, Zone
from bot.storage.tables.base import Row


class TenantRow(Row, table=True):
    """One tenant."""

    __tablename__ = "tenants"
    __table_args__ = (
        Index(None, "is_own", unique=True, sqlite_where=text("is_own"), postgresql_where=text("is_own")),
    )

    id: KeyText
    name: AnyText
    mode: Mode = Field(sa_type=Words(Mode))
    zone: ZoneInfo = Field(sa_type=Zone())
    approval_lifetime: timedelta = Field(sa_type=Duration())
    nudge_interval: timedelta = Field(sa_type=Duration())
    never_ending_grants: bool
    slack_triage_channel: AnyText
    teams_triage_channel: AnyText
    email_domains: Texts
    directory_age: timedelta = Field(sa_type=Duration())
    is_own: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether what the environment says is about this one."""
    revision: WholeNumber = 0
    """Rises with every change of policies, defaults, freezes, grants, tools and connectors."""
    connector_revision: WholeNumber = 0
    """Rises with every change of connectors, apart from their health."""
