"""Fields of a dialog: what stands in each, what is wrong with it, and how it is filled in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cards.visible import visible
from bot.chat.teams.dialogs.inputs import TEXTS
from bot.chat.teams.kit.elements import Box, Colour, Element, Spacing, container, rich, run
from bot.chat.teams.kit.limits import PIECE_BYTES
from bot.chat.teams.kit.texts import pieces, wire_bytes
from bot.domain.canonical import JsonValue

HINT: Final = 600
ERROR: Final = 300
"""Bytes of what is said at a field. Ours."""
_ERRORS: Final = 8
"""Fields with a sentence of their own; the others are counted."""
_TOO_LONG: Final = "What stood here is too long to be shown. Write it again."
_BETWEEN: Final = 2
"""Bytes between two elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One field as it is to be shown."""

    element: Element
    """The input, without what stands in it."""
    value: JsonValue = None
    """What stands in it at first, as the input takes it; None for nothing."""
    hint: str = ""
    error: str = ""

    def elements(self, *, filled: bool = True) -> list[Element]:
        """Gives the elements, with the value or with a word that it is missing."""
        found: list[Element] = []
        if self.error:
            found.append(rich(run(self.error, bold=True, colour=Colour.ATTENTION), spacing=Spacing.MEDIUM))
        element = {**self.element, "spacing": (Spacing.NONE if self.error else Spacing.MEDIUM).value}
        if self.value is not None and (filled or element["type"] == "Input.Toggle"):
            element["value"] = self.value
        elif self.value is not None:
            element["placeholder"] = _TOO_LONG
        found.append(element)
        if self.hint:
            found.append(rich(run(self.hint, subtle=True, size="Small"), spacing=Spacing.NONE))
        return found

    def bytes(self, *, filled: bool = True) -> int:
        """Gives how many bytes the elements take."""
        return sum(wire_bytes(one) + _BETWEEN for one in self.elements(filled=filled))


def bytes_of(elements: Iterable[Element]) -> int:
    """Gives how many bytes the elements take beside each other."""
    return sum(wire_bytes(one) + _BETWEEN for one in elements)


def smallest(fields: Iterable[Drawn]) -> int:
    """Gives how many bytes the fields take where nothing stands in them."""
    return sum(min(one.bytes(), one.bytes(filled=False)) for one in fields)


def wanted(fields: Iterable[Drawn]) -> int:
    """Gives how many bytes the fields take beyond `smallest` with all that stands in them."""
    return sum(max(one.bytes() - one.bytes(filled=False), 0) for one in fields)


def laid_out(fields: Sequence[Drawn], room: int) -> list[Element]:
    """Gives the elements of all fields; the longest values are left out where there is not room for all.

    Args:
        fields: in their order.
        room: bytes that they may take, at least `smallest`.
    """
    left = room - smallest(fields)
    costs = sorted((one.bytes() - one.bytes(filled=False), at) for at, one in enumerate(fields))
    missing = set[int]()
    for cost, at in costs:
        left -= max(cost, 0)
        if left < 0:
            missing.add(at)
    return [element for at, one in enumerate(fields) for element in one.elements(filled=at not in missing)]


def with_errors(fields: Sequence[Drawn], errors: Mapping[str, str]) -> list[Drawn]:
    """Gives the fields with what is wrong with each, by the inputs' ids; of many the last are counted."""
    wrong = [one for one in fields if errors.get(str(one.element["id"]))]
    found = []
    for one in fields:
        sentence = errors.get(str(one.element["id"]), "")
        at = wrong.index(one) if sentence else 0
        if not sentence or at >= _ERRORS:
            found.append(one)
            continue
        shown = said(sentence)
        if at == _ERRORS - 1 and len(wrong) > _ERRORS:
            shown = f"{shown} {len(wrong) - _ERRORS} more fields need another look."
        found.append(replace(one, error=shown))
    return found


def unplaced(fields: Iterable[Drawn], errors: Mapping[str, str]) -> str:
    """Gives what is wrong with no field that is there, in one text; empty for nothing."""
    places = {str(one.element["id"]) for one in fields}
    return " ".join(sentence for place, sentence in errors.items() if place not in places)


def said(text: str, limit: int = ERROR) -> str:
    """Gives a sentence that may quote what people wrote, within the limit."""
    return TEXTS.cut(visible(TEXTS.fitting(text, 4 * limit), set()), limit)


def noticed(text: str) -> list[Element]:
    """Gives a sentence that stands above everything; nothing for an empty one."""
    if not text.strip():
        return []
    return [container([rich(run(said(text, HINT)))], box=Box.WARNING)]


def paragraphs(text: str, room: int, *, rest: str) -> list[Element]:
    """Gives the text as it is; where it is too long its beginning, and a sentence that says so.

    Args:
        text: to be shown; hidden characters in it are made visible.
        room: bytes that they may take.
        rest: the sentence for a text that is cut.
    """
    text = visible(text, set())
    whole = _pieces(text)
    if bytes_of(whole) <= room:
        return whole
    end = rich(run(rest, bold=True), spacing=Spacing.SMALL)
    left = room - bytes_of([end])
    while left > 0:
        shown = _pieces(TEXTS.cut(text, left))
        over = bytes_of([*shown, end]) - room
        if over <= 0:
            return [*shown, end]
        left -= max(over, 50)
    return [end]


def _pieces(text: str) -> list[Element]:
    return [rich(run(one), spacing=Spacing.SMALL) for one in pieces(text, PIECE_BYTES) if one.strip()]
