"""Plain words as Slack messages: nothing in them is markup, and nothing of them is left out."""

from typing import Final

from bot.cards.model import Card
from bot.chat.card_words import UNSHOWN, UNTITLED
from bot.chat.slack.kit.blocks import Block, actions, cut, header, section
from bot.chat.slack.kit.texts import inert, pieces
from bot.chat.slack.posting import Words
from bot.chat.slack.shown.buttons import view_all

_PART: Final = 2800
"""Characters of one section; below the limit, since Slack may count a letter as two."""
_SECTIONS: Final = 4
"""Sections of one message; with them its texts stay well below the limit of all together."""
_NOTICE: Final = 300


def spoken(text: str) -> list[Words]:
    """Gives the text as one message, or as several where it is too long for one."""
    parts = pieces(text.strip() or "…", _PART)
    groups = [parts[start : start + _SECTIONS] for start in range(0, len(parts), _SECTIONS)]
    return [Words(text=notified(group[0]), blocks=[section(part) for part in group]) for group in groups]


def notified(text: str) -> str:
    """Gives the text for a notification: one line, in which Slack finds no markup."""
    return inert(cut(" ".join(text.split()), _NOTICE))


def unshown(card: Card) -> Words:
    """Gives what stands for a card that Slack does not take: nothing can be decided on it."""
    blocks: list[Block] = [
        header(card.title or UNTITLED),
        section(UNSHOWN),
        actions([view_all(card)]),
    ]
    return Words(text=notified(card.title), blocks=blocks)
