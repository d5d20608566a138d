"""The bot's own tokens, from a Microsoft Entra and an Azure machine over HTTP."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bot.chat.teams.access import Access, AppType
from bot.chat.teams.connector.calls import BadCredentials, TeamsAway
from bot.chat.teams.connector.tokens import CONNECTOR_SCOPE, NoTokens, tokens_for
from bot.outgoing.kept_tokens import Tokens
from bot.ports.outside import Gone
from tests.servers.entra import TENANT, Entra, entra_server

APP = "00000000-0000-0000-0000-00000000c0de"
SECRET = "hunter2"  # noqa: S105 - a test's
GRAPH_SCOPE = "https://graph.microsoft.com/.default"


@pytest.fixture
async def entra() -> AsyncIterator[Entra]:
    async with entra_server() as made:
        yield made


def with_secret(entra: Entra) -> Tokens:
    return tokens_for(Access(app_id=APP, secret=SECRET, tenant=TENANT, login_url=entra.url))


async def got(tokens: Tokens, scope: str = CONNECTOR_SCOPE) -> str:
    return await asyncio.to_thread(tokens.token, scope)


async def test_a_secret_gets_a_token_for_each_scope_and_it_is_kept(entra: Entra) -> None:
    tokens = with_secret(entra)
    found = [await got(tokens, scope) for scope in (CONNECTOR_SCOPE, GRAPH_SCOPE, CONNECTOR_SCOPE)]
    assert found == ["token 1", "token 2", "token 1"]
    assert [(one["client_id"], one["client_secret"], one["grant_type"]) for one in entra.asked] == [
        (APP, SECRET, "client_credentials")
    ] * 2
    assert [one["scope"] for one in entra.asked] == [CONNECTOR_SCOPE, GRAPH_SCOPE]


async def test_a_token_that_is_about_to_end_is_not_given_again(entra: Entra) -> None:
    tokens = with_secret(entra)
    entra.life = {"expires_in": 299}
    assert [await got(tokens) for _ in range(2)] == ["token 1", "token 2"]


async def test_a_token_that_is_still_good_is_given_while_entra_is_away(entra: Entra) -> None:
    tokens = with_secret(entra)
    entra.life = {"expires_in": 3600, "refresh_in": -1}
    assert await got(tokens) == "token 1"
    entra.status, entra.answer = 503, {"error": "server_error"}
    assert await got(tokens) == "token 1"
    assert len(entra.asked) == 2


async def test_a_wrong_secret_is_said_without_being_shown(
    entra: Entra, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    entra.status = 401
    entra.answer = {
        "error": "invalid_client",
        "error_description": f"AADSTS7000215: Invalid client secret {SECRET} provided.",
    }
    with pytest.raises(BadCredentials, match="invalid_client AADSTS7000215") as raised:
        await got(with_secret(entra))
    assert not isinstance(raised.value, Gone)
    written = capsys.readouterr()
    for text in (str(raised.value), caplog.text, written.out, written.err):
        assert SECRET not in text


async def test_a_tenant_that_there_is_not_is_said(entra: Entra) -> None:
    entra.tenant = "another"
    with pytest.raises(BadCredentials, match="tenant"):
        await got(with_secret(entra))


@pytest.mark.parametrize(
    ("status", "answer"),
    [(503, {}), (500, {"error": "server_error"}), (400, {"error": "temporarily_unavailable"}), (429, {})],
)
async def test_an_entra_in_trouble_is_away(entra: Entra, status: int, answer: dict[str, object]) -> None:
    entra.status, entra.answer = status, answer
    with pytest.raises(TeamsAway):
        await got(with_secret(entra))


async def test_an_entra_that_does_not_listen_is_away_until_it_does(entra: Entra) -> None:
    elsewhere = Entra(url="http://127.0.0.1:9/")
    tokens = with_secret(elsewhere)
    with pytest.raises(TeamsAway):
        await got(tokens)
    assert await got(with_secret(entra)) == "token 1"


async def test_a_managed_identity_gets_its_token_from_the_machine(
    entra: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "known")
    tokens = tokens_for(Access(app_id=APP, app_type=AppType.MANAGED_IDENTITY, tenant=TENANT))
    assert [await got(tokens) for _ in range(2)] == ["token 1"] * 2
    assert [(one["resource"], one["client_id"]) for one in entra.asked] == [
        ("https://api.botframework.com", APP)
    ]


async def test_a_machine_that_does_not_know_the_identity_is_said(
    entra: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "unknown")
    with pytest.raises(BadCredentials):
        await got(tokens_for(Access(app_id=APP, app_type=AppType.MANAGED_IDENTITY, tenant=TENANT)))


async def test_without_an_app_id_there_are_no_tokens() -> None:
    tokens = tokens_for(Access())
    assert isinstance(tokens, NoTokens)
    assert tokens.token(CONNECTOR_SCOPE) == ""
