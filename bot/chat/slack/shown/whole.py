"""The modal that shows a whole card, in pages where one modal cannot hold it."""

import json
from typing import Final

from bot.cards.model import Card
from bot.cards.words import one_line
from bot.chat import card_words
from bot.chat.card_choice import place_words
from bot.chat.card_parts import parts
from bot.chat.card_words import marked_status
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, button, context, header, modal
from bot.chat.slack.shown.buttons import action_buttons, rows
from bot.chat.slack.shown.card import row_id, title_blocks
from bot.chat.slack.shown.parts import laid_out

CALLBACK: Final = "whole"
PREVIOUS: Final = "whole:previous"
NEXT: Final = "whole:next"


def whole_view(card: Card, page: int, *, metadata: str = "") -> Block:
    """Gives one page of the card, counted from 1; a page that is not there gives the nearest one.

    The card's own buttons are on the last page only, so that nothing is decided before everything was shown.
    """
    contents = _paged(card)
    page = min(max(page, 1), len(contents))
    last = page == len(contents)
    shown = contents[page - 1]
    place = place_words(card, page, len(contents))
    blocks = [
        header(one_line(card.title)),
        context(" · ".join(filter(None, (marked_status(card.status), place)))),
        *(shown[1:] if page == 1 else shown),
        *rows(_turning(card, page, last=last), block_id="whole:pages"),
    ]
    if last:
        blocks += rows(action_buttons(card, card.actions), block_id=row_id(card))
    return modal(CALLBACK, card_words.WHOLE, blocks, close="Close", private_metadata=metadata)


def pages(card: Card) -> int:
    """Gives how many pages the card has."""
    return len(_paged(card))


def turned_to(value: str) -> tuple[str, int]:
    """Gives the card and the page that a click on Previous or Next asks for, from the button's value."""
    page, _, card = value.partition(":")
    return card, int(page) if page.isdecimal() else 1


def _paged(card: Card) -> list[list[Block]]:
    found: list[list[Block]] = [[]]
    room = limits.PAGE_BYTES
    for block in (*title_blocks(card), *laid_out(parts(card))):
        size = len(json.dumps(block))
        if found[-1] and (size > room or len(found[-1]) == limits.PAGE_BLOCKS):
            found.append([])
            room = limits.PAGE_BYTES
        found[-1].append(block)
        room -= size
    return found


def _turning(card: Card, page: int, *, last: bool) -> list[Block]:
    found = []
    if page > 1:
        found.append(button(card_words.PREVIOUS, PREVIOUS, value=f"{page - 1}:{card.id}"))
    if not last:
        found.append(button(card_words.NEXT, NEXT, value=f"{page + 1}:{card.id}"))
    return found
