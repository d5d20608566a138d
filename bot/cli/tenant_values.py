"""What `countersign tenant set` takes for each setting."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.chat.teams.ids import channel_of, is_guid
from bot.cli.people_views import plain
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.tenants import Mode, Tenant
from bot.settings.deployment import TENANT_ID

_CHANNEL: Final = re.compile(r"[CG][A-Z0-9]{2,30}", re.ASCII)
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}", re.ASCII)


class UnknownSetting(Refusal):
    """“{name}” is not a setting. There are: {known}."""


class BadTenantValue(Refusal):
    """“{value}” does not fit {name}. Use {needed}."""


def new_tenant(wanted: str, name: str) -> Tenant:
    """Gives a tenant of this id, with settings as they are at first.

    Raises:
        BadTenantValue: it cannot be called so.
    """
    if not re.fullmatch(TENANT_ID, wanted, re.ASCII):
        needed = "letters, digits, dot, dash and underscore, at most 64, and no dot or dash first"
        raise BadTenantValue(value=wanted, name="the ID", needed=needed)
    return Tenant(id=TenantId(wanted), name=_name(name or wanted))


def teams_tenant(text: str) -> str:
    """Gives the id of an Entra tenant as it is stored.

    Raises:
        BadTenantValue: it is none.
    """
    if not is_guid(text.strip()):
        needed = "the Tenant ID from Microsoft Entra ID → Overview, like 01234567-89ab-cdef-0123-456789abcdef"
        raise BadTenantValue(value=text, name="a Teams tenant", needed=needed)
    return text.strip().lower()


def changed(tenant: Tenant, name: str, value: str) -> Tenant:
    """Gives the tenant with the setting as the text says.

    Raises:
        UnknownSetting: there is no such setting.
        BadTenantValue: the text does not fit it.
    """
    if name not in _CHANGES:
        raise UnknownSetting(name=name, known=", ".join(_CHANGES))
    return _CHANGES[name](tenant, value)


def _mode(value: str) -> Mode:
    if value not in tuple(Mode):
        raise BadTenantValue(value=value, name="mode", needed="plan or execute")
    return Mode(value)


def _name(value: str) -> str:
    if not value.strip() or len(value) > 100 or not value.isprintable():
        needed = "1 to 100 characters in one line, all of them visible"
        raise BadTenantValue(value=plain(value), name="name", needed=needed)
    return value


def _yes_or_no(value: str) -> bool:
    if value not in ("true", "false"):
        raise BadTenantValue(value=value, name="never_ending_grants", needed="true or false")
    return value == "true"


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        needed = "a name of the IANA list, like Europe/Amsterdam"
        raise BadTenantValue(value=value, name="time_zone", needed=needed) from None


def _channel(value: str) -> str:
    if value and not _CHANNEL.fullmatch(value):
        needed = "a channel's ID, which begins with C or G, like C0123456789; or nothing"
        raise BadTenantValue(value=value, name="slack_triage_channel", needed=needed)
    return value


def _teams_channel(value: str) -> str:
    channel = channel_of(value)
    if value and not channel:
        needed = (
            "the link that “Get link to channel” gives in Teams, or 19:…@thread.tacv2 from it; or nothing"
        )
        raise BadTenantValue(value=value, name="teams_triage_channel", needed=needed)
    return channel


def _domains(value: str) -> tuple[str, ...]:
    domains = [domain.strip().lower() for domain in value.split(",")] if value.strip() else []
    if not all(map(_DOMAIN.fullmatch, domains)):
        needed = "domains with commas between them, like acme.com,acme.nl; or nothing"
        raise BadTenantValue(value=value, name="email_domains", needed=needed)
    return tuple(dict.fromkeys(domains))


def _hours(value: str) -> float:
    try:
        hours = float(value)
    except ValueError:
        hours = 0.0
    if not 0.01 <= hours <= 24 * 366:
        raise BadTenantValue(value=value, name="approval_hours", needed="a number from 0.01 to 8784")
    return hours


def _seconds(value: str) -> int:
    if not (value.isascii() and value.isdecimal()) or len(value) > 3 or int(value) > 600:
        needed = "a number of seconds from 0 (everything is asked each time) to 600"
        raise BadTenantValue(value=value, name="directory_seconds", needed=needed)
    return int(value)


_CHANGES: Final[Mapping[str, Callable[[Tenant, str], Tenant]]] = {
    "name": lambda tenant, value: replace(tenant, name=_name(value)),
    "mode": lambda tenant, value: replace(tenant, mode=_mode(value)),
    "time_zone": lambda tenant, value: replace(tenant, zone=_zone(value)),
    "approval_hours": lambda tenant, value: replace(tenant, approval_lifetime=timedelta(hours=_hours(value))),
    "never_ending_grants": lambda tenant, value: replace(tenant, never_ending_grants=_yes_or_no(value)),
    "slack_triage_channel": lambda tenant, value: replace(tenant, slack_triage_channel=_channel(value)),
    "teams_triage_channel": lambda tenant, value: replace(tenant, teams_triage_channel=_teams_channel(value)),
    "email_domains": lambda tenant, value: replace(tenant, email_domains=_domains(value)),
    "directory_seconds": lambda tenant, value: replace(
        tenant, directory_age=timedelta(seconds=_seconds(value))
    ),
}

SETTINGS: Final = tuple(_CHANGES)
"""The names of all settings."""
