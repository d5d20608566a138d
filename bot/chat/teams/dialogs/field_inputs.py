"""One field of a dialog as its input: typed, chosen, or found while one types."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.cards.model import Field, FieldKind
from bot.chat.card_buttons import YES
from bot.chat.choices import Choice, listed
from bot.chat.dialog_reading import CHOOSING, starting, texts_of
from bot.chat.schema_form.starting import is_day
from bot.chat.teams.dialogs.fields import HINT, Drawn, said
from bot.chat.teams.dialogs.inputs import (
    CHOICE,
    LABEL,
    MENU_BYTES,
    TEXTS,
    choice_input,
    code,
    date_input,
    label_of,
    menu_bytes,
    number_input,
    text_input,
    toggle,
)
from bot.chat.teams.dialogs.lookups import LOOKING, Dataset, searched, written
from bot.chat.teams.kit.elements import Element
from bot.chat.teams.kit.texts import wire_bytes
from bot.chat.texts import name_words
from bot.domain.canonical import JsonValue

PREFIX: Final = "field:"
"""Begins the id of a field's input."""
WRITTEN: Final = "lines:"
"""Begins the id of a field into which a choice is written."""
SIZES: Final = ((LABEL, HINT, MENU_BYTES), (LABEL, HINT, 1_500), (100, 60, 0))
"""Bytes of labels, hints and menus; the next ones where fields of such texts would be too large."""
_CHOSEN_BYTES: Final = 1_000
"""What is chosen already may weigh as much in each field in which things are found while one types."""
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)


def input_id(name: str) -> str:
    """Gives the id of a field's input."""
    return PREFIX + name


def ids_of(name: str) -> tuple[str, str]:
    """Gives the ids of a field's input, and of the one into which its choice is written."""
    return input_id(name), WRITTEN + name


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How the values of a dialog's fields are spelled, and where what is looked up is found."""

    code: Callable[[str], str] = code
    dataset: Callable[[str], Dataset] | None = None
    """By the name of the field; None where it is written instead."""


PLAIN: Final = Spelling()


def first_value(one: Field) -> JsonValue:
    """Gives what stands in the field before anybody has filled it in."""
    if one.kind not in LOOKING:
        return starting(one)
    return [option.value for option in one.options] if one.value is None else one.value


def drawn_field(
    one: Field, value: JsonValue, more: str, size: tuple[int, int, int], spelling: Spelling
) -> Drawn:
    """Gives the field.

    Args:
        one: to be drawn.
        value: what stands in it.
        more: to be said at it.
        size: of `SIZES`.
        spelling: of what can be chosen.
    """
    longest, hint, menu = size
    label = label_of(one.label, longest) or label_of(name_words(one.name), longest)
    helping = " ".join(filter(None, (one.help, more)))
    if one.kind in CHOOSING:
        return _choosing(one, value, label, helping, hint=hint, menu=menu, code=spelling.code)
    if one.kind in LOOKING:
        return _looking(one, value, label, said(helping, hint), menu=menu, dataset=spelling.dataset)
    element, shown = _input(one, label, value)
    return Drawn(element=element, value=shown, hint=said(helping, hint))


def _choosing(
    one: Field,
    value: JsonValue,
    label: str,
    helping: str,
    *,
    hint: int,
    menu: int,
    code: Callable[[str], str],
) -> Drawn:
    several = one.kind is FieldKind.CHOICES
    choices, note = listed(
        [Choice(code(option.value), option.label) for option in one.options], measure=TEXTS, limit=CHOICE
    )
    known = {option.value for option in one.options}
    picked = [value] if isinstance(value, str) else texts_of(value)
    if menu_bytes(choices) > menu or TEXTS.length(note) > 2 * hint:
        how = "There are too many for a list. Write it exactly" + (", one on each line." if several else ".")
        element = text_input(WRITTEN + one.name, label, required=one.required, multiline=several)
        below = " ".join((said(helping, hint), how)).strip()
        return Drawn(element=element, value="\n".join(picked) or None, hint=below)
    element = choice_input(input_id(one.name), label, choices, required=one.required, several=several)
    shown = ",".join(code(text) for text in picked if text in known)
    below = "\n".join(filter(None, (said(helping, hint), note)))
    return Drawn(element=element, value=shown or None, hint=below)


def _looking(
    one: Field,
    value: JsonValue,
    label: str,
    hint: str,
    *,
    menu: int,
    dataset: Callable[[str], Dataset] | None,
) -> Drawn:
    place, lines = ids_of(one.name)
    if dataset is not None:
        found = searched(one, value, label, hint, input_id=place, dataset=dataset(one.name))
        if wire_bytes(found.element["choices"]) <= max(menu, _CHOSEN_BYTES):
            return found
    return written(one, value, label, hint, input_id=lines)


def _input(one: Field, label: str, value: JsonValue) -> tuple[Element, JsonValue]:
    name, text = input_id(one.name), value if isinstance(value, str) else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = str(value)
    match one.kind:
        case FieldKind.CHECKBOX:
            return toggle(name, label, YES), "true" if value is True else "false"
        case FieldKind.NUMBER if not text or _NUMBER.fullmatch(text):
            number = None if not text else float(text) if "." in text else int(text)
            return number_input(name, label, required=one.required), number
        case FieldKind.DATE if not text or is_day(text):
            return date_input(name, label, required=one.required), text or None
        case _:
            several = one.kind is FieldKind.PARAGRAPH or "\n" in text
            most = one.longest or 0
            return text_input(name, label, required=one.required, multiline=several, most=most), text or None
