"""The buttons of a card: their words, what is asked before, and which need all of it to be seen first."""

from dataclasses import dataclass
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
)
from bot.cards.tool_change import KEEP_ASKING, SWITCH_OFF
from bot.domain.actions import Effect

_HARMLESS: Final = frozenset({DENY, WITHDRAW, NUDGE, ADD_DETAILS, IT_DID_NOT_RUN, KEEP_ASKING, SWITCH_OFF})
"""Actions that let nothing run: they may be taken without everything read. Any other may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What is asked once more before something is done."""

    title: str
    text: str
    confirm: str
    deny: str


ARE_YOU_SURE: Final = "Are you sure?"
YES: Final = "Yes"
NO: Final = "No"


def harmless(card: Card) -> tuple[CardAction, ...]:
    """Gives the card's actions that may stand below a part of it."""
    return tuple(action for action in card.actions if action.id in _HARMLESS)


def label_of(action: CardAction) -> str:
    """Gives the words of the button; three dots say that something is asked first."""
    return action.label if action.dialog is None or action.label.endswith("…") else f"{action.label}…"


def confirmation_of(card: Card, action: str) -> Confirmation | None:
    """Gives what is to be asked once more before the action is done; None where nothing is."""
    if action != APPROVE or all(call.effect != Effect.DESTROY for call in card.calls):
        return None
    return Confirmation(
        title="Approve this?",
        text="This destroys something. It may not be possible to undo it.",
        confirm="Approve",
        deny="Go back",
    )
