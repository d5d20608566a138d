"""A Microsoft Entra for tests: it gives the bot's own tokens, and an Azure machine's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

TENANT: Final = "00000000-0000-0000-0000-00000000acee"


@dataclass
class Entra:
    """Gives tokens with running numbers, and does what a test says instead."""

    url: str = ""
    status: int = 200
    answer: dict[str, object] | None = None
    life: dict[str, object] = field(default_factory=lambda: {"expires_in": 3600})
    asked: list[dict[str, str]] = field(default_factory=list)
    tenant: str = TENANT
    secret: str = ""
    """The only one that is taken; empty for any."""
    certificates: dict[str, RSAPublicKey] = field(default_factory=dict)
    """Keys of apps, by the SHA-256 thumbprint of their certificate."""
    roles: Callable[[], Iterable[str]] | None = None
    """Gives the permissions that tokens name; None for tokens that nobody can read."""
    given: dict[str, str] = field(default_factory=dict)
    """The scope of each token."""
    drips: bool = False
    """Whether it says a space every now and then instead of giving tokens."""
    location: str = ""
    """Where it sends whoever asks for a token."""

    @web.middleware
    async def faulty(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Does something else than giving tokens, if a test says so."""
        if request.match_info.handler == self.discovery or not (self.drips or self.location):
            return await handler(request)
        if self.location:
            return web.Response(status=307, headers={"Location": self.location})
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    async def discovery(self, request: web.Request) -> web.Response:
        """Says where tokens are had."""
        if request.match_info["tenant"] != self.tenant:
            return web.json_response({"error": "invalid_tenant"}, status=400)
        here = f"{self.url}{self.tenant}"
        return web.json_response(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
                "token_endpoint": f"{here.replace('http:', 'https:')}/oauth2/v2.0/token",
            }
        )

    async def token(self, request: web.Request) -> web.Response:
        """Gives a token."""
        self.asked.append({**{name: str(text) for name, text in (await request.post()).items()}})
        if why := self._rejects(self.asked[-1]):
            return web.json_response({"error": "invalid_client", "error_description": why}, status=401)
        answer = self.answer or {"access_token": self._made(self.asked[-1]["scope"]), "token_type": "Bearer"}
        return web.json_response({**answer, **self.life}, status=self.status)

    def _rejects(self, asked: Mapping[str, str]) -> str:
        """Gives why it does not know the app; empty where it does.

        Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
        """
        assertion = asked.get("client_assertion")
        if assertion is None:
            is_other = self.secret and asked.get("client_secret") != self.secret
            return "AADSTS7000215: Invalid client secret provided." if is_other else ""
        key = self.certificates.get(jwt.get_unverified_header(assertion).get("x5t#S256", "").rstrip("="))
        if key is None:
            return "AADSTS700027: The certificate used to sign the client assertion is not registered."
        endpoint = f"{self.url}{self.tenant}/oauth2/v2.0/token".replace("http:", "https:")
        try:
            jwt.decode(
                assertion, key, algorithms=["PS256"], audience=endpoint, issuer=asked["client_id"],
                options={"verify_exp": False, "verify_nbf": False, "require": ["exp", "jti", "sub"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            return f"AADSTS700027: The provided signature value did not match: {error}."
        return ""

    def _made(self, scope: str) -> str:
        """Gives a new token."""
        token = f"token {len(self.asked)}"
        if self.roles is not None:
            claims = {"aud": scope.removesuffix("/.default"), "jti": token, "roles": sorted(self.roles())}
            token = jwt.encode(claims, "x" * 32, algorithm="HS256")
        self.given[token] = scope
        return token

    async def machine(self, request: web.Request) -> web.Response:
        """Gives a token as an Azure machine does."""
        self.asked.append(dict(request.query))
        if request.headers.get("X-IDENTITY-HEADER") != "known":
            return web.json_response({"statusCode": 401, "message": "no"}, status=401)
        token = self._made(f"{request.query['resource']}/.default")
        return web.json_response({"access_token": token, "expires_on": "4102444800"})


@asynccontextmanager
async def entra_server() -> AsyncIterator[Entra]:
    """Gives a running Entra, whose address ends with a slash."""
    made = Entra()
    app = web.Application(middlewares=[made.faulty])
    app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", made.discovery)
    app.router.add_post("/{tenant}/oauth2/v2.0/token", made.token)
    app.router.add_get("/machine", made.machine)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield made
    finally:
        await runner.cleanup()
