"""Who Microsoft is to the bot: its keys, what it publishes about them, and tokens good and bad."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from bot.domain.canonical import JsonObject, JsonValue
from bot.ports.outside import Clock
from tests.servers.teams_things import Json

ISSUER: Final = "https://api.botframework.com"
"""Who signs what the Bot Connector sends.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""
LIFE_S: Final = 3600


@cache
def rsa_key(name: str) -> RSAPrivateKey:
    """Gives the key of this name; it is made once per process."""
    del name  # it only tells keys apart
    return generate_private_key(public_exponent=65537, key_size=2048)


class Identity:
    """The keys of the Bot Connector, and the tokens that it gives the bot with every activity."""

    def __init__(self, app_id: str, clock: Callable[[], Clock]) -> None:
        self.app_id = app_id
        self.service_url = ""
        self.jwks_url = ""
        self.kid = "channel-1"
        self.fetched = {"metadata": 0, "keys": 0}
        """How often the bot asked for each."""
        self._clock = clock
        self._published: dict[str, tuple[str, ...]] = {
            "channel-1": ("msteams",),
            "webchat-only": ("webchat",),
        }

    def rotates(self, *, keep_old: bool = True) -> str:
        """Signs with a new key from now on; gives its id."""
        before = self.kid
        self.kid = f"channel-{int(before.rpartition('-')[2]) + 1}"
        self._published[self.kid] = ("msteams",)
        if not keep_old:
            del self._published[before]
        return self.kid

    def metadata(self) -> Json:
        """Gives the OpenID metadata."""
        return {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": self.jwks_url,
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }

    def keys(self) -> Json:
        """Gives the published keys."""
        return {"keys": [{**_public(kid), "endorsements": list(of)} for kid, of in self._published.items()]}

    def claims(self) -> Json:
        """Gives what a good token claims."""
        now = int(self._clock().now().timestamp())
        return {
            "serviceurl": self.service_url,
            "nbf": now - 300,
            "exp": now + LIFE_S,
            "iss": ISSUER,
            "aud": self.app_id,
        }

    def token(
        self,
        *,
        key: str = "",
        kid: str | None = "",
        algorithm: str = "RS256",
        header: JsonObject | None = None,
        **claims: JsonValue,
    ) -> str:
        """Gives a token; without arguments a good one.

        Args:
            key: the name of the key that signs.
            kid: what the header says of it, None for nothing.
            algorithm: of RSA.
            header: more that the header says.
            claims: put in place of the good ones; None takes a claim out.
        """
        said = {name: value for name, value in {**self.claims(), **claims}.items() if value is not None}
        more: Json = dict(header or {})
        if kid is not None:
            more["kid"] = kid or self.kid
        return jwt.encode(said, rsa_key(key or self.kid), algorithm=algorithm, headers=more)

    def bad_authorizations(self) -> dict[str, str | None]:
        """Gives headers that must be refused, by what is wrong with them; None stands for no header."""
        now = int(self._clock().now().timestamp())
        bearer = {
            "a key that was never published": self.token(key="stranger"),
            "an unknown key id": self.token(key="stranger", kid="stranger"),
            "no key id": self.token(kid=None),
            "a key that is endorsed for another channel": self.token(key="webchat-only", kid="webchat-only"),
            "unsigned": self._unsigned(),
            "the public key as a shared secret": self._shared(_pem(self.kid)),
            "a shared secret": self._shared(b"secret-secret-secret-secret-secret"),
            "the key within the token": self.token(
                key="stranger", kid="stranger", header={"jwk": _public("stranger")}
            ),
            "the address of other keys": self.token(
                key="stranger", kid="stranger", header={"jku": "http://127.0.0.1:9/keys"}
            ),
            "expired": self.token(nbf=now - 7200, exp=now - 3600),
            "not yet valid": self.token(nbf=now + 3600, exp=now + 7200),
            "no expiry": self.token(exp=None),
            "another audience": self.token(aud="00000000-0000-0000-0000-00000000beef"),
            "no audience": self.token(aud=None),
            "another issuer": self.token(iss="https://issuer.invalid"),
            "the emulator as issuer": self.token(
                iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
            ),
            "no issuer": self.token(iss=None),
            "another service": self.token(serviceurl="https://service.invalid/"),
            "no service": self.token(serviceurl=None),
            "another algorithm of the same key": self.token(algorithm="RS512"),
            "a changed claim": _tampered(self.token()),
            "garbage": "abc",
            "empty": "",
        }
        return {
            "nothing": None,
            "another scheme": f"Basic {self.token()}",
            **{name: f"Bearer {token}" for name, token in bearer.items()},
        }

    def _unsigned(self) -> str:
        head = _encoded({"alg": "none", "typ": "JWT", "kid": self.kid})
        return f"{head}.{_encoded(self.claims())}."

    def _shared(self, secret: bytes) -> str:
        head = _encoded({"alg": "HS256", "typ": "JWT", "kid": self.kid})
        signed = f"{head}.{_encoded(self.claims())}"
        return f"{signed}.{_base64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _public(kid: str) -> Json:
    found: Json = dict(RSAAlgorithm.to_jwk(rsa_key(kid).public_key(), as_dict=True))
    return {"kty": "RSA", "use": "sig", "kid": kid, "n": found["n"], "e": found["e"]}


def _pem(kid: str) -> bytes:
    return rsa_key(kid).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _encoded(value: JsonObject) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _tampered(token: str) -> str:
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{_encoded({**claims, 'exp': claims['exp'] + 1})}.{signature}"
