"""The rules of rich text: paragraphs, lists, quotes, preformatted text, and the runs in them.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Mapping
from typing import Final

from tests.servers.slack_shapes import (
    Rule,
    flag,
    items,
    kind,
    link,
    matching,
    number,
    one_of,
    shape,
    text,
    typed,
)

_MOST: Final = 13_200
"""Characters of one run, and runs of one paragraph: what a whole message takes."""

_STYLE: Final = shape({}, {"bold": flag, "italic": flag, "strike": flag, "code": flag})
_ID: Final = matching(r"[A-Z0-9]+", "an id")
_TEXT: Final = shape({**kind("text"), "text": text(_MOST)}, {"style": _STYLE})
_LINK: Final = shape({**kind("link"), "url": link}, {"text": text(_MOST), "style": _STYLE, "unsafe": flag})

_RUNS: Final[Mapping[str, Rule]] = {
    "text": _TEXT,
    "link": _LINK,
    "emoji": shape(
        {**kind("emoji"), "name": text(255)},
        {"unicode": text(255), "skin_tone": number(1, 6), "style": _STYLE},
    ),
    "user": shape({**kind("user"), "user_id": _ID}, {"style": _STYLE}),
    "channel": shape({**kind("channel"), "channel_id": _ID}, {"style": _STYLE}),
    "usergroup": shape({**kind("usergroup"), "usergroup_id": _ID}, {"style": _STYLE}),
    "broadcast": shape({**kind("broadcast"), "range": one_of("here", "channel", "everyone")}),
    "date": shape(
        {**kind("date"), "timestamp": number(0, 10**11), "format": text(255)},
        {"url": link, "fallback": text(_MOST), "style": _STYLE},
    ),
}
_BORDER: Final[Mapping[str, Rule]] = {"border": number(0, 1)}
_INSIDE: Final = items(typed(_RUNS), _MOST)
_SECTION: Final = shape({**kind("rich_text_section"), "elements": _INSIDE})

RICH_TEXT: Final = typed(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": shape(
            {
                **kind("rich_text_list"),
                "style": one_of("bullet", "ordered"),
                "elements": items(typed({"rich_text_section": _SECTION}), _MOST),
            },
            {"indent": number(0, 8), "offset": number(0, 10**6), **_BORDER},
        ),
        "rich_text_quote": shape({**kind("rich_text_quote"), "elements": _INSIDE}, _BORDER),
        "rich_text_preformatted": shape(
            {
                **kind("rich_text_preformatted"),
                "elements": items(typed({"text": _TEXT, "link": _LINK}), _MOST),
            },
            _BORDER,
        ),
    }
)
"""What stands in a rich text block; preformatted text takes text and links only."""
