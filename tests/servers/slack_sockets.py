"""Socket Mode: real WebSockets over which the app gets envelopes, each on exactly one of them."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from itertools import count
from typing import Final

from aiohttp import WSMsgType, web

from bot.domain.canonical import JsonObject
from tests.servers.slack_delivery import Answer, Envelope
from tests.servers.slack_shapes import is_object

PATIENT_S: Final = 30.0
"""Seconds that an envelope waits for an open socket; a machine under load is slow."""


@dataclass(frozen=True)
class _Socket:
    number: int
    messages: web.WebSocketResponse
    request: web.Request


class Sockets:
    """The sockets that the app has open."""

    def __init__(self, app_id: str) -> None:
        self.sent: list[int] = []
        """The number of the socket that each envelope went to, in order."""
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: list[_Socket] = []
        self._some_open = asyncio.Event()
        self._turn = count()
        self._numbers = count(1)
        self._waiting: dict[str, tuple[_Socket, asyncio.Future[JsonObject]]] = {}

    @property
    def open(self) -> int:
        """How many sockets are open."""
        return len(self._open)

    def ticket(self) -> str:
        """Gives what opens one socket."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serves one socket until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408)
        self._tickets.discard(ticket)
        messages = web.WebSocketResponse()
        await messages.prepare(request)
        socket = _Socket(next(self._numbers), messages, request)
        await messages.send_json(self._hello())
        self._open.append(socket)
        self._some_open.set()
        try:
            async for message in messages:
                if message.type == WSMsgType.TEXT:
                    self._take(socket, str(message.data))
        finally:
            self._gone(socket)
        return messages

    async def send(self, envelope: Envelope, within_s: float) -> Answer:
        """Gives what the app acknowledges on the next socket in turn; unanswered when it does not in time."""
        try:
            await asyncio.wait_for(self._some_open.wait(), PATIENT_S)
        except TimeoutError:
            raise AssertionError(f"the app opened no socket in {PATIENT_S:g} seconds") from None
        socket = self._open[next(self._turn) % len(self._open)]
        self.sent.append(socket.number)
        name = f"envelope-{next(self._numbers)}"
        future: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._waiting[name] = socket, future
        try:
            await socket.messages.send_str(json.dumps(_frame(name, envelope)))
            async with asyncio.timeout(within_s):
                return Answer(acknowledged=True, payload=await future)
        except TimeoutError:
            return Answer(acknowledged=False, reason="timeout")
        except ConnectionError:
            return Answer(acknowledged=False, reason="connection_failed")
        finally:
            future.cancel()
            del self._waiting[name]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks every socket to come back on a new one, and closes it unless it is only a `warning`."""
        for socket in list(self._open):
            await socket.messages.send_json({"type": "disconnect", "reason": reason})
            if reason != "warning":
                self._gone(socket)
                await socket.messages.close()

    def cut(self) -> None:
        """Breaks every socket without a word."""
        for socket in list(self._open):
            self._gone(socket)
            if socket.request.transport is not None:
                socket.request.transport.abort()

    async def close(self) -> None:
        """Closes every socket for good."""
        self._tickets.clear()
        for socket in list(self._open):
            self._gone(socket)
            await socket.messages.close()

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "applink", "approximate_connection_time": 3600},
        }

    def _take(self, socket: _Socket, text: str) -> None:
        said = json.loads(text)
        holder, future = self._waiting.get(str(said.get("envelope_id")), (None, None))
        if holder is socket and future is not None and not future.done():
            payload = said.get("payload")
            future.set_result(payload if is_object(payload) else {})

    def _gone(self, socket: _Socket) -> None:
        if socket in self._open:
            self._open.remove(socket)
        if not self._open:
            self._some_open.clear()
        for holder, future in self._waiting.values():
            if holder is socket and not future.done():
                future.set_exception(ConnectionResetError("the socket closed"))


def _frame(name: str, envelope: Envelope) -> dict[str, object]:
    frame: dict[str, object] = {
        "envelope_id": name,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        frame |= {"retry_attempt": envelope.retry, "retry_reason": envelope.reason}
    return frame
