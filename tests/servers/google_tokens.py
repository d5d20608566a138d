"""Google's token endpoint, for tests.

Source: https://developers.google.com/identity/protocols/oauth2/service-account
"""

import json
from functools import cache
from typing import Final

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

DOMAIN: Final = "acme.test"
ADMIN: Final = "root@acme.test"
ACCOUNT: Final = "bot@project.iam.gserviceaccount.test"
CLIENT: Final = "112233445566778899000"
_AUDIENCE: Final = "https://oauth2.googleapis.com/token"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_NOT_DELEGATED: Final = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of "
    "the scopes requested."
)


@cache
def _private_key() -> RSAPrivateKey:
    """Gives the service account's key; to make one takes a while."""
    return generate_private_key(public_exponent=65537, key_size=2048)


class GivenTokens:
    """Gives the service account tokens for the administrator."""

    def __init__(self) -> None:
        self.scopes: dict[str, frozenset[str]] = {}
        """By token."""
        self.errors: list[tuple[int, str]] = []
        """Statuses and errors with which the next ones are refused."""

    def key_file(self, token_uri: str) -> str:
        """Gives the key file of the service account."""
        pem = _private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key = {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "k1",
            "private_key": pem.decode(),
            "client_email": ACCOUNT,
            "client_id": CLIENT,
            "token_uri": token_uri,
        }
        return json.dumps(key)

    async def answer(self, request: web.Request, *, delegated: frozenset[str]) -> web.Response:
        """Gives a token, or says why not.

        Args:
            request: the call.
            delegated: the scopes that the service account may have.
        """
        if self.errors:
            status, error = self.errors.pop(0)
            return _no(status, error, "So it is.")
        form = await request.post()
        if form.get("grant_type") != _GRANT:
            return _no(400, "unsupported_grant_type", "Invalid grant_type")
        try:
            claims = jwt.decode(
                str(form.get("assertion")),
                _private_key().public_key(),
                algorithms=["RS256"],
                audience=_AUDIENCE,
                issuer=ACCOUNT,
                options={"require": ["exp", "iat", "iss", "aud", "scope", "sub"]},
            )
        except jwt.InvalidTokenError as error:
            return _no(400, "invalid_grant", f"Invalid JWT: {error}")
        if claims["exp"] - claims["iat"] > 3600:
            return _no(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes).")
        if claims["sub"] != ADMIN:
            return _no(400, "invalid_grant", "Invalid email or User ID")
        scopes = frozenset(claims["scope"].split())
        if not scopes or not scopes <= delegated:
            return _no(401, "unauthorized_client", _NOT_DELEGATED)
        token = f"ya29.{len(self.scopes)}"
        self.scopes[token] = scopes
        return web.json_response({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})


def _no(status: int, error: str, described: str) -> web.Response:
    return web.json_response({"error": error, "error_description": described}, status=status)
