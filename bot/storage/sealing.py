"""Secrets at rest: sealed with the operator's key, for one tenant and one place."""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from bot.domain.errors import Refusal
from bot.storage.spelling import spelled, unspelled


class UnusableKey(Refusal):
    """COUNTERSIGN_SECRET_KEY cannot be used. It must be 32 random bytes in URL-safe base64."""


class WrongKey(Refusal):
    """The settings of “{name}” were sealed with another secret key. Check COUNTERSIGN_SECRET_KEY.

    Raised too when what is stored was tampered with, or moved here from another place.
    """


class SealedBox:
    """Seals JSON with Fernet (AES-128-CBC and HMAC-SHA-256)."""

    def __init__(self, key: bytes) -> None:
        """Takes the key as `Fernet.generate_key` makes it.

        Raises:
            UnusableKey: it is no such key.
        """
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise UnusableKey from None

    def seal(self, content: object, *, place: tuple[str, ...]) -> str:
        """Gives the sealed text, which opens in the same place only; twice the same gives two texts."""
        return self._fernet.encrypt(spelled([*place, content]).encode()).decode()

    def open(self, sealed: str, *, place: tuple[str, ...]) -> Any:
        """Gives the content that was sealed for this place, whose last word that is not empty names it.

        Raises:
            WrongKey: sealed with another key, for another place, or tampered with.
        """
        wrong = WrongKey(name=next(filter(None, reversed(place)), ""))
        try:
            *found, content = unspelled(self._fernet.decrypt(sealed).decode())
        except InvalidToken:
            raise wrong from None
        if found != list(place):
            raise wrong
        return content
