"""What a card shows that cannot show everything: what matters most, and how much is missing."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.cards.model import APPROVE, Card
from bot.chat.card_parts import Argument, Kind, Part
from bot.chat.card_words import VIEW_ALL, page_words


@dataclass(frozen=True, slots=True)
class Chosen:
    """One part that is shown, or what says that it is not."""

    part: Part
    whole: bool


def chosen(everything: Sequence[Part], room: int, weigh: Callable[[Chosen], int]) -> list[Chosen]:
    """Gives the parts that fit, or what stands for them; those of the lowest ranks first."""
    kept = dict[int, Chosen]()
    steps = {0}
    for index in sorted(range(len(everything)), key=lambda index: everything[index].rank):
        part = everything[index]
        if part.kind is not Kind.STEP and part.step not in steps:
            continue
        ways = (True, False) if isinstance(part.says, Argument) else (True,)
        for one in (Chosen(part, whole) for whole in ways):
            size = weigh(one)
            if size <= room:
                room -= size
                kept[index] = one
                steps.add(part.step)
                break
    return [kept[index] for index in sorted(kept)]


def missing_words(
    card: Card, everything: Sequence[Part], shown: Sequence[Chosen], *, title_is_cut: bool
) -> str:
    """Says how much of the card is not shown, and where it is."""
    of = Counter(part.kind for part in everything)
    here = Counter(one.part.kind for one in shown if one.whole)
    counts = [
        f"{here[kind]} of {total} {kind.value if total > 1 else kind.value[:-1]}"
        for kind, total in of.items()
        if here[kind] < total
    ]
    sentences = ["The title is cut."] if title_is_cut else []
    if counts:
        sentences.append(f"Shown: {', '.join(counts)}.")
    approve = any(action.id == APPROVE for action in card.actions)
    sentences.append(f"“{VIEW_ALL}” shows the rest{', and there you can approve' if approve else ''}.")
    return " ".join(sentences)


def place_words(card: Card, page: int, total: int) -> str:
    """Gives which page of the whole card it is, and where to decide; empty where there is only one."""
    if total == 1:
        return ""
    decide = " You can decide on the last page." if card.actions and page < total else ""
    return f"{page_words(page, total)}{decide}"
