"""How the demo's tools speak."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.demo.records import Record

R_co = TypeVar("R_co", bound=Record, covariant=True)


@dataclass(frozen=True, slots=True)
class Answer(Generic[R_co]):
    """What a tool gives: a sentence for people, and the same as a record for programs."""

    sentence: str
    record: R_co


def listed(words: Iterable[str]) -> str:
    """Joins words as people do: “a, b and c”."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def counted(number: int, one: str, many: str) -> str:
    """Puts a number before the right form of a noun: “1 app”, “2 apps”."""
    return f"{number} {one if number == 1 else many}"
