"""The buttons of a card: which they are, what they carry, and which need the whole card to be seen first."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.cards.model import (
    ADD_DETAILS,
    APPROVE,
    DENY,
    IT_DID_NOT_RUN,
    NUDGE,
    WITHDRAW,
    Card,
    CardAction,
    Style,
)
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, actions, button, confirmation
from bot.domain.actions import Effect

ACT: Final = "act:"
"""What the action ids of a card's buttons begin with; the action's own id follows."""
VIEW_ALL: Final = "view:all"

_HARMLESS: Final = frozenset({DENY, WITHDRAW, NUDGE, ADD_DETAILS, IT_DID_NOT_RUN})
"""Actions that let nothing run: they may be taken without everything read. Any other may not."""


def harmless(card: Card) -> tuple[CardAction, ...]:
    """Gives the card's actions that may stand below a part of it."""
    return tuple(action for action in card.actions if action.id in _HARMLESS)


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
            _label(action),
            f"{ACT}{action.id}",
            value=card.id,
            style="" if action.style is Style.PLAIN else action.style.value,
            confirm=_confirmation(card, action),
        )
        for action in offered
    ]


def view_all(card: Card) -> Block:
    """Gives the button that opens the whole card."""
    return button("View all", VIEW_ALL, value=card.id)


def _label(action: CardAction) -> str:
    """Gives the words of the button; three dots say that something is asked first."""
    return action.label if action.dialog is None or action.label.endswith("…") else f"{action.label}…"


def _confirmation(card: Card, action: CardAction) -> Block | None:
    if action.id != APPROVE or all(call.effect != Effect.DESTROY for call in card.calls):
        return None
    return confirmation(
        "Approve this?",
        "This destroys something. It may not be possible to undo it.",
        confirm="Approve",
        deny="Go back",
        style="danger",
    )
