"""Which workspaces and Teams tenants belong to which organisation; each to one."""

from typing import Annotated

import typer

from bot.app import Deployment
from bot.chat.slack.workspaces import SLACK
from bot.chat.teams.conversations import TEAMS
from bot.cli.frame import OPERATOR, Frame, frame, run
from bot.cli.options import DataOption, JsonOption
from bot.cli.tenant_values import teams_tenant
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import TenantId
from bot.ports.chat import Installation
from bot.ports.records import Overtaken
from bot.settings import TeamsSettings
from bot.settings.teams import APP_TENANT, TENANTS


class BoundElsewhere(Refusal):
    """The Teams tenant {team} belongs to another tenant here. Unbind it there first."""

    kind = "conflict"


class NotBound(Refusal):
    """The Teams tenant {team} is not bound to this tenant, so nothing was changed."""

    kind = "missing"


class ByTheEnvironment(Refusal):
    """{variable} names the Teams tenant {team}, so it belongs to this tenant. List in TEAMS_TENANTS whose people may use the bot, without it, and start the bot again."""  # noqa: E501 - one sentence, as it is read

    kind = "conflict"


def bind(
    context: typer.Context,
    team: Annotated[str, typer.Argument(metavar="ENTRA_TENANT_ID", help="From Entra’s Overview.")],
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have the people of a Microsoft tenant belong to this organisation, in Teams."""
    run(_bind(frame(context, data, as_json=as_json), team))


async def _bind(use: Frame, said: str) -> bool:
    team, own = teams_tenant(said), TeamsSettings.load()
    async with use.deployment() as deployment:
        now = deployment.clock.now()
        is_own = deployment.tenant == deployment.settings.tenant_id
        if own is not None and team in own.tenants and not is_own:
            raise BoundElsewhere(team=team)
        made = Installation(surface=TEAMS, team=team, enterprise="", name=team, content={}, at=now)
        try:
            await deployment.memory.installations.put(deployment.tenant, made)
        except Overtaken:
            raise BoundElsewhere(team=team) from None
        await _noted(deployment, "workspace.bound", team)
    sentence = (
        f"People of {team} belong to {deployment.tenant} now. Running processes know it after a restart."
    )
    use.answer({"tenant": deployment.tenant, "team": team, "bound": True}, sentence)
    return True


def unbind(
    context: typer.Context,
    team: Annotated[str, typer.Argument(metavar="ENTRA_TENANT_ID", help="As “tenant show” has it.")],
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have the people of a Microsoft tenant belong to this organisation no longer."""
    run(_unbind(frame(context, data, as_json=as_json), team))


async def _unbind(use: Frame, said: str) -> bool:
    team = teams_tenant(said)
    async with use.deployment() as deployment:
        bound = await deployment.memory.installations.all(deployment.tenant, TEAMS)
        if team not in {one.team for one in bound}:
            own = TeamsSettings.load() if deployment.tenant == deployment.settings.tenant_id else None
            if own is not None and team in own.tenants:
                raise ByTheEnvironment(team=team, variable=_variable(own))
            raise NotBound(team=team)
        await deployment.memory.installations.remove(TEAMS, team=team, enterprise="")
        await _noted(deployment, "workspace.unbound", team)
    sentence = f"People of {team} are nobody’s here now, in running processes after a restart."
    use.answer({"tenant": deployment.tenant, "team": team, "bound": False}, sentence)
    return True


def _variable(own: TeamsSettings) -> str:
    """Gives what says whose people may use the bot: its own tenant alone where no others are listed."""
    return APP_TENANT if own.tenants == {own.app_tenant} else TENANTS


async def _noted(deployment: Deployment, kind: str, team: str) -> None:
    entry = AuditEntry(
        at=deployment.clock.now(), kind=kind, agent=OPERATOR, details={"surface": TEAMS, "team": team}
    )
    async with deployment.store.unit(deployment.tenant) as unit:
        await unit.audit.append(entry)


async def bound_to(deployment: Deployment, tenant: TenantId) -> dict[str, JsonValue]:
    """Gives the workspaces and the Teams tenants whose people belong to the tenant."""
    installations = deployment.memory.installations
    slack = [one.name or one.team or one.enterprise for one in await installations.all(tenant, SLACK)]
    teams = {one.team for one in await installations.all(tenant, TEAMS)}
    own = TeamsSettings.load() if tenant == deployment.settings.tenant_id else None
    return {
        "workspaces": sorted(slack),
        "teams_tenants": sorted(teams | (own.tenants if own is not None else frozenset())),
    }
