"""The one web server: health, and whatever surfaces listen on it."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from bot.chat.web.body import MAX_BODY
from bot.domain.errors import Refusal

CLOSE_S: Final = 1.0
"""Seconds that open connections (live updates, for one) have when the server stops."""


class PortTaken(Refusal):
    """Port {port} on {host} is in use. Stop what listens there, or choose another with --port."""

    kind = "unavailable"


class NoSuchAddress(Refusal):
    """{host} is no address of this machine that the server may listen on. Choose another."""

    kind = "unavailable"


Check = Callable[[], Awaitable[str]]
"""Gives what is not ready, in a sentence, or an empty text."""


def health_routes(ready: Check) -> list[web.RouteDef]:
    """Gives /healthz, which answers while the process lives, and /readyz, which looks at what it needs."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        missing = await ready()
        status = "not ready" if missing else "ready"
        return web.json_response({"status": status, "missing": missing}, status=503 if missing else 200)

    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]


@asynccontextmanager
async def listening(
    host: str,
    port: int,
    routes: Iterable[web.AbstractRouteDef],
    middlewares: Iterable[Callable[..., Awaitable[web.StreamResponse]]] = (),
    *,
    max_body: int = MAX_BODY,
) -> AsyncIterator[int]:
    """Listens while the block lasts and gives the port; port 0 takes a free one.

    Bodies may have `max_body` bytes.

    Raises:
        PortTaken: somebody else listens there.
        NoSuchAddress: the host is none of this machine's.
    """
    app = web.Application(middlewares=list(middlewares), client_max_size=max_body)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(host=host, port=port) from None
            raise NoSuchAddress(host=host) from None
        server = site._server  # noqa: SLF001 - aiohttp gives the chosen port nowhere else
        sockets = server.sockets if isinstance(server, asyncio.Server) else ()
        yield sockets[0].getsockname()[1] if sockets else port
    finally:
        await runner.cleanup()
