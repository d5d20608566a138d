"""How Teams draws cards: colours, sizes and distances, on light and on dark.

Source: https://github.com/microsoft/Teams-AdaptiveCards-Mobile/tree/main/samples/HostConfig
"""

from collections.abc import Mapping
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue

THEMES: Final = ("light", "dark")

_TEXT: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "light": {
        "default": ("#252424", "#bf252424"),
        "dark": ("#252424", "#bf252424"),
        "light": ("#ffffff", "#f3f2f1"),
        "accent": ("#6264a7", "#8b8cc7"),
        "good": ("#92c353", "#e592c353"),
        "warning": ("#f8d22a", "#e5f8d22a"),
        "attention": ("#c4314b", "#e5c4314b"),
    },
    "dark": {
        "default": ("#ffffff", "#bfffffff"),
        "dark": ("#201f1f", "#2d2c2c"),
        "light": ("#ffffff", "#bfffffff"),
        "accent": ("#a6a7dc", "#8b8cc7"),
        "good": ("#92c353", "#e592c353"),
        "warning": ("#f8d22a", "#e5f8d22a"),
        "attention": ("#d74654", "#e5d74654"),
    },
}
_GROUND: Final[Mapping[str, Mapping[str, str]]] = {
    "light": {"default": "#ffffff", "emphasis": "#f9f8f7"},
    "dark": {"default": "#2d2c2c", "emphasis": "#292828"},
}
_COLOURED: Final = {"accent": "#C7DEF9", "good": "#CCFFCC", "attention": "#FFC5B2", "warning": "#FFE2B2"}
"""Grounds that are the same on light and on dark, with dark text on them."""
_SIZES: Final[JsonObject] = {"small": 12, "default": 14, "medium": 14, "large": 18, "extraLarge": 24}
_WEIGHTS: Final[JsonObject] = {"lighter": 200, "default": 400, "bolder": 600}


def host_config(theme: str) -> JsonObject:
    """Gives the theme as the npm package `adaptivecards` takes it."""
    return {
        "supportsInteractivity": True,
        "spacing": {
            "small": 8, "default": 12, "medium": 16, "large": 20, "extraLarge": 24, "padding": 16,
        },
        "separator": {"lineThickness": 1, "lineColor": "#eeeeee" if theme == "light" else "#484644"},
        "fontTypes": {
            "default": _font("'Segoe UI', 'Liberation Sans', sans-serif"),
            "monospace": _font("'Courier New', 'Liberation Mono', monospace"),
        },
        "containerStyles": {
            **{name: _style(theme, ground) for name, ground in _GROUND[theme].items()},
            **{name: _style("light", ground) for name, ground in _COLOURED.items()},
        },
        "actions": {
            "maxActions": 6,
            "spacing": "Default",
            "buttonSpacing": 8,
            "actionsOrientation": "Horizontal",
            "actionAlignment": "Left",
        },
        "adaptiveCard": {"allowCustomStyle": False},
    }  # fmt: skip


def _font(family: str) -> JsonObject:
    return {"fontFamily": family, "fontSizes": _SIZES, "fontWeights": _WEIGHTS}


def _style(theme: str, ground: str) -> JsonObject:
    colours: dict[str, JsonValue] = {
        name: {"default": full, "subtle": subtle} for name, (full, subtle) in _TEXT[theme].items()
    }
    return {"backgroundColor": ground, "foregroundColors": colours}
