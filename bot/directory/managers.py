"""Managers of whom a provider knows an address or a login, instead of an id.

An adapter gives such a manager as `known_as(…)`, and its `person` understands that. `RecentDirectory` puts
the id in its place, so that whoever asks the directory compares ids only.
"""

from typing import Final

from bot.domain.people import PersonId

_MARK: Final = "known-as:"


def known_as(name: str) -> PersonId:
    """Gives what stands for whoever has this name, until they are looked up."""
    return PersonId(f"{_MARK}{name}")


def name_in(person: PersonId) -> str:
    """Gives the name that stands there instead of an id; empty for an id."""
    return person.removeprefix(_MARK) if person.startswith(_MARK) else ""
