"""Calls by libraries that block end in time, whoever answers however slowly."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp import web

from bot.directory.google.access import GoogleAccess
from bot.directory.google.tokens import DelegatedTokens, GoogleAway
from bot.outgoing.blocking import Answer, NoAnswer, answer_to
from bot.outgoing.entra_tokens import AppTokens, EntraAway, MachineTokens
from bot.outgoing.kept_tokens import KeptTokens
from bot.outgoing.session import MOST_BYTES
from tests.contract.test_directory_over_http import Elsewhere
from tests.servers.entra import TENANT, Entra, entra_server
from tests.servers.google_tokens import ADMIN, DOMAIN, GivenTokens

SCOPE = "https://graph.microsoft.com/.default"
WITHIN_S = 1.0


class Slow:
    """Says a space every now and then, and never what it was asked; or all that a test wants at once."""

    url = ""

    def __init__(self) -> None:
        self.body: bytes | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.body is not None:
            return web.Response(body=self.body)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)


@pytest.fixture
async def slow() -> AsyncIterator[Slow]:
    made = Slow()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture
async def entra() -> AsyncIterator[Entra]:
    async with entra_server() as made:
        yield made


def app_tokens(entra: Entra) -> AppTokens:
    return AppTokens(
        tenant=TENANT,
        client="c0de",
        credential="s",
        login_url=entra.url,
        within_s=WITHIN_S,
    )


async def answered(url: str) -> Answer:
    async with asyncio.timeout(8):
        return await asyncio.to_thread(answer_to, "GET", url, headers={}, body=None, within_s=WITHIN_S)


async def test_an_answer_that_drips_is_none(slow: Slow) -> None:
    with pytest.raises(NoAnswer, match="TimeoutError"):
        await answered(slow.url)


async def test_an_answer_is_read_up_to_its_limit(slow: Slow) -> None:
    slow.body = b"x" * MOST_BYTES
    assert (await answered(slow.url)).body == slow.body
    slow.body += b"x"
    with pytest.raises(NoAnswer):
        await answered(slow.url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://[::1", "token"])
async def test_an_address_where_nobody_is_gives_no_answer(url: str) -> None:
    with pytest.raises(NoAnswer):
        await answered(url)


async def test_an_entra_that_drips_is_asked_again_once_it_is_well(entra: Entra) -> None:
    """One thread asks for every token, so nobody would get one again if it waited for ever."""
    entra.drips = True
    with ThreadPoolExecutor(1) as threads:
        kept = KeptTokens(app_tokens(entra), threads)
        async with asyncio.timeout(8):
            with pytest.raises(EntraAway, match="TimeoutError"):
                await kept.token(SCOPE)
            entra.drips = False
            assert (await kept.token(SCOPE)).startswith("token")


async def test_an_entra_whose_answer_is_too_long_is_away(entra: Entra) -> None:
    entra.answer = {"access_token": "x" * MOST_BYTES}
    with pytest.raises(EntraAway):
        await asyncio.to_thread(app_tokens(entra).token, SCOPE)


async def test_a_machine_that_drips_is_away(entra: Entra, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "known")
    entra.drips = True
    async with asyncio.timeout(8):
        with pytest.raises(EntraAway, match="TimeoutError"):
            await asyncio.to_thread(MachineTokens(within_s=WITHIN_S).token, SCOPE)


async def test_a_google_that_drips_is_away(slow: Slow) -> None:
    access = GoogleAccess(
        key=GivenTokens().key_file(f"{slow.url}token"),
        admin=ADMIN,
        domain=DOMAIN,
        api_url=slow.url,
    )
    async with asyncio.timeout(8):
        with pytest.raises(GoogleAway, match="TimeoutError"):
            await asyncio.to_thread(DelegatedTokens(access, within_s=WITHIN_S).token, "a-scope")


async def test_a_secret_goes_to_no_other_host(entra: Entra) -> None:
    async with Elsewhere() as (url, seen):
        entra.location = url
        with pytest.raises(EntraAway, match="307"):
            await asyncio.to_thread(app_tokens(entra).token, SCOPE)
    assert seen == []


async def test_what_the_machine_knows_us_by_goes_to_no_other_host(
    entra: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "known")
    async with Elsewhere() as (url, seen):
        entra.location = url
        with pytest.raises(EntraAway, match="307"):
            await asyncio.to_thread(MachineTokens().token, SCOPE)
    assert seen == []


async def test_what_is_asked_without_tls_goes_through_no_proxy(
    entra: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "known")
    async with Elsewhere() as (url, seen):
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for tokens in (MachineTokens(), app_tokens(entra)):
            assert (await asyncio.to_thread(tokens.token, SCOPE)).startswith("token")
    assert seen == []
