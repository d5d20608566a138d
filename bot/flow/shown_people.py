"""The people whom cards and answers name: as the directory says, or as it said last while it is away."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.people import Person, PersonId
from bot.ports.directory import Directory, DirectoryUnreachable

_AT_ONCE: Final = 8
"""Persons who are asked for at the same time; providers count what is asked of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPeople:
    """Persons to be named; nothing is decided by them."""

    people: Mapping[PersonId, Person]
    as_of: datetime | None = None
    """When the oldest was looked up, where the directory does not answer; None where all are current."""


async def shown_people(directory: Directory, wanted: Iterable[PersonId]) -> ShownPeople:
    """Gives those whom the directory knows, or knew last while it does not answer; never refuses."""
    found: dict[PersonId, Person] = {}
    old: list[datetime] = []
    turn = asyncio.Semaphore(_AT_ONCE)
    is_away = False

    async def look(person_id: PersonId) -> None:
        nonlocal is_away
        async with turn:
            if not is_away:
                try:
                    person = await directory.entry(person_id)
                except DirectoryUnreachable:
                    is_away = True
                else:
                    if person is not None:
                        found[person_id] = person
                    return
        sighting = directory.last_seen(person_id)
        if sighting is not None:
            found[person_id] = sighting.person
            old.append(sighting.at)

    await asyncio.gather(*(look(one) for one in sorted(set(wanted))))
    return ShownPeople(people=found, as_of=min(old, default=None))
