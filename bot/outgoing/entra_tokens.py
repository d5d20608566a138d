"""Tokens that Microsoft Entra gives to an app: with its secret, its certificate, or an Azure machine's word.

This is the only home of MSAL, which blocks; whoever asks from an event loop does so on a thread.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
import structlog
from typing_extensions import override

from bot.outgoing.entra_calls import EntraCalls
from bot.outgoing.kept_tokens import Tokens
from bot.outgoing.web_addresses import is_loopback

TIMEOUT_S: Final = 8.0
"""Seconds that one call may take in all."""
_STRANGE: Final = (RuntimeError, ValueError, KeyError, TypeError, AttributeError)
"""What MSAL raises over an answer that is not as it wants it."""
_PASSING: Final = frozenset({"temporarily_unavailable", "server_error"})
_REASON: Final = re.compile(r"AADSTS[0-9]{1,9}", re.ASCII)
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)

log = structlog.get_logger()


class NoToken(Exception):
    """Entra gives this app no token, and it says why."""


class EntraAway(Exception):
    """Entra does not answer, or not now."""


class AppTokens(Tokens):
    """With what an app registration has; MSAL keeps what it got until five minutes before its end."""

    def __init__(
        self,
        *,
        tenant: str,
        client: str,
        credential: str,
        login_url: str,
        is_certificate: bool = False,
        within_s: float = TIMEOUT_S,
    ) -> None:
        """Takes the registration; nothing is read or asked for yet.

        Args:
            tenant: the Entra tenant that the app is registered in.
            client: the app's id.
            credential: its secret, or a PEM text as `certificate` reads it.
            login_url: where tokens are had; it ends with a slash.
            is_certificate: whether it is the PEM text. It takes a while to read, so it is read once, with the
                first token, even if it is no good.
            within_s: seconds that one call may take in all.
        """
        self._tenant = tenant
        self._client = client
        self._credential: str | Mapping[str, str] = credential
        self._is_unread = is_certificate
        self._no_good = ""
        self._login_url = login_url
        self._within_s = within_s
        self._application: Any = None
        self._is_stale = False

    @override
    def token(self, scope: str) -> str:
        import requests  # noqa: PLC0415 - as below

        self._read()
        try:
            if self._application is None:
                self._application = self._made()
            if self._is_stale:
                self._is_stale = False
                self._application.remove_tokens_for_client()
            answer = self._application.acquire_token_for_client(scopes=[scope])
        except requests.RequestException as error:
            raise _away(str(error)) from None
        except _STRANGE as error:
            raise _away(type(error).__name__) from None
        return _token_in(answer)

    def forget(self) -> None:
        """Has Entra asked the next time, whatever MSAL has kept."""
        self._is_stale = True

    def _read(self) -> None:
        if self._no_good:
            raise NoToken(self._no_good)
        if not (self._is_unread and isinstance(self._credential, str)):
            return
        try:
            self._credential = certificate(self._credential)
        except NoToken as error:
            self._no_good = str(error)
            raise
        self._is_unread = False

    def _made(self) -> object:
        """Gives MSAL's application; making one asks Entra where its endpoints are."""
        import msal  # noqa: PLC0415 - it takes a fifth of a second, which only who needs a token waits for

        host = self._login_url.removeprefix("http://")
        is_plain = host != self._login_url
        try:
            return msal.ConfidentialClientApplication(
                self._client,
                # MSAL knows https only; a stand-in on this machine may be plain.
                authority=f"{f'https://{host}' if is_plain else self._login_url}{self._tenant}",
                client_credential=self._credential,
                instance_discovery=False,
                http_client=EntraCalls(self._within_s, plain=host if is_plain else ""),
            )
        except ValueError:
            # So MSAL says that Entra has no such tenant.
            raise _refused("the tenant is not known") from None


class MachineTokens(Tokens):
    """With what Azure gives the machine that the bot runs on."""

    def __init__(self, client: str = "", *, within_s: float = TIMEOUT_S) -> None:
        """Takes the client id of a user-assigned identity; without one the machine's own is asked for.

        Args:
            client: the id.
            within_s: seconds that one call may take in all.
        """
        self._client = client
        self._within_s = within_s
        self._asked: Any = None

    @override
    def token(self, scope: str) -> str:
        import requests  # noqa: PLC0415 - as above

        try:
            if self._asked is None:
                self._asked = self._made()
            answer = self._asked.acquire_token_for_client(resource=scope.removesuffix("/.default"))
        except requests.RequestException as error:
            raise _away(str(error)) from None
        except _STRANGE as error:
            raise _away(type(error).__name__) from None
        return _token_in(answer)

    def forget(self) -> None:
        """Has the machine asked the next time, whatever MSAL has kept; Azure may give the same token."""
        self._asked = None

    def _made(self) -> object:
        import msal  # noqa: PLC0415 - as above

        identity = (
            msal.UserAssignedManagedIdentity(client_id=self._client)
            if self._client
            else msal.SystemAssignedManagedIdentity()
        )
        return msal.ManagedIdentityClient(identity, http_client=EntraCalls(self._within_s))


def certificate(pem: str) -> Mapping[str, str]:
    """Gives a certificate and its private key, both in one PEM text, as MSAL takes them.

    Entra knows the certificate by its SHA-256 thumbprint, which MSAL works out from it.

    Raises:
        NoToken: one of the two is not there, or cannot be read.
    """
    from cryptography import x509  # noqa: PLC0415 - as above
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

    blocks = [(found[1], found[0]) for found in _PEM.finditer(pem)]
    keys = [text for kind, text in blocks if kind.endswith("PRIVATE KEY")]
    public = [text for kind, text in blocks if kind == "CERTIFICATE"]
    if len(keys) != 1 or not public:
        raise _refused("the certificate's PEM text needs a private key and a certificate")
    try:
        key = load_pem_private_key(keys[0].encode(), password=None)
        leaf = x509.load_pem_x509_certificate(public[0].encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # A TypeError: the key has a password, which nobody can give.
        raise _refused("the certificate or its private key cannot be read") from None
    if not isinstance(key, RSAPrivateKey) or key.public_key() != leaf.public_key():
        raise _refused("the private key is not the one of the certificate")
    return {"private_key": keys[0], "public_certificate": public[0]}


def scope_of(url: str, *, official: str) -> str:
    """Gives what a token for a service is asked for.

    Args:
        url: where the service is.
        official: where Microsoft's own is; a stand-in on this machine stands in for it.
    """
    parts = urlsplit(official if is_loopback(urlsplit(url).hostname or "") else url)
    return f"{parts.scheme}://{parts.netloc}/.default"


def granted_in(token: str) -> frozenset[str] | None:
    """Gives the permissions that Entra wrote into a token; None where the token cannot be read.

    Nobody's signature is checked: it says what is missing, and nothing is decided by it.

    Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
    """
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    roles = claims.get("roles")
    return frozenset(one for one in roles if isinstance(one, str)) if isinstance(roles, list) else frozenset()


def _token_in(answer: object) -> str:
    found = answer if isinstance(answer, dict) else {}
    token, error, described = (
        _text(found.get(name)) for name in ("access_token", "error", "error_description")
    )
    if token:
        return token
    if error in _PASSING:
        raise _away(error)
    reason = _REASON.search(described)
    raise _refused(" ".join([error or "no reason given", *([reason[0]] if reason else [])]))


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _away(why: str) -> EntraAway:
    log.warning("entra.token_away", why=why)
    return EntraAway(why)


def _refused(why: str) -> NoToken:
    log.error("entra.token_refused", why=why)
    return NoToken(why)
