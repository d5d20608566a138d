"""A card taken apart: what it says, piece by piece, each with the paragraphs that show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from bot.cards.model import Card, CardCall
from bot.cards.words import one_line
from bot.chat.slack.kit.blocks import Block, divider, emoji, run
from bot.chat.slack.kit.paragraphs import (
    Paragraph,
    bold,
    labelled,
    line,
    packed,
    quotation,
    small,
    verbatim,
)
from bot.chat.slack.kit.words import decision_words, effect_words, status_word
from bot.chat.slack.shown.arguments import argument, left_out
from bot.domain.actions import Effect
from bot.domain.requests import CallStatus

_NOTHING: Final = "–"
_BETWEEN: Final = "\u00a0· "
_FIRST: Final = ("Requester", "Now", "What happened", "Decision", "The request", "Open until", "So far")
"""Facts that a card shows before others where not everything fits."""


class Kind(StrEnum):
    """What a part is; the value is its name in a sentence about several."""

    WARNING = "warnings"
    FACT = "facts"
    STEP = "steps"
    ARGUMENT = "arguments"
    QUOTE = "quotes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a card, shown whole or not at all."""

    kind: Kind
    paragraphs: tuple[Paragraph, ...]
    rank: int
    """Where not everything fits, lower ranks are shown first."""
    step: int = 0
    """The number of the call that it belongs to; 0 for what belongs to none."""
    instead: tuple[Paragraph, ...] = ()
    """What says that it is missing, where it does not fit."""


def parts(card: Card) -> list[Part]:
    """Gives everything that the card says below its title and status, in the order of reading."""
    found = [Part(kind=Kind.WARNING, paragraphs=_warning(text), rank=0) for text in card.warnings]
    for fact in card.facts:
        shown = labelled(one_line(fact.label) or _NOTHING, one_line(fact.value) or _NOTHING)
        found.append(Part(kind=Kind.FACT, paragraphs=shown, rank=1 if fact.label in _FIRST else 4))
    for number, call in enumerate(card.calls, start=1):
        found.append(Part(kind=Kind.STEP, paragraphs=tuple(_head(card, call, number)), rank=2, step=number))
        found.extend(
            Part(
                kind=Kind.ARGUMENT,
                paragraphs=argument(name, value),
                rank=3,
                step=number,
                instead=left_out(name, value),
            )
            for name, value in call.arguments.items()
        )
        if call.result:
            answer = (*bold("Answer of the system"), *verbatim(call.result, "Answer of the system"))
            found.append(Part(kind=Kind.QUOTE, paragraphs=answer, rank=5, step=number))
    for quote in card.quotes:
        if quote.text:
            label = bold(one_line(quote.label) or _NOTHING)
            found.append(Part(kind=Kind.QUOTE, paragraphs=(*label, *quotation(quote.text)), rank=5))
    return found


def laid_out(shown: Sequence[Part]) -> list[Block]:
    """Gives the blocks of these parts; what runs stands between lines."""
    blocks: list[Block] = []
    before: tuple[bool, Kind | int] | None = None
    for group, members in groupby(shown, key=_group):
        if before is not None and before[0] != group[0]:
            blocks.append(divider())
        blocks.extend(packed(paragraph for part in members for paragraph in part.paragraphs))
        before = group
    return blocks


def _group(part: Part) -> tuple[bool, Kind | int]:
    return (True, part.step) if part.step else (False, part.kind)


def _warning(text: str) -> tuple[Paragraph, ...]:
    first, *more = bold(one_line(text) or _NOTHING)
    return (line(emoji("warning"), run("  "), *first.runs), *more)


def _head(card: Card, call: CardCall, number: int) -> Iterator[Paragraph]:
    several = len(card.calls) > 1
    if several or not card.title.endswith(call.title):
        yield from bold(f"{number}. {call.title}" if several else call.title or _NOTHING)
    yield _kind_of_call(call)
    if call.reason and (several or not any(call.reason in fact.value for fact in card.facts)):
        yield from small(call.reason)
    if not call.arguments:
        yield line(run("No arguments.", italic=True))


def _kind_of_call(call: CardCall) -> Paragraph:
    words = [decision_words(call.decision)] if call.decision else []
    if call.status and call.status != CallStatus.PROPOSED:
        words.append(status_word(call.status))
    return line(
        run(call.tool or _NOTHING, code=True),
        run(_BETWEEN),
        run(effect_words(call.effect), bold=call.effect == Effect.DESTROY),
        *(run(f"{_BETWEEN}{word}") for word in words),
    )
