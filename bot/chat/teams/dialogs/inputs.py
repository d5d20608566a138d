"""The inputs of dialogs: their elements, their choices, and what people put in."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.chat.choices import Choice, code_of
from bot.chat.schema_form.values import Held
from bot.chat.teams.kit.elements import Element
from bot.chat.teams.kit.texts import dateless, fitting, size, wire_bytes
from bot.chat.texts import TextMeasure
from bot.domain.canonical import JsonValue

TEXTS: Final = TextMeasure(size, fitting)
"""Lengths of texts in dialogs are bytes on the wire."""
LEFT_OUT: Final = "-"
"""The code of the choice that nothing is chosen, since what is picked in a menu cannot be taken back."""
MENU_BYTES: Final = 6_000
"""What one menu may weigh. Ours: several have to fit into one dialog."""
FEW: Final = 6
"""Choices, at most, that are all in sight."""
LABEL: Final = 300
CHOICE: Final = 160
"""Bytes of a label, and of that of a choice. Ours: both are read at a glance."""
_CODE: Final = 60
_HASH_DIGITS: Final = 32
_FILL_IN: Final = "Fill this in."
_WIDE: Final = {character: chr(ord(character) + 0xFEE0) for character in "*[]`<>~\\"}
"""The wide twins of characters that are markup wherever they stand."""
_INERT: Final = str.maketrans(_WIDE)
_MARKUP: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|:(?=//)|^#|^[+-](?=[\s-])|(?<=^-)-")
"""Characters that are markup, or make a link, only where they stand."""
_NUMBERED: Final = re.compile(r"^(\d{1,9})[.)](?=\s|$)")


def code(value: str) -> str:
    """Gives what stands for a value among choices; commas divide several choices, so none has one."""
    return code_of(
        value,
        takes=lambda text: len(text) <= _CODE and text.isascii() and "," not in text and text != LEFT_OUT,
        digits=_HASH_DIGITS,
    )


def label_of(text: str, limit: int = LABEL) -> str:
    """Gives outside text as the label of an input, which is plain text but for what is read as a date."""
    return " ".join(dateless(TEXTS.words(text, limit)))


def inert(text: str) -> str:
    """Gives a choice's label without markup: choices that are in sight are read as markdown."""
    plain = _NUMBERED.sub(r"\1 –", " ".join(dateless(text)).translate(_INERT))
    return _MARKUP.sub(lambda found: chr(ord(found.group()) + 0xFEE0), plain)


def text_input(
    input_id: str,
    label: str,
    *,
    required: bool = False,
    multiline: bool = False,
    most: int = 0,
    pattern: str = "",
    why: str = _FILL_IN,
) -> Element:
    """Gives a field for text.

    Args:
        input_id: under which the text comes back.
        label: as `label_of` gives it.
        required: whether it has to be filled in.
        multiline: whether it has several lines.
        most: characters, at most; 0 for no limit.
        pattern: of ours, which the client holds the text against.
        why: what the client says where it is empty or does not fit.
    """
    found = _input("Input.Text", input_id, label, required=required)
    if multiline:
        found["isMultiline"] = True
    if most:
        found["maxLength"] = most
    if pattern:
        found["regex"] = pattern
    if required or pattern:
        found["errorMessage"] = why
    return found


def number_input(
    input_id: str,
    label: str,
    *,
    required: bool = False,
    least: float | None = None,
    most: float | None = None,
    why: str = _FILL_IN,
) -> Element:
    """Gives a field for a number, the bounds included."""
    found = _input("Input.Number", input_id, label, required=required)
    found.update({name: bound for name, bound in (("min", least), ("max", most)) if bound is not None})
    if required or least is not None or most is not None:
        found["errorMessage"] = why
    return found


def date_input(input_id: str, label: str, *, required: bool = False) -> Element:
    """Gives a field for a day, as 2027-01-31."""
    return {**_input("Input.Date", input_id, label, required=required), **_must(required=required)}


def time_input(input_id: str, label: str, *, required: bool = False) -> Element:
    """Gives a field for a time of day, as 09:30."""
    return {**_input("Input.Time", input_id, label, required=required), **_must(required=required)}


def toggle(input_id: str, label: str, title: str) -> Element:
    """Gives a box to tick, which is `true` or `false`; the title beside it is one of ours."""
    return {**_input("Input.Toggle", input_id, label, required=False), "title": title, "wrap": True}


def choice_input(
    input_id: str, label: str, choices: Sequence[Choice], *, required: bool, several: bool = False
) -> Element:
    """Gives a field to choose in, all in sight where they are few, else a menu; labels may be any text."""
    clearable = not required and not several
    listed = [Choice(LEFT_OUT, "(nothing)"), *choices] if clearable else choices
    found = _input("Input.ChoiceSet", input_id, label, required=required)
    found["choices"] = [{"title": inert(one.label), "value": one.code} for one in listed]
    if several:
        found["isMultiSelect"] = True
    if len(choices) <= FEW and not clearable:
        found["style"] = "expanded"
    else:
        found["placeholder"] = "Choose"
    found["wrap"] = True
    return {**found, **_must(required=required, why="Choose one.")}


def menu_bytes(choices: Sequence[Choice]) -> int:
    """Gives how many bytes a menu of these choices takes."""
    return wire_bytes(choice_input("", "", choices, required=True)["choices"])


def _input(kind: str, input_id: str, label: str, *, required: bool) -> Element:
    found: Element = {"type": kind, "id": input_id, "label": label}
    if required:
        found["isRequired"] = True
    return found


def _must(*, required: bool, why: str = _FILL_IN) -> Element:
    return {"errorMessage": why} if required else {}


def held_text(inputs: Mapping[str, JsonValue], input_id: str) -> str:
    """Gives what stands in an input as it was typed; empty for nothing, also for what is no text."""
    found = inputs.get(input_id)
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        return str(int(found))
    if isinstance(found, int | float):
        return str(found)
    return found.replace("\r\n", "\n") if isinstance(found, str) else ""


def held_choice(inputs: Mapping[str, JsonValue], input_id: str) -> str:
    """Gives the code of what is chosen; empty for nothing."""
    found = held_text(inputs, input_id).strip()
    return "" if found == LEFT_OUT else found


def held_choices(inputs: Mapping[str, JsonValue], input_id: str) -> Held:
    """Gives the codes of all that is chosen, in the order in which the client says them."""
    found = inputs.get(input_id)
    if isinstance(found, list | tuple):
        return [one for one in found if isinstance(one, str) and one]
    return [one for one in held_text(inputs, input_id).split(",") if one]
