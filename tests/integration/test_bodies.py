"""Bodies that are too long: each route's own limit is told."""

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiohttp import ClientSession, web

from bot.chat.bodies import body_within
from bot.chat.web.body import body_of, sentences
from bot.web import listening

KB = 1024


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Gives the address of a server that takes 1024 KB, with routes that take less."""

    async def whole(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async def within(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await body_within(request, 512 * KB))))

    async def playground(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await body_of(request, "{}"))))

    routes = [web.post("/whole", whole), web.post("/within", within), web.post("/playground", playground)]
    async with listening("127.0.0.1", 0, routes, [sentences], max_body=1024 * KB) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(("path", "limit"), [("/whole", 1024), ("/within", 512), ("/playground", 256)])
async def test_a_body_that_is_too_long_is_told_its_routes_limit(url: str, path: str, limit: int) -> None:
    async with ClientSession(headers={"Content-Type": "application/json"}) as session:
        for size in (limit * KB + 1, 1024 * KB + 1):
            async with session.post(url + path, data=BytesIO(b" " * size)) as response:
                assert response.status == 413
                told = await response.json()
                assert told["error"] == f"That is more than {limit} KB. Send less in one request."
        async with session.post(url + path, data=BytesIO(b"{}".rjust(limit * KB))) as response:
            assert response.status == 200
