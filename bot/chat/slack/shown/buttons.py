"""The buttons of a card in Slack: what they carry, and what is asked before."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.cards.model import Card, CardAction, Style
from bot.chat import card_words
from bot.chat.card_buttons import confirmation_of, label_of
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, actions, button, confirmation

ACT: Final = "act:"
"""What the action ids of a card's buttons begin with; the action's own id follows."""
VIEW_ALL: Final = "view:all"


def rows(buttons: Iterable[Block], *, block_id: str) -> list[Block]:
    """Gives the rows of buttons; none for none."""
    found = list(buttons)
    starts = range(0, len(found), limits.ACTION_ELEMENTS)
    return [
        actions(found[start : start + limits.ACTION_ELEMENTS], block_id=f"{block_id}:{start}")
        for start in starts
    ]


def action_buttons(card: Card, offered: Sequence[CardAction]) -> list[Block]:
    """Gives a button for each action; it carries the card's id and nothing else."""
    return [
        button(
            label_of(action),
            f"{ACT}{action.id}",
            value=card.id,
            style="" if action.style is Style.PLAIN else action.style.value,
            confirm=_confirmation(card, action),
        )
        for action in offered
    ]


def view_all(card: Card) -> Block:
    """Gives the button that opens the whole card."""
    return button(card_words.VIEW_ALL, VIEW_ALL, value=card.id)


def _confirmation(card: Card, action: CardAction) -> Block | None:
    asked = confirmation_of(card, action.id)
    if asked is None:
        return None
    return confirmation(asked.title, asked.text, confirm=asked.confirm, deny=asked.deny, style="danger")
