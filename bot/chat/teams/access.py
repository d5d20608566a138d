"""What Microsoft gave us to come in with, where its servers are, and whose people may come in."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.domain.errors import Refusal

OPENID_URL: Final = "https://login.botframework.com/v1/.well-known/openidconfiguration"
"""What says by which keys the Bot Connector signs.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""
LOGIN_URL: Final = "https://login.microsoftonline.com/"
GRAPH_URL: Final = "https://graph.microsoft.com/"
SERVICE_URL: Final = "https://smba.trafficmanager.net/teams/"
"""The Bot Connector for people who never wrote.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
"""
MESSAGES_PATH: Final = "/api/messages"
"""Where Teams sends everything."""
LOCAL: Final = "local"
"""The one organisation that everybody belongs to while the bot has no app id."""


class AppType(StrEnum):
    """How the bot proves to Microsoft who it is; a third way, MultiTenant, takes no new bots any more.

    Source: https://learn.microsoft.com/azure/bot-service/bot-service-quickstart-registration
    """

    SINGLE_TENANT = "SingleTenant"
    """With a secret of its app registration, in its own tenant."""
    MANAGED_IDENTITY = "UserAssignedMSI"
    """With what Azure gives the machine that it runs on."""


class NoAppId(Refusal):
    """Teams needs the bot’s app id: set MicrosoftAppId. Only “countersign demo --teams” goes without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The bot's registration, and the addresses that it talks to; every address ends with a slash."""

    app_id: str = ""
    """In small letters; empty in development, where nobody has to prove who they are."""
    app_type: AppType = AppType.SINGLE_TENANT
    secret: str = field(default="", repr=False)
    """Empty for a managed identity."""
    tenant: str = ""
    """The Entra tenant that the bot is registered in."""
    tenants: frozenset[str] = frozenset()
    """The Entra tenants whose people may use the bot."""
    openid_url: str = OPENID_URL
    """A document, so it ends without a slash."""
    login_url: str = LOGIN_URL
    graph_url: str = GRAPH_URL
    service_url: str = SERVICE_URL
    triage: str = ""
    """The channel that gets internal notes where the tenant's settings name none."""
    catalog_id: str = ""
    """The app's own id in the organisation's catalog; empty where it has to be looked up."""

    @property
    def is_open(self) -> bool:
        """Whether nobody has to prove who they are: for development, on this machine alone."""
        return not self.app_id

    def scope(self, tenant: str) -> str | None:
        """Gives the id under which people of the Entra tenant are known; None when they may not come in."""
        if self.is_open:
            return LOCAL
        known = tenant.lower()
        return known if known in self.tenants else None
