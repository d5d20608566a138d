"""The tenants of a process: each with its own directory, runbooks and connectors."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

import structlog

from bot.agent.runbook import Runbooks
from bot.agent.runbook_file import load_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.app import Deployment, for_tenant
from bot.chat.teams.conversations import TEAMS
from bot.connectors.hub import Hub
from bot.connectors.schemas import JsonSchemas
from bot.directory.recent import RecentDirectory, each_time
from bot.directory.refusing import RefusingProvider
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.flow.seams import Seams
from bot.policyfile.files import YamlPolicyFiles
from bot.ports.directory import Directory
from bot.ports.outside import Clock, Planner
from bot.scheduler.bell import ProcessBell

log = structlog.get_logger()


class AddedSince(Refusal):
    """This tenant was added since the process was started, so start it again."""


async def opened_tenants(stack: AsyncExitStack, deployment: Deployment) -> list[Deployment]:
    """Gives the deployment as each of its tenants has it, its own first; leaving the stack closes them."""
    found = [deployment]
    for tenant in await deployment.store.tenants():
        if tenant != deployment.tenant:
            found.append(await stack.enter_async_context(for_tenant(deployment, tenant)))  # noqa: PERF401 - it awaits
    return found


def offstage(deployment: Deployment, hub: Hub, bell: ProcessBell, *, is_alone: bool) -> Seams:
    """Gives a tenant's seams, without surfaces.

    Args:
        deployment: as the tenant has it.
        hub: every tenant's connectors.
        bell: of this process.
        is_alone: whether the process serves no other tenant.

    Raises:
        Refusal: the tenant is alone, and its runbooks cannot be used.
    """
    return Seams(
        tenant=deployment.tenant,
        store=deployment.store,
        directory=deployment.directory,
        planner=_planner(deployment, is_alone=is_alone),
        connectors=hub.for_tenant(deployment.tenant),
        schemas=JsonSchemas(),
        policy_files=YamlPolicyFiles(),
        surfaces=(),
        clock=deployment.clock,
        ids=deployment.ids,
        bell=bell,
    )


async def bound_teams(deployment: Deployment) -> frozenset[str]:
    """Gives the Entra tenants whose people belong to the tenant, by the operator's word."""
    bound = await deployment.memory.installations.all(deployment.tenant, TEAMS)
    return frozenset(one.team for one in bound)


def elsewhere(bound: Mapping[TenantId, frozenset[str]], tenant: TenantId) -> frozenset[str]:
    """Gives the Entra tenants that are bound to others than this tenant."""
    return frozenset(one for other, teams in bound.items() if other != tenant for one in teams)


def nobody_known(clock: Clock) -> Directory:
    """Gives the directory of a tenant that this process does not serve."""
    return RecentDirectory(RefusingProvider(AddedSince()), clock=clock, limit=each_time)


def _planner(deployment: Deployment, *, is_alone: bool) -> Planner:
    """Gives the planner; one tenant's mistake in its runbooks holds up no other.

    Raises:
        Refusal: the tenant is alone, and its runbooks cannot be used.
    """
    path = deployment.settings.files_of(deployment.tenant).runbooks
    if not path.exists():
        return RunbookPlanner(Runbooks(runbooks={}))
    try:
        return RunbookPlanner(load_runbooks(path))
    except Refusal as refusal:
        if is_alone:
            raise
        log.warning("runbooks.unusable", tenant=deployment.tenant, why=refusal.sentence)
        return RunbookPlanner(Runbooks(runbooks={}))
