"""The way in: one route, on which every activity is checked before anything of it is believed."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.chat.bodies import body_within
from bot.chat.teams.access import MESSAGES_PATH, Access
from bot.chat.teams.activity import NotAnActivity, event_of, tenant_of
from bot.chat.teams.channel_token import KeysAway, Unauthorized
from bot.chat.teams.events import Event
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject, parse
from bot.domain.errors import Refusal
from bot.outgoing.web_addresses import is_loopback, is_web_address
from bot.ports.store import StoreUnreachable

MAX_BODY: Final = 512 * 1024
"""Bytes of an activity. Ours: a form holds 64,000 characters, which JSON may write six times as long."""

log = structlog.get_logger()

Check = Callable[[str, JsonObject], Awaitable[None]]
"""Checks the Authorization header of an activity; raises `Unauthorized` or `KeysAway`."""


class Desk(Protocol):
    """What takes events."""

    async def __call__(self, event: Event) -> JsonObject | None:
        """Gives what is answered to the event; None for nothing.

        Raises:
            StoreUnreachable: it is not stored; it has to be sent again.
            NoSuchInvoke: nobody here answers such an event.
        """
        ...


class NoSuchInvoke(Refusal):
    """Nothing here answers that."""


DeskOf = Callable[[str], Desk | None]
"""Gives the desk for people of an Entra tenant; None where nobody here serves them."""


def messages_route(access: Access, check: Check | None, desk_of: DeskOf) -> web.RouteDef:
    """Gives the route that Teams sends everything to.

    Args:
        access: the bot's registration.
        check: checks that the Bot Connector sent it; None only where the bot has no app id.
        desk_of: gives what takes it.
    """
    guard = _Guard(access, check, desk_of)

    async def messages(request: web.Request) -> web.Response:
        try:
            event, desk = await guard.event(request)
            answer = await desk(event)
        except NotAnActivity as refusal:
            log.warning("teams.unreadable", why=refusal.sentence)
            return web.Response(status=400, text=refusal.sentence)
        except Unauthorized as refusal:
            log.warning("teams.unauthorized", why=refusal.sentence)
            return web.Response(status=401, text="This is not from Microsoft Teams, or not for this bot.")
        except NoSuchInvoke as refusal:
            return web.Response(status=501, text=refusal.sentence)
        except (KeysAway, StoreUnreachable) as refusal:
            return web.Response(status=503, text=refusal.sentence)
        return web.Response() if answer is None else web.json_response(answer)

    return web.post(MESSAGES_PATH, messages)


class _Guard:
    """Lets in what Teams sends, for people who may come in."""

    def __init__(self, access: Access, check: Check | None, desk_of: DeskOf) -> None:
        self._access = access
        self._check = check
        self._desk_of = desk_of

    async def event(self, request: web.Request) -> tuple[Event, Desk]:
        """Gives the event of a request, and who takes it.

        Raises:
            NotAnActivity: it is none.
            Unauthorized: it is not from Teams, not for this bot, or of somebody else's organisation.
            KeysAway: it cannot be found out at the moment.
        """
        header = request.headers.get("Authorization", "")
        if self._check is not None and not header:
            raise Unauthorized(why="it carries no token")
        if request.content_type != "application/json":
            raise NotAnActivity(why="it is no JSON")
        activity = await _activity(request)
        if self._check is None:
            self._check_local(request, activity)
        else:
            await self._check(header, activity)
        desk = self._desk_of(tenant_of(activity))
        if desk is None:
            raise Unauthorized(why="its organisation is not served")
        return event_of(activity), desk

    def _check_local(self, request: web.Request, activity: JsonObject) -> None:
        """Lets in only this machine's own stand-ins for Teams, since they prove nothing."""
        is_passed_on = "Forwarded" in request.headers or "X-Forwarded-For" in request.headers
        is_here = is_loopback(request.remote or "") and is_loopback(_host(request))
        if not self._access.is_open or not is_here or is_passed_on or "Origin" in request.headers:
            raise Unauthorized(why="without an app id only this machine is listened to")
        service_url = text_at(activity, "serviceUrl")
        if not is_web_address(service_url) or not is_loopback(urlsplit(service_url).hostname or ""):
            raise NotAnActivity(why="serviceUrl is not on this machine")


async def _activity(request: web.Request) -> JsonObject:
    try:
        content = await body_within(request, MAX_BODY)
    except web.RequestPayloadError:
        raise NotAnActivity(why="it is packed in a way that cannot be read") from None
    try:
        found = parse(content.decode())
    except (UnicodeDecodeError, Refusal) as error:
        raise NotAnActivity(why=type(error).__name__) from None
    if not isinstance(found, dict):
        raise NotAnActivity(why="it is no object")
    return found


def _host(request: web.Request) -> str:
    """Gives the host that was asked for; empty for what is none."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""
