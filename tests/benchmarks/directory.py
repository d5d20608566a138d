"""Prints what it costs to know who somebody is, in an organisation of 50,000 people and 2,000 groups.

`python -m tests.benchmarks.directory [PROVIDER …]`. The peer is a copy of everybody in memory, which would
have to be kept up to date.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from bot.directory.recent import RecentDirectory
from bot.domain.people import Person, PersonId
from bot.flow.seats import find_manager
from tests.directories.every import OVER_HTTP
from tests.directories.http import HttpStage
from tests.directories.stage import someone
from tests.fakes.clock import MovedClock

PEOPLE: Final = 50_000
GROUPS: Final = 2_000
IN_EACH: Final = 8
"""Groups that a person is in."""
ASKED: Final = 300
"""Persons who are asked for."""
PAGE: Final = 500
"""Things on a page of the provider's."""
PROVIDERS: Final = ("entra", "okta", "google", "scim")


def everybody() -> list[Person]:
    """Gives the people: twenty technicians, two admins, and managers of eight reports each."""
    chance = random.Random(20_261_121)  # noqa: S311 - nothing is secret here
    found = []
    for number in range(PEOPLE):
        groups = {f"group{chance.randrange(GROUPS):04}" for _ in range(IN_EACH)}
        groups |= {"it"} if 0 < number <= 20 else set()
        groups |= {"it-admins"} if 20 < number <= 22 else set()
        above = f"p{(number - 1) // 8:05}" if number else None
        found.append(someone(f"p{number:05}", *groups, manager=above))
    return found


def weight(thing: object, seen: set[int]) -> int:
    """Gives the bytes of a thing and of all that it holds, each once."""
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    size = sys.getsizeof(thing)
    if isinstance(thing, dict):
        return size + sum(weight(key, seen) + weight(value, seen) for key, value in thing.items())
    if isinstance(thing, (list, tuple, set, frozenset)):
        return size + sum(weight(one, seen) for one in thing)
    if is_dataclass(thing):
        return size + sum(weight(getattr(thing, field.name), seen) for field in fields(thing))
    return size


async def timed(work: Callable[[Person], Awaitable[object]], asked: Sequence[Person]) -> float:
    """Gives the median time of one question, in milliseconds."""
    times = []
    for person in asked:
        start = perf_counter()
        await work(person)
        times.append(perf_counter() - start)
    return median(times) * 1_000


async def measured(
    name: str, stage: HttpStage, people: Sequence[Person], copy: dict[PersonId, Person]
) -> None:
    """Prints what one provider costs."""
    stage.server.page = PAGE
    stage.holds(people)

    async def limit() -> timedelta:
        return timedelta(minutes=1)

    directory = RecentDirectory(stage.provider, clock=MovedClock(), limit=limit)
    asked = random.Random(7).sample(people[100:], ASKED)  # noqa: S311 - nothing is secret here
    await directory.person(people[1].id)

    async def decided(person: Person) -> object:
        return await directory.person(person.id)

    async def with_manager(person: Person) -> object:
        found = await directory.person(person.id)
        assert found is not None
        return await find_manager(directory, found)

    async def copied(person: Person) -> object:
        return copy[person.id]

    calls = len(stage.server.asked)
    cold = await timed(decided, asked)
    each = (len(stage.server.asked) - calls) / ASKED
    calls = len(stage.server.asked)
    warm = await timed(decided, asked)
    assert len(stage.server.asked) == calls, "a warm decision asked the provider"
    peer = await timed(copied, asked)
    further = random.Random(8).sample(people[100:], ASKED)  # noqa: S311 - nothing is secret here
    calls = len(stage.server.asked)
    seat = await timed(with_manager, further)
    per_seat = (len(stage.server.asked) - calls) / ASKED
    calls, start = len(stage.server.asked), perf_counter()
    technicians = await directory.members("technicians")
    assert len(technicians) == 22
    took, for_group = (perf_counter() - start) * 1_000, len(stage.server.asked) - calls
    remembered = weight(directory._memory, set()) / max(len(directory._memory.seen), 1)
    print(
        f"{name:>7}: cold {each:.2f} calls {cold:6.2f} ms; with manager {per_seat:.2f} calls {seat:6.2f} ms; "
        f"warm 0 calls {warm * 1_000:5.1f} us (1:{cold / warm:,.0f} of cold, {warm / max(peer, 1e-6):.0f}:1 "
        f"of a copy); 22 technicians {for_group} calls {took:.0f} ms; {remembered / 1_024:.1f} KiB a person"
    )


async def main(wanted: Sequence[str]) -> None:
    """Prints the costs of each provider."""
    start = perf_counter()
    people = everybody()
    copy = {person.id: person for person in people}
    print(
        f"{PEOPLE:,} people in {GROUPS:,} groups; the peer, a copy of everybody, is "
        f"{weight(copy, set()) / 2**20:.0f} MiB (made here in {perf_counter() - start:.1f} s)"
    )
    for name in wanted or PROVIDERS:
        with TemporaryDirectory() as folder:
            async with OVER_HTTP[name](Path(folder)) as stage:
                await measured(name, stage, people, copy)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
