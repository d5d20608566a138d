"""Paragraphs, quotations and preformatted text, packed into few rich text blocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.chat.card_words import part_words
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, rich, run
from bot.chat.slack.kit.texts import pieces, units

ROOM: Final = limits.RICH_TEXT - 100
"""Characters of one paragraph; the rest is for the line breaks that join it to others."""


class Shape(StrEnum):
    """How a paragraph looks."""

    LINE = "rich_text_section"
    QUOTE = "rich_text_quote"
    VERBATIM = "rich_text_preformatted"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, short enough for a block of its own."""

    shape: Shape
    runs: tuple[Block, ...]

    @property
    def size(self) -> int:
        """Characters that it takes in a block."""
        return 1 + sum(units(str(one.get("text") or one.get("name"))) for one in self.runs)

    @property
    def block(self) -> Block:
        """The element as Slack takes it."""
        return {"type": self.shape.value, "elements": list(self.runs)}


def line(*runs: Block) -> Paragraph:
    """Gives one line; it must be short."""
    return Paragraph(Shape.LINE, runs)


def labelled(label: str, text: str) -> tuple[Paragraph, ...]:
    """Gives a label in bold and what is known, in one line, or in as many as the length needs."""
    if units(label) + units(text) + 3 <= ROOM:
        found = f"{label} – " if ":" in label else f"{label}: "
        return (line(run(found, bold=True), run(text)),)
    return (*bold(label), *(line(run(piece)) for piece in pieces(text, ROOM)))


def bold(text: str) -> tuple[Paragraph, ...]:
    """Gives the text in bold."""
    return tuple(line(run(piece, bold=True)) for piece in pieces(text, ROOM))


def small(text: str) -> tuple[Paragraph, ...]:
    """Gives the text as it is, in lines."""
    return tuple(line(run(piece)) for piece in pieces(text, ROOM))


def quotation(text: str) -> tuple[Paragraph, ...]:
    """Gives somebody's own words, set off from ours."""
    return tuple(Paragraph(Shape.QUOTE, (run(piece),)) for piece in pieces(text, ROOM))


def verbatim(text: str, again: str) -> tuple[Paragraph, ...]:
    """Gives the text in a fixed width; `again` names what goes on where it is divided."""
    parts = pieces(text, ROOM)
    found = []
    for number, piece in enumerate(parts, start=1):
        if number > 1:
            found.append(line(run(part_words(again, number, len(parts)), italic=True)))
        found.append(Paragraph(Shape.VERBATIM, (run(piece),)))
    return tuple(found)


def packed(paragraphs: Iterable[Paragraph]) -> list[Block]:
    """Gives the blocks that hold the paragraphs in their order; lines after each other are one element."""
    blocks: list[Block] = []
    held: list[Paragraph] = []
    size = 0
    for paragraph in paragraphs:
        if held and size + paragraph.size > limits.RICH_TEXT:
            blocks.append(rich(*(one.block for one in held)))
            held, size = [], 0
        size += paragraph.size
        if held and held[-1].shape is paragraph.shape is Shape.LINE:
            held[-1] = line(*held[-1].runs, run("\n"), *paragraph.runs)
        else:
            held.append(paragraph)
    if held:
        blocks.append(rich(*(one.block for one in held)))
    return blocks
