"""The Web API over real HTTP: who calls, may they, does a fault strike, and what Slack answers."""

import asyncio
import json
import math
import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from aiohttp import web

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_chat_methods import CHAT_METHODS, change, post, writable
from tests.servers.slack_faults import Fault, Faults
from tests.servers.slack_methods import METHOD_SCOPES, Arguments, Method, Place, need
from tests.servers.slack_people_methods import PEOPLE_METHODS
from tests.servers.slack_shapes import is_object
from tests.servers.slack_sockets import Sockets
from tests.servers.slack_world import Json, SlackError, World

METHODS: Final[Mapping[str, Method]] = {**CHAT_METHODS, **PEOPLE_METHODS}
_IN_JSON: Final = ("blocks", "view", "metadata", "prompts", "attachments")
"""Arguments that a form carries as JSON."""


def _secret() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, kw_only=True)
class AppKeys:
    """What identifies the app to Slack, and Slack to the app."""

    app_id: str = "A00000001"
    client_id: str = "1234.5678"
    client_secret: str = field(default_factory=_secret)
    signing_secret: str = field(default_factory=_secret)
    app_token: str = field(default_factory=lambda: f"xapp-1-{_secret()}")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the Web API; `error` is empty when Slack said yes."""

    method: str
    token: str
    arguments: JsonObject
    error: str = ""


class WebApi:
    """Answers calls; `calls` has every one of them, in order of arrival of the answer."""

    def __init__(self, keys: AppKeys, sockets: Sockets, *, rates: bool, post_every: timedelta) -> None:
        self.keys = keys
        self.faults = Faults()
        self.calls: list[Call] = []
        self.places: dict[str, Place] = {}
        """Each workspace, by its id."""
        self.rates = rates
        self.post_every = post_every
        self._sockets = sockets
        self._codes: dict[str, World] = {}
        self._used_codes: set[str] = set()
        self._posted: dict[str, float] = {}

    def routes(self, app: web.Application) -> None:
        """Puts the API's addresses into a web application."""
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/response/{name}", self._respond)
        app.router.add_get("/oauth/v2/authorize", self._authorize)

    def gives_code(self, world: World) -> str:
        """Gives a code with which the app may be installed into the workspace, once."""
        code = _secret()
        self._codes[code] = world
        return code

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            arguments = await _arguments(request)
        except ValueError:
            return _refused(SlackError("invalid_json"))
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
        token = token or str(arguments.pop("token", ""))
        fault = self.faults.next(method)
        if fault is not None and (early := await self._struck(request, fault)) is not None:
            self._note(method, token, arguments, fault.kind if fault.kind != "error" else fault.error)
            return early
        place = next((one for one in self.places.values() if one.world.bot_token == token), None)
        try:
            found = self._answer(request, method, token, place, Arguments(arguments))
        except _Limited as limited:
            self._note(method, token, arguments, "ratelimited")
            return _too_many(limited.after_s)
        except SlackError as error:
            self._note(method, token, arguments, error.code)
            response = _refused(error)
        else:
            self._note(method, token, arguments, "")
            response = web.json_response({"ok": True, **found})
        if fault is not None and fault.kind == "drop":
            return _cut_off(request)
        if place is not None:
            response.headers["X-OAuth-Scopes"] = ",".join(sorted(place.world.scopes))
        return response

    def _note(self, method: str, token: str, arguments: JsonObject, error: str) -> None:
        self.calls.append(Call(method=method, token=token, arguments=arguments, error=error))

    async def _struck(self, request: web.Request, fault: Fault) -> web.Response | None:
        """Gives the answer that a fault puts in place of the call's own."""
        match fault.kind:
            case "error":
                return _refused(SlackError(fault.error))
            case "limit":
                return _too_many(fault.after_s)
            case "status":
                return web.Response(status=fault.status, text="<html>Oops</html>", content_type="text/html")
            case "drop":
                return None if fault.after_effect else _cut_off(request)
            case "hang":
                fault.hold.arrived.set()
                await fault.hold.released.wait()
                return None

    def _answer(
        self, request: web.Request, method: str, token: str, place: Place | None, arguments: Arguments
    ) -> JsonObject:
        if method == "oauth.v2.access":
            return self._exchanged(request, arguments)
        if method != "apps.connections.open" and method not in METHODS:
            raise SlackError("unknown_method", req_method=method)
        if not token:
            raise SlackError("not_authed")
        if token == self.keys.app_token:
            if method != "apps.connections.open":
                raise SlackError("not_allowed_token_type")
            return {"url": f"ws://{request.host}/link?ticket={self._sockets.ticket()}"}
        if place is None:
            raise SlackError("invalid_auth")
        if method == "apps.connections.open":
            raise SlackError("not_allowed_token_type")
        return self._done(method, place, arguments)

    def _done(self, method: str, place: Place, arguments: Arguments) -> JsonObject:
        if place.world.app_is != "installed":
            raise SlackError("token_revoked" if place.world.app_is == "removed" else "account_inactive")
        scopes = METHOD_SCOPES[method].split()
        if scopes and "*" not in scopes[0]:
            need(place.world, *scopes)
        if method == "chat.postMessage" and self.rates:
            return self._paced(place, arguments)
        return METHODS[method](place, arguments)

    def _paced(self, place: Place, arguments: Arguments) -> JsonObject:
        """Posts unless the last message in the same channel was a moment ago."""
        channel = writable(place.world, arguments.text("channel"))
        now, every = asyncio.get_running_loop().time(), self.post_every.total_seconds()
        left = self._posted.get(channel.id, -math.inf) + every - now
        if left > 0:
            raise _Limited(max(1, math.ceil(left)))
        found = METHODS["chat.postMessage"](place, arguments)
        self._posted[channel.id] = now
        return found

    def _exchanged(self, request: web.Request, arguments: Arguments) -> JsonObject:
        """Gives the bot's token for the code of an installation."""
        client, secret = _client(request) or (arguments.text("client_id"), arguments.text("client_secret"))
        if client != self.keys.client_id:
            raise SlackError("invalid_client_id")
        if secret != self.keys.client_secret:
            raise SlackError("bad_client_secret")
        code = arguments.text("code")
        if code in self._used_codes:
            raise SlackError("code_already_used")
        if code not in self._codes:
            raise SlackError("invalid_code")
        self._used_codes.add(code)
        world = self._codes[code]
        world.app_is = "installed"
        return {
            "access_token": world.bot_token,
            "token_type": "bot",
            "scope": ",".join(sorted(world.scopes)),
            "bot_user_id": world.bot.id,
            "app_id": world.app_id,
            "team": {"id": world.team_id, "name": world.name},
            "enterprise": world.enterprise_json(),
            "is_enterprise_install": False,
            "authed_user": {"id": next(one for one in world.users if one != world.bot.id)},
        }

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        """Sends the browser back with a code for the newest workspace, as if its admin had said yes."""
        asked = request.query
        if asked.get("client_id") != self.keys.client_id:
            return web.Response(status=400, text="invalid_client_id")
        code = self.gives_code(list(self.places.values())[-1].world)
        back = web.HTTPFound(f"{asked['redirect_uri']}?code={code}&state={asked.get('state', '')}")
        return web.Response(status=back.status, headers={"Location": str(back.location)})

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """Takes a message to a `response_url`."""
        name, given = request.match_info["name"], await _arguments(request)
        for place in self.places.values():
            if name in place.response_urls:
                try:
                    _responded(place, name, given)
                except SlackError as error:
                    return web.json_response({"ok": False, "error": error.code}, status=404)
                return web.Response(text="ok")
        return web.json_response({"ok": False, "error": "invalid_url"}, status=404)


class _Limited(Exception):
    def __init__(self, after_s: int) -> None:
        super().__init__(after_s)
        self.after_s = after_s


def _responded(place: Place, name: str, given: JsonObject) -> None:
    url, world = place.response_urls[name], place.world
    url.use(world.numbers.clock.now())
    channel = world.channels[url.channel]
    if url.message_ts is not None and (given.get("replace_original") or given.get("delete_original")):
        found = next(one for one in channel.messages if one.ts == url.message_ts)
        if given.get("delete_original"):
            channel.messages.remove(found)
        else:
            change(world, found, given)
        return
    post(world, channel, given, only_for=None if given.get("response_type") == "in_channel" else url.user)


def _refused(error: SlackError) -> web.Response:
    body: Json = {"ok": False, "error": error.code, **error.more}
    if error.messages:
        body["response_metadata"] = {"messages": [f"[ERROR] {said}" for said in error.messages]}
    return web.json_response(body)


def _too_many(after_s: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(after_s)})


def _cut_off(request: web.Request) -> web.Response:
    """Drops the connection as a crash does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _client(request: web.Request) -> tuple[str, str] | None:
    """Gives the client's id and secret where they stand in the header."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return None
    client, _, secret = b64decode(encoded).decode().partition(":")
    return client, secret


async def _arguments(request: web.Request) -> Json:
    """Gives the arguments of a call, from the query, a form or JSON."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        body = json.loads(await request.text() or "{}")
        found |= dict(body) if is_object(body) else {}
    elif request.can_read_body:
        found |= {key: str(value) for key, value in (await request.post()).items()}
    return {key: _parsed(value) if key in _IN_JSON else value for key, value in found.items()}


def _parsed(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        parsed: JsonValue = json.loads(value)
    except ValueError:
        return value
    return parsed
