"""What chat surfaces remember: who is who, where the bot is, what came, what was posted."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from bot.ports.chat import Proof
from bot.storage.columns import AnyText, KeyText, MaybeJson, MaybeText, Number, WholeNumber, Words
from bot.storage.tables.base import Row

NOT_TAKEN_UP = text("content IS NOT NULL")
"""What came in has its content until it is taken up."""


class LinkRow(Row, table=True):
    """Which chat user is which person."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("tenant", "surface", "team", "person"),
        Index(None, "tenant", "person"),
    )

    tenant: KeyText
    surface: KeyText
    team: KeyText
    user: KeyText
    person: AnyText
    proof: Proof = Field(sa_type=Words(Proof))
    at: datetime


class InstallationRow(Row, table=True):
    """The bot in one workspace, which belongs to one tenant; its content is sealed."""

    __tablename__ = "installations"
    __table_args__ = (Index(None, "tenant", "surface"),)

    surface: KeyText
    enterprise: KeyText
    team: KeyText
    tenant: AnyText
    name: AnyText
    content: AnyText
    at: datetime


class PostingRow(Row, table=True):
    """One thing that is posted once."""

    __tablename__ = "postings"
    __table_args__ = (Index(None, "begun"),)

    tenant: KeyText
    surface: KeyText
    key: KeyText
    place: AnyText
    reference: AnyText = ""
    begun: datetime


class ArrivalRow(Row, table=True):
    """One thing that came in; without content it is taken up."""

    __tablename__ = "arrivals"
    __table_args__ = (
        UniqueConstraint("tenant", "surface", "key"),
        Index(
            "ix_arrivals_not_taken_up",
            "surface",
            "number",
            sqlite_where=NOT_TAKEN_UP,
            postgresql_where=NOT_TAKEN_UP,
        ),
        Index(None, "came"),
        {"sqlite_autoincrement": True},
    )

    number: Number = None
    tenant: AnyText
    surface: AnyText
    key: AnyText
    content: MaybeJson
    came: datetime
    due: datetime | None = None
    attempts: WholeNumber = 0
    lease_owner: MaybeText = None
    lease_until: datetime | None = None


class HomeRow(Row, table=True):
    """A person's own page on a surface."""

    __tablename__ = "homes"

    tenant: KeyText
    surface: KeyText
    team: KeyText
    user: KeyText
    person: AnyText
    opened: datetime
    drawn: AnyText = ""


class CodeRow(Row, table=True):
    """A code that is good once, by its hash."""

    __tablename__ = "codes"
    __table_args__ = (Index(None, "until"),)

    hash: KeyText
    tenant: AnyText
    purpose: AnyText
    until: datetime
