"""Serves the playground's page from the package; nothing comes from elsewhere."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


def page_routes() -> list[web.RouteDef]:
    """Gives `/` and `/page/FILE`."""
    folder = Path(str(files("bot.chat.web").joinpath("page")))
    known = {path.name: path for path in folder.iterdir() if path.suffix in _TYPES}

    async def index(_: web.Request) -> web.Response:
        return _file(known["index.html"])

    async def one(request: web.Request) -> web.Response:
        path = known.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return _file(path)

    return [web.get("/", index), web.get("/page/{name}", one)]


def _file(path: Path) -> web.Response:
    return web.Response(
        body=path.read_bytes(),
        content_type=_TYPES[path.suffix],
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )
