"""Hidden and look-alike characters made visible: what an approver reads is what would run."""

import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from typing import Final

from bot.domain.canonical import JsonValue

HIDDEN_WARNING: Final = "There are hidden characters in it. They are shown as ⟨U+…⟩; look twice."
LOOKALIKE_WARNING: Final = "“{word}” has letters that look like others ({scripts}). Check the name."
PADDING_WARNING: Final = (
    "There is a long run of spaces or empty lines in it. It is shown as ⟨n spaces⟩ or ⟨n lines⟩; look twice."
)
SAME_NAME_WARNING: Final = (
    "Two of its fields are shown with the same name. One is marked ⟨again⟩; look twice."
)

_ALPHABETS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
_TWINS: Final = frozenset("аеорсухіјѕԁһԛԝӏүАВЕКМНОРСТХІЈЅѴѵӀҮΑΒΕΖΗΙΚΜΝΟΡΤΥΧοντ")
"""Cyrillic and Greek letters drawn like Latin ones. Source: https://www.unicode.org/reports/tr39/"""
_SPACES: Final = re.compile(r"[ \t]{8,}")
_LINES: Final = re.compile(r"\n(?:[ \t]*\n){4,}")
"""Five line breaks and more with nothing between them."""
_WORD: Final = re.compile(r"[^\W_]+")


def visible(text: str, warnings: set[str]) -> str:
    """Gives the text with every hidden character spelled out, and adds what is to be warned of."""
    shown = "".join(_shown(character) for character in text)
    if shown != text:
        warnings.add(HIDDEN_WARNING)
    padded = _LINES.sub(lambda run: f"⟨{run.group().count(chr(10))} lines⟩", shown)
    padded = _SPACES.sub(lambda run: f"⟨{len(run.group())} spaces⟩", padded)
    if padded != shown:
        warnings.add(PADDING_WARNING)
    if not text.isascii():
        warnings.update(_lookalikes(text))
    return padded


def visible_value(value: JsonValue, warnings: set[str]) -> JsonValue:
    """Gives the value with every text in it, names included, made visible."""
    if isinstance(value, str):
        return visible(value, warnings)
    if isinstance(value, Mapping):
        found: dict[str, JsonValue] = {}
        for name, inner in value.items():
            found[_own_name(visible(name, warnings), found, warnings)] = visible_value(inner, warnings)
        return found
    if isinstance(value, Sequence):
        return [visible_value(inner, warnings) for inner in value]
    return value


def _own_name(name: str, taken: Container[str], warnings: set[str]) -> str:
    """Gives the name, marked if another one is shown the same: every argument has to be seen."""
    while name in taken:
        warnings.add(SAME_NAME_WARNING)
        name += "⟨again⟩"
    return name


def _shown(character: str) -> str:
    if character in "\n\t" or " " <= character <= "~":
        return character
    hidden = (
        unicodedata.category(character) in {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp", "Zs"}
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0000" <= character <= "\U000e0fff"
        or character in "\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800"
    )
    return f"⟨U+{ord(character):04X}⟩" if hidden else character


def _lookalikes(text: str) -> set[str]:
    found = set[str]()
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii():
            continue
        scripts = {script for letter in word if (script := _script(letter))}
        disguised = any(
            not letter.isascii() and unicodedata.normalize("NFKC", letter).isascii() for letter in word
        )
        if len(scripts) > 1 or disguised or all(letter in _TWINS for letter in word):
            names = " and ".join(sorted(script.capitalize() for script in scripts)) or "unusual forms"
            found.add(LOOKALIKE_WARNING.format(word=word[:40], scripts=names))
    return found


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").partition(" ")[0]
    return first if first in _ALPHABETS else ""
