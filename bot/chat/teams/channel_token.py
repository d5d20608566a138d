"""Whether an activity is from the Bot Connector, and for this bot: by the token that comes with it.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import re
from datetime import timedelta
from typing import Final, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.types import Options

from bot.chat.teams.access import Access
from bot.chat.teams.channel_keys import ChannelKeys, KeysAway
from bot.documents.json_reading import object_of, text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.ports.outside import Clock

__all__ = ["ChannelTokens", "KeysAway", "Unauthorized"]

ISSUER: Final = "https://api.botframework.com"
CHANNEL: Final = "msteams"
LEEWAY: Final = timedelta(minutes=5)
"""How wrong clocks may be."""
MOST_CHARACTERS: Final = 16_384
_BEARER: Final = re.compile(r"bearer ([\w-]+\.[\w-]+\.[\w-]+)", re.ASCII | re.IGNORECASE)
_EXTENSIONS: Final = frozenset({"crit", "b64"})
"""What a token's header says of another way to check it; all else that it may say is not listened to."""
_UNCHECKED: Final[Options] = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""All but the signature; the claims are checked here, by our own clock."""


class Unauthorized(Refusal):
    """This is not from Microsoft Teams, or not for this bot: {why}."""

    kind = "forbidden"


class ChannelTokens:
    """Checks tokens; used as a block, whose end ends what is under way."""

    def __init__(self, access: Access, *, clock: Clock) -> None:
        """Takes the bot's registration, which has to have an app id: without one nobody can be told apart."""
        if access.is_open:
            raise ValueError("without an app id there is nothing to check")
        self._app_id = access.app_id.lower()
        self._keys = ChannelKeys(access.openid_url, clock)
        self._clock = clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._keys.close()

    async def claims(self, header: str, activity: JsonObject) -> None:
        """Lets an activity in that the Bot Connector sent to this bot.

        Args:
            header: the Authorization header.
            activity: what came with it.

        Raises:
            Unauthorized: it is not proven.
            KeysAway: that cannot be found out at the moment.
        """
        token, kid = _token_in(header)
        channel = text_at(activity, "channelId")
        if channel != CHANNEL:
            raise Unauthorized(why="it is of another channel")
        key = await self._keys.key(kid)
        if key is None:
            raise Unauthorized(why="its key is not known")
        if channel not in key.endorsements:
            raise Unauthorized(why="its key is not for this channel")
        claims = _signed_claims(token, key.public)
        self._check_claims(claims)
        service_url = text_at(activity, "serviceUrl")
        if not service_url or text_at(claims, "serviceurl") != service_url:
            raise Unauthorized(why="it is for another service")

    def _check_claims(self, claims: JsonObject) -> None:
        if text_at(claims, "iss") != ISSUER:
            raise Unauthorized(why="it has another issuer")
        if text_at(claims, "aud").lower() != self._app_id:
            raise Unauthorized(why="it is for another bot")
        now, leeway = self._clock.now().timestamp(), LEEWAY.total_seconds()
        ends, begins = _moment(claims, "exp"), _moment(claims, "nbf") if "nbf" in claims else now
        if ends <= now - leeway:
            raise Unauthorized(why="it has expired")
        if begins > now + leeway:
            raise Unauthorized(why="it is not valid yet")


def _token_in(header: str) -> tuple[str, str]:
    """Gives the token and the id of its key."""
    found = _BEARER.fullmatch(header) if len(header) <= MOST_CHARACTERS else None
    if found is None:
        raise Unauthorized(why="it carries no token")
    try:
        said = jwt.get_unverified_header(found[1])
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Unauthorized(why="its token cannot be read") from None
    kind = said.get("typ", "JWT")
    is_usual = said.get("alg") == "RS256" and isinstance(kind, str) and kind.upper() == "JWT"
    if not is_usual or said.keys() & _EXTENSIONS:
        raise Unauthorized(why="its token is of another kind")
    kid = said.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Unauthorized(why="its token names no key")
    return found[1], kid


def _signed_claims(token: str, key: RSAPublicKey) -> JsonObject:
    try:
        return object_of(jwt.decode(token, key, algorithms=["RS256"], options=_UNCHECKED))
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Unauthorized(why="its signature is wrong") from None


def _moment(claims: JsonObject, name: str) -> float:
    """Gives a claim's moment in seconds of Unix time."""
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < 2**53:
        raise Unauthorized(why=f"its {name} is missing or no moment")
    return float(found)
