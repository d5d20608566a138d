"""`countersign tenant`: what admins decide for the whole organisation."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from bot.chat.teams.ids import channel_of
from bot.cli.frame import OPERATOR, Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.tenants import Mode, Tenant

_CHANNEL: Final = re.compile(r"[CG][A-Z0-9]{2,30}", re.ASCII)
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_SETTINGS: Final = (
    "mode, name, time_zone, approval_hours, never_ending_grants, slack_triage_channel, teams_triage_channel, "
    "email_domains"
)

app = group("See and change your organisation's own settings.")


class UnknownSetting(Refusal):
    """“{name}” is not a setting. There are: {known}."""


class BadTenantValue(Refusal):
    """“{value}” does not fit {name}. Use {needed}."""


@app.command()
def show(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show the settings."""
    run(_show(frame(context, data, as_json=as_json)))


async def _show(use: Frame) -> bool:
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        document = _document(await view.tenant())
    use.answer(document, "\n".join(f"{name}: {_said(value)}" for name, value in document.items()))
    return True


@app.command("set")
def set_value(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=_SETTINGS)],
    value: Annotated[str, typer.Argument(help="The new value; '' empties what may be empty.")],
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change one setting, for example: tenant set mode execute."""
    run(_set(frame(context, data, as_json=as_json), name, value))


async def _set(use: Frame, name: str, value: str) -> bool:
    async with use.deployment() as deployment, deployment.store.unit(deployment.tenant) as unit:
        before = await unit.tenant()
        after = _changed(before, name, value)
        await unit.put_tenant(after)
        entry = AuditEntry(
            at=deployment.clock.now(),
            kind="tenant.changed",
            agent=OPERATOR,
            details={
                "name": name,
                "before": _document(before)[name],
                "after": _document(after)[name],
                "by": OPERATOR,
            },
        )
        await unit.audit.append(entry)
    use.answer(_document(after), f"{name} is {_said(_document(after)[name])} now.")
    return True


def _document(tenant: Tenant) -> dict[str, JsonValue]:
    return {
        "id": tenant.id,
        "name": tenant.name,
        "mode": tenant.mode.value,
        "time_zone": tenant.zone.key,
        "approval_hours": tenant.approval_lifetime / timedelta(hours=1),
        "never_ending_grants": tenant.never_ending_grants,
        "slack_triage_channel": tenant.slack_triage_channel,
        "teams_triage_channel": tenant.teams_triage_channel,
        "email_domains": list(tenant.email_domains),
    }


def _said(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "empty"
    return "empty" if value == "" else str(value)


def _changed(tenant: Tenant, name: str, value: str) -> Tenant:
    match name:
        case "mode":
            return replace(tenant, mode=_mode(value))
        case "name":
            return replace(tenant, name=_name(value))
        case "time_zone":
            return replace(tenant, zone=_zone(value))
        case "approval_hours":
            return replace(tenant, approval_lifetime=timedelta(hours=_hours(value)))
        case "never_ending_grants":
            return replace(tenant, never_ending_grants=_yes_or_no(value))
        case "slack_triage_channel":
            return replace(tenant, slack_triage_channel=_channel(value))
        case "teams_triage_channel":
            return replace(tenant, teams_triage_channel=_teams_channel(value))
        case "email_domains":
            return replace(tenant, email_domains=_domains(value))
        case _:
            known = ", ".join(key for key in _document(tenant) if key != "id")
            raise UnknownSetting(name=name, known=known)


def _mode(value: str) -> Mode:
    if value not in tuple(Mode):
        raise BadTenantValue(value=value, name="mode", needed="plan or execute")
    return Mode(value)


def _name(value: str) -> str:
    if not value.strip() or len(value) > 100:
        raise BadTenantValue(value=value, name="name", needed="1 to 100 characters")
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
