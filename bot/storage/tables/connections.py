"""Connectors and what is known of their tools."""

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from bot.domain.actions import Effect
from bot.storage.columns import AnyText, JsonThing, KeyText, MaybeJson, Words
from bot.storage.tables.base import Row


class ConnectorRow(Row, table=True):
    """One connector; how it is reached is sealed, because secrets are part of it."""

    __tablename__ = "connectors"

    tenant: KeyText
    name: KeyText
    id: AnyText
    transport: AnyText
    on: bool
    manifest: JsonThing
    timeout_s: float
    health: AnyText


class ToolRow(Row, table=True):
    """One tool of a connector."""

    __tablename__ = "tools"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "connector"], ["connectors.tenant", "connectors.name"]),
    )

    tenant: KeyText
    connector: KeyText
    name: KeyText
    title: AnyText
    description: AnyText
    input_schema: JsonThing
    output_schema: MaybeJson
    annotations: MaybeJson
    fingerprint: AnyText
    accepted: AnyText
    effect: Effect = Field(sa_type=Words(Effect))
    why: AnyText
    present: bool
    enabled: bool
