"""The workspaces that the bot is in: whose tokens it may use, and for which tenant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from typing_extensions import override

from bot.chat.slack.api import answer, web_client
from bot.documents.json_reading import text_at
from bot.domain.people import TenantId
from bot.ports.chat import ChatUser, Installations
from bot.ports.outside import Clock

SLACK: Final = "slack"
"""The surface's name."""
REMEMBERED: Final = timedelta(minutes=1)
"""How long an installation is used without looking whether it still stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One workspace, or one organisation that installed the app for all of its workspaces."""

    team: str
    enterprise: str
    name: str
    bot_user: str
    bot_id: str
    token: str
    client: AsyncWebClient
    is_whole: bool = False
    """Whether its installation is the whole organisation's."""

    @override
    def __repr__(self) -> str:
        return f"Workspace({self.team!r}, {self.enterprise!r})"

    @property
    def scope(self) -> str:
        """Within what the ids of users are unique: the organisation, or else the workspace."""
        return self.enterprise or self.team

    def user(self, user: str) -> ChatUser:
        """Gives a user of this workspace."""
        return ChatUser(surface=SLACK, team=self.scope, id=user)


class Workspaces:
    """Finds the workspace of an event, a person or a place."""

    def __init__(
        self,
        *,
        tenant: TenantId,
        installations: Installations,
        clock: Clock,
        session: ClientSession,
        api_url: str,
        token: str,
    ) -> None:
        """Takes the environment's own token, which may be empty; nothing is looked up yet."""
        self._tenant = tenant
        self._installations = installations
        self._clock = clock
        self._session = session
        self._api_url = api_url
        self._token = token
        self._own: Workspace | None = None
        self._found: dict[tuple[str, str], tuple[datetime, Workspace]] = {}

    async def own(self) -> Workspace | None:
        """Gives the workspace of the environment's token; None where there is no token.

        Raises:
            Unreachable: Slack does not say whose token it is.
        """
        if not self._token:
            return None
        if self._own is None:
            client = web_client(self._api_url, self._session, self._token)
            told = await answer("auth.test", client.auth_test)
            self._own = Workspace(
                team=text_at(told, "team_id"),
                enterprise=text_at(told, "enterprise_id"),
                name=text_at(told, "team"),
                bot_user=text_at(told, "user_id"),
                bot_id=text_at(told, "bot_id"),
                token=self._token,
                client=client,
            )
        return self._own

    async def is_near_own(self, *, team: str, enterprise: str) -> bool:
        """Whether the environment's own token is of this workspace, or of one of this organisation.

        Raises:
            Unreachable: Slack does not say whose token it is.
        """
        own = await self.own()
        if own is None:
            return False
        return _is_of(own, team, enterprise) or bool(enterprise and own.enterprise == enterprise)

    def has_own(self, *, team: str, enterprise: str) -> bool:
        """Whether it is known already, without asking Slack, that the environment's token is of it."""
        return self._own is not None and _is_of(self._own, team, enterprise)

    async def find(self, *, team: str, enterprise: str) -> Workspace | None:
        """Gives the tenant's workspace that an event is from; None for one of nobody, or of another tenant.

        Raises:
            Unreachable: Slack does not say whose the environment's token is.
        """
        own = await self.own()
        if own is not None and _is_of(own, team, enterprise):
            return own
        now = self._clock.now()
        kept = self._found.get((team, enterprise))
        if kept is not None and now < kept[0] + REMEMBERED:
            return kept[1]
        self._found.pop((team, enterprise), None)
        found = await self._installations.find(SLACK, team=team, enterprise=enterprise)
        if found is None or found[0] != self._tenant:
            return None
        content = found[1].content
        token = text_at(content, "bot_token")
        workspace = Workspace(
            team=found[1].team or team,
            enterprise=found[1].enterprise,
            name=found[1].name,
            bot_user=text_at(content, "bot_user"),
            bot_id=text_at(content, "bot_id"),
            token=token,
            client=web_client(self._api_url, self._session, token),
            is_whole=not found[1].team,
        )
        self._found[team, enterprise] = (now, workspace)
        return workspace

    async def all(self) -> tuple[Workspace, ...]:
        """Gives every workspace of the tenant, the environment's own first.

        Raises:
            Unreachable: Slack does not say whose the environment's token is.
        """
        own = await self.own()
        found = [own] if own is not None else []
        for one in await self._installations.all(self._tenant, SLACK):
            workspace = await self.find(team=one.team, enterprise=one.enterprise)
            if workspace is not None and workspace not in found:
                found.append(workspace)
        return tuple(found)

    async def of_scope(self, scope: str) -> Workspace | None:
        """Gives a workspace in which the ids of this organisation or workspace mean something."""
        return next((one for one in await self.all() if one.scope == scope), None)

    def forget(self) -> None:
        """Has installations looked up anew; after one was added or removed."""
        self._found.clear()


def _is_of(workspace: Workspace, team: str, enterprise: str) -> bool:
    if team:
        return workspace.team == team
    return bool(enterprise) and workspace.enterprise == enterprise


def place_of(workspace: Workspace, channel: str) -> str:
    """Gives the name of a conversation, e.g. `T1/C2`, or `T1@E3/C2` in an organisation of workspaces."""
    above = f"@{workspace.enterprise}" if workspace.enterprise else ""
    return f"{workspace.team}{above}/{channel}"


def parts_of(place: str) -> tuple[str, str, str]:
    """Gives the workspace, the organisation and the channel that a place names."""
    where, _, channel = place.partition("/")
    team, _, enterprise = where.partition("@")
    return team, enterprise, channel
