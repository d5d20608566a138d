"""Where the bot can write, on surfaces that give no way to look it up."""

from datetime import datetime

from sqlalchemy import Index

from bot.storage.columns import AnyText, JsonThing, KeyText
from bot.storage.tables.base import Row


class ConversationRow(Row, table=True):
    """One conversation with the bot."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(None, "tenant", "surface", "team", "user"),
        Index(None, "tenant", "surface", "team", "at"),
    )

    tenant: KeyText
    surface: KeyText
    place: KeyText
    team: AnyText
    user: AnyText
    reference: JsonThing
    at: datetime
