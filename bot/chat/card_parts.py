"""A card taken apart: what it says below its title and status, piece by piece, in the order of reading."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.cards.model import Card, CardCall
from bot.cards.words import one_line
from bot.chat.argument_text import plainly_named, written
from bot.chat.card_words import ANSWER, NOTHING, decision_words, effect_words, status_word
from bot.domain.actions import Effect
from bot.domain.requests import CallStatus

_FIRST: Final = ("Requester", "Now", "What happened", "Decision", "The request", "Open until", "So far")
"""Facts that a card shows before others where not everything fits."""


class Kind(StrEnum):
    """What a part is; the value is its name in a sentence about several."""

    WARNING = "warnings"
    FACT = "facts"
    STEP = "steps"
    ARGUMENT = "arguments"
    QUOTE = "quotes"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to be warned of."""

    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """A label and what is known."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is said of a call besides its arguments."""

    title: str
    """Empty where the card's own title says it."""
    tool: str
    effect: str
    destroys: bool
    words: tuple[str, ...]
    """What the policy says of it, and how it stands."""
    reason: str
    bare: bool
    """Whether it has no arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a call."""

    name: str
    text: str
    mark: str
    """What the text alone does not show; mostly empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Words that are not ours, under a label."""

    label: str
    text: str
    verbatim: bool
    """Whether a system said it, so that its lines and spaces matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a card, shown whole or not at all; an argument that is not shown is still named."""

    kind: Kind
    says: Warned | Known | Head | Argument | Quoted
    rank: int
    """Where not everything fits, lower ranks are shown first."""
    step: int = 0
    """The number of the call that it belongs to; 0 for what belongs to none."""

    @property
    def group(self) -> tuple[bool, Kind | int]:
        """What it stands together with; the first says whether it is about what runs."""
        return (True, self.step) if self.step else (False, self.kind)


def parts(card: Card) -> list[Part]:
    """Gives everything that the card says below its title and status, in the order of reading."""
    found = [
        Part(kind=Kind.WARNING, says=Warned(one_line(text) or NOTHING), rank=0) for text in card.warnings
    ]
    for fact in card.facts:
        says = Known(one_line(fact.label) or NOTHING, one_line(fact.value) or NOTHING)
        found.append(Part(kind=Kind.FACT, says=says, rank=1 if fact.label in _FIRST else 4))
    for number, call in enumerate(card.calls, start=1):
        found.extend(_call(card, call, number))
    for quote in card.quotes:
        if quote.text:
            words = Quoted(label=one_line(quote.label) or NOTHING, text=quote.text, verbatim=False)
            found.append(Part(kind=Kind.QUOTE, says=words, rank=5))
    return found


def _call(card: Card, call: CardCall, number: int) -> Iterator[Part]:
    yield Part(kind=Kind.STEP, says=_head(card, call, number), rank=2, step=number)
    for name, value in call.arguments.items():
        text, mark = written(value)
        argument = Argument(name=plainly_named(name), text=text, mark=mark)
        yield Part(kind=Kind.ARGUMENT, says=argument, rank=3, step=number)
    if call.result:
        answer = Quoted(label=ANSWER, text=call.result, verbatim=True)
        yield Part(kind=Kind.QUOTE, says=answer, rank=5, step=number)


def _head(card: Card, call: CardCall, number: int) -> Head:
    several = len(card.calls) > 1
    title = ""
    if several or not card.title.endswith(call.title):
        title = f"{number}. {call.title}" if several else call.title or NOTHING
    words = [decision_words(call.decision)] if call.decision else []
    if call.status and call.status != CallStatus.PROPOSED:
        words.append(status_word(call.status))
    unsaid = several or not any(call.reason in fact.value for fact in card.facts)
    return Head(
        title=title,
        tool=call.tool or NOTHING,
        effect=effect_words(call.effect),
        destroys=call.effect == Effect.DESTROY,
        words=tuple(words),
        reason=call.reason if unsaid else "",
        bare=not call.arguments,
    )
