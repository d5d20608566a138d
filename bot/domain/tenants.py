"""Tenants and their settings; nothing crosses from one to another."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.people import TenantId

UTC = ZoneInfo("UTC")


class Mode(StrEnum):
    """How far the bot goes by itself."""

    PLAN = "plan"
    """Diagnose, write the internal note, propose; nothing but reads runs and nobody is asked."""
    EXECUTE = "execute"
    """The whole way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One client organisation and how it wants to be served."""

    id: TenantId
    name: str
    mode: Mode = Mode.PLAN
    zone: ZoneInfo = UTC
    approval_lifetime: timedelta = timedelta(hours=24)
    nudge_interval: timedelta = timedelta(hours=1)
    never_ending_grants: bool = False
    """Whether a standing approval may have no end."""
    slack_triage_channel: str = ""
    """The Slack channel that gets internal notes; empty: each technician gets them."""
    teams_triage_channel: str = ""
    """The Teams channel that gets internal notes; empty: each technician gets them."""
    directory_age: timedelta = timedelta(seconds=60)
    """How old what the directory said may be for a decision; what somebody does is always looked up anew."""
    email_domains: tuple[str, ...] = ()
    """Domains whose confirmed addresses tie a chat user to a person.

    Empty: those of the directory's own people, but none of a public mail provider.
    """
