"""What stands before every call of the bot: the token, the faults that strike, and the record of calls."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.teams_faults import Fault, Faults
from tests.servers.teams_things import ConnectorError


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the bot; `status` is what it was answered, zero when the connection broke."""

    operation: str
    path: str
    body: JsonValue
    status: int
    error: str = ""
    """The code of the refusal, or the kind of fault."""

    @property
    def conversation(self) -> str:
        """The conversation's id as it stands in the address; empty where none does."""
        parts = self.path.split("/conversations/")
        return parts[1].split("/")[0] if len(parts) > 1 else ""


@dataclass(kw_only=True)
class Traffic:
    """The calls of the bot, in order of their answers, and how many there were at once."""

    calls: list[Call] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0

    def of(self, *operations: str) -> list[Call]:
        """Gives the calls of these operations."""
        return [one for one in self.calls if one.operation in operations]


Work = Callable[[web.Request, JsonValue, int], tuple[int, JsonValue]]
"""Gives status and body for a call; the number is the size of what came."""


class Front:
    """What stands before every operation: the token, the faults, and the record of calls."""

    def __init__(self, tokens: set[str], faults: Faults, traffic: Traffic) -> None:
        self.tokens = tokens
        self.faults = faults
        self.traffic = traffic

    def handler(self, operation: str, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Gives what aiohttp calls for an operation."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self.traffic.under_way += 1
            self.traffic.most_at_once = max(self.traffic.most_at_once, self.traffic.under_way)
            try:
                return await self._answer(operation, request, work)
            finally:
                self.traffic.under_way -= 1

        return handle

    async def _answer(self, operation: str, request: web.Request, work: Work) -> web.StreamResponse:
        raw = await request.read()
        fault = self.faults.next(operation)
        if fault is not None:
            await held_up(fault)
        broken = fault if fault is not None and fault.kind in {"status", "drop"} else None
        body: JsonValue = None
        try:
            body = _parsed(raw)
            if broken is None or broken.after_effect:
                self._check_token(request)
                status, found = work(request, body, len(raw))
            else:
                status, found = 200, None
        except ConnectorError as error:
            broken, status, found = None, error.status, _said(error)
            self._note(operation, request, body, status, error.code)
            return _response(status, found, error.after_s)
        if broken is None:
            self._note(operation, request, body, status, "")
            return _response(status, found, 0)
        if broken.kind == "drop":
            self._note(operation, request, body, 0, "drop")
            return cut_off(request)
        self._note(operation, request, body, broken.status, broken.code)
        struck = ConnectorError(broken.status, broken.code, "A fault of the test.")
        return _response(broken.status, _said(struck), broken.after_s)

    def _check_token(self, request: web.Request) -> None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            raise ConnectorError(401, "Unauthorized", "Authorization has been denied for this request.")

    def _note(self, operation: str, request: web.Request, body: JsonValue, status: int, error: str) -> None:
        call = Call(operation=operation, path=request.path, body=body, status=status, error=error)
        self.traffic.calls.append(call)


def cut_off(request: web.Request) -> web.Response:
    """Drops the connection as a crash does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def held_up(fault: Fault) -> None:
    if fault.kind == "delay":
        await asyncio.sleep(fault.delay_s)
    if fault.kind == "hang":
        fault.hold.arrived.set()
        await fault.hold.released.wait()


def _parsed(raw: bytes) -> JsonValue:
    try:
        found: JsonValue = json.loads(raw) if raw else None
    except ValueError:
        raise ConnectorError(400, "BadSyntax", "The body is no JSON.") from None
    return found


def _said(error: ConnectorError) -> JsonObject:
    return {"error": {"code": error.code, "message": error.message}}


def _response(status: int, body: JsonValue, after_s: int) -> web.Response:
    headers = {"Retry-After": str(after_s)} if after_s else None
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.json_response(body, status=status, headers=headers)
