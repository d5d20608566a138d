"""Builds Adaptive Cards. Outside text goes into runs of text only, where nothing is markup."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from bot.chat.teams.kit import limits
from bot.chat.teams.kit.texts import dateless, shown
from bot.domain.canonical import JsonObject, JsonValue

Element = dict[str, JsonValue]

_SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
_NOTHING: Final = "–"
"""Stands where a text is empty, which a card leaves out."""


class Colour(StrEnum):
    """What a colour means; each is readable on light and on dark."""

    GOOD = "Good"
    ATTENTION = "Attention"
    ACCENT = "Accent"


class Spacing(StrEnum):
    """How far something stands from what is above it."""

    NONE = "None"
    SMALL = "Small"
    MEDIUM = "Medium"
    LARGE = "Large"


class Box(StrEnum):
    """The ground on which something stands apart."""

    EMPHASIS = "emphasis"
    WARNING = "warning"


def run(
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    code: bool = False,
    subtle: bool = False,
    size: str = "",
    colour: Colour | None = None,
) -> Element:
    """Gives a run of text, in which nothing is markup; `size` is empty, `Small`, `Medium` or `Large`."""
    found: Element = {"type": "TextRun", "text": shown(text) or _NOTHING}
    if bold:
        found["weight"] = "Bolder"
    if italic:
        found["italic"] = True
    if code:
        found["fontType"] = "Monospace"
    if subtle:
        found["isSubtle"] = True
    if size:
        found["size"] = size
    if colour is not None:
        found["color"] = colour.value
    return found


def rich(*runs: Element, spacing: Spacing | None = None, separator: bool = False) -> Element:
    """Gives a paragraph; it wraps, and its line breaks are kept."""
    inlines: list[JsonValue] = [{**one, "text": part} for one in runs for part in dateless(str(one["text"]))]
    return _placed({"type": "RichTextBlock", "inlines": inlines}, spacing, separator=separator)


def heading(text: str) -> Element:
    """Gives the heading of a card."""
    return rich(run(text, bold=True, size="Large"))


def own(text: str, *, spacing: Spacing | None = None, subtle: bool = False) -> Element:
    """Gives a paragraph of our own constant words; never for anything from outside, since it is markdown."""
    found: Element = {"type": "TextBlock", "text": text, "wrap": True}
    if subtle:
        found["isSubtle"] = True
    return _placed(found, spacing)


def container(
    items: Sequence[JsonObject],
    *,
    box: Box | None = None,
    spacing: Spacing | None = None,
    separator: bool = False,
) -> Element:
    """Gives things that stand together; a separator is a line above them."""
    found: Element = {"type": "Container", "items": list(items)}
    if box is not None:
        found["style"] = box.value
    return _placed(found, spacing, separator=separator)


def columns(
    *cells: tuple[str, Sequence[JsonObject]],
    spacing: Spacing | None = None,
    separator: bool = False,
    centred: bool = False,
    lowered: bool = False,
) -> Element:
    """Gives things beside each other, each with its width: `auto`, `stretch`, or a share of the whole."""
    aligned = "Center" if centred else "Bottom" if lowered else ""
    placed: Element = {"verticalContentAlignment": aligned} if aligned else {}
    drawn: list[JsonValue] = [
        {
            "type": "Column",
            "width": int(width) if width.isdecimal() else width,
            "items": list(items),
            **placed,
        }
        for width, items in cells
    ]
    return _placed({"type": "ColumnSet", "columns": drawn}, spacing, separator=separator)


def row(label: Element, *values: Element, spacing: Spacing = Spacing.SMALL) -> Element:
    """Gives a label and, beside it, what is known; both are runs of text."""
    return columns(("3", [rich(label)]), ("7", [rich(*values)]), spacing=spacing)


def action_set(actions: Sequence[JsonObject], *, spacing: Spacing | None = None) -> Element:
    """Gives a row of buttons, at most six."""
    return _placed({"type": "ActionSet", "actions": list(actions)}, spacing)


def rows(actions: Sequence[JsonObject]) -> list[Element]:
    """Gives as many rows of buttons as they need; none for none."""
    starts = range(0, len(actions), limits.ROW_ACTIONS)
    return [action_set(actions[start : start + limits.ROW_ACTIONS]) for start in starts]


def card(body: Iterable[JsonObject], actions: Sequence[JsonObject] = ()) -> Element:
    """Gives an Adaptive Card with its buttons below it."""
    found: Element = {
        "type": "AdaptiveCard",
        "$schema": _SCHEMA,
        "version": limits.VERSION,
        "msteams": {"width": "Full"},
    }
    if len(actions) <= limits.ROW_ACTIONS:
        found["body"] = list(body)
        if actions:
            found["actions"] = list(actions)
    else:
        found["body"] = [*body, *rows(actions)]
    return found


def _placed(element: Element, spacing: Spacing | None, *, separator: bool = False) -> Element:
    if spacing is not None:
        element["spacing"] = spacing.value
    if separator:
        element["separator"] = True
    return element
