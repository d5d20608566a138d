"""Whether an id token says what it has to: who signed in, here, for this client, in this browser, now.

Source: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

import hmac
from datetime import datetime, timedelta
from typing import Final

import jwt
from jwt.types import Options

from bot.documents.json_reading import object_of, text_at
from bot.domain.canonical import JsonObject
from bot.signin.access import SignInAccess
from bot.signin.published import Publications
from bot.signin.refusals import NotAccepted

LEEWAY: Final = timedelta(minutes=2)
"""How wrong clocks may be."""
OLDEST: Final = timedelta(minutes=10)
"""How long ago a token may have been made: it is fetched at once."""
MOST_CHARACTERS: Final = 32_768
LONGEST_SUBJECT: Final = 255
"""Characters of a subject. Source: https://openid.net/specs/openid-connect-core-1_0.html#IDToken"""
_EXTENSIONS: Final = frozenset({"crit", "b64"})
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


async def subject_of(
    token: str, *, access: SignInAccess, published: Publications, nonce: str, now: datetime
) -> str:
    """Gives the subject that the token proves.

    Raises:
        NotAccepted: it proves nothing.
        ProviderAway: that cannot be found out at the moment.
    """
    algorithm, kid = _header(token)
    key = await published.key(kid)
    if key is None:
        raise NotAccepted(why="its key is not known")
    if algorithm not in key.algorithms:
        raise NotAccepted(why="it is signed in a way that this key is not for")
    try:
        claims = object_of(jwt.decode(token, key.public, algorithms=[algorithm], options=_UNCHECKED))
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise NotAccepted(why="its signature is wrong") from None
    _check_for_us(claims, access)
    _check_moments(claims, now)
    if not nonce or not hmac.compare_digest(text_at(claims, "nonce").encode(), nonce.encode()):
        raise NotAccepted(why="it belongs to another sign-in")
    subject = text_at(claims, access.subject)
    if not subject.strip() or len(subject) > LONGEST_SUBJECT:
        raise NotAccepted(why="it does not say who signed in")
    return subject


def _header(token: str) -> tuple[str, str]:
    """Gives how the token is signed, and the id of its key."""
    if len(token) > MOST_CHARACTERS:
        raise NotAccepted(why="its token is too long")
    try:
        said = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise NotAccepted(why="its token cannot be read") from None
    kind, algorithm, kid = said.get("typ", "JWT"), said.get("alg"), said.get("kid")
    if said.keys() & _EXTENSIONS or not isinstance(kind, str) or kind.upper() != "JWT":
        raise NotAccepted(why="its token is of another kind")
    if not isinstance(algorithm, str) or not isinstance(kid, str) or not kid:
        raise NotAccepted(why="its token names no key")
    return algorithm, kid


def _check_for_us(claims: JsonObject, access: SignInAccess) -> None:
    if text_at(claims, "iss") != access.issuer:
        raise NotAccepted(why="it has another issuer")
    audience = claims.get("aud")
    # A token for several could have been got, and passed on, by any of them.
    if audience not in (access.client, [access.client]):
        raise NotAccepted(why="it is for another application")
    if claims.get("azp", access.client) != access.client:
        raise NotAccepted(why="it was made for another application")


def _check_moments(claims: JsonObject, now: datetime) -> None:
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    ends, made = _moment(claims, "exp"), _moment(claims, "iat")
    begins = _moment(claims, "nbf") if "nbf" in claims else made
    if ends <= at - leeway or made < at - OLDEST.total_seconds():
        raise NotAccepted(why="it has expired")
    if max(begins, made) > at + leeway:
        raise NotAccepted(why="it is not valid yet")


def _moment(claims: JsonObject, name: str) -> float:
    """Gives a claim's moment in seconds of Unix time."""
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < 2**53:
        raise NotAccepted(why=f"its {name} is missing or no moment")
    return float(found)
