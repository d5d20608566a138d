"""Answers to commands as Adaptive Cards; outside text in them is never markup."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact
from bot.cards.words import one_line
from bot.chat.card_words import BETWEEN, CUT, NEXT_PAGE, NOTHING, PREVIOUS_PAGE, page_words
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.actions import Do, execute, opening
from bot.chat.teams.kit.elements import Box, Element, Spacing, action_set, columns, container, own, rich, run
from bot.chat.teams.kit.elements import card as adaptive_card
from bot.chat.teams.kit.texts import cut, pieces, wire_bytes
from bot.chat.teams.shown.buttons import STYLES
from bot.chat.teams.shown.card import title
from bot.chat.teams.shown.parts import bold, known, plain
from bot.chat.teams.shown.selectors import selector
from bot.domain.canonical import JsonObject

_CARDS: Final = 4
"""Cards that one answer may take."""
_AROUND: Final = 200
"""Bytes that hold a group of elements together, at most."""
_NAME: Final = 500
_WHOLE_TITLE: Final = 200


def answer_cards(answer: Answer) -> list[JsonObject]:
    """Gives the answer as one card, or as several where it is too long for one; no row is divided.

    What would take too many cards is left out, and it is said that there is more.
    """
    below = [rich(run(page_words(answer.page, answer.pages), subtle=True))] if answer.pages > 1 else []
    buttons = _buttons(answer)
    left_out = own(CUT, subtle=True)
    most = limits.CARD_BYTES - wire_bytes(adaptive_card([left_out, *below], buttons))
    bodies: list[list[Element]] = [[]]
    room = most
    for group in _groups(answer):
        cost = wire_bytes(group)
        if bodies[-1] and cost > room:
            if len(bodies) == _CARDS:
                below.insert(0, left_out)
                break
            bodies.append([])
            room = most
        bodies[-1].extend(group)
        room -= cost
    *first, last = bodies
    return [*map(adaptive_card, first), adaptive_card([*last, *below], buttons)]


def _groups(answer: Answer) -> Iterator[list[Element]]:
    """Gives what the answer says, in elements that stay together on one card."""
    yield [title(answer.title)]
    if len(one_line(answer.title)) > _WHOLE_TITLE:
        yield from ([one] for one in plain(answer.title))
    yield from ([one] for one in _facts(answer.facts))
    for number, row in enumerate(answer.lines):
        drawn = _row(row, number)
        together = container(drawn, spacing=Spacing.MEDIUM, separator=True)
        if wire_bytes(together) + _AROUND < limits.CARD_BYTES // 2:
            yield [together]
        else:
            yield from ([one] for one in drawn)
    for piece in pieces(answer.text, limits.PIECE_BYTES) if answer.text else ():
        yield [container([rich(run(piece.removesuffix("\n"), code=True))], box=Box.EMPHASIS)]
    if answer.note:
        yield from ([one] for one in plain(answer.note, subtle=True))


def _row(row: AnswerRow, number: int) -> list[Element]:
    """Gives one thing: its name with its button, what is known of it, and what can be done about it."""
    badge = [run(BETWEEN, subtle=True), run(row.badge, subtle=True)] if row.badge else []
    name = rich(run(cut(row.label, _NAME), bold=True), *badge)
    if row.button is not None:
        name = columns(("stretch", [name]), ("auto", [action_set([_button(row.button)])]), centred=True)
    choosing = [selector(row.select, number)] if row.select is not None else []
    more = [action_set([_button(one) for one in row.more], spacing=Spacing.SMALL)] if row.more else []
    return [name, *_facts(row.facts), *choosing, *more]


def _facts(facts: Sequence[Fact]) -> Iterator[Element]:
    for fact in facts:
        value = fact.value or NOTHING
        yield from known(fact.label, value) if fact.label else bold(value)


def _buttons(answer: Answer) -> list[JsonObject]:
    found = [_button(one) for one in answer.buttons]
    if answer.command_for_previous:
        found.append(execute(PREVIOUS_PAGE, Do.COMMAND, line=answer.command_for_previous))
    if answer.command_for_next:
        found.append(execute(NEXT_PAGE, Do.COMMAND, line=answer.command_for_next))
    return found


def _button(one: AnswerButton) -> JsonObject:
    style = STYLES[one.style]
    if one.press is Press.OPEN:
        return opening(one.label, Do.VIEW, style=style, card=one.value, page="1")
    if one.confirm:
        return opening(one.label, Do.COMMAND, style=style, line=one.value, confirm=one.confirm)
    return execute(one.label, Do.COMMAND, style=style, line=one.value)
