"""Who plays which person of the demo company."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Who plays a person of the demo, and where."""

    person: str
    """The person's e-mail address, or their id where that was given."""
    surface: str
    account: str
    """The player's id on the surface."""
