"""Secrets are masked wherever a card, a text or a log would show them."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue

MASK: Final = "••••••"

_SECRET_WORDS: Final = frozenset(
    {
        "password", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets", "token", "tokens",
        "credential", "credentials", "authorization", "cookie", "otp", "apikey", "privatekey", "pin",
    }
)  # fmt: skip
_SECRET_PAIRS: Final = frozenset(
    {("api", "key"), ("private", "key"), ("access", "key"), ("recovery", "key"), ("secret", "key"),
     ("signing", "key"), ("encryption", "key"), ("recovery", "code"), ("connection", "string")}
)  # fmt: skip
_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def masked(arguments: JsonObject, schema: JsonObject) -> JsonObject:
    """Gives the arguments with every secret replaced by dots.

    Secret is what the schema says (`format: password`, `writeOnly: true`) and what a name says, at any depth.
    Booleans and nulls stay, since they hold no secret.
    """
    return {name: _masked(name, value, _property(schema, name)) for name, value in arguments.items()}


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    words = [word.lower() for word in _BOUNDARY.split(name) if word]
    return bool(_SECRET_WORDS & set(words)) or any(pair in _SECRET_PAIRS for pair in pairwise(words))


def _masked(name: str, value: JsonValue, schema: JsonObject) -> JsonValue:
    if value is None or isinstance(value, bool):
        return value
    if is_secret_name(name) or schema.get("format") == "password" or schema.get("writeOnly") is True:
        return MASK
    if isinstance(value, Mapping):
        return {inner: _masked(inner, held, _property(schema, inner)) for inner, held in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = schema.get("items")
        return [_masked("", held, items if isinstance(items, Mapping) else {}) for held in value]
    return value


def _property(schema: JsonObject, name: str) -> JsonObject:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    found = properties.get(name)
    return found if isinstance(found, Mapping) else {}
