"""Installs the app into further workspaces: only with a link that an operator made, and once with each."""

from typing import Final

import structlog
from aiohttp import ClientSession
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from typing_extensions import override

from bot.chat.slack.access import Access
from bot.chat.slack.api import answer, web_client
from bot.chat.slack.manifest import SCOPES
from bot.chat.slack.workspaces import SLACK, Workspaces
from bot.documents.json_reading import text_at
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.flow.seams import Seams
from bot.ports.chat import Codes, Installation, Installations
from bot.ports.outside import Unreachable
from bot.ports.records import Overtaken

INSTALL: Final = "slack-install"
"""The purpose of the codes in the links that operators make."""
INSTALL_PATH: Final = "/slack/install"
REDIRECT_PATH: Final = "/slack/oauth_redirect"


log = structlog.get_logger()


class TakenWorkspace(Refusal):
    """{name} belongs to somebody else here, so nothing was installed. Ask whoever gave you the link."""

    kind = "conflict"


class NotServedYet(Refusal):
    """Countersign was started before this organisation was added. Have it started again, then reload this."""

    kind = "unavailable"


class LinkStates(AsyncOAuthStateStore):
    """The operator’s code is carried as the state, and is used up when Slack sends people back."""

    def __init__(self, seams: Seams, codes: Codes) -> None:
        self._seams = seams
        self._codes = codes

    @override
    async def async_consume(self, state: str) -> bool:
        return await self._codes.use(INSTALL, state, now=self._seams.clock.now()) == self._seams.tenant


class StoredInstallations(AsyncInstallationStore):
    """Keeps installations sealed, and tied to the tenant."""

    def __init__(
        self,
        seams: Seams,
        installations: Installations,
        workspaces: Workspaces,
        *,
        reserved: Workspaces | None = None,
    ) -> None:
        """Takes the tenant's ports and workspaces.

        Args:
            seams: the tenant's.
            installations: where they are kept.
            workspaces: the tenant's.
            reserved: of the tenant that the environment's own token belongs to, if that is another one.
        """
        self._seams = seams
        self._installations = installations
        self._workspaces = workspaces
        self._reserved = reserved

    @override
    async def async_save(self, installation: SlackInstallation) -> None:
        """Stores the bot's token; a person's own token is neither asked for nor kept.

        Raises:
            TakenWorkspace: it, or something of its organisation, is another tenant's.
        """
        team = "" if installation.is_enterprise_install else installation.team_id or ""
        name = installation.team_name or installation.enterprise_name or team
        now = self._seams.clock.now()
        above = installation.enterprise_id or ""
        if self._reserved is not None and await self._reserved.is_near_own(team=team, enterprise=above):
            raise TakenWorkspace(name=name)
        try:
            await self._installations.put(
                self._seams.tenant,
                Installation(
                    surface=SLACK,
                    team=team,
                    enterprise=above,
                    name=name,
                    content={
                        "bot_token": installation.bot_token or "",
                        "bot_user": installation.bot_user_id or "",
                        "bot_id": installation.bot_id or "",
                    },
                    at=now,
                ),
            )
        except Overtaken:
            raise TakenWorkspace(name=name) from None
        self._workspaces.forget()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(
                AuditEntry(
                    at=now,
                    kind="workspace.installed",
                    details={"surface": SLACK, "team": team, "enterprise": above},
                )
            )

    @override
    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forgets an installation after the app was removed; without a team it is the organisation's."""
        there = await self._installations.remove(SLACK, team=team_id or "", enterprise=enterprise_id or "")
        self._workspaces.forget()
        if not there:
            return
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(
                AuditEntry(
                    at=self._seams.clock.now(),
                    kind="workspace.removed",
                    details={"surface": SLACK, "team": team_id or "", "enterprise": enterprise_id or ""},
                )
            )


class InstallFlow(AsyncOAuthFlow):
    """Slack's own installation, begun with the operator's code."""

    @override
    async def issue_new_state(self, request: AsyncBoltRequest) -> str:
        return code_of(request)

    @override
    async def run_installation(self, code: str) -> SlackInstallation | None:
        """Gives what Slack gives for the code; None where it gives nothing."""
        about = self.settings
        exchanged = {
            "code": code,
            "client_id": about.client_id,
            "client_secret": about.client_secret,
            "redirect_uri": about.redirect_uri,
        }
        try:
            told = await answer(
                "oauth.v2.access", lambda: self.client.api_call("oauth.v2.access", data=exchanged)
            )
            token = text_at(told, "access_token")
            bot = await answer("auth.test", lambda: self.client.auth_test(token=token))
        except Unreachable as refusal:
            log.warning("slack.not_installed", why=type(refusal).__name__)
            return None
        return SlackInstallation(
            app_id=text_at(told, "app_id"),
            enterprise_id=text_at(told, "enterprise", "id") or None,
            enterprise_name=text_at(told, "enterprise", "name") or None,
            team_id=text_at(told, "team", "id") or None,
            team_name=text_at(told, "team", "name") or None,
            bot_token=token,
            bot_id=text_at(bot, "bot_id"),
            bot_user_id=text_at(told, "bot_user_id"),
            user_id=text_at(told, "authed_user", "id"),
            is_enterprise_install=told.get("is_enterprise_install") is True,
        )


def code_of(request: AsyncBoltRequest) -> str:
    """Gives the code of the operator's link; empty where there is none."""
    return next(iter(request.query.get("code", [])), "")


def install_flow(
    access: Access, session: ClientSession, states: LinkStates, stored: StoredInstallations
) -> InstallFlow:
    """Gives the flow that installs the app into workspaces."""
    settings = AsyncOAuthSettings(
        client_id=access.client_id,
        client_secret=access.client_secret,
        scopes=sorted(SCOPES),
        user_scopes=[],
        redirect_uri=f"{access.public_url.rstrip('/')}{REDIRECT_PATH}",
        install_path=INSTALL_PATH,
        install_page_rendering_enabled=False,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=access.authorize_url,
        installation_store=stored,
        installation_store_bot_only=True,
        state_store=states,
    )
    return InstallFlow(client=web_client(access.api_url, session), settings=settings)
