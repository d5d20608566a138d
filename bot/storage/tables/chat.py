"""The web surface's chats."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint

from bot.storage.columns import AnyText, JsonThing, KeyText, Number, WholeNumber
from bot.storage.tables.base import Row


class ChatItemRow(Row, table=True):
    """One item of a person's chat, with the revision that wrote it last."""

    __tablename__ = "chat_items"
    __table_args__ = (UniqueConstraint("tenant", "person", "id"), Index(None, "tenant", "revision"))

    number: Number = None
    tenant: AnyText
    person: AnyText
    id: AnyText
    at: datetime
    content: JsonThing
    revision: WholeNumber


class ChatHeadRow(Row, table=True):
    """The newest revision of a tenant's chats."""

    __tablename__ = "chat_heads"

    tenant: KeyText
    revision: WholeNumber
