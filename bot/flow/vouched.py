"""Which of somebody's groups count when something is decided about them.

Policies and standing approvals name groups, and in most directories anybody may make a group and call it like
another one. So a membership counts fully only where the directory says that it is in the group meant.
"""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.domain.people import Person
from bot.flow.seams import Seams
from bot.ports.directory import Directory


async def vouched(directory: Directory, person: Person, named: Collection[str]) -> Person:
    """Gives the person with every group in doubt but those of `named` that they certainly are in.

    Where no two groups can have one name, nothing is in doubt, and nothing is asked.

    Raises:
        DirectoryUnreachable: it cannot be found out.
    """
    if directory.has_unique_names or not person.groups:
        return person
    asked = sorted(person.groups.intersection(named))
    answers = await asyncio.gather(*(directory.is_in(person.id, group) for group in asked))
    sure = {group for group, is_in in zip(asked, answers, strict=True) if is_in}
    return replace(person, doubtful=person.groups - sure)


async def vouched_now(seams: Seams, person: Person, also: Iterable[str] = ()) -> Person:
    """Gives the person as `vouched` does, for the groups that policies and grants name now, and for these.

    Raises:
        DirectoryUnreachable: it cannot be found out.
    """
    if seams.directory.has_unique_names or not person.groups:
        return person
    async with seams.store.view(seams.tenant) as view:
        named = (await view.policies.current()).groups
    return await vouched(seams.directory, person, named.union(also))
