"""The tokens that a services app of the Okta organisation for tests gets.

Source: https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
"""

import json
from datetime import datetime, timedelta
from typing import Final

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.domain.canonical import JsonObject
from bot.ports.outside import Clock

CLIENT: Final = "0oa1app"
API_TOKEN: Final = "00api-token"  # noqa: S105 - nothing is behind it
USERS: Final = "okta.users.read"
GROUPS: Final = "okta.groups.read"
LIFETIME: Final = timedelta(hours=1)
"""Of a token, and the longest of an assertion."""
_ASKED: Final = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}


class OktaTokens:
    """Gives tokens to whoever signs with a registered key."""

    def __init__(self, clock: Clock) -> None:
        self.keys: dict[str, RSAPublicKey] = {}
        """The app's public keys, by their ids."""
        self.wants_dpop = False
        self.body: bytes | None = None
        """What it answers instead of a token, with status 200."""
        self.given: dict[str, tuple[datetime, frozenset[str]]] = {}
        """When each token ends, and what it is good for."""
        self._clock = clock
        self._used: set[str] = set()

    def scopes_of(self, authorization: str) -> frozenset[str] | None:
        """Gives what the caller's token is good for; None for a bad one. An API token is good for all."""
        if authorization == f"SSWS {API_TOKEN}":
            return frozenset({USERS, GROUPS})
        kind, _, token = authorization.partition(" ")
        ends, scopes = self.given.get(token, (self._clock.now(), frozenset()))
        return scopes if kind == "Bearer" and self._clock.now() < ends else None

    def revoke(self) -> None:
        """Ends every token there is."""
        self.given.clear()

    async def answer(self, request: web.Request, *, address: str, denied: frozenset[str]) -> web.Response:
        """Gives a token with the scopes that are granted, or what is wrong with the request."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if {name: form.get(name) for name in _ASKED} != _ASKED:
            return _error(400, "invalid_request", "A required parameter is missing.")
        wrong = self._wrong(form.get("client_assertion", ""), address)
        if wrong:
            return _error(401, "invalid_client", wrong)
        if self.wants_dpop and "DPoP" not in request.headers:
            return _error(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.")
        asked = frozenset(form.get("scope", "").split())
        if not asked or asked - {USERS, GROUPS}:
            return _error(400, "invalid_scope", "The requested scope is unknown.")
        scopes = asked - denied
        if not scopes:
            return _error(400, "consent_required", "You are not allowed any of the requested scopes.")
        if self.body is not None:
            return web.Response(body=self.body, content_type="application/json")
        token = f"token-{len(self._used)}"
        self.given[token] = (self._clock.now() + LIFETIME, scopes)
        body: JsonObject = {
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "access_token": token,
            "scope": " ".join(sorted(scopes)),
        }
        return web.json_response(body)

    def _wrong(self, assertion: str, address: str) -> str:
        """Gives what is wrong with the assertion; empty where nothing is."""
        try:
            named = jwt.get_unverified_header(assertion).get("kid")
            keys = list(self.keys.values()) if named is None else [self.keys[named]]
            [key] = keys
            # The time is this server's own.
            claims = jwt.decode(
                assertion,
                key,
                algorithms=["RS256"],
                audience=address,
                issuer=CLIENT,
                options={"require": ["iss", "sub", "aud", "exp"], "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            return f"The client_assertion is invalid: {error}"
        now, ends = self._clock.now().timestamp(), claims["exp"]
        once = str(claims.get("jti", json.dumps(claims)))
        if claims["sub"] != CLIENT or not now < ends <= now + LIFETIME.total_seconds() or once in self._used:
            return "The client_assertion is of somebody else, has ended, ends too late, or was used before."
        self._used.add(once)
        return ""


def _error(status: int, code: str, description: str) -> web.Response:
    return web.json_response({"error": code, "error_description": description}, status=status)
