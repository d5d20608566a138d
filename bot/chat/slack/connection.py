"""How Slack reaches us: by sockets that we open, or by signed requests to our web server; or both."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

import structlog
from aiohttp import ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from typing_extensions import override

from bot.chat.slack.access import Access
from bot.chat.slack.api import BadToken, answer, web_client
from bot.chat.slack.oauth import INSTALL_PATH, REDIRECT_PATH, InstallFlow, code_of
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.ports.outside import Unreachable

EVENTS_PATH: Final = "/slack/events"
MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes of a request: a view of 250 KB comes back escaped and with all that was typed."""
PING_S: Final = 5.0
"""Seconds between signs of life on a socket."""

_ROWS: Final = ("actions", "authorizations")
_SHAPE: Final[Mapping[str, type]] = {
    "type": str, "team_id": str, "enterprise_id": str, "view": dict, "user": dict, "team": dict,
    **dict.fromkeys(_ROWS, list),
}  # fmt: skip
"""What Slack's requests hold where Bolt looks, whatever else they hold."""

_NO_LINK: Final = (
    "This link is not good any more. Ask whoever runs Countersign for a new one; "
    "“countersign slack install-link” prints it."
)

log = structlog.get_logger()


class TokenNotAccepted(Refusal):
    """Slack does not accept {name} ({why}). Copy it again from {where} of your app, then start again."""

    kind = "unavailable"


async def check_tokens(access: Access, session: ClientSession) -> None:
    """Asks Slack whether the tokens are good; while Slack is away they are taken to be.

    Raises:
        TokenNotAccepted: Slack knows one of them not.
    """
    tried = (
        ("SLACK_BOT_TOKEN", access.bot_token, "auth.test", "“OAuth & Permissions”"),
        (
            "SLACK_APP_TOKEN",
            access.app_token,
            "apps.connections.open",
            "“Basic Information → App-Level Tokens”",
        ),
    )
    for name, token, method, where in tried:
        if not token:
            continue
        client = web_client(access.api_url, session, token)
        try:
            await answer(method, lambda client=client, method=method: client.api_call(method))  # type: ignore[misc]  # mypy infers no defaults
        except BadToken as refusal:
            raise TokenNotAccepted(name=name, why=refusal.facts["why"], where=where) from None
        except Unreachable as refusal:
            log.warning("slack.unchecked", name=name, why=type(refusal).__name__)


class Dispatches(Protocol):
    """What answers whatever Slack sends."""

    async def async_dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        """Gives the answer."""
        ...


def event_routes(access: Access, app: Dispatches) -> list[web.RouteDef]:
    """Gives the route for signed requests; none where there is no secret to check them with."""
    if not access.signing_secret:
        return []

    verifier = SignatureVerifier(access.signing_secret)

    async def events(request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_signed(verifier, body, request.headers):
            return web.Response(status=401, text="This is not signed by Slack.")
        try:
            bolt_request = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
            _check_shape(bolt_request.body)
            answered = await app.async_dispatch(bolt_request)
        except Exception as error:  # noqa: BLE001 - a traceback would show what people wrote
            # What our listeners raise never comes here; Bolt reads with less care than they do.
            log.warning("slack.unreadable", why=type(error).__name__)
            return web.Response(status=400, text="This is nothing that Slack sends.")
        return await to_aiohttp_response(answered)

    return [web.post(EVENTS_PATH, events)]


def _check_shape(body: JsonObject) -> None:
    """Refuses what has another kind of value than Slack's where Bolt reads without looking.

    Raises:
        TypeError: it has.
    """
    for name, kind in _SHAPE.items():
        if body.get(name) is not None and not isinstance(body[name], kind):
            raise TypeError(name)
    inner = body.get("event", {})
    if not isinstance(inner, dict) or not isinstance(inner.get("type", ""), str):
        raise TypeError("event")
    for name in _ROWS:
        found = body.get(name)
        if isinstance(found, list) and not all(isinstance(one, dict) for one in found):
            raise TypeError(name)


def _is_signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack signed these very bytes in the last minutes; nothing of them is read before that."""
    at, signature = headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")
    try:
        return verifier.is_valid(body, at, signature)
    except (ValueError, TypeError, OverflowError):
        # Its time is no number, its signature no ASCII, or its body no UTF-8.
        return False


FlowOf = Callable[[str], Awaitable[InstallFlow | None]]
"""Gives what installs the app with an operator's code; None where the code is no good."""


def install_routes(flow_of: FlowOf, fallback: InstallFlow) -> list[web.RouteDef]:
    """Gives the routes that install the app into another workspace.

    Args:
        flow_of: gives the flow of a code's tenant.
        fallback: tells people what is wrong where the code is no good any more.
    """

    async def install(request: web.Request) -> web.Response:
        bolt_request = await to_bolt_request(request)
        try:
            flow = await flow_of(code_of(bolt_request))
        except Refusal as refusal:
            return web.Response(status=503, text=refusal.sentence)
        if flow is None:
            return web.Response(status=403, text=_NO_LINK)
        return await to_aiohttp_response(await flow.handle_installation(bolt_request))

    async def redirected(request: web.Request) -> web.Response:
        try:
            flow = await flow_of(request.query.get("state", "")) or fallback
            return await to_aiohttp_response(await flow.handle_callback(await to_bolt_request(request)))
        except Refusal as refusal:
            return web.Response(status=409 if refusal.kind == "conflict" else 503, text=refusal.sentence)

    return [web.get(INSTALL_PATH, install), web.get(REDIRECT_PATH, redirected)]


@asynccontextmanager
async def socket(access: Access, app: Dispatches, session: ClientSession) -> AsyncIterator[None]:
    """Keeps a socket to Slack open while the block lasts, if there is an app-level token."""
    if not access.app_token:
        yield
        return
    handler = AsyncSocketModeHandler(
        app,  # type: ignore[arg-type]  # it is asked for nothing but answers
        access.app_token,
        logger=quiet_logger(),
        web_client=web_client(access.api_url, session, access.app_token),
        ping_interval=PING_S,
    )
    connecting = asyncio.create_task(handler.client.connect(), name="slack-socket")  # type: ignore[no-untyped-call]  # the SDK has no types here
    watching = asyncio.create_task(_watch(handler), name="slack-socket-watch")
    try:
        yield
    finally:
        for task in (connecting, watching):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await handler.client.close()  # type: ignore[no-untyped-call]  # the SDK has no types here
        await _gathered(handler)


async def _watch(handler: AsyncSocketModeHandler) -> None:
    """Has a fresh address asked for while there is no connection: an address is good for one try."""
    was_connected = False
    while True:
        await asyncio.sleep(1)
        is_connected = await handler.client.is_connected()
        if is_connected != was_connected:
            log.info("slack.connected" if is_connected else "slack.disconnected")
            was_connected = is_connected
        if not is_connected:
            handler.client.wss_uri = None


async def _gathered(handler: AsyncSocketModeHandler) -> None:
    """Waits for the SDK's own tasks, which `close` only cancels."""
    client = handler.client
    tasks = (client.message_processor, client.current_session_monitor, client.message_receiver)
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)


class _Quiet(logging.Handler):
    """Passes on that something was logged, without texts: they can hold what people wrote, or addresses."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.funcName != "__init__":  # Bolt wonders at each start about the token in the environment
            log.warning("slack.sdk", at=record.funcName, level=record.levelname.lower())


def quiet_logger() -> logging.Logger:
    """Gives the logger of the SDK and of Bolt, which say things that are for nobody's eyes or for nobody."""
    logger = logging.getLogger("countersign.slack")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(_Quiet())
    return logger
