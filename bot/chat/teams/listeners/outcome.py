"""What comes of a press, before it is known how the client is answered."""

from dataclasses import dataclass

from bot.chat.teams.dialogs.view import DialogView
from bot.domain.canonical import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sentence; where a card is named, it may look otherwise now."""

    sentence: str
    card: str = ""
    is_refusal: bool = False
    is_news: bool = False
    """Whether the sentence says what the card does not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Cards that are no copies of a request's card, such as the answer to a command."""

    title: str
    cards: tuple[JsonObject, ...]


Outcome = DialogView | Told | Shown
