"""Sign-ins that are under way; links, browsers and codes by their hashes."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from bot.domain.signing_in import SignInStatus
from bot.ports.signin import Purpose
from bot.storage.columns import AnyText, KeyText, MaybeText, WholeNumber, Words
from bot.storage.tables.base import Row


class SignInRow(Row, table=True):
    """One sign-in of an account; a new one takes its place."""

    __tablename__ = "sign_ins"
    __table_args__ = (UniqueConstraint("link"), Index(None, "browser"), Index(None, "until"))

    tenant: KeyText
    surface: KeyText
    team: KeyText
    user: KeyText
    purpose: Purpose = Field(sa_type=Words(Purpose), primary_key=True)
    name: AnyText
    team_name: AnyText
    status: SignInStatus = Field(sa_type=Words(SignInStatus))
    asked: datetime
    until: datetime
    tries: WholeNumber = 0
    occasion: AnyText
    heard: MaybeText = None
    """The occasion of the code that counted last."""
    link: AnyText
    browser: MaybeText = None
    code: MaybeText = None
    subject: MaybeText = None
    issuer: MaybeText = None
    signed: datetime | None = None
