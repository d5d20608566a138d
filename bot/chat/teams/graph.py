"""What Microsoft Graph does for the bot: it finds accounts, and installs the bot for people.

Source: https://learn.microsoft.com/microsoftteams/platform/graph-api/proactive-bots-and-messages/graph-proactive-bots-and-messages
"""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import quote

import structlog

from bot.chat.teams.access import Access
from bot.chat.teams.connector.calls import TeamsGone
from bot.chat.teams.graph_calls import PATIENCE, Bearer, Conflict, GraphCalls, Missing, NotPermitted
from bot.documents.json_reading import rows_at, text_at
from bot.domain.canonical import JsonObject
from bot.outgoing.tries import Patience

__all__ = ["Graph", "GraphUser", "NotInCatalog", "NotPermitted"]

READ_USERS: Final = "User.Read.All"
READ_CATALOG: Final = "AppCatalog.Read.All"
INSTALL: Final = "TeamsAppInstallation.ReadWriteSelfForUser.All"

log = structlog.get_logger()


class NotInCatalog(NotPermitted):
    """The bot’s app is not in your organisation’s Teams catalog. Upload it in the Teams admin center."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphUser:
    """An account of the bot's own organisation."""

    id: str
    """Its `aadObjectId`."""
    principal_name: str
    is_enabled: bool
    is_member: bool
    """Whether it is no guest."""


class Graph:
    """Used as a block, whose end closes the connections."""

    def __init__(self, access: Access, *, token: Bearer, patience: Patience = PATIENCE) -> None:
        """Takes the bot's registration, what gives its token for a scope, and how often calls are tried."""
        self._access = access
        self._calls = GraphCalls(access.graph_url, token=token, patience=patience)
        self._catalog_id = ""

    async def __aenter__(self) -> Self:
        await self._calls.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._calls.__aexit__(*details)

    async def user_of(self, principal_name: str) -> GraphUser | None:
        """Gives the account that signs in with the name; None where there is none.

        Raises:
            NotPermitted: the bot may not look.
            Unreachable: it cannot be found out at the moment.
        """
        if not principal_name:
            return None
        fields = "id,userPrincipalName,accountEnabled,userType"
        path = f"users/{quote(principal_name, safe='')}?$select={fields}"
        try:
            found = await self._calls.call("GET", path, what="look accounts up", permission=READ_USERS)
        except Missing:
            return None
        if text_at(found, "userPrincipalName").lower() != principal_name.lower():
            return None
        return GraphUser(
            id=text_at(found, "id").lower(),
            principal_name=text_at(found, "userPrincipalName"),
            is_enabled=found.get("accountEnabled") is True,
            is_member=_is_member(found),
        )

    async def account_of(self, principal_name: str) -> str | None:
        """Gives the `aadObjectId` of the enabled member with this sign-in name; None when there is none.

        Raises:
            NotPermitted: the bot may not look.
            Unreachable: it cannot be found out at the moment.
        """
        user = await self.user_of(principal_name)
        return user.id if user is not None and user.is_enabled and user.is_member and user.id else None

    async def install_for(self, user: str) -> None:
        """Has the bot installed for the account with this `aadObjectId`; repeating it changes nothing.

        Raises:
            NotPermitted: the bot may not install itself, or is not in the catalog.
            TeamsGone: there is no such account, or it has no Teams.
            Unreachable: it cannot be installed at the moment.
        """
        bind = self._calls.address(f"appCatalogs/teamsApps/{quote(await self._in_catalog(), safe='')}")
        try:
            await self._calls.call(
                "POST",
                f"users/{quote(user, safe='')}/teamwork/installedApps",
                what="install the bot for people",
                permission=INSTALL,
                body={"teamsApp@odata.bind": bind},
            )
        except Conflict:
            return
        except Missing:
            # Either of the two is not there; if it is the app, looking again says so.
            self._catalog_id = ""
            await self._in_catalog()
            why = "there is no such account, or it has no Teams"
            raise TeamsGone(name="install", surface="Microsoft Teams", why=why) from None
        log.info("teams.installed")

    async def _in_catalog(self) -> str:
        """Gives the app's id in the organisation's catalog."""
        known = self._access.catalog_id or self._catalog_id
        if known:
            return known
        wanted = quote(f"externalId eq '{self._access.app_id}'")
        try:
            found = await self._calls.call(
                "GET",
                f"appCatalogs/teamsApps?$filter={wanted}",
                what="look the bot up in the catalog",
                permission=f"{READ_CATALOG} (or set TEAMS_APP_CATALOG_ID)",
            )
        except Missing:
            raise NotInCatalog from None
        self._catalog_id = next((text_at(row, "id") for row in rows_at(found, "value")), "")
        if not self._catalog_id:
            raise NotInCatalog
        return self._catalog_id


def _is_member(found: JsonObject) -> bool:
    """Whether an account is no guest; old ones have no type, so that their sign-in name has to say it.

    Source: https://itpro-tips.com/usertype-empty-in-microsoft-365 (accounts from before September 2014),
    https://learn.microsoft.com/entra/external-id/user-properties (names of guests)
    """
    if found.get("userType") is None:
        return "#ext#" not in text_at(found, "userPrincipalName").lower()
    return text_at(found, "userType").lower() == "member"
