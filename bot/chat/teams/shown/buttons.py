"""The buttons of a card in Teams: what a press of each carries, in a message and in a dialog."""

from collections.abc import Sequence
from typing import Final

from bot.cards.model import Card, CardAction, Style
from bot.chat import card_words
from bot.chat.card_buttons import confirmation_of, label_of
from bot.chat.teams.kit.actions import Do, execute, opening, submitting
from bot.domain.canonical import JsonObject

STYLES: Final = {Style.PRIMARY: "positive", Style.DANGER: "destructive", Style.PLAIN: ""}


def in_message(card: Card, offered: Sequence[CardAction]) -> list[JsonObject]:
    """Gives a button for each action; those that ask something first open a dialog."""
    return [
        opening(label_of(one), Do.ASK, style=STYLES[one.style], card=card.id, action=one.id)
        if _asks(card, one)
        else execute(label_of(one), Do.ACT, style=STYLES[one.style], card=card.id, action=one.id)
        for one in offered
    ]


def in_dialog(card: Card, offered: Sequence[CardAction]) -> list[JsonObject]:
    """Gives a button for each action below a whole card; in a dialog every press submits it."""
    return [
        submitting(
            label_of(one),
            Do.ASK if _asks(card, one) else Do.ACT,
            style=STYLES[one.style],
            card=card.id,
            action=one.id,
        )
        for one in offered
    ]


def view_all(card: Card) -> JsonObject:
    """Gives the button that opens the whole card."""
    return opening(card_words.VIEW_ALL, Do.VIEW, card=card.id, page="1")


def _asks(card: Card, action: CardAction) -> bool:
    """Whether something is asked first: a form, or whether the person is sure."""
    return action.dialog is not None or confirmation_of(card, action.id) is not None
