"""What an OpenID provider publishes: where people sign in, where codes are exchanged, and its keys.

Source: https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWKError

from bot.documents.json_reading import rows_at, text_at
from bot.domain.canonical import JsonObject
from bot.outgoing.tries import Patience
from bot.outgoing.web_addresses import is_web_address
from bot.ports.outside import Clock
from bot.signin.calls import PATIENCE, document
from bot.signin.refusals import NotAccepted, ProviderAway

FRESH: Final = timedelta(hours=1)
"""After this it is fetched again."""
AGAIN: Final = timedelta(minutes=1)
"""How long a key that is not known has to wait for the keys to be fetched once more."""
AGAIN_WITHOUT: Final = timedelta(seconds=2)
"""How long to wait after a fetch that brought nothing."""
MOST: Final = 100
"""Keys that are read; providers publish fewer than ten."""
ALGORITHMS: Final = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}
"""What each kind of key may sign by; all of it takes a private key that only the provider has."""
_LEAST_BITS: Final = 2048
_WELL_KNOWN: Final = "/.well-known/openid-configuration"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key, and the algorithms that it may sign by."""

    public: RSAPublicKey | EllipticCurvePublicKey = field(repr=False)
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was published when it was fetched."""

    authorize_url: str
    token_url: str
    secret_in_form: bool
    """Whether the client's secret goes into the form; else into a header."""
    names_itself: bool
    """Whether the provider says who it is when it sends people back.

    Source: https://www.rfc-editor.org/rfc/rfc9207
    """
    keys: Mapping[str, PublicKey]


class Publications:
    """Fetches what one issuer publishes, one fetch at a time, and keeps it."""

    def __init__(self, issuer: str, *, clock: Clock, patience: Patience = PATIENCE) -> None:
        self._issuer = issuer
        self._clock = clock
        self._patience = patience
        self._found: Published | None = None
        self._fetched: datetime | None = None
        self._failed: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    async def now(self) -> Published:
        """Gives what is published, an hour old at most.

        Raises:
            ProviderAway: it is not to be had.
            NotAccepted: it is another issuer's.
        """
        return await self._younger_than(FRESH)

    async def key(self, kid: str) -> PublicKey | None:
        """Gives the key of this id; None when the issuer publishes none.

        Raises:
            ProviderAway, NotAccepted: that cannot be found out.
        """
        found = (await self._younger_than(FRESH)).keys.get(kid)
        if found is not None:
            return found
        return (await self._younger_than(AGAIN)).keys.get(kid)

    async def _younger_than(self, age: timedelta) -> Published:
        async with self._one_at_a_time:
            now = self._clock.now()
            if self._found is not None and self._fetched is not None and now < self._fetched + age:
                return self._found
            if self._failed is not None and now < self._failed + AGAIN_WITHOUT:
                raise ProviderAway(host=urlsplit(self._issuer).hostname)
            try:
                self._found = await self._fetch()
            except (ProviderAway, NotAccepted):
                self._failed = now
                raise
            self._fetched, self._failed = now, None
            return self._found

    async def _fetch(self) -> Published:
        told = await document(self._issuer.rstrip("/") + _WELL_KNOWN, self._patience)
        if text_at(told, "issuer") != self._issuer:
            log.error("sign_in.other_issuer", wanted=self._issuer)
            raise NotAccepted(why="the provider says that it is another one than the one set up here")
        keys_url = self._address(told, "jwks_uri")
        found = Published(
            authorize_url=self._address(told, "authorization_endpoint"),
            token_url=self._address(told, "token_endpoint"),
            secret_in_form="client_secret_post" in _texts(told, "token_endpoint_auth_methods_supported"),
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            keys=_keys(await document(keys_url, self._patience)),
        )
        log.info("sign_in.published", issuer=self._issuer, keys=len(found.keys))
        return found

    def _address(self, told: JsonObject, name: str) -> str:
        """Gives an address that is published; where the issuer is reached by https, so is it."""
        found = text_at(told, name)
        if not is_web_address(found) or urlsplit(found).scheme != urlsplit(self._issuer).scheme:
            raise NotAccepted(why=f"the provider publishes no usable {name}")
        return found


def _texts(told: JsonObject, name: str) -> list[str]:
    found = told.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _keys(told: JsonObject) -> Mapping[str, PublicKey]:
    rows = rows_at(told, "keys")[:MOST]
    found = {text_at(row, "kid"): _key_of(row) for row in rows}
    return {kid: key for kid, key in found.items() if kid and key is not None}


def _key_of(row: JsonObject) -> PublicKey | None:
    """Gives the key for signatures that the row holds; None where it holds none."""
    named = row.get("alg")
    may = tuple(one for one in ALGORITHMS.get(text_at(row, "kty"), ()) if named in (None, one))
    if not may or row.get("use") not in (None, "sig"):
        return None
    try:
        public = PyJWK({name: value for name, value in row.items() if name not in _PRIVATE}, may[0]).key
    except (PyJWKError, ValueError, TypeError):
        return None
    is_strong = isinstance(public, RSAPublicKey) and public.key_size >= _LEAST_BITS
    if not is_strong and not isinstance(public, EllipticCurvePublicKey):
        return None
    return PublicKey(public, may)


_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""What a published key must not have; a key is read as a public one, whatever stands there."""
