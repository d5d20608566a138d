"""What every step of the round is: it finds what leavers leave behind, and does one thing at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.domain.leavers import Leaver, Part


class Effect(StrEnum):
    """What the round does to what leavers leave behind."""

    SUSPENDED = "suspended"
    """A standing approval counts no more until an admin resumes it."""
    MOVED = "moved"
    """An open approval is asked of others, or those who can help are told."""
    ENDED = "ended"
    """An own open request is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that is to be done."""

    leaver: Leaver
    effect: Effect
    thing: str
    """The id of the standing approval, the approval or the request."""
    part: Part = Part.GIVER
    """What the leaver is to a standing approval; says nothing about other things."""


class Step(Protocol):
    """One kind of thing that leavers leave behind."""

    async def due(self, leavers: Sequence[Leaver]) -> list[Due]:
        """Gives what is to be done, and changes nothing.

        Raises:
            DirectoryUnreachable: it is not known whom else to ask.
        """
        ...

    async def do(self, due: Due) -> None:
        """Does it in a transaction of its own; nothing where it is done already, or not to be done any more.

        Raises:
            DirectoryUnreachable: it is not known whom else to ask; nothing changed.
        """
        ...
