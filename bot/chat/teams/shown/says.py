"""Plain words in Teams: nothing in them is markup, and nothing of them is left out."""

from typing import Final

from bot.cards.model import Card
from bot.cards.words import one_line
from bot.chat.card_words import UNSHOWN, UNTITLED
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.elements import Spacing, heading, own, rich, run
from bot.chat.teams.kit.elements import card as adaptive_card
from bot.chat.teams.kit.texts import ELLIPSIS, cut, fitting, pieces
from bot.chat.teams.shown.buttons import view_all
from bot.domain.canonical import JsonObject

_INERT: Final = str.maketrans({character: chr(ord(character) + 0xFEE0) for character in "<>*_~`[]"})
"""The wide twins of characters that some client may read as markup."""
_MARKUP: Final = frozenset("<>&*_~`[]#|\\\n")


def spoken(text: str) -> list[str]:
    """Gives the text as one plain message, or as several where it is too long for one."""
    found = pieces(text.strip() or ELLIPSIS, limits.TEXT_BYTES)
    return [piece.strip("\n") for piece in found if piece.strip()]


def notified(text: str) -> str:
    """Gives the text for a notification: one line, in which no client finds markup."""
    said = cut(one_line(text).translate(_INERT), limits.SUMMARY_TEXT) or ELLIPSIS
    found = fitting(said, limits.SUMMARY_BYTES)
    return found if found == said else f"{found.rstrip()}{ELLIPSIS}"


def reads_alike(text: str) -> bool:
    """Whether every client shows the text as it is, although some take plain text for markup.

    Teams itself does as it is told; others fold line breaks, and read what looks like markup.
    """
    return not any(character in _MARKUP for character in text)


def told_card(title: str, text: str) -> JsonObject:
    """Gives a card that only says something, under a title or under none."""
    named = cut(one_line(title), limits.SUMMARY_TEXT)
    above = [heading(named)] if named else []
    first, *more = pieces(text, limits.TEXT_BYTES)
    left = [run(ELLIPSIS)] if more else []
    return adaptive_card([*above, rich(run(first), *left, spacing=Spacing.SMALL)])


def unshown(card: Card) -> JsonObject:
    """Gives what stands for a card that Teams does not take: nothing can be decided on it."""
    named = cut(one_line(card.title), limits.SUMMARY_TEXT) or UNTITLED
    return adaptive_card([heading(named), own(UNSHOWN, spacing=Spacing.SMALL)], [view_all(card)])
