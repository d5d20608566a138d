"""A Microsoft Entra for tests: it gives the bot's own tokens, and an Azure machine's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

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
        answer = self.answer or {"access_token": f"token {len(self.asked)}", "token_type": "Bearer"}
        return web.json_response({**answer, **self.life}, status=self.status)

    async def machine(self, request: web.Request) -> web.Response:
        """Gives a token as an Azure machine does."""
        self.asked.append(dict(request.query))
        if request.headers.get("X-IDENTITY-HEADER") != "known":
            return web.json_response({"statusCode": 401, "message": "no"}, status=401)
        return web.json_response({"access_token": f"token {len(self.asked)}", "expires_on": "4102444800"})


@asynccontextmanager
async def entra_server() -> AsyncIterator[Entra]:
    """Gives a running Entra, whose address ends with a slash."""
    made = Entra()
    app = web.Application()
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
