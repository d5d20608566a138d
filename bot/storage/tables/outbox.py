"""What people are to be told, and the copies of cards that they have."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from bot.domain.events import NoticeKind
from bot.storage.columns import AnyText, KeyText, MaybeText, Number, WholeNumber, Words
from bot.storage.tables.base import Row

WAITING_CARD = text("kind = 'card' AND lease_owner IS NULL")
"""A card that waits and that nobody is delivering: of these there is one per card and person."""


class NoticeRow(Row, table=True):
    """One thing to bring to people; its number is never used again."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "uq_notices_waiting_card",
            "tenant",
            "card",
            "person",
            unique=True,
            sqlite_where=WAITING_CARD,
            postgresql_where=WAITING_CARD,
        ),
        Index(None, "tenant", "person"),
        Index(None, "lease_owner"),
        {"sqlite_autoincrement": True},
    )

    number: Number = None
    tenant: AnyText
    kind: NoticeKind = Field(sa_type=Words(NoticeKind))
    request: MaybeText
    card: AnyText
    person: MaybeText
    text: AnyText
    due: datetime | None = None
    attempts: WholeNumber = 0
    error: AnyText = ""
    lease_owner: MaybeText = None
    lease_until: datetime | None = None


class CardCopyRow(Row, table=True):
    """One copy of a card."""

    __tablename__ = "card_copies"
    __table_args__ = (Index(None, "tenant", "surface", "place", "reference"),)

    tenant: KeyText
    card: KeyText
    person: KeyText
    surface: KeyText
    place: AnyText
    reference: AnyText


class CardMissRow(Row, table=True):
    """A card that could not be brought to somebody."""

    __tablename__ = "card_misses"

    tenant: KeyText
    card: KeyText
    person: KeyText
    at: datetime
    why: AnyText
