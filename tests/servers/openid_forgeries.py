"""Tokens that no client may believe, each made from the claims of a good one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.domain.canonical import JsonValue
from tests.servers.openid import EC_KEY, Json, OpenIdServer, public_key
from tests.servers.teams_identity import rsa_key


def forgeries(provider: OpenIdServer) -> Mapping[str, Callable[[Json], str]]:
    """Gives what makes each of them, by what is wrong with it."""
    stranger = {"key": "stranger"}
    return {
        "unsigned": lambda claims: unsigned(claims, "none"),
        "unsigned, in other letters": lambda claims: unsigned(claims, "NoNe"),
        "the public key as a shared secret": lambda claims: shared(claims, _pem(), kid="key-1"),
        "a shared secret that is published": lambda claims: shared(claims, b"secret", kid="shared"),
        "the client's secret": lambda claims: shared(claims, b"s3cret: of & the client", kid="key-1"),
        "a key that was never published": lambda claims: provider.signed(claims, **stranger),
        "an unknown key id": lambda claims: provider.signed(claims, key="stranger", kid="stranger"),
        "the key within the token": lambda claims: provider.signed(
            claims, key="stranger", kid="stranger", jwk=public_key("stranger")
        ),
        "the address of other keys": lambda claims: provider.signed(
            claims, key="stranger", kid="stranger", jku="http://127.0.0.1:9/keys"
        ),
        "a key for encryption": lambda claims: provider.signed(claims, key="encryption", kid="encryption"),
        "another way to sign": lambda claims: provider.signed(claims, algorithm="RS512"),
        "an algorithm that this key is not for": lambda claims: provider.signed(claims, algorithm="PS256"),
        "the key of another kind": lambda claims: jwt.encode(
            claims, EC_KEY, algorithm="ES256", headers={"kid": "key-1"}
        ),
        "no key id": lambda claims: jwt.encode(claims, rsa_key("key-1"), algorithm="RS256"),
        "another kind of token": lambda claims: provider.signed(claims, typ="at+jwt"),
        "an extension": lambda claims: provider.signed(claims, crit=["exp"]),
        "a changed claim": lambda claims: tampered(provider.signed(claims)),
        "garbage": lambda _: "abc",
        "very long garbage": lambda _: "a." * 20_000,
    }


def unsigned(claims: Json, algorithm: str) -> str:
    """Gives a token without a signature."""
    return f"{_encoded({'alg': algorithm, 'typ': 'JWT', 'kid': 'key-1'})}.{_encoded(claims)}."


def shared(claims: Json, secret: bytes, *, kid: str) -> str:
    """Gives a token signed by a shared secret."""
    signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{_encoded(claims)}"
    return f"{signed}.{_base64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def tampered(token: str) -> str:
    """Gives the token with another subject and the same signature."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{_encoded({**claims, 'sub': 'ada'})}.{signature}"


def _pem() -> bytes:
    return rsa_key("key-1").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _encoded(value: JsonValue) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
