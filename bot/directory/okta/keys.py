"""The key of a services app, and what is signed with it.

Source: https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.directory.calls import ProviderRejects

SIGNED_FOR: Final = timedelta(minutes=5)
"""How long what is signed is good for; Okta takes an hour at most."""


class KeyUnreadable(ProviderRejects):
    """The private key for Okta is no RSA key in PEM or JWK, so nobody's role can be checked. Set it anew."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, and the id that Okta knows its public half by; empty for the app's only one."""

    rsa: RSAPrivateKey
    id: str

    @classmethod
    def read(cls, text: str, *, key_id: str) -> Self:
        """Gives the key that stands in a text; a JWK brings its own id, which `key_id` overrules.

        Raises:
            KeyUnreadable: there is none.
        """
        try:
            if not text.lstrip().startswith("{"):
                key, own = load_pem_private_key(text.encode(), password=None), ""
            else:
                jwk = jwt.PyJWK.from_json(text, algorithm="RS256")
                key, own = jwk.key, jwk.key_id or ""
        except (ValueError, TypeError, UnsupportedAlgorithm, jwt.PyJWTError):
            raise KeyUnreadable from None
        if not isinstance(key, RSAPrivateKey):
            raise KeyUnreadable
        return cls(key, key_id or own)

    def assertion(self, client: str, *, audience: str, now: datetime) -> str:
        """Gives what proves who the client is; it is good once."""
        claims = {
            "iss": client,
            "sub": client,
            "aud": audience,
            "iat": now,
            "exp": now + SIGNED_FOR,
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self.rsa, algorithm="RS256", headers={"kid": self.id} if self.id else None)
