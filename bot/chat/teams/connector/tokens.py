"""The bot's own tokens, which Microsoft Entra gives."""

import re
from typing import Any, Final, Protocol

import msal
import requests
import structlog
from typing_extensions import override

from bot.chat.teams.access import Access, AppType
from bot.chat.teams.connector.calls import BadCredentials, TeamsAway
from bot.documents.json_reading import object_of, text_at

CONNECTOR_SCOPE: Final = "https://api.botframework.com/.default"
"""What a token for the Bot Connector is asked for.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""
TIMEOUT_S: Final = 8
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error"})
_REASON: Final = re.compile(r"AADSTS[0-9]{1,9}", re.ASCII)

log = structlog.get_logger()


class Tokens(Protocol):
    """Where the bot's own tokens come from."""

    def token(self, scope: str) -> str:
        """Gives a token that is good for five more minutes at least; empty where none is needed.

        It may take seconds, and it is never called from two threads at once.

        Raises:
            BadCredentials: Entra does not give one to this bot.
            TeamsAway: Entra does not answer.
        """
        ...


class NoTokens(Tokens):
    """For stand-ins on this machine, which do not ask who calls."""

    @override
    def token(self, scope: str) -> str:
        return ""


class SecretTokens(Tokens):
    """With a secret of the app registration; MSAL keeps what it got until five minutes before its end."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._application: msal.ConfidentialClientApplication | None = None

    @override
    def token(self, scope: str) -> str:
        try:
            if self._application is None:
                self._application = self._made()
            answer = self._application.acquire_token_for_client(scopes=[scope])
        except (requests.RequestException, RuntimeError, ValueError, KeyError) as error:
            raise _away(type(error).__name__) from None
        return _token_in(answer)

    def _made(self) -> msal.ConfidentialClientApplication:
        """Gives MSAL's application; making one asks Entra where its endpoints are."""
        access = self._access
        host = access.login_url.removeprefix("http://")
        is_plain = host != access.login_url
        try:
            return msal.ConfidentialClientApplication(
                access.app_id,
                # MSAL knows https only; a stand-in on this machine may be plain.
                authority=f"{f'https://{host}' if is_plain else access.login_url}{access.tenant}",
                client_credential=access.secret,
                instance_discovery=False,
                http_client=_Http(plain=host if is_plain else ""),
            )
        except ValueError:
            # So MSAL says that Entra has no such tenant.
            raise _refused("the tenant is not known") from None


class IdentityTokens(Tokens):
    """With what Azure gives the machine that the bot runs on."""

    def __init__(self, app_id: str) -> None:
        identity = msal.UserAssignedManagedIdentity(client_id=app_id)
        self._client = msal.ManagedIdentityClient(identity, http_client=_Http())

    @override
    def token(self, scope: str) -> str:
        try:
            answer = self._client.acquire_token_for_client(resource=scope.removesuffix("/.default"))
        except (requests.RequestException, ValueError, KeyError) as error:
            raise _away(type(error).__name__) from None
        return _token_in(answer)


def tokens_for(access: Access) -> Tokens:
    """Gives where the bot gets its tokens by its registration; nothing is asked for yet."""
    if access.is_open:
        return NoTokens()
    if access.app_type is AppType.MANAGED_IDENTITY:
        return IdentityTokens(access.app_id)
    return SecretTokens(access)


class _Http:
    """What MSAL calls out with: every call ends in time."""

    def __init__(self, *, plain: str = "") -> None:
        """Takes the beginning of an address, without its scheme, that is called without TLS."""
        self._session = requests.Session()
        self._secure = f"https://{plain}"
        self._plain = plain

    def get(self, url: str, **named: Any) -> requests.Response:
        return self._call("GET", url, named)

    def post(self, url: str, **named: Any) -> requests.Response:
        return self._call("POST", url, named)

    def _call(self, verb: str, url: str, named: dict[str, Any]) -> requests.Response:
        if self._plain and url.startswith(self._secure):
            url = f"http://{url.removeprefix('https://')}"
        response = self._session.request(verb, url, **{"timeout": TIMEOUT_S, **named})
        if response.status_code >= 500:
            # MSAL falls back on the token it has for an error of this library only.
            response.raise_for_status()
        return response


def _token_in(answer: object) -> str:
    found = object_of(answer)
    token, error = text_at(found, "access_token"), text_at(found, "error")
    if token:
        return token
    if error in _PASSING:
        raise _away(error)
    reason = _REASON.search(text_at(found, "error_description"))
    raise _refused(" ".join([error or "no reason given", *([reason[0]] if reason else [])]))


def _away(why: str) -> TeamsAway:
    log.warning("teams.token_away", why=why)
    return TeamsAway(name="token", surface="Microsoft Teams", why=why)


def _refused(why: str) -> BadCredentials:
    log.error("teams.token_refused", why=why)
    return BadCredentials(name="token", surface="Microsoft Teams", why=why)
