"""The rules of a whole Adaptive Card, in the words of version 1.5: elements, inputs and actions.

Stricter than Teams in two things: a property that the schema does not know is refused, because it is a slip
of ours, and so is a button that has no title.

Source: https://adaptivecards.io/schemas/1.5.0/adaptive-card.json
"""

from collections.abc import Mapping
from typing import Final

from tests.servers.slack_shapes import Rule, flag, items, kind, link, number, one_of, shape, text, typed
from tests.servers.teams_input_shapes import INPUTS
from tests.servers.teams_shape_rules import (
    ANY_WORDS,
    COMMON,
    ID,
    NAMED,
    WORDS,
    any_object,
    decimal,
    either,
    element,
    later,
    word,
)

MOST_ACTIONS: Final = 15
"""Actions of one row; Teams shows six and puts the others behind a menu."""
REFRESHED: Final = 60
"""People for whom a card may be refreshed by itself.

Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
"""

_ALIGN: Final = word("left", "center", "right")
_VERTICAL: Final = word("top", "center", "bottom")
_STYLE: Final = word("default", "emphasis", "good", "attention", "warning", "accent")
_ELEMENTS: Final = items(later("element"), 1000, 0)
_ACTIONS: Final = items(later("action"), MOST_ACTIONS, 0)

_LETTERS: Final[Mapping[str, Rule]] = {
    "color": word("default", "dark", "light", "accent", "good", "warning", "attention"),
    "fontType": word("default", "monospace"),
    "isSubtle": flag,
    "size": word("default", "small", "medium", "large", "extraLarge"),
    "weight": word("default", "lighter", "bolder"),
}
_BOX: Final[Mapping[str, Rule]] = {
    **COMMON,
    "backgroundImage": either(link, any_object),
    "bleed": flag,
    "minHeight": text(20),
    "rtl": flag,
    "selectAction": later("action"),
    "style": _STYLE,
    "verticalContentAlignment": _VERTICAL,
}
_RUN: Final = element(
    "TextRun",
    {"text": WORDS},
    {
        **_LETTERS,
        "highlight": flag,
        "italic": flag,
        "selectAction": later("action"),
        "strikethrough": flag,
        "underline": flag,
    },
)
_COLUMN: Final = shape(
    {},
    {**kind("Column"), **_BOX, "items": _ELEMENTS, "width": either(text(20), decimal)},
)
_CELL: Final = element("TableCell", {"items": _ELEMENTS}, _BOX)
_ROW: Final = element(
    "TableRow",
    {"cells": items(_CELL, 50, 0)},
    {"horizontalCellContentAlignment": _ALIGN, "verticalCellContentAlignment": _VERTICAL, "style": _STYLE},
)
_TABLE_COLUMN: Final = shape(
    {},
    {
        "width": either(text(20), decimal),
        "horizontalCellContentAlignment": _ALIGN,
        "verticalCellContentAlignment": _VERTICAL,
    },
)
_FACT: Final = shape({"title": ANY_WORDS, "value": ANY_WORDS})

_ELEMENT: Final = typed(
    {
        "TextBlock": element(
            "TextBlock",
            {"text": WORDS},
            {
                **COMMON,
                **_LETTERS,
                "horizontalAlignment": _ALIGN,
                "maxLines": number(1, 1000),
                "style": word("default", "heading", "columnHeader"),
                "wrap": flag,
            },
        ),
        "RichTextBlock": element(
            "RichTextBlock",
            {"inlines": items(either(typed({"TextRun": _RUN}), WORDS), 1000)},
            {**COMMON, "horizontalAlignment": _ALIGN},
        ),
        "FactSet": element("FactSet", {"facts": items(_FACT, 100)}, COMMON),
        "Container": element("Container", {"items": _ELEMENTS}, _BOX),
        "ColumnSet": element(
            "ColumnSet", {}, {**_BOX, "columns": items(_COLUMN, 50), "horizontalAlignment": _ALIGN}
        ),
        "Table": element(
            "Table",
            {"rows": items(_ROW, 500, 0)},
            {
                **COMMON,
                "columns": items(_TABLE_COLUMN, 50),
                "firstRowAsHeader": flag,
                "firstRowAsHeaders": flag,
                "gridStyle": _STYLE,
                "horizontalCellContentAlignment": _ALIGN,
                "showGridLines": flag,
                "verticalCellContentAlignment": _VERTICAL,
            },
        ),
        "Image": element(
            "Image",
            {"url": link},
            {
                **COMMON,
                "altText": text(1000),
                "backgroundColor": text(50),
                "height": text(20),
                "horizontalAlignment": _ALIGN,
                "selectAction": later("action"),
                "size": word("auto", "stretch", "small", "medium", "large"),
                "style": word("default", "person"),
                "width": text(20),
            },
        ),
        "ActionSet": element("ActionSet", {"actions": _ACTIONS}, COMMON),
        **INPUTS,
    }
)

_BUTTON: Final[Mapping[str, Rule]] = {
    "fallback": either(one_of("drop"), later("action")),
    "requires": any_object,
    "iconUrl": link,
    "id": ID,
    "isEnabled": flag,
    "mode": word("primary", "secondary"),
    "style": word("default", "positive", "destructive"),
    "tooltip": WORDS,
}
_SENDING: Final[Mapping[str, Rule]] = {
    **_BUTTON,
    "associatedInputs": word("auto", "none"),
    "data": any_object,
}
_TARGET: Final = either(ID, shape({"elementId": ID}, {**kind("TargetElement"), "isVisible": flag}))
_TITLE: Final[Mapping[str, Rule]] = {"title": WORDS}

ACTION: Final = typed(
    {
        "Action.Execute": element("Action.Execute", {**_TITLE, "verb": text(200)}, _SENDING),
        "Action.Submit": element("Action.Submit", _TITLE, _SENDING),
        "Action.OpenUrl": element("Action.OpenUrl", {**_TITLE, "url": link}, _BUTTON),
        "Action.ToggleVisibility": element(
            "Action.ToggleVisibility", {**_TITLE, "targetElements": items(_TARGET, 100)}, _BUTTON
        ),
        "Action.ShowCard": element("Action.ShowCard", {**_TITLE, "card": later("inner card")}, _BUTTON),
    }
)
_WITHOUT_TITLE: Final = shape({**kind("Action.Execute"), "verb": text(200)}, {**_SENDING, **_TITLE})
_REFRESH: Final = shape(
    {"action": _WITHOUT_TITLE}, {"expires": text(50), "userIds": items(text(200), REFRESHED, 0)}
)
_CARD: Final[Mapping[str, Rule]] = {
    "$schema": link,
    "actions": _ACTIONS,
    "authentication": any_object,
    "backgroundImage": either(link, any_object),
    "body": _ELEMENTS,
    "fallbackText": WORDS,
    "lang": text(20),
    "metadata": any_object,
    "minHeight": text(20),
    "msteams": shape({}, {"entities": items(any_object, 100, 0), "width": word("full")}),
    "refresh": _REFRESH,
    "rtl": flag,
    "selectAction": later("action"),
    "speak": WORDS,
    "verticalContentAlignment": _VERTICAL,
}
CARD: Final = shape({**kind("AdaptiveCard"), "version": one_of("1.2", "1.3", "1.4", "1.5")}, _CARD)
"""A whole card."""
NAMED["action"] = ACTION
NAMED["element"] = _ELEMENT
NAMED["inner card"] = shape(kind("AdaptiveCard"), {**_CARD, "version": text(10)})
