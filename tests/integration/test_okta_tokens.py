"""How the bot proves to Okta who it is: with an API token, or with the key of a services app."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from threading import get_ident
from typing import Self

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typing_extensions import override

from bot.directory.calls import ProviderAway, ProviderRefuses, ProviderRejects
from bot.directory.okta.access import OktaAccess
from bot.directory.okta.keys import KeyUnreadable
from bot.directory.okta.proofs import OktaWantsProof
from tests.directories.okta import ALICE, BOB, KEY_ID, MEGAN, PEOPLE, Office, okta_office, pem, signing_key
from tests.servers.okta_tokens import API_TOKEN, GROUPS, USERS


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with okta_office() as opened:
        yield opened


async def test_an_api_token_is_enough(office: Office) -> None:
    async with office.asked() as okta:
        assert await okta.person(ALICE) == PEOPLE[0]
        assert await okta.gaps() == ()
    assert set(office.server.tokens) == {f"SSWS {API_TOKEN}"}
    assert office.token_calls == 0


async def test_a_wrong_api_token_is_said_to_be_wrong(office: Office) -> None:
    async with office.asked(api_token=API_TOKEN[:-1]) as okta:
        with pytest.raises(ProviderRejects):
            await okta.person(ALICE)


async def test_a_key_in_pem_proves_the_app(office: Office) -> None:
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        assert await okta.person(ALICE) == PEOPLE[0]


async def test_a_key_in_the_older_kind_of_pem_proves_the_app(office: Office) -> None:
    key = signing_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    async with office.asked(**office.app(key.decode())) as okta:
        assert await okta.person(ALICE) == PEOPLE[0]


async def test_a_jwk_brings_its_own_id(office: Office) -> None:
    office.server.app.keys["other"] = another_key().public_key()
    async with office.asked(**office.app(jwk(signing_key(), kid=KEY_ID), key_id="")) as okta:
        assert await okta.person(ALICE) == PEOPLE[0]


async def test_the_only_key_of_an_app_needs_no_id(office: Office) -> None:
    async with office.asked(**office.app(pem(signing_key()), key_id="")) as okta:
        assert await okta.person(ALICE) == PEOPLE[0]


class NoticedKey(str):
    """A key's text that knows on which threads it was read."""

    __slots__ = ("threads",)
    threads: list[int]

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.threads = []
        return made

    @override
    def lstrip(self, chars: str | None = None, /) -> str:
        self.threads.append(get_ident())
        return super().lstrip(chars)


async def test_a_key_is_read_once_and_nothing_stands_still_for_it(office: Office) -> None:
    key = NoticedKey(pem(signing_key()))
    async with office.asked(**office.app(key)) as okta:
        await asyncio.gather(*(okta.person(person) for person in (ALICE, BOB, MEGAN)))
        office.server.app.revoke()
        assert await okta.person(ALICE) == PEOPLE[0]
    assert len(key.threads) == 1
    assert key.threads != [get_ident()]


async def test_a_key_that_okta_does_not_know_is_refused(office: Office) -> None:
    async with office.asked(**office.app(pem(another_key()))) as okta:
        with pytest.raises(ProviderRejects, match="invalid_client"):
            await okta.person(ALICE)


@pytest.mark.parametrize("kind", ["nothing", "text", "elliptic", "public", "broken", "set"])
async def test_what_is_no_rsa_key_is_said_to_be_none(office: Office, kind: str) -> None:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key()))
    elliptic = generate_ec_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    texts = {
        "nothing": "",
        "text": "s3cret",
        "elliptic": elliptic.decode(),
        "public": json.dumps(public),
        "broken": '{"kty": "RSA"',
        "set": json.dumps({"keys": [json.loads(jwk(signing_key()))]}),
    }
    async with office.asked(**office.app(texts[kind])) as okta:
        with pytest.raises(KeyUnreadable) as refused:
            await okta.person(ALICE)
    assert texts[kind] == "" or texts[kind] not in refused.value.sentence
    assert office.server.asked == []


async def test_a_token_is_used_until_shortly_before_its_end(office: Office) -> None:
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        for person in (ALICE, MEGAN, BOB):
            await okta.person(person)
        await okta.members("sales")
    assert office.token_calls == 1


async def test_a_token_that_has_ended_is_made_anew(office: Office) -> None:
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        await okta.person(ALICE)
        office.clock.advance(timedelta(hours=2))
        assert await okta.person(ALICE) == PEOPLE[0]
        office.server.app.revoke()
        assert await okta.person(ALICE) == PEOPLE[0]
    assert office.token_calls >= 3


async def test_a_key_that_is_taken_away_ends_what_was_good_until_then(office: Office) -> None:
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        await okta.person(ALICE)
        office.server.app.keys.clear()
        office.server.app.revoke()
        with pytest.raises(ProviderRejects):
            await okta.person(ALICE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>Sign in</html>",
        b'{"token_type": "Bearer", "expires_in": 3600, "access_token": ""}',
        b'{"token_type": "Bearer", "expires_in": 3600, "access_token": "a\\r\\nb"}',
        b'{"token_type": "Bearer", "expires_in": "soon", "access_token": "a"}',
        b'{"token_type": "N_A", "expires_in": 3600, "access_token": "a"}',
    ],
)
async def test_what_is_no_token_is_not_used(office: Office, body: bytes) -> None:
    office.server.app.body = body
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        with pytest.raises(ProviderAway):
            await okta.person(ALICE)
    assert len(office.server.asked) == office.token_calls


async def test_who_gives_tokens_is_left_alone_as_long_as_it_asks_for(office: Office) -> None:
    office.server.faults.status, office.server.faults.retry_after = 429, "3600"
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        for _ in range(3):
            with pytest.raises(ProviderAway):
                await okta.person(ALICE)
    assert len(office.server.asked) == office.token_calls == 1


async def test_a_demand_for_dpop_says_what_to_switch_off(office: Office) -> None:
    office.server.app.wants_dpop = True
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        with pytest.raises(OktaWantsProof, match=r"Switch .*DPoP.* off"):
            await okta.person(ALICE)


async def test_an_app_without_any_scope_says_which_it_needs(office: Office) -> None:
    office.server.faults.denied = frozenset({USERS, GROUPS})
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        with pytest.raises(ProviderRefuses, match=r"okta\.users\.read and okta\.groups\.read"):
            await okta.person(ALICE)
        assert [gap.permission for gap in await okta.gaps()] == [USERS, GROUPS]


async def test_a_scope_counts_as_soon_as_it_is_granted(office: Office) -> None:
    """A token knows only of what was granted before it."""
    office.server.faults.denied = frozenset({GROUPS})
    async with office.asked(**office.app(pem(signing_key()))) as okta:
        with pytest.raises(ProviderRefuses, match=r"okta\.groups\.read"):
            await okta.members("sales")
        office.server.faults.denied = frozenset()
        assert len(await okta.members("sales")) == 2


async def test_a_missing_admin_role_is_a_gap_too(office: Office) -> None:
    office.server.faults.denied = frozenset({GROUPS})
    async with office.asked() as okta:
        [gap] = await okta.gaps()
    assert gap.permission == GROUPS
    assert "admin role" in gap.without


def test_nothing_secret_is_shown() -> None:
    shown = repr(OktaAccess(url="https://acme.okta.com/", private_key="a-key", api_token=API_TOKEN))
    assert "a-key" not in shown
    assert API_TOKEN not in shown


def another_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: RSAPrivateKey, **more: str) -> str:
    return json.dumps({**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key)), **more})
