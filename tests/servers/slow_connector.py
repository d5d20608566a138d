"""A Bot Connector that takes its time, in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def slow_connector(takes_s: float) -> AsyncIterator[str]:
    """Gives the address of a connector that takes so long for everything; /most says how much at once."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.servers.slow_connector", str(takes_s), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/"
    finally:
        process.kill()
        await process.communicate()


class SlowConnector:
    """Takes everything."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.under_way = 0
        self.most = 0

    async def take(self, request: web.Request) -> web.Response:
        await request.read()
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.takes_s)
        self.under_way -= 1
        return web.json_response({"id": "1"}, status=201)

    async def tell(self, _: web.Request) -> web.Response:
        return web.json_response(self.most)


async def main() -> None:
    """Serves until it is killed."""
    connector = SlowConnector(float(sys.argv[1]))
    app = web.Application()
    app.router.add_get("/most", connector.tell)
    app.router.add_post("/{path:.*}", connector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
