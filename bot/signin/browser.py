"""One browser's sign-in: everything that must fit together comes from one secret in its cookie.

So nothing that proves something has to be kept: the secret is in the browser, its hash in the database.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self

DIGITS: Final = 8
_BYTES: Final = 32
_SHAPE: Final = re.compile(r"[\w-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BrowserSecret:
    """256 random bits in URL-safe letters, and what is derived of them; none of it tells of the rest."""

    value: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Gives a fresh one."""
        return cls(secrets.token_urlsafe(_BYTES))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Gives the secret of a cookie; None where it cannot be one of ours."""
        return cls(text) if _SHAPE.fullmatch(text) else None

    @property
    def state(self) -> str:
        """What the provider gives back, so that an answer is known to be to our question."""
        return _text(self._derived("state"))

    @property
    def nonce(self) -> str:
        """What the provider writes into the token."""
        return _text(self._derived("nonce"))

    @property
    def verifier(self) -> str:
        """What shows that the code is exchanged by whoever asked for it.

        Source: https://www.rfc-editor.org/rfc/rfc7636
        """
        return _text(self._derived("verifier"))

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier beforehand."""
        return _text(sha256(self.verifier.encode()).digest())

    @property
    def code(self) -> str:
        """The eight digits that prove the sign-in to the chat."""
        return f"{int.from_bytes(self._derived('code')) % 10**DIGITS:0{DIGITS}}"

    def _derived(self, what: str) -> bytes:
        return hmac.digest(self.value.encode(), what.encode(), "sha256")


def _text(found: bytes) -> str:
    return urlsafe_b64encode(found).decode().rstrip("=")
