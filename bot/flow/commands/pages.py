"""Pages of long answers, and finding what a misspelt name was meant to be."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from rapidfuzz import fuzz, process

from bot.cards.answer import Answer, AnswerRow
from bot.cards.model import Fact
from bot.domain.tools import shortened

PER_PAGE: Final = 15
NOTHING_FITS: Final = "Nothing fits. Leave out a part of what you are looking for."

_ALIKE: Final = 75
"""How alike two names must be, of 100, for one to be proposed instead of the other."""

Item = TypeVar("Item")


class Page(NamedTuple, Generic[Item]):
    """The items of one page, and which page of how many it is."""

    items: Sequence[Item]
    number: int
    pages: int


def page_of(items: Sequence[Item], number: int, *, per_page: int = PER_PAGE) -> Page[Item]:
    """Gives the page of this number, from 1; the last one where there are not so many."""
    pages = max(1, -(-len(items) // per_page))
    here = min(number, pages)
    return Page(items[(here - 1) * per_page : here * per_page], here, pages)


def paged_answer(
    title: str,
    page: Page[Item],
    lines: Iterable[AnswerRow],
    *,
    command: Callable[[int], str],
    facts: Sequence[Fact] = (),
    note: str = "",
) -> Answer:
    """Gives the answer of one page; `command` spells the command that gives the page of a number."""
    return Answer(
        title=title,
        facts=tuple(facts),
        lines=tuple(lines),
        note=note,
        page=page.number,
        pages=page.pages,
        command_for_next=command(page.number + 1) if page.number < page.pages else "",
        command_for_previous=command(page.number - 1) if page.number > 1 else "",
    )


def counted(count: int, thing: str, things: str = "") -> str:
    """Gives `1 policy` or `2 policies`."""
    return f"{count} {thing if count == 1 else things or thing + 's'}"


def hint(said: str, known: Iterable[str]) -> str:
    """Gives a sentence that names what is most like this; empty where nothing is."""
    found = process.extractOne(shortened(said), sorted(known), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return f" Did you mean “{found[0]}”?" if found else ""
