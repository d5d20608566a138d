"""The modal of the shortcuts: a message, or plain words, passed on as a request."""

import json
from typing import Final

from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, cut, field, modal
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.inputs import held_text, state_of, text_input
from bot.domain.canonical import JsonObject

ASK: Final = "ask"
TEXT: Final = "text"
"""The block of the words."""


def ask_view(text: str, *, metadata: JsonObject, notice: str = "") -> Block:
    """Gives the modal with the text in it; a text too long for it is cut, and the modal says so.

    Args:
        text: the message that the shortcut was used on; empty for none.
        metadata: small texts that are kept with the view, for `bot.chat.slack.modals.dialog.metadata_of`.
        notice: a sentence at the field, such as what was wrong.
    """
    shown = text.strip()
    hints = ["Say in a few words what you need. Change what stands here as you like."]
    if units(shown) > limits.TEXT_INPUT:
        hints.append("The message was too long, so only its beginning stands here.")
    element = text_input(cut(shown, limits.TEXT_INPUT), multiline=True)
    element["max_length"] = limits.TEXT_INPUT
    words = field(TEXT, "What do you need?", element, optional=False, hint=" ".join([notice, *hints]).strip())
    return modal(ASK, "Ask IT", [words], submit="Send", private_metadata=json.dumps(dict(metadata)))


def asked_text(view: JsonObject) -> str:
    """Gives the words."""
    return held_text(state_of(view), TEXT).strip()
