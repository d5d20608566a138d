"""Which Teams account the command line means."""

from dataclasses import replace

from bot.app import Deployment
from bot.chat.teams.access import LOCAL, Access
from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.ids import is_object_id
from bot.domain.errors import Refusal
from bot.domain.terminal import in_terminal
from bot.domain.tools import shortened
from bot.ports.chat import ChatUser
from bot.settings import TeamsSettings


class NotAnObjectId(Refusal):
    """“{user}” is no object id. In the Entra admin center it is under Users → the person → Object ID."""


class WhichTenant(Refusal):
    """Say with --team which Entra tenant the account is in: {known}."""


class NotServed(Refusal):
    """People of the Entra tenant {tenant} may not use the bot. TEAMS_TENANTS lists whose people may, and “{command}” adds a tenant’s."""  # noqa: E501 - one sentence, as it is read


async def teams_account(deployment: Deployment, user: str, tenant: str, *, is_new: bool) -> ChatUser:
    """Gives the account; one that is no new one may be in a tenant whose people may not use the bot any more.

    Raises:
        NotAnObjectId: a new one cannot have such an id.
        WhichTenant: there are several Entra tenants, and none is named.
        NotServed: people of a new one's tenant may not use the bot.
    """
    known, named = user.strip().lower(), tenant.strip().lower()
    access = await _access(deployment)
    if not is_new:
        return ChatUser(surface=TEAMS, team=named or _only(access), id=known)
    if not is_object_id(known):
        raise NotAnObjectId(user=shortened(user))
    team = access.scope(named or _only(access))
    if team is None:
        own = deployment.settings.tenant_id
        command = in_terminal("tenant bind", deployment.tenant, own=own)
        raise NotServed(tenant=shortened(tenant), command=command)
    return ChatUser(surface=TEAMS, team=team, id=known)


def _only(access: Access) -> str:
    """Gives the one Entra tenant whose people may use the bot."""
    if access.is_open:
        return LOCAL
    if len(access.tenants) != 1:
        raise WhichTenant(known=", ".join(sorted(access.tenants)) or "none is known yet")
    return next(iter(access.tenants))


async def _access(deployment: Deployment) -> Access:
    """Gives the registration with this tenant's Entra tenants; the environment lists the first one's."""
    settings = TeamsSettings.load()
    access = Access() if settings is None else settings.access
    bound = {one.team for one in await deployment.memory.installations.all(deployment.tenant, TEAMS)}
    own = access.tenants if deployment.tenant == deployment.settings.tenant_id else frozenset[str]()
    return replace(access, tenants=own | bound)
