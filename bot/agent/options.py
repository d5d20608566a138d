"""The options of a choice, found among words."""

from collections.abc import Sequence

from bot.agent.runbook import Slot
from bot.agent.vocabulary import SKIPPED


def option_at(slot: Slot, words: Sequence[str], place: int) -> tuple[str, int] | None:
    """Gives the option named at this place and how many words name it; the longest name wins."""
    best: tuple[str, int] | None = None
    for value, spellings in slot.options.items():
        for spelling in spellings:
            fits = tuple(words[place : place + len(spelling)]) == spelling
            if fits and (best is None or len(spelling) > best[1]):
                best = (value, len(spelling))
    return best


def options_said(slot: Slot, words: Sequence[str], *, only: bool = False) -> tuple[str, ...]:
    """Gives every option that the words name, in order; none with `only` if other words are among them."""
    found: list[str] = []
    place = 0
    while place < len(words):
        hit = option_at(slot, words, place)
        if hit:
            found.append(hit[0])
        elif only and words[place] not in SKIPPED:
            return ()
        place += hit[1] if hit else 1
    return tuple(dict.fromkeys(found))
