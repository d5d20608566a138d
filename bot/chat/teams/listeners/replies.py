"""The answers that Teams waits for, as it spells them."""

from collections.abc import Iterable
from typing import Final

from bot.cards.model import Option
from bot.chat.teams.dialogs.lookups import spelled, titled
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.kit.texts import wire_bytes
from bot.chat.teams.posting import CARD_TYPE
from bot.domain.canonical import JsonObject, JsonValue

_LONG_BYTES = 4_000
"""Bytes of a card that fills a tall dialog. Ours: about a dozen lines with their inputs."""
_INERT: Final = str.maketrans({character: chr(ord(character) + 0xFEE0) for character in "<>[]*`~"})
"""The wide twins of characters that some client may read as markup; what is answered is not to be copied."""
_MESSAGE = "application/vnd.microsoft.activity.message"
_SEARCH = "application/vnd.microsoft.search.searchResponse"


def card_reply(card: JsonObject) -> JsonObject:
    """Gives the answer that shows another card in place of the pressed one.

    Source: https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
    """
    return {"statusCode": 200, "type": CARD_TYPE, "value": card}


def message_reply(sentence: str) -> JsonObject:
    """Gives the answer that says a sentence below the pressed card."""
    return {"statusCode": 200, "type": _MESSAGE, "value": sentence.translate(_INERT)}


def search_reply(options: Iterable[Option]) -> JsonObject:
    """Gives the answer that lists what fits a typed text.

    Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search
    """
    results: list[JsonValue] = [{"title": titled(one.label), "value": spelled(one.value)} for one in options]
    return {"statusCode": 200, "type": _SEARCH, "value": {"results": results}}


def dialog_reply(view: DialogView) -> JsonObject:
    """Gives the answer that shows a card in a dialog.

    Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
    """
    return {
        "task": {
            "type": "continue",
            "value": {
                "title": view.title,
                "width": "medium",
                "height": "large" if wire_bytes(view.card) > _LONG_BYTES else "medium",
                "card": {"contentType": CARD_TYPE, "content": view.card},
            },
        }
    }


def closing_reply(sentence: str) -> JsonObject:
    """Gives the answer that says a sentence in a dialog, which then only can be closed."""
    return {"task": {"type": "message", "value": sentence.translate(_INERT)}}
