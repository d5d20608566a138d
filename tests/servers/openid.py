"""An OpenID provider for tests: it checks what a provider has to check, and does wrong what a test asks for.

Source: https://openid.net/specs/openid-connect-core-1_0.html
"""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Final
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from bot.domain.canonical import JsonObject, JsonValue
from bot.ports.outside import Clock
from tests.servers.teams_identity import rsa_key

CLIENT: Final = "countersign"
SECRET: Final = "s3cret: of & the client"  # noqa: S105 - nothing is behind it
ASKED: Final = frozenset(
    {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce"}
    | {"code_challenge", "code_challenge_method"}
)
EC_KEY: Final = generate_ec_key(SECP256R1())

Json = dict[str, JsonValue]


@dataclass
class OpenIdServer:
    """A provider where whoever comes is signed in as `subject`; a test may change what it likes."""

    clock: Clock
    subject: str = "alice"
    url: str = ""
    secret_in_form: bool = True
    names_itself: bool = True
    has_page: bool = False
    """Whether people press a button there; else they are signed in already."""
    leads_over: str = ""
    """Another name of this machine, over which browsers are sent first; as a federated provider does it."""
    kid: str = "key-1"
    published: list[str] = field(default_factory=lambda: ["key-1"])
    discovery: Json = field(default_factory=dict)
    """Put in place of what it would publish; None takes something out."""
    back: Json = field(default_factory=dict)
    """Put in place of what it would send browsers back with."""
    claims: Json = field(default_factory=dict)
    """Put in place of what a token would claim."""
    forge: Callable[[Json], str] | None = None
    """Makes the token of these claims, in place of the right way."""
    status: int = 200
    """What the token endpoint answers."""
    answer: JsonValue = None
    """Put in place of the token endpoint's answer."""
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    """The token endpoint waits while it is not set."""
    asked: dict[str, int] = field(default_factory=lambda: {"discovery": 0, "keys": 0, "token": 0})
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    """What was asked in a way that no provider accepts."""

    @property
    def issuer(self) -> str:
        return f"{self.url}/acme"

    def rotates(self) -> None:
        """Signs with a new key from now on, and forgets the old one."""
        self.kid = f"key-{int(self.kid.partition('-')[2]) + 1}"
        self.published = [self.kid]

    async def configuration(self, _: web.Request) -> web.Response:
        self.asked["discovery"] += 1
        told: Json = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": self.names_itself,
        }
        if self.secret_in_form:
            told["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
        told.update(self.discovery)
        return web.json_response({name: value for name, value in told.items() if value is not None})

    async def keys(self, _: web.Request) -> web.Response:
        self.asked["keys"] += 1
        elliptic: Json = dict(ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True))
        rows: list[JsonValue] = [public_key(kid) for kid in self.published]
        rows += [
            {**elliptic, "kid": "ec", "use": "sig"},
            {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
            {**public_key("encryption"), "use": "enc"},
            "nonsense",
        ]
        return web.json_response({"keys": rows})

    async def icon(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    async def authorize(self, request: web.Request) -> web.Response:
        given = dict(request.query)
        if self.leads_over and request.host.startswith("127.0.0.1"):
            other = request.url.with_host(self.leads_over)
            return web.Response(status=302, headers={"Location": str(other)})
        if set(given) != ASKED or given["response_type"] != "code" or given["client_id"] != CLIENT:
            return self._refused(f"authorize: {sorted(given)}")
        if given["code_challenge_method"] != "S256" or len(given["code_challenge"]) != 43:
            return self._refused("authorize: no challenge")
        if "openid" not in given["scope"].split() or min(len(given["state"]), len(given["nonce"])) < 32:
            return self._refused("authorize: no scope, state or nonce")
        if self.has_page and "signed" not in given:
            fields = "".join(
                f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
                for name, value in given.items()
            )
            text = (
                "<!doctype html><title>Provider</title>"
                f'<form method="post" action="{self.issuer}/authorize">{fields}'
                "<button>Continue as Alice</button></form>"
            )
            return web.Response(text=text, content_type="text/html")
        return self._sent_back(given)

    async def pressed(self, request: web.Request) -> web.Response:
        return self._sent_back({name: str(value) for name, value in (await request.post()).items()})

    def _sent_back(self, given: dict[str, str]) -> web.Response:
        code = secrets.token_urlsafe(24)
        self.codes[code] = given
        back: Json = {"code": code, "state": given["state"]}
        if self.names_itself:
            back["iss"] = self.issuer
        told = {name: str(value) for name, value in (back | self.back).items() if value is not None}
        return web.Response(status=302, headers={"Location": f"{given['redirect_uri']}?{urlencode(told)}"})

    async def token(self, request: web.Request) -> web.Response:
        self.asked["token"] += 1
        await self.goes_on.wait()
        if self.status != 200:
            headers = {"Location": f"{self.url}/elsewhere"} if self.status in range(300, 400) else {}
            return web.json_response({"error": "server_error"}, status=self.status, headers=headers)
        given = {name: str(value) for name, value in (await request.post()).items()}
        asked = self.codes.pop(given.get("code", ""), None)
        if not self._is_client(request, given):
            return self._refused("token: not the client", status=401)
        if asked is None or asked["redirect_uri"] != given.get("redirect_uri"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return self._refused("token: another verifier")
        if self.answer is not None:
            return web.json_response(self.answer)
        claims = self.good_claims(asked["nonce"]) | self.claims
        made: Json = {name: value for name, value in claims.items() if value is not None}
        token = self.forge(made) if self.forge else self.signed(made)
        return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def good_claims(self, nonce: str) -> Json:
        """Gives what a good token claims."""
        now = int(self.clock.now().timestamp())
        return {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "oid": f"oid-{self.subject}",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "nobody@elsewhere.test",
        }

    def signed(
        self, claims: JsonObject, *, key: str = "", algorithm: str = "RS256", **header: JsonValue
    ) -> str:
        """Gives a token with the claims, signed by the key of this name."""
        return jwt.encode(
            dict(claims), rsa_key(key or self.kid), algorithm=algorithm, headers={"kid": self.kid, **header}
        )

    def _is_client(self, request: web.Request, given: dict[str, str]) -> bool:
        if self.secret_in_form:
            return (given.get("client_id"), given.get("client_secret")) == (CLIENT, SECRET)
        pair = f"{CLIENT}:{urlencode({'': SECRET})[1:]}"
        wanted = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return request.headers.get("Authorization") == wanted and "client_secret" not in given

    def _refused(self, why: str, *, status: int = 400) -> web.Response:
        self.wrong.append(why)
        return web.json_response({"error": "invalid_request", "error_description": why}, status=status)


@asynccontextmanager
async def openid_server(clock: Clock, *, port: int = 0) -> AsyncIterator[OpenIdServer]:
    """Gives a running provider."""
    made = OpenIdServer(clock=clock)
    made.goes_on.set()
    app = web.Application()
    app.router.add_get("/acme/.well-known/openid-configuration", made.configuration)
    app.router.add_get("/favicon.ico", made.icon)
    app.router.add_get("/acme/keys", made.keys)
    app.router.add_get("/acme/authorize", made.authorize)
    app.router.add_post("/acme/authorize", made.pressed)
    app.router.add_post("/acme/token", made.token)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        made.goes_on.set()
        await runner.cleanup()


def public_key(kid: str) -> Json:
    """Gives a key as it is published."""
    found: Json = dict(RSAAlgorithm.to_jwk(rsa_key(kid).public_key(), as_dict=True))
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": found["n"], "e": found["e"]}
