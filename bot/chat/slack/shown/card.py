"""Renders a card as a message: whole where it fits, else what matters most and a way to the rest."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from bot.cards.model import Card
from bot.cards.words import one_line
from bot.chat.card_buttons import harmless
from bot.chat.card_choice import chosen, missing_words
from bot.chat.card_parts import parts
from bot.chat.card_words import NOT_EVERYTHING, marked_status, status_word
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, context, cut, header, run, section
from bot.chat.slack.kit.paragraphs import line, packed
from bot.chat.slack.kit.texts import inert, pieces, units, weight
from bot.chat.slack.shown.buttons import action_buttons, rows, view_all
from bot.chat.slack.shown.parts import laid_out

_FALLBACK_TITLE: Final = 300
_COMPACT_TITLE: Final = 1000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A card as Slack takes it."""

    text: str
    """What notifications show."""
    blocks: list[Block]
    whole: bool
    """Whether everything of the card is in the blocks."""


def render(card: Card) -> Rendered:
    """Gives the card as a message within all of Slack's limits; a part of it offers nothing that runs."""
    text = fallback(card)
    everything = [
        *title_blocks(card),
        context(marked_status(card.status)),
        *laid_out(parts(card)),
        *rows(action_buttons(card, card.actions), block_id=row_id(card)),
    ]
    if len(everything) <= limits.MESSAGE_BLOCKS and units(text) + weight(everything) <= limits.CARD_WEIGHT:
        return Rendered(text, everything, whole=True)
    return Rendered(text, _compact(card), whole=False)


def fallback(card: Card) -> str:
    """Gives what a notification says: the status and the title, in which nothing is markup."""
    return inert(f"{status_word(card.status)}. {cut(card.title, _FALLBACK_TITLE)}")


def title_blocks(card: Card) -> list[Block]:
    """Gives the title as a heading, and once more in full where the heading cuts it."""
    title = one_line(card.title)
    found = [header(title)]
    if units(title) > limits.HEADER_TEXT:
        found.extend(section(piece) for piece in pieces(title, limits.SECTION_TEXT))
    return found


def row_id(card: Card) -> str:
    """Gives the id of the card's rows of buttons; another state of the card has another."""
    return f"card:{sha256(repr(card).encode(errors='surrogatepass')).hexdigest()[:16]}"


def _compact(card: Card) -> list[Block]:
    everything = parts(card)
    shown = chosen(everything, limits.COMPACT_WEIGHT, lambda one: weight(laid_out([one])))
    whole_title = units(one_line(card.title)) <= _COMPACT_TITLE
    missing = missing_words(card, everything, shown, title_is_cut=not whole_title)
    return [
        *(title_blocks(card) if whole_title else [header(one_line(card.title))]),
        context(marked_status(card.status)),
        *laid_out(shown),
        *packed([line(run(f"{NOT_EVERYTHING} ", bold=True), run(missing))]),
        *rows([view_all(card), *action_buttons(card, harmless(card))], block_id=row_id(card)),
    ]
