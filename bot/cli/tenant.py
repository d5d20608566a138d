"""`countersign tenant`: the organisations of a deployment, and what each decides for itself."""

from datetime import timedelta
from typing import Annotated

import typer

from bot.app import Deployment
from bot.cli.frame import OPERATOR, Frame, frame, run, table
from bot.cli.options import DataOption, JsonOption, group
from bot.cli.tenant_binding import bind, bound_to, unbind
from bot.cli.tenant_values import SETTINGS, changed, new_tenant
from bot.documents.findings import BadDocument
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import TenantId
from bot.domain.tenants import Tenant
from bot.domain.terminal import in_terminal
from bot.settings.directories import directory_settings, provider_words

app = group("The organisations of this deployment, and what each decides for itself.")


class TenantThere(Refusal):
    """There is a tenant “{tenant}” already. “{command}” shows it."""

    kind = "conflict"


@app.command()
def add(
    context: typer.Context,
    tenant: Annotated[str, typer.Argument(metavar="ID", help="A short name for good, like acme.")],
    *,
    name: Annotated[str, typer.Option(help="What people call the organisation; the ID if left out.")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an organisation that this deployment serves; it starts in plan mode."""
    run(_add(frame(context, data, as_json=as_json), tenant, name))


async def _add(use: Frame, wanted: str, name: str) -> bool:
    made = new_tenant(wanted, name)
    async with use.deployment() as deployment:
        for one in await deployment.store.tenants():
            # Their folders would be one where a disk does not tell capitals apart.
            if one.casefold() == made.id.casefold():
                raise TenantThere(tenant=one, command=in_terminal("tenant show", one))
        async with deployment.store.unit(made.id) as unit:
            await unit.put_tenant(made)
            await unit.audit.append(
                AuditEntry(
                    at=deployment.clock.now(),
                    kind="tenant.added",
                    agent=OPERATOR,
                    details={"name": made.name},
                )
            )
        folder = use.settings().files_of(made.id).directory.parent
    lines = [
        f"{made.name} is there, in plan mode. What it needs next:",
        f"  its people: directory.yaml or people.yaml in {folder}",
        f"  Slack: {in_terminal('slack install-link', made.id)}",
        f"  Teams: {in_terminal('tenant bind ENTRA_TENANT_ID', made.id)}",
        f"  tool servers: {in_terminal('connector add NAME …', made.id)}",
        "Processes that run already serve it after a restart.",
    ]
    use.answer({"id": made.id, "name": made.name, "folder": str(folder)}, "\n".join(lines))
    return True


@app.command("list")
def list_tenants(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the organisations."""
    run(_list(frame(context, data, as_json=as_json)))


async def _list(use: Frame) -> bool:
    async with use.deployment() as deployment:
        documents = []
        for one in await deployment.store.tenants():
            async with deployment.store.view(one) as view:
                found = await view.tenant()
            documents.append(
                {**_named(found), **await bound_to(deployment, one), **_directory(deployment, one)}
            )
    heads = ("ID", "NAME", "MODE", "SLACK", "TEAMS", "DIRECTORY")
    rows = [
        (
            one["id"],
            one["name"],
            one["mode"],
            _said(one["workspaces"]),
            _said(one["teams_tenants"]),
            one["directory"],
        )
        for one in documents
    ]
    use.answer({"tenants": documents}, table(heads, rows))
    return True


@app.command()
def show(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show an organisation's settings, and what is bound to it."""
    run(_show(frame(context, data, as_json=as_json)))


async def _show(use: Frame) -> bool:
    async with use.deployment() as deployment:
        async with deployment.store.view(deployment.tenant) as view:
            settings = _document(await view.tenant())
        bound = await bound_to(deployment, deployment.tenant)
        document = {**settings, **bound, **_directory(deployment, deployment.tenant)}
    use.answer(document, "\n".join(f"{name}: {_said(value)}" for name, value in document.items()))
    return True


def _directory(deployment: Deployment, tenant: TenantId) -> dict[str, JsonValue]:
    file = deployment.settings.files_of(tenant).directory
    try:
        directory_settings(file)
    except BadDocument:
        return {"directory": "unusable; check directory says why"}
    return {"directory": provider_words(file)}


def _named(tenant: Tenant) -> dict[str, JsonValue]:
    return {"id": tenant.id, "name": tenant.name, "mode": tenant.mode.value}


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
        **_named(tenant),
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


app.command()(bind)
app.command()(unbind)
