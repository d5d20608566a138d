"""Reads request bodies strictly, and answers every refusal with its sentence."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from aiohttp import web

from bot.chat.bodies import BodyTooLong, body_within
from bot.chat.web.render import problems_json
from bot.domain.canonical import JsonObject, JsonValue, parse
from bot.domain.errors import Refusal
from bot.flow.refusals import BadForm, BadValue

MAX_BODY: Final = 256 * 1024
"""Bytes that one request may have."""

_STATUSES: Final = {
    "invalid": 400,
    "forbidden": 403,
    "missing": 404,
    "conflict": 409,
    "too_large": 413,
    "unavailable": 503,
}
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

log = structlog.get_logger()


class NotAnObject(Refusal):
    """The body has to be a JSON object. Send something like {example}."""


class NotText(Refusal):
    """The body is not UTF-8 text. Send JSON."""


class WrongMediaType(Refusal):
    """Send the body as application/json."""


class BadField(Refusal):
    """“{name}” has to be {kind}."""


class ForeignPage(Refusal):
    """This playground answers only pages that it served itself."""

    kind = "forbidden"


async def body_of(request: web.Request, example: str) -> JsonObject:
    """Gives the request's JSON object.

    Raises:
        Refusal: another media type, no JSON, a name twice, nested too deep, or no object.
        BodyTooLong: more than `MAX_BODY`.
    """
    if request.content_type != "application/json":
        raise WrongMediaType
    content = await body_within(request, MAX_BODY)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise NotText from None
    value = parse(text, what="The body")
    if not isinstance(value, Mapping):
        raise NotAnObject(example=example)
    return value


def text_in(body: JsonObject, name: str, *, required: bool = True) -> str:
    """Gives a text of the body; empty where it is absent and not required.

    Raises:
        BadField: absent, or something else than text.
    """
    value = body.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise BadField(name=name, kind="text")
    return value


def object_in(body: JsonObject, name: str) -> JsonObject:
    """Gives an object of the body; empty where it is absent.

    Raises:
        BadField: something else than an object.
    """
    value: JsonValue = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadField(name=name, kind="an object")
    return value


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers refusals as JSON with their status, and hides what went wrong inside."""
    try:
        response = await handler(request)
    except BadForm as refusal:
        response = web.json_response(problems_json(refusal.sentence, refusal.fields), status=422)
    except BadValue as refusal:
        response = web.json_response(problems_json(refusal.sentence, refusal.fields), status=400)
    except Refusal as refusal:
        status = _STATUSES[refusal.kind]
        response = web.json_response(problems_json(refusal.sentence), status=status)
    except web.HTTPRequestEntityTooLarge as error:
        limit = error.limit if isinstance(error, BodyTooLong) else request.client_max_size
        sentence = f"That is more than {limit // 1024} KB. Send less in one request."
        response = web.json_response(problems_json(sentence), status=413)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = web.json_response(problems_json(f"{error.reason}."), status=error.status)
    except Exception:
        log.exception("web.failed", path=request.path)
        sentence = "Something went wrong here. Look in your chat whether it was done; the log says more."
        response = web.json_response(problems_json(sentence), status=500)
    if not response.prepared:
        for name, value in _HEADERS.items():
            # A page that loads less than the playground's says so itself.
            response.headers.setdefault(name, value)
    return response


@web.middleware
async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers only what this machine's own pages send; for the playground, where nobody signs in."""
    check_local(request)
    return await handler(request)


def check_local(request: web.Request) -> None:
    """Refuses what other sites' pages make a browser send: foreign hosts and foreign origins.

    Raises:
        ForeignPage: the host or the origin is not this machine's loopback address.
    """
    host = request.host.rpartition(":")[0] if ":" in request.host.rpartition("]")[2] else request.host
    if host not in _LOCAL:
        raise ForeignPage
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise ForeignPage
