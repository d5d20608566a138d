"""The parts of a card as paragraphs of Slack."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.chat.argument_text import IN_LINE
from bot.chat.card_choice import Chosen
from bot.chat.card_parts import Argument, Head, Known, Part, Quoted, Warned
from bot.chat.card_words import BETWEEN, NO_ARGUMENTS, left_out_words
from bot.chat.slack.kit.blocks import Block, cut, divider, emoji, run
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
from bot.chat.slack.shown.arguments import argument


def laid_out(shown: Iterable[Part | Chosen]) -> list[Block]:
    """Gives the blocks of these parts; what runs stands between lines."""
    blocks: list[Block] = []
    about_calls: bool | None = None
    chosen = (one if isinstance(one, Chosen) else Chosen(one, whole=True) for one in shown)
    for (is_call, _), members in groupby(chosen, key=lambda one: one.part.group):
        if about_calls not in {None, is_call}:
            blocks.append(divider())
        blocks.extend(packed(paragraph for one in members for paragraph in _paragraphs(one)))
        about_calls = is_call
    return blocks


def _paragraphs(one: Chosen) -> tuple[Paragraph, ...]:
    match one.part.says:
        case Warned(text):
            first, *more = bold(text)
            return (line(emoji("warning"), run("  "), *first.runs), *more)
        case Known(label, value):
            return labelled(label, value)
        case Head() as head:
            return tuple(_head(head))
        case Argument() as given:
            return argument(given) if one.whole else (_left_out(given),)
        case Quoted(label=label, text=text, verbatim=is_verbatim):
            return (*bold(label), *(verbatim(text, label) if is_verbatim else quotation(text)))


def _head(head: Head) -> Iterator[Paragraph]:
    if head.title:
        yield from bold(head.title)
    yield line(
        run(head.tool, code=True),
        run(BETWEEN),
        run(head.effect, bold=head.destroys),
        *(run(f"{BETWEEN}{word}") for word in head.words),
    )
    if head.reason:
        yield from small(head.reason)
    if head.bare:
        yield line(run(NO_ARGUMENTS, italic=True))


def _left_out(given: Argument) -> Paragraph:
    label = run(f"{cut(given.name, IN_LINE)}: ", bold=True)
    return line(label, run(left_out_words(given.text), italic=True))
