"""The way out to Teams where things go wrong: it ends in time, leaks nothing, and closes."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.chat.teams.access import Access
from bot.chat.teams.connector.calls import NotAccepted, TeamsAway, TeamsRefused
from bot.chat.teams.connector.connected import SdkConnector, connected
from bot.domain.canonical import JsonObject
from bot.outgoing.tries import Patience
from tests.fakes.tokens import FakeTokens

QUICK = Patience(pause_s=0.01, within_s=5, try_s=20)
IMPATIENT = Patience(pause_s=0.01, try_s=0.2)
HELLO: JsonObject = {"type": "message", "text": "Hello"}
SAFE = Access(app_id="00000000-0000-0000-0000-00000000c0de", tenant="00000000-0000-0000-0000-00000000acee")
OPEN = Access()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def at(url: str) -> JsonObject:
    return {
        "channelId": "msteams",
        "serviceUrl": url,
        "bot": {"id": "28:bot"},
        "conversation": {"id": "a:1"},
    }


def says(*, status: int = 200, body: bytes = b"", kind: str = "application/json") -> Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type=kind)

    return handle


class Hanging:
    """Keeps calls waiting until a test lets them go on, and notes those that were given up."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()
        self.given_up = asyncio.Event()

    async def handle(self, _: web.Request) -> web.Response:
        self.arrived.set()
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        return web.json_response({"id": "1"})


@asynccontextmanager
async def within(url: str, patience: Patience = QUICK) -> AsyncIterator[tuple[SdkConnector, JsonObject]]:
    async with connected(SAFE, tokens=FakeTokens("token"), patience=patience) as connector:
        yield connector, at(url)


async def test_a_call_without_an_answer_ends_in_time_and_is_given_up() -> None:
    hanging = Hanging()
    async with serving(hanging.handle) as url, within(url, IMPATIENT) as (connector, chat):
        with pytest.raises(TeamsAway, match="does not answer"):
            await connector.send(chat, HELLO)
        await hanging.given_up.wait()


async def test_an_answer_that_never_ends_ends_in_time() -> None:
    async def drips(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    async with serving(drips) as url, within(url, IMPATIENT) as (connector, chat):
        with pytest.raises(TeamsAway):
            await connector.send(chat, HELLO)


async def test_a_call_that_nobody_waits_for_any_more_is_given_up() -> None:
    hanging = Hanging()
    async with serving(hanging.handle) as url, within(url) as (connector, chat):
        call = asyncio.create_task(connector.send(chat, HELLO))
        await hanging.arrived.wait()
        call.cancel()
        await hanging.given_up.wait()
        with pytest.raises(asyncio.CancelledError):
            await call


@pytest.mark.parametrize(
    "handler",
    [
        says(body=b"<html>Oops</html>", kind="text/html"),
        says(body=b"[]"),
        says(body=b"{"),
        says(body=b"{}"),
        says(body=b""),
        says(body=b'{"id": ""}'),
        says(body=b'{"id": null}'),
        says(body=b"[" * 100_000),
        says(body=b" " * 1_000_001),
        says(status=204),
        says(body=b"\xff\xfe\x00"),
    ],
)
async def test_an_answer_that_cannot_be_read_leaves_open_what_was_done(handler: Handler) -> None:
    async with serving(handler) as url, within(url) as (connector, chat):
        with pytest.raises(TeamsAway):
            await connector.send(chat, HELLO)
        with pytest.raises(TeamsAway):
            await connector.open_personal(service_url=url, tenant="t", user="29:1")


@pytest.mark.parametrize("handler", [says(), says(status=204), says(body=b"{}", status=202)])
async def test_an_update_needs_no_words_back(handler: Handler) -> None:
    async with serving(handler) as url, within(url) as (connector, chat):
        await connector.update(chat, "1", HELLO)


@pytest.mark.parametrize(
    "handler",
    [
        says(status=400, body=b"<html>"),
        says(status=400, body=b'{"error": "text"}'),
        says(status=400, body=b'{"error": {"code": {"x": 1}}}'),
        says(status=413),
    ],
)
async def test_a_refusal_of_any_shape_is_one(handler: Handler) -> None:
    async with serving(handler) as url, within(url) as (connector, chat):
        with pytest.raises(NotAccepted):
            await connector.send(chat, HELLO)


async def test_the_token_follows_no_redirection() -> None:
    elsewhere: list[web.Request] = []

    async def notes(request: web.Request) -> web.Response:
        elsewhere.append(request)
        return web.json_response({"id": "1"})

    async with serving(notes) as other:

        async def redirects(_: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(other)

        async with serving(redirects) as url, within(url) as (connector, chat):
            with pytest.raises(TeamsRefused):
                await connector.send(chat, HELLO)
    assert elsewhere == []


async def test_where_nobody_listens_it_is_tried_again_before_teams_counts_as_away() -> None:
    async with serving(says(body=b'{"id": "1"}')) as url:
        pass
    async with within(url) as (connector, chat):
        with pytest.raises(TeamsAway):
            await connector.send(chat, HELLO)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://smba.trafficmanager.net/teams/",
        "http://10.0.0.1/",
        "http://127.0.0.1.evil.test/",
        "http://localhost.evil.test/",
        "http://127.0.0.1@evil.test/",
        "https://user:secret@evil.test/",
        "https://evil.test/?x=",
        "https://evil.test/#",
        "https:///teams/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//evil.test/",
        "https://evil.test/\r\nX: y",
        "https://[::1/",
    ],
)
async def test_nothing_is_sent_to_what_is_no_address_of_the_connector(url: str) -> None:
    for access in (SAFE, OPEN):
        tokens = FakeTokens("token")
        async with connected(access, tokens=tokens, patience=QUICK) as connector:
            for call in (
                connector.send(at(url), HELLO),
                connector.update(at(url), "1", HELLO),
                connector.member(at(url), "29:1"),
                connector.open_personal(service_url=url, tenant="t", user="29:1"),
            ):
                with pytest.raises(TeamsRefused, match="no address"):
                    await call
        assert tokens.asked == []


async def test_without_an_app_id_messages_stay_on_this_machine() -> None:
    heard: list[web.Request] = []

    async def notes(request: web.Request) -> web.Response:
        heard.append(request)
        return web.json_response({"id": "1"})

    async with serving(notes) as url, connected(OPEN, patience=QUICK) as connector:
        with pytest.raises(TeamsRefused, match="no address"):
            await connector.send(at("https://smba.trafficmanager.net/teams/"), HELLO)
        assert await connector.send(at(url), HELLO) == "1"
    assert ["Authorization" in request.headers for request in heard] == [False]


async def test_closing_waits_for_what_is_under_way() -> None:
    hanging = Hanging()
    async with serving(hanging.handle) as url:
        async with within(url) as (connector, chat):
            call = asyncio.create_task(connector.send(chat, HELLO))
            await hanging.arrived.wait()
            asyncio.get_running_loop().call_later(0.05, hanging.released.set)
        assert await call == "1"


async def test_closing_gives_up_what_takes_too_long_and_takes_nothing_new() -> None:
    hanging, before = Hanging(), set(threading.enumerate())
    async with serving(hanging.handle) as url:
        async with connected(SAFE, tokens=FakeTokens("token"), closing_s=0.05) as connector:
            call = asyncio.create_task(connector.send(at(url), HELLO))
            await hanging.arrived.wait()
        await hanging.given_up.wait()
        with pytest.raises(asyncio.CancelledError):
            await call
        with pytest.raises(TeamsAway):
            await connector.send(at(url), HELLO)
    assert {one.name for one in set(threading.enumerate()) - before} <= {"teams-tokens_0"}


async def test_closing_waits_for_no_token() -> None:
    tokens = FakeTokens("token")
    tokens.goes_on.clear()
    async with connected(SAFE, tokens=tokens, closing_s=0.05) as connector:
        call = asyncio.create_task(connector.token("scope"))
        assert await asyncio.to_thread(tokens.is_asked.wait, 30)
    with pytest.raises(asyncio.CancelledError):
        await call
    tokens.goes_on.set()


async def test_a_slow_token_holds_up_no_other_work_of_the_loop() -> None:
    tokens = FakeTokens("token")
    tokens.goes_on.clear()
    async with serving(says(body=b'{"id": "1"}')) as url, connected(SAFE, tokens=tokens) as connector:
        call = asyncio.create_task(connector.send(at(url), HELLO))
        assert await asyncio.to_thread(tokens.is_asked.wait, 30)
        tokens.goes_on.set()
        assert await call == "1"
