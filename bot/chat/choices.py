"""What can be chosen in a form: what stands for each choice there, and what people read."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from bot.cards.visible import visible
from bot.chat.texts import EMPTY, TextMeasure

_HASHED: Final = "sha256:"


class Choice(NamedTuple):
    """One choice of a menu: what stands for it in a form, and what people read."""

    code: str
    label: str


class Listed(NamedTuple):
    """Choices as a menu shows them, and the full texts of those whose labels had to be cut."""

    choices: tuple[Choice, ...]
    note: str = ""


def code_of(value: str, *, takes: Callable[[str], bool], digits: int = 64) -> str:
    """Gives what stands for a value in a form: itself, or its hash where the platform would not take it.

    Args:
        value: any text, also an empty one.
        takes: whether the platform gives the value back as it is.
        digits: of the hash, in hexadecimal.
    """
    fits = value.isprintable() and value == value.strip() and takes(value)
    if fits and value and not value.startswith(_HASHED):
        return value
    return _HASHED + hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:digits]


def is_hash(code: str) -> bool:
    """Whether what stands for a value is its hash, and not the value itself."""
    return code.startswith(_HASHED)


def listed(choices: Sequence[Choice], *, measure: TextMeasure, limit: int) -> Listed:
    """Gives the choices with labels within the limit; a longer one is numbered, and is whole in the note."""
    found: list[Choice] = []
    long: list[str] = []
    for number, (code, label) in enumerate(choices, start=1):
        shown = " ".join(visible(label, set()).split()) or EMPTY
        if measure.length(shown) > limit:
            long.append(f"{number}. {shown}")
            shown = measure.cut(f"{number}. {shown}", limit)
        found.append(Choice(code, shown))
    return Listed(tuple(found), "\n".join(long))
