"""Renders a card as a message: whole where it fits, else what matters most and a way to the rest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from bot.cards.model import APPROVE, Card
from bot.cards.words import one_line
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, context, cut, header, run, section
from bot.chat.slack.kit.paragraphs import Paragraph, line, packed
from bot.chat.slack.kit.texts import inert, pieces, units, weight
from bot.chat.slack.kit.words import marked_status, status_word
from bot.chat.slack.shown.buttons import action_buttons, harmless, rows, view_all
from bot.chat.slack.shown.parts import Kind, Part, laid_out, parts

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
    shown = _chosen(everything)
    whole_title = units(one_line(card.title)) <= _COMPACT_TITLE
    return [
        *(title_blocks(card) if whole_title else [header(one_line(card.title))]),
        context(marked_status(card.status)),
        *laid_out(shown),
        *packed(_missing(card, everything, shown, whole_title=whole_title)),
        *rows([view_all(card), *action_buttons(card, harmless(card))], block_id=row_id(card)),
    ]


def _chosen(everything: Sequence[Part]) -> list[Part]:
    """Gives the parts that fit, or what stands for them; those of the lowest ranks first."""
    room = limits.COMPACT_WEIGHT
    kept = dict[int, Part]()
    steps = {0}
    for index in sorted(range(len(everything)), key=lambda index: everything[index].rank):
        part = everything[index]
        if part.kind is not Kind.STEP and part.step not in steps:
            continue
        for one in (part, replace(part, paragraphs=part.instead)):
            size = weight(laid_out([one]))
            if one.paragraphs and size <= room:
                room -= size
                kept[index] = one
                steps.add(part.step)
                break
    return [kept[index] for index in sorted(kept)]


def _missing(
    card: Card, everything: Sequence[Part], shown: Sequence[Part], *, whole_title: bool
) -> Iterator[Paragraph]:
    """Says how much of the card is not shown, and where it is."""
    of = Counter(part.kind for part in everything)
    here = Counter(part.kind for part in shown if part.paragraphs != part.instead)
    counts = [
        f"{here[kind]} of {total} {kind.value if total > 1 else kind.value[:-1]}"
        for kind, total in of.items()
        if here[kind] < total
    ]
    sentences = []
    if not whole_title:
        sentences.append("The title is cut.")
    if counts:
        sentences.append(f"Shown: {', '.join(counts)}.")
    approve = any(action.id == APPROVE for action in card.actions)
    sentences.append(f"“View all” shows the rest{', and there you can approve' if approve else ''}.")
    yield line(run("Not everything fits here. ", bold=True), run(" ".join(sentences)))
