"""What a policy can say about a tool call, and how much of a tool's damage can be undone."""

from enum import StrEnum
from typing import Self

from bot.domain.errors import UnknownWord


class Action(StrEnum):
    """The ladder of answers, from least to most restrictive."""

    AUTO = "auto"
    STEP_UP = "step_up"
    APPROVAL_NEEDED = "approval_needed"
    DISABLED = "disabled"

    @property
    def rung(self) -> int:
        """The place on the ladder; a higher rung is more restrictive."""
        return _RUNGS[self]

    @classmethod
    def parse(cls, word: str) -> Self:
        """Gives the action for our word or for a word of the products our users come from.

        Raises:
            UnknownWord: the word names no action.
        """
        normal = word.strip().lower().replace("-", "_").replace(" ", "_")
        try:
            return cls(_SYNONYMS.get(normal, normal))
        except ValueError:
            raise UnknownWord(word=word, known=", ".join(cls)) from None


_RUNGS = {action: rung for rung, action in enumerate(Action)}

_SYNONYMS = {
    "allow": "auto",
    "stepup": "step_up",
    "request_approval": "approval_needed",
    "review": "approval_needed",
    "deny": "disabled",
    "block": "disabled",
}


class Effect(StrEnum):
    """What a tool does to the system behind it."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"
