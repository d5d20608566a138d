"""Which Slack account the command line means."""

import re
from typing import Final

from bot.app import Deployment
from bot.chat.slack.api import new_session
from bot.chat.slack.workspaces import SLACK, Workspaces
from bot.domain.errors import Refusal
from bot.domain.tools import shortened
from bot.ports.chat import ChatUser
from bot.settings import SlackSettings

_MEMBER: Final = re.compile(r"[UW][A-Z0-9_]{1,40}", re.ASCII)


class NotAMemberId(Refusal):
    """“{user}” is no member ID of Slack, like U0123456789. In Slack: their profile → ⋮ → Copy member ID."""


class WhichWorkspace(Refusal):
    """Say with --team which workspace the account is in: {known}."""


async def slack_account(deployment: Deployment, user: str, team: str, *, is_new: bool) -> ChatUser:
    """Gives the account; Slack is asked for the workspace where none is named.

    Raises:
        NotAMemberId: a new one cannot have such an id.
        WhichWorkspace: there are several, or none is known yet.
    """
    member = user.strip()
    if is_new and not _MEMBER.fullmatch(member):
        raise NotAMemberId(user=shortened(user))
    return ChatUser(surface=SLACK, team=team.strip() or await _only(deployment), id=member)


async def _only(deployment: Deployment) -> str:
    """Gives the organisation or workspace that the accounts belong to, where there is only one."""
    settings = SlackSettings.load()
    scopes = {
        one.enterprise or one.team
        for one in await deployment.memory.installations.all(deployment.tenant, SLACK)
    }
    is_own = deployment.tenant == deployment.settings.tenant_id
    if is_own and settings is not None and settings.bot_token is not None:
        session = new_session()
        try:
            workspace = await Workspaces(
                tenant=deployment.tenant,
                installations=deployment.memory.installations,
                clock=deployment.clock,
                session=session,
                api_url=settings.api_url,
                token=settings.bot_token.get_secret_value(),
            ).own()
        finally:
            await session.close()
        if workspace is not None:
            scopes.add(workspace.scope)
    if len(scopes) != 1:
        raise WhichWorkspace(known=", ".join(sorted(scopes)) or "none is known yet")
    return scopes.pop()
