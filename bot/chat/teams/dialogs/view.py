"""What a dialog shows: a title and a card, which stands in the chat where a client has no dialogs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.cards.visible import visible
from bot.chat.teams.kit.elements import card as adaptive_card
from bot.chat.teams.kit.texts import cut
from bot.domain.canonical import JsonObject

TITLE: Final = 60
"""Characters of a title. Ours: no limit is written down, and a phone shows about as many."""
_UNTITLED: Final = "Countersign"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogView:
    """One dialog as it is to be shown."""

    title: str
    """Plain text, never markup."""
    card: JsonObject
    """An Adaptive Card; everything that its answer needs travels in its buttons."""
    written: JsonObject | None = None
    """The same for the chat, where nothing is found while one types; None where it is the same card."""


def view(title: str, body: Iterable[JsonObject], actions: Sequence[JsonObject]) -> DialogView:
    """Gives the dialog; the title may be any text."""
    shown = " ".join(visible(title[: 4 * TITLE], set()).split())
    return DialogView(title=cut(shown, TITLE) or _UNTITLED, card=adaptive_card(body, actions))
