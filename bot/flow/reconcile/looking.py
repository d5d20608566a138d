"""Looks up everybody whom anything rests on: givers, holders, approvers, requesters, owners of accounts."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.cards.visible import visible
from bot.cards.words import one_line
from bot.domain.leavers import Leaver, departure
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.tools import shortened
from bot.flow.reconcile.move_approvals import waiting
from bot.flow.reconcile.suspend_grants import parts_of
from bot.flow.seams import Seams
from bot.flow.standing import state_of
from bot.ports.chat import Link
from bot.ports.directory import Directory
from bot.ports.store import Unit

_AT_ONCE: Final = 8
"""Persons who are asked for at the same time; providers count what is asked of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """Everybody who was looked up, and who of them is gone."""

    count: int
    leavers: tuple[Leaver, ...]
    """By name."""
    links: tuple[Link, ...]
    """Every account that is tied to anybody."""

    def accounts_of(self, person: PersonId) -> tuple[str, ...]:
        """Gives the accounts that are still tied to the person, as people would look for them."""
        return tuple(f"{one.user.surface} {one.user.id}" for one in self.links if one.person == person)


async def look_up(seams: Seams, also: Iterable[PersonId] = ()) -> LookedUp:
    """Gives who is gone of those whom anything rests on, and of these others.

    The directory has to be one that answers nothing from before this round.

    Raises:
        DirectoryUnreachable: somebody cannot be looked up, so nothing is concluded of anybody; or nobody has
            to be, and the directory does not answer.
    """
    async with seams.store.view(seams.tenant) as view:
        wanted = await _wanted(seams, view)
        links = await view.links.all()
    everybody = wanted | {one.person for one in links} | set(also)
    if not everybody:
        # A directory that cannot be used is to be noticed before somebody rests on it.
        await seams.directory.members(TECHNICIANS)
    answers = await _answers(seams.directory, everybody)
    leavers = []
    for person, found in answers.items():
        how = departure(found)
        if how is not None:
            name = found.name if found is not None else await _last_name(seams, person)
            shown = visible(shortened(one_line(name), 100), set()) or person
            leavers.append(Leaver(id=person, name=shown, how=how))
    leavers.sort(key=lambda one: (one.name, one.id))
    return LookedUp(count=len(answers), leavers=tuple(leavers), links=links)


async def _wanted(seams: Seams, view: Unit) -> set[PersonId]:
    now = seams.clock.now()
    found = set[PersonId]()
    for grant in await view.grants.all():
        if state_of(grant, now) == "in force":
            found.update(parts_of(grant))
    open_ones = await waiting(view)
    found.update(one.approver for one in open_ones.pending if one.approver)
    found.update(*open_ones.viewers.values())
    found.update(open_ones.requesters.values())
    return found


async def _answers(directory: Directory, wanted: Iterable[PersonId]) -> Mapping[PersonId, Person | None]:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def look(person: PersonId) -> Person | None:
        async with turn:
            return await directory.entry(person)

    ordered = sorted(set(wanted))
    looks = [asyncio.ensure_future(look(person)) for person in ordered]
    try:
        return dict(zip(ordered, await asyncio.gather(*looks), strict=True))
    finally:
        # One refusal is enough: nobody else is asked for then.
        for one in looks:
            one.cancel()
        await asyncio.gather(*looks, return_exceptions=True)


async def _last_name(seams: Seams, person: PersonId) -> str:
    """Gives the name of somebody whom the directory knows no more: as it, or a decision, knew them last."""
    sighting = seams.directory.last_seen(person)
    if sighting is not None:
        return sighting.person.name
    async with seams.store.view(seams.tenant) as view:
        for request in await view.requests.newest(person, limit=1):
            calls = [call.id for call in await view.requests.calls(request.id)]
            for decision in reversed(await view.audit.decisions_on(calls)):
                if decision.requester.id == person:
                    return decision.requester.name
    return person
