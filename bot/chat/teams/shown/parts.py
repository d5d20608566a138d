"""The parts of a card as elements of Adaptive Cards, small enough to be laid out on pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bot.chat.argument_text import IN_LINE, stands_in_line
from bot.chat.card_choice import Chosen
from bot.chat.card_parts import Argument, Head, Kind, Known, Part, Quoted, Warned
from bot.chat.card_words import BETWEEN, NO_ARGUMENTS, left_out_words, part_words
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.elements import (
    Box,
    Colour,
    Element,
    Spacing,
    container,
    rich,
    row,
    run,
)
from bot.chat.teams.kit.texts import cut, pieces, size

_NAME: Final = 60
"""Characters of a label that stands beside what it names."""
_BOXES: Final[Mapping[object, Box]] = {Kind.WARNING: Box.WARNING, Kind.QUOTE: Box.EMPHASIS}
_WARNING: Final = "⚠\u00a0"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One element, with what it stands together with; the first says whether it is about what runs."""

    group: tuple[bool, object]
    element: Element


def drawn(shown: Iterable[Part | Chosen]) -> list[Drawn]:
    """Gives the elements of these parts in their order, each small enough for a page."""
    chosen = (one if isinstance(one, Chosen) else Chosen(one, whole=True) for one in shown)
    return [Drawn(one.part.group, element) for one in chosen for element in _elements(one)]


def laid_out(elements: Sequence[Drawn]) -> list[Element]:
    """Gives the elements as people see them: what belongs together stands together."""
    found = []
    for (is_call, kind), members in groupby(elements, key=lambda one: one.group):
        inner = [one.element for one in members]
        box = None if is_call else _BOXES.get(kind)
        spacing = Spacing.LARGE if is_call else Spacing.MEDIUM
        found.append(container(inner, box=box, spacing=spacing, separator=is_call))
    return found


def plain(text: str, *, subtle: bool = False, spacing: Spacing = Spacing.SMALL) -> list[Element]:
    """Gives the text as it is, in one paragraph or in several."""
    found = pieces(text, limits.PIECE_BYTES)
    return [rich(run(piece, subtle=subtle), spacing=spacing) for piece in found]


def known(label: str, value: str) -> list[Element]:
    """Gives a label with what is known beside it, or below it where one of them is long."""
    if len(label) <= _NAME and size(value) <= limits.PIECE_BYTES:
        return [row(run(label, subtle=True), run(value))]
    return [*bold(label), *plain(value)]


def _elements(one: Chosen) -> list[Element]:
    match one.part.says:
        case Warned(text):
            first, *more = pieces(text, limits.PIECE_BYTES)
            warned = rich(run(_WARNING, bold=True), run(first), spacing=Spacing.SMALL)
            return [warned, *(rich(run(piece), spacing=Spacing.NONE) for piece in more)]
        case Known(label, value):
            return known(label, value)
        case Head() as head:
            return list(_head(head))
        case Argument() as given:
            return list(_argument(given)) if one.whole else [_left_out(given)]
        case Quoted(label=label, text=text, verbatim=is_verbatim):
            said = _boxed(label, text) if is_verbatim else plain(text, spacing=Spacing.NONE)
            return [*_labels(label), *said]


def _head(head: Head) -> Iterator[Element]:
    if head.title:
        yield from bold(head.title)
    colour = Colour.ATTENTION if head.destroys else None
    yield rich(
        run(head.tool, code=True),
        run(BETWEEN, subtle=True),
        run(head.effect, bold=head.destroys, colour=colour),
        *(run(f"{BETWEEN}{word}", subtle=True) for word in head.words),
        spacing=Spacing.NONE,
    )
    if head.reason:
        yield from plain(head.reason, subtle=True, spacing=Spacing.NONE)
    if head.bare:
        yield rich(run(NO_ARGUMENTS, italic=True), spacing=Spacing.SMALL)


def _argument(given: Argument) -> Iterator[Element]:
    name, text = given.name, given.text
    before = " " if text else ""
    note = [run(f"{before}({given.mark})", italic=True, subtle=True)] if given.mark else []
    if not stands_in_line(name):
        yield from bold(name)
        yield from _boxed(name, text)
        if note:
            yield rich(*note, spacing=Spacing.SMALL)
    elif stands_in_line(text) and len(name) <= _NAME:
        yield row(run(name, subtle=True), *([run(text, code=True)] if text else []), *note)
    elif stands_in_line(text):
        yield rich(run(name, subtle=True), spacing=Spacing.SMALL)
        yield rich(*([run(text, code=True)] if text else []), *note, spacing=Spacing.NONE)
    else:
        first, *more = _boxed(name, text)
        yield container([rich(run(name, subtle=True), *note), first], spacing=Spacing.SMALL)
        yield from more


def _left_out(given: Argument) -> Element:
    name = run(cut(given.name, IN_LINE), subtle=True)
    return row(name, run(left_out_words(given.text), italic=True))


def _boxed(name: str, text: str) -> Iterator[Element]:
    """Gives a text as it is, in a fixed width; where it is divided, what goes on is named."""
    found = pieces(text, limits.PIECE_BYTES) if text else []
    for number, piece in enumerate(found, start=1):
        inner = [rich(run(piece if number == len(found) else piece.removesuffix("\n"), code=True))]
        if number > 1:
            goes_on = part_words(cut(name, _NAME), number, len(found))
            inner.insert(0, rich(run(goes_on, italic=True, subtle=True)))
        yield container(inner, box=Box.EMPHASIS, spacing=Spacing.SMALL)


def bold(text: str) -> list[Element]:
    """Gives the text in bold."""
    return [rich(run(piece, bold=True), spacing=Spacing.SMALL) for piece in pieces(text, limits.PIECE_BYTES)]


def _labels(text: str) -> list[Element]:
    found = pieces(text, limits.PIECE_BYTES)
    return [rich(run(piece, size="Small", subtle=True), spacing=Spacing.SMALL) for piece in found]
