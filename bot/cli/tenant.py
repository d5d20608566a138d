"""`countersign tenant`: what admins decide for the whole organisation."""

from datetime import timedelta
from typing import Annotated

import typer

from bot.cli.frame import OPERATOR, Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.cli.tenant_values import SETTINGS, changed
from bot.domain.canonical import JsonValue
from bot.domain.events import AuditEntry
from bot.domain.tenants import Tenant

app = group("See and change your organisation's own settings.")


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
    name: Annotated[str, typer.Argument(help=", ".join(SETTINGS))],
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
        after = changed(before, name, value)
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
        "directory_seconds": tenant.directory_age // timedelta(seconds=1),
        "slack_triage_channel": tenant.slack_triage_channel,
        "teams_triage_channel": tenant.teams_triage_channel,
        "email_domains": list(tenant.email_domains),
    }


def _said(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "empty"
    return "empty" if value == "" else str(value)
