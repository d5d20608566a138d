"""Okta on a stage."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.directory.okta.access import OktaAccess
from bot.directory.okta.directory import OktaDirectory
from bot.domain.people import PersonId
from bot.outgoing.tries import Patience
from tests.directories.http import HASTY, QUICK, ROLES, HttpStage
from tests.directories.stage import someone
from tests.fakes.clock import MovedClock
from tests.servers.okta import OktaServer
from tests.servers.okta_tokens import API_TOKEN, CLIENT

KEY_ID: Final = "key-1"
IDS: Final = re.compile(r"[up]-[a-z0-9]+")
"""What ids look like in tests."""
ALICE, MEGAN, BOB = PersonId("u-alice"), PersonId("u-megan"), PersonId("u-bob")
PEOPLE: Final = (
    someone("alice", "sales"),
    someone("megan", "sales"),
    someone("bob", "it"),
    someone("ada", "it-admins"),
)


@cache
def signing_key() -> RSAPrivateKey:
    """Gives one key to all tests, because it takes long to make."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: RSAPrivateKey) -> str:
    """Gives the key as a text."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def okta_directory(access: OktaAccess, server: OktaServer, patience: Patience = QUICK) -> OktaDirectory:
    """Gives a provider that asks the server."""
    return OktaDirectory(access, ROLES, clock=server.clock, patience=patience, ids=IDS)


@asynccontextmanager
async def okta_stage(folder: Path) -> AsyncIterator[HttpStage]:
    """A services app with a private key."""
    _ = folder
    server = OktaServer(clock=MovedClock())
    server.app.keys[KEY_ID] = signing_key().public_key()
    async with server.running():
        access = OktaAccess(url=server.url, client=CLIENT, private_key=pem(signing_key()), key_id=KEY_ID)
        async with (
            okta_directory(access, server) as provider,
            okta_directory(access, server, HASTY) as hasty,
        ):
            yield HttpStage(server, provider, hasty)


class Office:
    """An Okta organisation, and the clock that it and the bot look at."""

    def __init__(self, server: OktaServer, clock: MovedClock) -> None:
        self.server = server
        self.clock = clock
        server.app.keys[KEY_ID] = signing_key().public_key()
        server.holds(PEOPLE)

    @asynccontextmanager
    async def asked(self, **given: str) -> AsyncIterator[OktaDirectory]:
        """Gives a provider with this access; with an API token if nothing is said."""
        access = OktaAccess(url=self.server.url, **(given or {"api_token": API_TOKEN}))
        async with okta_directory(access, self.server) as provider:
            yield provider

    def app(self, key: str, key_id: str = KEY_ID) -> dict[str, str]:
        """Gives the access of the services app."""
        return {"client": CLIENT, "private_key": key, "key_id": key_id}

    @property
    def token_calls(self) -> int:
        """How often a token was asked for."""
        return sum("/token" in call for call in self.server.asked)


@asynccontextmanager
async def okta_office() -> AsyncIterator[Office]:
    """Opens an organisation with four people."""
    clock = MovedClock()
    server = OktaServer(clock=clock)
    async with server.running():
        yield Office(server, clock)
