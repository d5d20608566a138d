"""One spelling for every JSON value, so that equal calls have equal digests."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from bot.domain.errors import Refusal

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""What JSON can say; lists and objects are read-only by convention."""

JsonObject: TypeAlias = Mapping[str, JsonValue]

MAX_DEPTH: Final = 32
"""Levels of nesting that a call's arguments may have."""

MAX_CHARACTERS: Final = 64_000
"""Characters that a call's arguments may have in canonical form."""


class NotJson(Refusal):
    """{what} is not valid JSON: {why}."""


class TooDeep(Refusal):
    """The arguments are nested deeper than {limit} levels. Send a flatter value."""

    kind = "too_large"


class TooLong(Refusal):
    """The arguments have more than {limit} characters. Send less in one request."""

    kind = "too_large"


def parse(text: str, *, what: str = "This") -> JsonValue:
    """Gives the value that the text spells; refuses what has two readings.

    Raises:
        NotJson: no JSON, a name twice in one object, NaN or an infinity, or half a surrogate pair.
        TooDeep: nested deeper than `MAX_DEPTH`.
    """
    try:
        value: JsonValue = json.loads(
            text, object_pairs_hook=_unique_names, parse_constant=_refuse_constant, parse_int=_whole_number
        )
    except RecursionError:
        raise TooDeep(limit=MAX_DEPTH) from None
    except ValueError as error:
        raise NotJson(what=what, why=str(error)) from None
    canonical(value)
    return value


def canonical(value: JsonValue) -> str:
    """Gives the one spelling: names sorted by code point, no white space, no escapes beyond JSON's own.

    Whole numbers keep all their digits, and 1 and 1.0 stay different, because tool servers tell them apart.

    Raises:
        NotJson: the value holds something that JSON cannot say.
        TooDeep: nested deeper than `MAX_DEPTH`.
    """
    _check(value, MAX_DEPTH)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: JsonValue) -> str:
    """Gives the SHA-256 of the canonical spelling, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def bounded(arguments: JsonObject) -> str:
    """Gives the canonical spelling of a call's arguments if they are small enough to be shown and stored.

    Raises:
        TooLong: more than `MAX_CHARACTERS`.
        TooDeep: nested deeper than `MAX_DEPTH`.
        NotJson: the value holds something that JSON cannot say.
    """
    text = canonical(arguments)
    if len(text) > MAX_CHARACTERS:
        raise TooLong(limit=MAX_CHARACTERS)
    return text


def _check(value: JsonValue, levels: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise NotJson(what="A number", why="it is not a finite number")
    elif isinstance(value, Mapping):
        _check_inside(list(value.values()), levels)
        for name in value:
            if not isinstance(name, str):
                raise NotJson(what="An object", why="a name in it is not text")
            _check_text(name)
    elif isinstance(value, list | tuple):
        _check_inside(value, levels)
    elif not (value is None or isinstance(value, int)):
        raise NotJson(what="The value", why=f"{type(value).__name__} is no JSON type")


def _check_inside(values: Sequence[JsonValue], levels: int) -> None:
    if levels == 0:
        raise TooDeep(limit=MAX_DEPTH)
    for inner in values:
        _check(inner, levels - 1)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotJson(what="A text", why="it holds half of a surrogate pair") from None


def _unique_names(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse_constant(word: str) -> JsonValue:
    raise ValueError(f"{word} is no JSON number")


def _whole_number(digits: str) -> int:
    if len(digits) > 100:
        raise ValueError("a number has more than 100 digits")
    return int(digits)
