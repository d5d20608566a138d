"""Cards as hostile as outside text can make them, and what of a card is missing where it is shown."""

import json
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from hypothesis import strategies as st

from bot.cards.masking import MASK
from bot.cards.model import (
    ADD_DETAILS,
    ALWAYS_ALLOW,
    APPROVE,
    DENY,
    IT_DID_NOT_RUN,
    IT_RAN,
    NUDGE,
    WITHDRAW,
    Card,
    CardAction,
    CardCall,
    Dialog,
    Fact,
    Quote,
    Style,
)
from bot.cards.tool_change import ACCEPT, KEEP_ASKING, SWITCH_OFF
from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonValue
from bot.domain.requests import ApprovalStatus, CallStatus, RequestStatus

SLY = (
    "<!channel>", "<!here>", "<@U1>", "<http://evil.test|Approve>", "R&D &lt;b&gt;", "*bold*", "_low_",
    "~no~", "`code`", "```", ":tada:", "@here", "#general", "> quoted", "a\nDecision: approved",
    "<at>Bob</at>", "[Approve](http://evil.test)", "<b>IT</b>", "{{DATE(2026-11-20T08:00:00Z,SHORT)}}",
    "\n", "\t", " ", "",
    "\u202egnp.exe", "zero\u200bwidth", "\u2800", "😀", "👩‍👩‍👧", "e\u0301", "42", "null", '"', "\\n", MASK,
)  # fmt: skip

words = st.sampled_from(SLY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
texts = words | st.builds(
    lambda text, times: text * times,
    st.sampled_from([*SLY, "word ", "line\n", "x"]),
    st.sampled_from([3, 40, 200, 1000]),
)
pools = st.lists(texts, min_size=1, max_size=6)
ACTIONS = (
    APPROVE,
    DENY,
    ALWAYS_ALLOW,
    WITHDRAW,
    NUDGE,
    ADD_DETAILS,
    IT_RAN,
    IT_DID_NOT_RUN,
    ACCEPT,
    KEEP_ASKING,
    SWITCH_OFF,
)
MANY = 200
CARE = {APPROVE, ALWAYS_ALLOW, IT_RAN, ACCEPT}
"""Actions that let something run."""


def nested(text: str, depth: int) -> JsonValue:
    value: JsonValue = text
    for level in range(depth):
        value = {text[:20]: value, "level": level} if level % 2 else [value, text[:20], level]
    return value


def a_value(text: str, number: int) -> JsonValue:
    kinds: tuple[JsonValue, ...] = (text, number, text, None, nested(text, 30), text, [text, {text: [text]}])
    return kinds[number % len(kinds)]


def a_call(pool: Sequence[str], number: int, count: int) -> CardCall:
    names = cycle(pool if count < MANY else [text[:40] for text in pool])
    return CardCall(
        tool=next(names)[:320],
        title=next(names),
        arguments={f"{name}{n}": a_value(next(names), n) for n, name in enumerate(islice(names, count))},
        effect=tuple(Effect)[number % 3],
        decision=tuple(Action)[number % 4],
        reason=next(names),
        status=tuple(CallStatus)[number % 7],
        result=next(names) if number % 2 else "",
    )


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Cards as hostile as outside text can make them."""
    pool = draw(pools)
    names = cycle(pool)
    counts = draw(st.lists(st.sampled_from([0, 1, 8]), max_size=3) | st.sampled_from([[MANY], [1] * 60]))
    return Card(
        id="0" * 32,
        request="request-1",
        title=draw(texts),
        status=draw(st.sampled_from([*RequestStatus, *ApprovalStatus])),
        facts=tuple(Fact(next(names), next(names)) for _ in range(draw(st.sampled_from([0, 4, 60])))),
        calls=tuple(a_call(pool, number, count) for number, count in enumerate(counts)),
        quotes=tuple(Quote(next(names), next(names)) for _ in range(draw(st.integers(0, 3)))),
        warnings=tuple(next(names) for _ in range(draw(st.sampled_from([0, 1, 30])))),
        actions=tuple(
            CardAction(id=action, label=action.title(), style=style, dialog=dialog)
            for action, style, dialog in zip(
                draw(st.lists(st.sampled_from(ACTIONS), unique=True)),
                cycle(Style),
                cycle((None, Dialog(title="Why", submit="Send"))),
                strict=False,
            )
        ),
    )


def squeezed(text: str) -> str:
    return "".join(text.split())


def said(value: JsonValue) -> Iterator[str]:
    """Gives every text in a value of an argument, as it is spelled there."""
    if isinstance(value, dict):
        yield from (json.dumps(name, ensure_ascii=False) for name in value)
        for inner in value.values():
            yield from said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from said(inner)
    else:
        yield json.dumps(value, ensure_ascii=False)


def everything_said(card: Card) -> Iterator[str]:
    yield card.title
    yield from card.warnings
    for fact in card.facts:
        yield from (fact.label, fact.value)
    for call in card.calls:
        yield from (call.tool, call.title, call.reason, call.result)
        for value in call.arguments.values():
            yield from (value,) if isinstance(value, str) else said(value)
    for quote in card.quotes:
        yield from (quote.label, quote.text) if quote.text else ()


def missing(card: Card, shown: str) -> list[str]:
    """Gives what the card says and is not shown; white space may be shown otherwise."""
    whole = squeezed(shown)
    found = [text for text in everything_said(card) if squeezed(text) not in whole]
    for name in (name for call in card.calls for name in call.arguments):
        spelled = squeezed(json.dumps(name, ensure_ascii=False))
        if squeezed(name) not in whole and spelled not in whole:
            found.append(name)
    return found
