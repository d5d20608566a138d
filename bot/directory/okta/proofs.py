"""What shows Okta who asks: an API token, or a token that a services app asks for.

Okta's own library is not used: it holds the whole of Okta's API, takes long to import, and one call of it is
all that would be of use here.

Source: https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog
from aiohttp import ClientConnectorError, ClientError, ClientResponse, ConnectionTimeoutError
from typing_extensions import override

from bot.directory.calls import Proof, ProviderAway, ProviderRefuses, ProviderRejects
from bot.directory.okta.access import OktaAccess
from bot.directory.okta.calls import asked_wait
from bot.directory.okta.keys import Key
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.session import Unreadable, new_session, object_in
from bot.outgoing.tries import Patience, tried
from bot.ports.outside import Clock

USERS: Final = "okta.users.read"
GROUPS: Final = "okta.groups.read"
RENEWED_BEFORE_S: Final = 300
"""Seconds before a token's end from which it is not used any more."""

log = structlog.get_logger()


class OktaWantsProof(ProviderRejects):
    """Switch “Require Demonstrating Proof of Possession (DPoP)” off in Okta, in the app’s General Settings.

    Source: https://support.okta.com/help/s/article/the-dpop-proof-jwt-header-is-missing
    """


class ApiToken(Proof):
    """An API token, which does not change."""

    def __init__(self, token: str) -> None:
        self._headers = {"Authorization": f"SSWS {token}"}

    @override
    async def headers(self) -> Mapping[str, str]:
        return self._headers

    @override
    def forget(self) -> None:
        """Keeps it: there is no other."""


class AppToken(Proof):
    """The token of a services app: asked for when it is needed, and of many at once one asks."""

    def __init__(self, access: OktaAccess, *, clock: Clock, patience: Patience) -> None:
        """Takes the app's id and its key, which is read when it is needed."""
        self._access = access
        self._address = f"{access.url}oauth2/v1/token"
        self._clock = clock
        self._patience = patience
        self._key: Key | None = None
        self._token = ""
        self._until = 0.0
        self._wait_until = 0.0
        self._turn = asyncio.Lock()

    @override
    async def headers(self) -> Mapping[str, str]:
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if now >= self._until:
                found = await self._asked()
                self._token, self._until = found[0], now + found[1]
            return {"Authorization": f"Bearer {self._token}"}

    @override
    def forget(self) -> None:
        self._until = 0.0

    async def _asked(self) -> tuple[str, float]:
        """Gives a token and for how many seconds it is kept."""
        if asyncio.get_running_loop().time() < self._wait_until:
            raise self._away("it asked not to be asked so often")
        if self._key is None:
            # To read a key takes up to a second, for which nothing else would go on.
            self._key = await asyncio.to_thread(
                Key.read, self._access.private_key, key_id=self._access.key_id
            )
        key = self._key
        try:
            found = await tried(lambda: self._once(key), self._patience)
        except Declined as error:
            if error.status == 429 and error.after is not None:
                self._wait_until = asyncio.get_running_loop().time() + error.after.total_seconds()
            raise self._meaning(error) from None
        except (Unsent, Lost) as error:
            raise self._away(str(error)) from None
        token, lasts_s = text_at(found, "access_token"), found.get("expires_in")
        is_token = token.isascii() and token.isprintable() and " " not in token
        if (
            not token
            or not is_token
            or not isinstance(lasts_s, int)
            or text_at(found, "token_type") != "Bearer"
        ):
            raise self._away("its answer is not what was asked for")
        # Scopes that are not granted yet are left out. What cannot do everything is not kept, so that a scope
        # counts as soon as it is granted.
        is_whole = {USERS, GROUPS} <= set(text_at(found, "scope").split())
        return token, lasts_s - RENEWED_BEFORE_S if is_whole else 0

    async def _once(self, key: Key) -> JsonObject:
        asked = {
            "grant_type": "client_credentials",
            "scope": f"{USERS} {GROUPS}",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": key.assertion(
                self._access.client, audience=self._address, now=self._clock.now()
            ),
        }
        headers = {"Accept": "application/json"}
        try:
            # There is one call an hour, so its connection is not kept.
            async with (
                new_session(self._address) as session,
                session.post(self._address, data=asked, headers=headers, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise Declined(response.status, await _code(response), asked_wait(response))
                return await object_in(response)
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise Unsent(type(error).__name__) from None
        except (ClientError, TimeoutError, OSError, Unreadable) as error:
            raise Lost(type(error).__name__) from None

    def _meaning(self, error: Declined) -> Exception:
        if error.code in {"use_dpop_nonce", "invalid_dpop_proof"}:
            log.warning("directory.rejected", provider="Okta", why=error.code)
            return OktaWantsProof()
        if error.code in {"consent_required", "invalid_scope"}:
            log.warning("directory.refused", provider="Okta", what=error.code)
            what = "look anybody up"
            return ProviderRefuses(provider="Okta", what=what, permission=f"{USERS} and {GROUPS}")
        if error.status in {400, 401, 403}:
            why = error.code or f"status {error.status}"
            log.warning("directory.rejected", provider="Okta", why=why)
            return ProviderRejects(provider="Okta", why=why)
        return self._away(f"status {error.status}")

    def _away(self, why: str) -> ProviderAway:
        log.warning("directory.away", provider="Okta", why=why)
        return ProviderAway(provider="Okta", why=why)


async def _code(response: ClientResponse) -> str:
    """Gives the error's name, as OAuth has it; empty where there is none."""
    try:
        code = text_at(await object_in(response), "error")
    except Unreadable:
        return ""
    return code if code.replace("_", "").isalnum() and len(code) <= 50 else ""
