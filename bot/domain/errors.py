"""Refusals: each class's docstring is the sentence that a person reads."""

from typing import ClassVar


class Refusal(Exception):
    """That did not work."""

    kind: ClassVar[str] = "invalid"
    """What a surface makes of it: invalid, forbidden, missing, conflict, too_large or unavailable."""

    def __init__(self, **facts: object) -> None:
        """Fills the sentence's placeholders with the given facts."""
        self.facts = facts
        super().__init__((type(self).__doc__ or "").split("\n\n")[0].replace("\n", " ").format(**facts))

    @property
    def sentence(self) -> str:
        """The sentence to show, complete and safe to print as plain text."""
        return str(self)


class UnknownWord(Refusal):
    """“{word}” is not an action. Use one of: {known}."""
