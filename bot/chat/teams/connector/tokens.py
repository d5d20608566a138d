"""The bot's own tokens, which Microsoft Entra gives."""

from typing import Final

from typing_extensions import override

from bot.chat.teams.access import Access, AppType
from bot.chat.teams.connector.calls import BadCredentials, TeamsAway
from bot.outgoing.entra_tokens import AppTokens, EntraAway, MachineTokens, NoToken
from bot.outgoing.kept_tokens import Tokens

__all__ = ["CONNECTOR_SCOPE", "BotTokens", "NoTokens", "Tokens", "tokens_for"]

CONNECTOR_SCOPE: Final = "https://api.botframework.com/.default"
"""What a token for the Bot Connector is asked for.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""


class NoTokens(Tokens):
    """For stand-ins on this machine, which do not ask who calls."""

    @override
    def token(self, scope: str) -> str:
        return ""


class BotTokens(Tokens):
    """Says in the words of this surface why there is no token.

    It raises `BadCredentials` where Entra gives none to this bot, and `TeamsAway` where it does not answer.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    @override
    def token(self, scope: str) -> str:
        try:
            return self._tokens.token(scope)
        except NoToken as error:
            raise BadCredentials(name="token", surface="Microsoft Teams", why=str(error)) from None
        except EntraAway as error:
            raise TeamsAway(name="token", surface="Microsoft Teams", why=str(error)) from None


def tokens_for(access: Access) -> Tokens:
    """Gives where the bot gets its tokens by its registration; nothing is asked for yet."""
    if access.is_open:
        return NoTokens()
    if access.app_type is AppType.MANAGED_IDENTITY:
        return BotTokens(MachineTokens(access.app_id))
    return BotTokens(
        AppTokens(
            tenant=access.tenant,
            client=access.app_id,
            credential=access.secret,
            login_url=access.login_url,
        )
    )
