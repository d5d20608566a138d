"""A whole card in a dialog, in pages where one card cannot hold it."""

from collections.abc import Sequence
from typing import Final

from bot.cards.model import Card
from bot.chat.card_choice import place_words
from bot.chat.card_words import NEXT, PREVIOUS
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.actions import Do, submitting
from bot.chat.teams.kit.elements import card as adaptive_card
from bot.chat.teams.kit.elements import rows
from bot.chat.teams.kit.texts import wire_bytes
from bot.chat.teams.shown.buttons import in_dialog
from bot.chat.teams.shown.card import contents, status, title
from bot.chat.teams.shown.parts import Drawn, laid_out
from bot.domain.canonical import JsonObject

_AROUND: Final = 200
"""Bytes that hold a group of elements together, at most."""
_MANY: Final = 9_999
"""More pages than there are."""


def whole_view(card: Card, page: int) -> JsonObject:
    """Gives one page of the card, counted from 1; a page that is not there gives the nearest one."""
    found = whole_views(card)
    return found[min(max(page, 1), len(found)) - 1]


def whole_views(card: Card) -> list[JsonObject]:
    """Gives the pages of the card.

    Its own buttons are on the last page only, so that nothing is decided before everything was shown.
    """
    found = _paged(card)
    return [_page(card, laid_out(shown), page, len(found)) for page, shown in enumerate(found, start=1)]


def _paged(card: Card) -> list[list[Drawn]]:
    most = limits.CARD_BYTES - max(wire_bytes(_page(card, [], page, _MANY)) for page in (_MANY - 1, _MANY))
    found: list[list[Drawn]] = [[]]
    room = most
    for one in contents(card):
        here = found[-1]
        cost = wire_bytes(one.element) + (_AROUND if not here or here[-1].group != one.group else 2)
        if here and cost > room:
            found.append([])
            room = most
            cost = wire_bytes(one.element) + _AROUND
        found[-1].append(one)
        room -= cost
    return found


def _page(card: Card, shown: Sequence[JsonObject], page: int, total: int) -> JsonObject:
    turning = []
    if page > 1:
        turning.append(submitting(PREVIOUS, Do.VIEW, card=card.id, page=str(page - 1), since=str(page)))
    if page < total:
        turning.append(submitting(NEXT, Do.VIEW, card=card.id, page=str(page + 1), since=str(page)))
    own = in_dialog(card, card.actions) if page == total else []
    above = [title(card.title), status(card, place_words(card, page, total))]
    return adaptive_card([*above, *shown, *rows(turning)], own)
