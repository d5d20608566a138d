"""The keys by which the Bot Connector signs, as Microsoft publishes them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from aiohttp import ClientError, ClientResponseError, ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from bot.documents.json_reading import rows_at, text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.outgoing.session import TIMEOUT_S, Unreadable, new_session, object_in
from bot.outgoing.web_addresses import is_web_address
from bot.ports.outside import Clock

FRESH: Final = timedelta(hours=12)
"""After this they are fetched again while they still count."""
KEPT: Final = timedelta(hours=24)
"""After this whoever comes first waits for new ones.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""
OLDEST: Final = timedelta(days=3)
"""For so long they go on counting while no new ones can be had: an outage, and a weekend."""
AGAIN: Final = timedelta(minutes=1)
"""How long to wait between two fetches."""
AGAIN_WITHOUT: Final = timedelta(seconds=5)
"""How long to wait while there are no keys at all."""
MOST: Final = 200
"""Keys that are read; Microsoft publishes about ten."""
_LEAST_BITS: Final = 2048

log = structlog.get_logger()


class KeysAway(Refusal):
    """Microsoft does not say at the moment by which keys it signs. Please send it again in a minute."""

    kind = "unavailable"


@dataclass(frozen=True, slots=True)
class ChannelKey:
    """One key, and the channels that it may sign for."""

    public: RSAPublicKey = field(repr=False)
    endorsements: frozenset[str]


class ChannelKeys:
    """Fetches the keys, one fetch at a time, and keeps them."""

    def __init__(self, openid_url: str, clock: Clock) -> None:
        self._openid_url = openid_url
        self._clock = clock
        self._keys: Mapping[str, ChannelKey] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> ChannelKey | None:
        """Gives the key of this id; None when Microsoft publishes none.

        Raises:
            KeysAway: that cannot be found out.
        """
        age = self._age()
        is_known = kid in self._keys and age is not None and age < OLDEST
        if is_known and age is not None and age < FRESH:
            return self._keys[kid]
        fetching = self._fetch()
        may_wait = not is_known or (age is not None and age >= KEPT and not self._failed)
        if fetching is not None and may_wait:
            await asyncio.shield(fetching)
            age = self._age()
        if age is None or age >= OLDEST:
            raise KeysAway
        found = self._keys.get(kid)
        if found is None and self._failed:
            raise KeysAway
        return found

    async def close(self) -> None:
        """Ends a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _age(self) -> timedelta | None:
        return None if self._fetched is None else self._clock.now() - self._fetched

    def _fetch(self) -> asyncio.Task[None] | None:
        """Gives the fetch under way, or a new one unless the last was a moment ago."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        now, pause = self._clock.now(), AGAIN if self._keys else AGAIN_WITHOUT
        if self._tried is not None and now < self._tried + pause:
            return None
        self._tried = now
        self._fetching = asyncio.create_task(self._fetched_at(now))
        return self._fetching

    async def _fetched_at(self, now: datetime) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S), new_session(self._openid_url) as session:
                self._keys = await self._published(session)
        except (ClientError, OSError, TimeoutError, Unreadable) as error:
            self._failed = True
            log.warning("teams.keys_away", why=type(error).__name__)
        else:
            self._failed, self._fetched = False, now
            log.info("teams.keys", count=len(self._keys))

    async def _published(self, session: ClientSession) -> Mapping[str, ChannelKey]:
        address = text_at(await _document(session, self._openid_url), "jwks_uri")
        if not is_web_address(address):
            raise Unreadable
        keys = {}
        for row in rows_at(await _document(session, address), "keys")[:MOST]:
            key = _key_of(row)
            if key is not None:
                keys[text_at(row, "kid")] = key
        if not keys:
            raise Unreadable
        return keys


async def _document(session: ClientSession, address: str) -> JsonObject:
    async with session.get(address, allow_redirects=False) as response:
        if response.status != 200:
            raise ClientResponseError(response.request_info, (), status=response.status)
        return await object_in(response)


def _key_of(row: JsonObject) -> ChannelKey | None:
    """Gives the key for RS256 that the row holds; None where it holds none."""
    is_for_us = (
        text_at(row, "kty") == "RSA"
        and text_at(row, "kid") != ""
        and row.get("use") in (None, "sig")
        and row.get("alg") in (None, "RS256")
    )
    if not is_for_us:
        return None
    try:
        public = RSAAlgorithm.from_jwk({name: text_at(row, name) for name in ("kty", "n", "e")})
    except (InvalidKeyError, ValueError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < _LEAST_BITS:
        return None
    said = row.get("endorsements")
    endorsements = said if isinstance(said, list) else []
    return ChannelKey(public, frozenset(one for one in endorsements if isinstance(one, str)))
