"""Secrets are masked wherever a card, a text or a log would show them."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue

MASK: Final = "••••••"

_SECRET_WORDS: Final = frozenset(
    {
        "apikey", "apikeys", "authorization", "bearer", "cookie", "cookies", "credential", "credentials",
        "jwt", "otp", "pass", "passcode", "passcodes", "passphrase", "passphrases", "passwd", "password",
        "passwords", "pin", "pins", "privatekey", "pwd", "secret", "secrets", "token", "tokens", "totp",
    }
)  # fmt: skip
_SECRET_PAIRS: Final = frozenset(
    (first, second)
    for first in ("access", "api", "encryption", "private", "recovery", "secret", "signing")
    for second in ("key", "keys")
) | {("recovery", "code"), ("recovery", "codes"), ("connection", "string")}
_NUMERIC_SECRETS: Final = frozenset({"otp", "passcode", "password", "pin", "pwd", "totp"})
_MOST: Final = 200
"""Parts of a schema that are looked at for one value."""
_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z]+")


def masked(arguments: JsonObject, schema: JsonObject) -> JsonObject:
    """Gives the arguments with every secret replaced by dots.

    Secret is what the schema says (`format: password`, `writeOnly: true`), be it behind a local reference or
    in one of several alternatives, and what a name says, at any depth. Booleans and nulls stay, since they
    hold no secret; so do numbers, unless the name is that of a secret number: `max_tokens` is none.
    """
    root = _Reader(schema)
    return {name: root.masked(name, value, root.named(schema, name)) for name, value in arguments.items()}


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    words = _words(name)
    return bool(_SECRET_WORDS & set(words)) or any(pair in _SECRET_PAIRS for pair in pairwise(words))


def _words(name: str) -> list[str]:
    return [word.lower() for word in _BOUNDARY.split(name) if word]


class _Reader:
    """Reads one schema with its own definitions; never more than `_MOST` parts of it for one value."""

    def __init__(self, root: JsonObject) -> None:
        self._root = root

    def masked(self, name: str, value: JsonValue, schemas: Sequence[JsonObject]) -> JsonValue:
        if value is None or isinstance(value, bool):
            return value
        if any(_says_secret(one) for one in schemas):
            return MASK
        if isinstance(value, int | float) and not _NUMERIC_SECRETS & set(_words(name)):
            return value
        if is_secret_name(name):
            return MASK
        if isinstance(value, Mapping):
            return {
                inner: self.masked(
                    inner, held, [found for one in schemas for found in self.named(one, inner)]
                )
                for inner, held in value.items()
            }
        if isinstance(value, Sequence) and not isinstance(value, str):
            items = [found for one in schemas for found in self._parts(one.get("items"))]
            return [self.masked("", held, items) for held in value]
        return value

    def named(self, schema: JsonObject, name: str) -> list[JsonObject]:
        """Gives everything that the schema says about the property of this name."""
        found: list[JsonObject] = []
        for part in self._parts(schema):
            properties = part.get("properties")
            own = properties.get(name) if isinstance(properties, Mapping) else None
            found.extend(self._parts(own if own is not None else part.get("additionalProperties")))
        return found

    def _parts(self, schema: JsonValue) -> list[JsonObject]:
        """Gives the schema with all that it refers to and combines."""
        found: list[JsonObject] = []
        waiting: list[JsonValue] = [schema]
        while waiting and len(found) < _MOST:
            part = waiting.pop()
            if not isinstance(part, Mapping) or any(part is known for known in found):
                continue
            found.append(part)
            waiting.append(self._referred(part.get("$ref")))
            for word in ("anyOf", "oneOf", "allOf"):
                parts = part.get(word)
                waiting.extend(parts if isinstance(parts, list | tuple) else ())
        return found

    def _referred(self, reference: JsonValue) -> JsonValue:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        at: JsonValue = self._root
        for step in reference[2:].split("/"):
            at = at.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(at, Mapping) else None
        return at


def _says_secret(schema: JsonObject) -> bool:
    return schema.get("format") == "password" or schema.get("writeOnly") is True
