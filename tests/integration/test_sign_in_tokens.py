"""What a provider says is believed only if it is signed, for us, for this sign-in, and fresh."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest

from bot.domain.canonical import JsonValue
from bot.domain.signing_in import SignInStatus
from bot.signin.published import AGAIN, FRESH
from bot.signin.routes import link_to
from tests.records import ACME
from tests.servers.openid import CLIENT, EC_KEY, Json
from tests.servers.openid_forgeries import forgeries
from tests.sign_in_door import MALLORY, PATIENT, Door, opened


@pytest.fixture
async def door(migrated: str) -> AsyncIterator[Door]:
    async with opened(migrated) as found:
        yield found


async def test_an_answer_that_names_another_issuer_is_refused(door: Door) -> None:
    for issuer in ("https://evil.test", None):
        door.provider.back = {"iss": issuer}
        await door.refuses("it comes from another issuer")
    assert door.provider.asked["token"] == 0


async def test_a_provider_that_does_not_name_itself_is_believed_by_its_token(door: Door) -> None:
    door.provider.names_itself = False
    assert (await door.tries_to_sign_in()).code


async def test_a_client_whose_secret_goes_into_the_header_is_known(door: Door) -> None:
    door.provider.secret_in_form = False
    assert (await door.tries_to_sign_in()).code


WRONG_CLAIMS: dict[str, tuple[Json, str]] = {
    "wrong audience": ({"aud": "another"}, "another application"),
    "several audiences": ({"aud": [CLIENT, "another"]}, "another application"),
    "no audience": ({"aud": None}, "another application"),
    "made for another": ({"azp": "another"}, "another application"),
    "wrong issuer": ({"iss": "https://evil.test"}, "another issuer"),
    "no issuer": ({"iss": None}, "another issuer"),
    "wrong nonce": ({"nonce": "n" * 43}, "another sign-in"),
    "no nonce": ({"nonce": None}, "another sign-in"),
    "no end": ({"exp": None}, "its exp is missing"),
    "an end that is no number": ({"exp": "tomorrow"}, "its exp is missing or no moment"),
    "an end that is a truth": ({"exp": True}, "its exp is missing"),
    "no beginning": ({"iat": None}, "its iat is missing"),
    "no subject": ({"sub": None}, "does not say who"),
    "a blank subject": ({"sub": " "}, "does not say who"),
    "a long subject": ({"sub": "a" * 256}, "does not say who"),
}


@pytest.mark.parametrize("what", WRONG_CLAIMS)
async def test_a_token_with_a_wrong_claim_is_refused(door: Door, what: str) -> None:
    claims, why = WRONG_CLAIMS[what]
    door.provider.claims = claims
    await door.refuses(why)


@pytest.mark.parametrize(
    ("made", "ends", "why"),
    [
        (-900, -600, "it has expired"),
        (-900, 300, "it has expired"),
        (-400, -130, "it has expired"),
        (200, 500, "it is not valid yet"),
    ],
)
async def test_an_expired_token_and_one_of_the_future_are_refused(
    door: Door, made: int, ends: int, why: str
) -> None:
    now = int(door.clock.now().timestamp())
    door.provider.claims = {"iat": now + made, "exp": now + ends}
    await door.refuses(why)


async def test_a_token_that_begins_later_is_refused(door: Door) -> None:
    door.provider.claims = {"nbf": int(door.clock.now().timestamp()) + 3600}
    await door.refuses("it is not valid yet")


async def test_clocks_that_are_a_minute_apart_do_no_harm(door: Door) -> None:
    for apart in (-60, 60):
        now = int(door.clock.now().timestamp()) + apart
        door.provider.claims = {"iat": now, "exp": now + 30}
        assert (await door.tries_to_sign_in()).code


async def test_a_forged_token_is_refused_whatever_it_claims(door: Door) -> None:
    for what, forge in forgeries(door.provider).items():
        door.provider.forge = forge
        ended = await door.tries_to_sign_in()
        assert (ended.status, ended.code) == (403, ""), what
        assert (await door.stored()).signed is None, what
    door.provider.forge = None
    assert (await door.tries_to_sign_in()).code


async def test_an_elliptic_key_is_as_good_as_another(door: Door) -> None:
    door.provider.forge = lambda claims: jwt.encode(
        dict(claims), EC_KEY, algorithm="ES256", headers={"kid": "ec"}
    )
    assert (await door.tries_to_sign_in()).code


@pytest.mark.parametrize("answer", [{}, {"id_token": 7}, {"id_token": ""}, [], "token"])
async def test_an_answer_without_a_token_is_refused(door: Door, answer: JsonValue) -> None:
    door.provider.answer = answer
    ended = await door.tries_to_sign_in()
    assert ended.status in {403, 503}
    assert ended.code == ""
    assert (await door.stored()).signed is None


async def test_new_keys_are_fetched_when_the_provider_changes_them(door: Door) -> None:
    assert (await door.tries_to_sign_in()).code
    door.provider.rotates()
    assert (await door.tries_to_sign_in()).code
    assert door.provider.asked["keys"] == 2


async def test_unknown_keys_do_not_make_us_ask_again_and_again(door: Door) -> None:
    assert (await door.tries_to_sign_in()).code
    door.provider.forge = lambda claims: door.provider.signed(claims, key="stranger", kid="stranger")
    for number in range(4):
        code = await door.sign_ins.ask(ACME, MALLORY, occasion="same", now=door.clock.now())
        ended = await door.browser.signs_in(link_to(door.url, str(code)))
        assert ended.status == 403, number
    assert door.provider.asked["keys"] == 2
    door.clock.advance(AGAIN)
    assert (await door.tries_to_sign_in()).status == 403
    assert door.provider.asked["keys"] == 3


async def test_what_is_published_is_fetched_again_after_an_hour(door: Door) -> None:
    for waits, times in ((timedelta(), 1), (timedelta(minutes=30), 1), (FRESH, 2)):
        door.clock.advance(waits)
        assert (await door.tries_to_sign_in()).code
        assert door.provider.asked["discovery"] == times


@pytest.mark.parametrize(
    ("discovery", "why"),
    [
        ({"issuer": "https://evil.test"}, "another one than the one set up here"),
        ({"issuer": None}, "another one than the one set up here"),
        ({"issuer": "http://127.0.0.1/acme/"}, "another one than the one set up here"),
        ({"token_endpoint": "http://evil.test/token"}, "no usable token_endpoint"),
        ({"token_endpoint": "https://evil.test/token"}, "no usable token_endpoint"),
        ({"jwks_uri": None}, "no usable jwks_uri"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "no usable authorization_endpoint"),
        ({"authorization_endpoint": "//evil.test"}, "no usable authorization_endpoint"),
    ],
)
async def test_an_issuer_whose_discovery_names_another_one_or_no_address_is_refused(
    door: Door, discovery: Json, why: str
) -> None:
    door.provider.discovery = discovery
    answer = await door.browser.presses(await door.browser.get(await door.link()))
    assert (answer.status, answer.location, answer.cookies) == (403, "", {})
    assert why in answer.words
    assert (await door.stored()).status is SignInStatus.ASKED


async def test_a_provider_that_is_away_is_said_and_the_link_stays_good(door: Door) -> None:
    door.asks(issuer="http://127.0.0.1:9/acme")
    link = await door.link()
    page = await door.browser.get(link)
    answer = await door.browser.presses(page)
    assert (answer.status, answer.location) == (503, "")
    assert "127.0.0.1 does not answer" in answer.words
    door.asks()
    assert (await door.browser.signs_in(link)).code


async def test_a_token_endpoint_that_is_slow_is_not_waited_for_and_the_link_stays_good(door: Door) -> None:
    link = await door.link()
    door.asks(patience=replace(PATIENT, try_s=2))
    door.provider.goes_on.clear()
    ended = await door.browser.signs_in(link)
    assert ended.status == 503
    assert "does not answer" in ended.words
    door.provider.goes_on.set()
    assert (await door.browser.signs_in(link)).code


@pytest.mark.parametrize(("status", "shown"), [(500, 503), (503, 503), (429, 503), (400, 403), (302, 403)])
async def test_a_token_endpoint_that_fails_is_said_and_the_link_stays_good(
    door: Door, status: int, shown: int
) -> None:
    link = await door.link()
    door.provider.status = status
    ended = await door.browser.signs_in(link)
    assert (ended.status, ended.code) == (shown, "")
    door.provider.status = 200
    assert (await door.browser.signs_in(link)).code
