"""The desk over streamable HTTP, in the older protocol with sessions; it misbehaves when it is told to."""

import asyncio
import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.servers.mcp_desk import Desk, Message

Habit = Callable[[web.Request, Message], "web.StreamResponse | None"]


class DeskOverHttp:
    """A server on a free port of this machine.

    `token` is what it wants to be shown; `habit` may answer a call in place of the desk, or drop it by giving
    `cut_off`. `forget_sessions` acts like a restart, `close` and `open` like an outage.
    """

    def __init__(self, folder: Path) -> None:
        self.token: str | None = None
        self.habit: Habit | None = None
        self.sse = False
        self.calls: list[str] = []
        self.shown: list[dict[str, str]] = []
        """The headers of every request."""
        self.port = 0
        self._desk = Desk(folder, notify=self._announce)
        self._sessions: set[str] = set()
        self._listeners: list[web.StreamResponse] = []
        self._writing: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self._runner: web.AppRunner | None = None
        self._released = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def listens(self) -> bool:
        """Whether a client listens for what is said unasked."""
        return bool(self._listeners)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/mcp", self._handle)
        self._released = asyncio.Event()
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        self._released.set()
        self.forget_sessions()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def forget_sessions(self) -> None:
        self._sessions.clear()
        self._listeners.clear()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.shown.append(dict(request.headers))
        if self.token is not None and request.headers.get("authorization") != f"Bearer {self.token}":
            return web.Response(status=401)
        session = request.headers.get("mcp-session-id", "")
        if request.method != "POST":
            if session not in self._sessions:
                return web.Response(status=404)
            return await self._listen(request) if request.method == "GET" else web.Response()
        message: Message = await request.json()
        if message["method"] == "initialize":
            session = secrets.token_hex(8)
            self._sessions.add(session)
        elif message["method"] != "server/discover" and session not in self._sessions:
            return web.Response(status=404)
        if message["method"] == "tools/call":
            self.calls.append(message["params"]["name"])
            taken = self.habit(request, message) if self.habit is not None else None
            if taken is not None:
                return taken
            if message["params"]["name"] == "hang":
                await self._released.wait()
                return cut_off(request)
            if message["params"]["name"] == "die":
                return cut_off(request)
        return await self._answered(request, message, session)

    async def _answered(self, request: web.Request, message: Message, session: str) -> web.StreamResponse:
        answer = self._desk.answer(message)
        headers = {"mcp-session-id": session}
        if answer is None:
            return web.Response(status=202)
        if not self.sse:
            return web.json_response(answer, headers=headers)
        response = web.StreamResponse(headers={**headers, "content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(f"event: message\ndata: {json.dumps(answer)}\n\n".encode())
        return response

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        self._listeners.append(response)
        await self._released.wait()
        return response

    def _announce(self, message: Message) -> None:
        event = f"event: message\ndata: {json.dumps(message)}\n\n".encode()
        for listener in self._listeners:
            self._writing.append(self._loop.create_task(_write(listener, event)))


def cut_off(request: web.Request) -> web.StreamResponse:
    """Drops the connection as a crash does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _write(listener: web.StreamResponse, event: bytes) -> None:
    with suppress(ConnectionError):
        await listener.write(event)
