"""Only what the Bot Connector sent, to this bot and just now, is believed."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwt import PyJWS

from bot.chat.teams.access import Access
from bot.chat.teams.channel_keys import AGAIN, AGAIN_WITHOUT, FRESH, KEPT, OLDEST
from bot.chat.teams.channel_token import ChannelTokens, KeysAway, Unauthorized
from bot.domain.canonical import JsonObject, JsonValue
from tests.fakes.clock import MovedClock
from tests.servers.teams_identity import rsa_key
from tests.servers.teams_server import TeamsServer, teams_server

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def teams(clock: MovedClock) -> AsyncIterator[TeamsServer]:
    async with teams_server(clock=clock) as found:
        yield found


@pytest.fixture
async def tokens(teams: TeamsServer, clock: MovedClock) -> AsyncIterator[ChannelTokens]:
    access = Access(app_id=teams.app_id, openid_url=teams.metadata_url)
    async with ChannelTokens(access, clock=clock) as found:
        yield found


def an_activity(teams: TeamsServer, **changes: JsonValue) -> JsonObject:
    return {"type": "message", "channelId": "msteams", "serviceUrl": teams.service_url, **changes}


async def good(tokens: ChannelTokens, teams: TeamsServer) -> None:
    await tokens.claims(f"Bearer {teams.identity.token()}", an_activity(teams))


def encoded(value: JsonValue) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def signed(claims: JsonValue) -> str:
    return signed_bytes(json.dumps(claims).encode())


def signed_bytes(claims: bytes) -> str:
    """Gives a token with the right key's signature under anything."""
    return PyJWS().encode(claims, rsa_key("channel-1"), "RS256", headers={"kid": "channel-1"})


async def is_refused(tokens: ChannelTokens, header: str, activity: JsonObject) -> bool:
    try:
        await tokens.claims(header, activity)
    except Unauthorized:
        return True
    return False


async def test_what_the_bot_connector_sends_is_believed(tokens: ChannelTokens, teams: TeamsServer) -> None:
    for _ in range(3):
        await good(tokens, teams)
    await tokens.claims(f"bearer {teams.identity.token(aud=teams.app_id.upper())}", an_activity(teams))
    await tokens.claims(f"Bearer {teams.identity.token(nbf=None)}", an_activity(teams))
    await tokens.claims(
        f"Bearer {teams.identity.token(header={'x5t': 'a', 'nonce': 'b'})}", an_activity(teams)
    )
    assert teams.identity.fetched == {"metadata": 1, "keys": 1}


async def test_a_forged_token_is_refused(tokens: ChannelTokens, teams: TeamsServer) -> None:
    bad = {name: header or "" for name, header in teams.identity.bad_authorizations().items()}
    token = teams.identity.token()
    head, body, signature = token.split(".")
    claims = teams.identity.claims()
    now = claims["nbf"]
    assert isinstance(now, int)
    more: dict[str, str] = {
        "two tokens": f"{token} {token}",
        "a blank within": f"{head}. {body}.{signature}",
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "five parts": f"{token}.a.b",
        "a signature of another token": f"{head}.{body}.{teams.identity.token(jti='x').split('.')[2]}",
        "another kind of token": teams.identity.token(header={"typ": "at+jwt"}),
        "a critical extension": teams.identity.token(header={"crit": ["exp"], "exp": 1}),
        "a body that is not encoded": teams.identity.token(header={"b64": False, "crit": ["b64"]}),
        "a key id that is no text": f"{encoded({'alg': 'RS256', 'kid': 7})}.{body}.{signature}",
        "a header that is a list": f"{encoded([])}.{body}.{signature}",
        "an audience among several": teams.identity.token(aud=[teams.app_id]),
        "a longer audience": teams.identity.token(aud=f"{teams.app_id} "),
        "an issuer with a slash": teams.identity.token(iss="https://api.botframework.com/"),
        "an issuer among several": signed({**claims, "iss": ["https://api.botframework.com"]}),
        "an end that is a text": teams.identity.token(exp=str(now + 9999)),
        "an end that is true": teams.identity.token(exp=True),
        "an end beyond numbers": teams.identity.token(exp=10**400),
        "a beginning that is a text": teams.identity.token(nbf="0"),
        "a service of other letters": teams.identity.token(serviceurl=teams.service_url.upper()),
        "a service without its slash": teams.identity.token(serviceurl=teams.service_url.rstrip("/")),
        "a service in a list": teams.identity.token(serviceurl=[teams.service_url]),
        "claims that are a list": signed([]),
        "claims that are no json": signed_bytes(b"{"),
        "too long": teams.identity.token(padding="x" * 20_000),
        "not ascii": f"{head}.{body}.é",
    }
    bad |= {name: f"Bearer {one}" for name, one in more.items()}
    accepted = [
        name for name, header in bad.items() if not await is_refused(tokens, header, an_activity(teams))
    ]
    assert accepted == []
    assert len(bad) > 40
    await good(tokens, teams)


@pytest.mark.parametrize(
    "changes",
    [
        {"serviceUrl": "https://evil.test/"},
        {"serviceUrl": ""},
        {"serviceUrl": None},
        {"serviceUrl": ["x"]},
        {"channelId": "webchat"},
        {"channelId": "emulator"},
        {"channelId": "MSTEAMS"},
        {"channelId": ""},
        {"channelId": None},
    ],
)
async def test_an_activity_that_its_token_was_not_made_for_is_refused(
    tokens: ChannelTokens, teams: TeamsServer, changes: JsonObject
) -> None:
    header = f"Bearer {teams.identity.token()}"
    assert await is_refused(tokens, header, an_activity(teams, **changes))


async def test_a_token_without_a_service_is_no_match_for_an_activity_without_one(
    tokens: ChannelTokens, teams: TeamsServer
) -> None:
    for claim in (None, ""):
        header = f"Bearer {teams.identity.token(serviceurl=claim)}"
        for said in (None, ""):
            assert await is_refused(tokens, header, an_activity(teams, serviceUrl=said))


async def test_clocks_may_differ_by_five_minutes(
    tokens: ChannelTokens, teams: TeamsServer, clock: MovedClock
) -> None:
    now = int(clock.now().timestamp())
    for good_one in (teams.identity.token(exp=now - 299), teams.identity.token(nbf=now + 300)):
        await tokens.claims(f"Bearer {good_one}", an_activity(teams))
    for bad_one in (teams.identity.token(exp=now - 300), teams.identity.token(nbf=now + 301)):
        assert await is_refused(tokens, f"Bearer {bad_one}", an_activity(teams))


async def test_without_an_app_id_nothing_can_be_checked(clock: MovedClock) -> None:
    with pytest.raises(ValueError, match="app id"):
        ChannelTokens(Access(), clock=clock)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
PLENTY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PLENTY
@given(name=st.sampled_from(["iss", "aud", "exp", "nbf", "serviceurl", "other"]), value=JSON)
async def test_a_signed_claim_of_any_shape_is_taken_or_refused_never_an_error(
    tokens: ChannelTokens, teams: TeamsServer, name: str, value: JsonValue
) -> None:
    token = signed({**teams.identity.claims(), name: value})
    refused = await is_refused(tokens, f"Bearer {token}", an_activity(teams))
    assert refused or name in {"other", "nbf", "exp"}


@PLENTY
@given(header=st.text() | st.binary().map(lambda raw: f"Bearer {base64.urlsafe_b64encode(raw).decode()}"))
async def test_a_header_of_any_shape_is_refused_never_an_error(
    tokens: ChannelTokens, teams: TeamsServer, header: str
) -> None:
    assert await is_refused(tokens, header, an_activity(teams))


@PLENTY
@given(data=st.data())
async def test_a_token_with_one_letter_changed_is_refused(
    tokens: ChannelTokens, teams: TeamsServer, data: st.DataObject
) -> None:
    token = teams.identity.token()
    # The last letter of the signature carries bits that mean nothing.
    at = data.draw(st.integers(0, len(token) - 2))
    letter = data.draw(st.sampled_from("AQgw_.=é"))
    changed = f"{token[:at]}{letter}{token[at + 1 :]}"
    assert changed == token or await is_refused(tokens, f"Bearer {changed}", an_activity(teams))


async def test_a_new_key_is_fetched_when_it_is_met_but_once_a_minute_at_most(
    tokens: ChannelTokens, teams: TeamsServer, clock: MovedClock
) -> None:
    await good(tokens, teams)
    teams.identity.rotates()
    with pytest.raises(Unauthorized, match="key is not known"):
        await good(tokens, teams)
    clock.advance(AGAIN)
    await asyncio.gather(*(good(tokens, teams) for _ in range(20)))
    assert teams.identity.fetched["metadata"] == 2
    stranger = f"Bearer {teams.identity.token(key='stranger', kid='stranger')}"
    for _ in range(20):
        assert await is_refused(tokens, stranger, an_activity(teams))
    assert teams.identity.fetched["metadata"] == 2


async def test_a_withdrawn_key_counts_no_longer_than_a_day(
    tokens: ChannelTokens, teams: TeamsServer, clock: MovedClock
) -> None:
    await good(tokens, teams)
    old = teams.identity.kid
    teams.identity.rotates(keep_old=False)
    clock.advance(KEPT)
    header = f"Bearer {teams.identity.token(key=old, kid=old)}"
    assert await is_refused(tokens, header, an_activity(teams))
    await good(tokens, teams)


async def test_nobody_waits_for_newer_keys_while_the_old_ones_count(
    tokens: ChannelTokens, teams: TeamsServer, clock: MovedClock
) -> None:
    await good(tokens, teams)
    hold = teams.faults.hangs("metadata")
    clock.advance(FRESH)
    for _ in range(5):
        await good(tokens, teams)
    await hold.arrived.wait()
    hold.release()


async def test_old_keys_go_on_counting_for_three_days_while_microsoft_is_away(
    tokens: ChannelTokens, teams: TeamsServer, clock: MovedClock
) -> None:
    await good(tokens, teams)
    teams.faults.is_away("metadata")
    for _ in range(5):
        clock.advance(KEPT / 2)
        await good(tokens, teams)
        await good(tokens, teams)
    with pytest.raises(KeysAway):
        await tokens.claims(
            f"Bearer {teams.identity.token(key='stranger', kid='stranger')}", an_activity(teams)
        )
    clock.advance(OLDEST - 5 * KEPT / 2)
    with pytest.raises(KeysAway):
        await good(tokens, teams)
    teams.faults.clear()
    clock.advance(AGAIN)
    await good(tokens, teams)


@pytest.mark.parametrize("document", ["metadata", "keys"])
async def test_while_there_are_no_keys_it_has_to_be_sent_again(
    tokens: ChannelTokens, teams: TeamsServer, clock: MovedClock, document: str
) -> None:
    teams.faults.fails(document, 503)
    for _ in range(9):
        with pytest.raises(KeysAway) as raised:
            await good(tokens, teams)
        assert raised.value.kind == "unavailable"
    assert teams.identity.fetched["metadata"] == 1
    clock.advance(AGAIN_WITHOUT)
    await good(tokens, teams)


async def test_keys_that_many_wait_for_are_fetched_once(tokens: ChannelTokens, teams: TeamsServer) -> None:
    hold = teams.faults.hangs("keys")
    waiting = [asyncio.create_task(good(tokens, teams)) for _ in range(30)]
    await hold.arrived.wait()
    waiting[0].cancel()
    hold.release()
    await asyncio.gather(*waiting[1:])
    assert teams.identity.fetched == {"metadata": 1, "keys": 1}


async def test_a_fetch_under_way_ends_with_the_block(teams: TeamsServer, clock: MovedClock) -> None:
    hold = teams.faults.hangs("metadata")
    access = Access(app_id=teams.app_id, openid_url=teams.metadata_url)
    async with ChannelTokens(access, clock=clock) as tokens:
        waiting = asyncio.create_task(good(tokens, teams))
        await hold.arrived.wait()
    with pytest.raises(asyncio.CancelledError):
        await waiting


GOOD_KEY: JsonObject = {"kty": "RSA", "kid": "channel-1"}


@pytest.mark.parametrize(
    "published",
    [
        [],
        {"jwks_uri": 7},
        {"jwks_uri": "http://10.0.0.1/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "HERE", "keys": "x"},
        {"jwks_uri": "HERE", "keys": []},
        {"jwks_uri": "HERE", "keys": [7, {}, {"kty": "EC", "kid": "channel-1"}]},
        {"jwks_uri": "HERE", "keys": [{**GOOD_KEY, "n": "", "e": "AQAB"}]},
        {"jwks_uri": "HERE", "keys": [{**GOOD_KEY, "n": "AQAB", "e": "AQAB"}]},
        {"jwks_uri": "HERE", "keys": [{**GOOD_KEY, "n": "!", "e": "é"}]},
        {"jwks_uri": "HERE", "keys": [{"kty": "oct", "kid": "channel-1", "k": "AQAB"}]},
    ],
)
async def test_what_is_published_is_not_trusted_to_be_keys(
    teams: TeamsServer, clock: MovedClock, published: JsonValue
) -> None:
    async def tells(request: web.Request) -> web.Response:
        text = json.dumps(published).replace("HERE", str(request.url))
        return web.Response(text=text, content_type="application/json")

    app = web.Application()
    app.router.add_get("/", tells)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with ChannelTokens(Access(app_id=teams.app_id, openid_url=url), clock=clock) as tokens:
        with pytest.raises(KeysAway):
            await good(tokens, teams)
    await runner.cleanup()
