"""Renders a card as an Adaptive Card: whole where it fits, else what matters most and a way to the rest."""

from dataclasses import dataclass
from typing import Final

from bot.cards.model import Card
from bot.cards.words import one_line
from bot.chat.card_buttons import harmless
from bot.chat.card_choice import chosen, missing_words
from bot.chat.card_parts import parts
from bot.chat.card_words import BETWEEN, NOT_EVERYTHING, NOTHING, STATUSES, status_word
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.elements import Colour, Element, Spacing, heading, rich, run
from bot.chat.teams.kit.elements import card as adaptive_card
from bot.chat.teams.kit.texts import cut, letters, wire_bytes
from bot.chat.teams.shown.buttons import in_message, view_all
from bot.chat.teams.shown.parts import Drawn, drawn, laid_out, plain
from bot.chat.teams.shown.says import notified
from bot.domain.canonical import JsonObject

_HEADING: Final = 200
"""Characters of a heading."""
_COMPACT_TITLE: Final = 1000
_COLOURS: Final = {"✓": Colour.GOOD, "✕": Colour.ATTENTION, "!": Colour.ATTENTION, "○": Colour.ACCENT}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A card as Teams takes it."""

    card: JsonObject
    summary: str
    """What notifications show."""
    whole: bool
    """Whether everything of the card is in it."""


def render(card: Card) -> Rendered:
    """Gives the card within Teams' limits; a part of it offers nothing that runs."""
    summary = notified(f"{status_word(card.status)}. {card.title}")
    body = [title(card.title), status(card), *laid_out(contents(card))]
    everything = adaptive_card(body, in_message(card, card.actions))
    if wire_bytes(everything) <= limits.CARD_BYTES and letters(body) <= limits.READ_TEXT:
        return Rendered(everything, summary, whole=True)
    return Rendered(_compact(card), summary, whole=False)


def title(text: str) -> Element:
    """Gives a title as a heading, of a very long one the beginning."""
    return heading(cut(one_line(text), _HEADING) or NOTHING)


def contents(card: Card) -> list[Drawn]:
    """Gives everything below heading and status, the title once more in full where the heading cuts it."""
    return [*_whole_title(card), *drawn(parts(card))]


def status(card: Card, place: str = "") -> Element:
    """Gives how the card stands, and what else there is to say of it."""
    mark, word = STATUSES.get(card.status, ("", status_word(card.status)))
    runs = [run(f"{mark} ", bold=True, colour=_COLOURS.get(mark))] if mark else []
    more = [run(f"{BETWEEN}{place}", subtle=True)] if place else []
    return rich(*runs, run(word, subtle=True), *more, spacing=Spacing.NONE)


def _whole_title(card: Card) -> list[Drawn]:
    text = one_line(card.title)
    return [Drawn((False, "title"), one) for one in plain(text)] if len(text) > _HEADING else []


def _compact(card: Card) -> JsonObject:
    everything = parts(card)
    shown = chosen(everything, limits.COMPACT_BYTES, lambda one: wire_bytes(laid_out(drawn([one]))))
    is_whole = len(one_line(card.title)) <= _COMPACT_TITLE
    missing = missing_words(card, everything, shown, title_is_cut=not is_whole)
    body = [
        title(card.title),
        status(card),
        *laid_out([*(_whole_title(card) if is_whole else []), *drawn(shown)]),
        rich(run(f"{NOT_EVERYTHING} ", bold=True), run(missing), spacing=Spacing.MEDIUM),
    ]
    return adaptive_card(body, [view_all(card), *in_message(card, harmless(card))])
