"""The `Directory` port over one provider: what was answered a moment ago is not asked again."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from typing_extensions import override

from bot.directory.managers import name_in
from bot.directory.people import email_key
from bot.domain.availability import Availability
from bot.domain.people import Person, PersonId
from bot.ports.directory import Directory, Gap, IdentityProvider, Sighting
from bot.ports.outside import Clock

KEPT: Final = 20_000
"""Answers that are remembered, and persons; about 1 KB each."""

Answer = TypeVar("Answer")

Limit = Callable[[], Awaitable[timedelta]]
"""Gives how old an answer may be, by the tenant's own setting."""


@dataclass(frozen=True, slots=True)
class _Answered:
    value: object
    number: int
    """Of the question: a higher one was asked later."""
    at: datetime


@dataclass(frozen=True, slots=True)
class _Asking:
    number: int
    at: datetime
    task: "asyncio.Task[Any]"


@dataclass(slots=True)
class _Memory:
    """What all views of one directory share."""

    asked: int = 0
    """The number of the newest question."""
    answers: OrderedDict[Hashable, _Answered] = field(default_factory=OrderedDict)
    asking: dict[Hashable, _Asking] = field(default_factory=dict)
    seen: OrderedDict[PersonId, Sighting] = field(default_factory=OrderedDict)

    def keep(self, key: Hashable, answered: _Answered) -> None:
        """Keeps an answer, unless a later question was answered already; what was not used longest goes."""
        newer = self.answers.get(key)
        if newer is not None and newer.number > answered.number:
            return
        self.answers[key] = answered
        self.answers.move_to_end(key)
        while len(self.answers) > KEPT:
            self.answers.popitem(last=False)


async def each_time() -> timedelta:
    """Gives a limit for a provider that is as quick as memory: nothing is answered from there."""
    return timedelta()


class RecentDirectory(Directory):
    """Asks a provider, and answers the same question from memory for as long as the tenant allows.

    Of equal questions at the same time one is asked. A refusal is never remembered, nor does an old answer
    stand in for one.
    """

    def __init__(self, provider: IdentityProvider, *, clock: Clock, limit: Limit) -> None:
        """Takes the provider; nothing is asked yet."""
        self._provider = provider
        self._clock = clock
        self._limit = limit
        self._memory = _Memory()
        self._since: int | None = None

    @override
    def afresh(self) -> Directory:
        fresh = RecentDirectory(self._provider, clock=self._clock, limit=self._limit)
        fresh._memory = self._memory
        fresh._since = self._memory.asked
        return fresh

    @override
    def last_seen(self, person: PersonId) -> Sighting | None:
        return self._memory.seen.get(person)

    @override
    async def person(self, person: PersonId) -> Person | None:
        found = await self._with_manager(await self._one(person))
        if found is not None:
            self._see(found)
        return found

    @override
    async def entry(self, person: PersonId) -> Person | None:
        found = await self._entry(person)
        if found is not None:
            self._see(found)
        return found

    @override
    async def by_email(self, email: str) -> Person | None:
        key = email_key(email)
        found = await self._answer(("by_email", key), lambda: self._provider.by_email(email))
        return await self._with_manager(found)

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        return await self._answer(("members", group), lambda: self._provider.members(group))

    @override
    async def has_group(self, group: str) -> bool:
        return await self._answer(("has_group", group), lambda: self._provider.has_group(group))

    @property
    @override
    def has_unique_names(self) -> bool:
        return self._provider.has_unique_names

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        if not self._provider.has_unique_names:
            return await self._answer(("is_in", person, group), lambda: self._provider.is_in(person, group))
        found = await self._one(person)
        return found is not None and group in found.groups

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        return await self._provider.search_people(typed, limit=limit)

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        return await self._provider.search_groups(typed, limit=limit)

    @override
    async def fallback_group(self) -> str:
        return await self._provider.fallback_group()

    @override
    async def availability(self, person: PersonId) -> Availability | None:
        return await self._answer(("availability", person), lambda: self._provider.availability(person))

    @override
    async def gaps(self) -> tuple[Gap, ...]:
        return await self._provider.gaps()

    async def _one(self, person: PersonId) -> Person | None:
        return await self._answer(("person", person), lambda: self._provider.person(person))

    async def _entry(self, person: PersonId) -> Person | None:
        whole = self._memory.answers.get(("person", person))
        if whole is not None and await self._is_good(whole):
            return await self._one(person)

        def by_id(found: Person | None) -> Hashable | None:
            """Whoever was looked up by a name is known by their id as well."""
            return None if found is None else ("entry", found.id)

        return await self._answer(("entry", person), lambda: self._provider.entry(person), also=by_id)

    async def _with_manager(self, found: Person | None) -> Person | None:
        """Gives the person with their manager's id, where the provider says it otherwise."""
        if found is None or found.manager is None or not name_in(found.manager):
            return found
        above = await self._entry(found.manager)
        return found if above is None else replace(found, manager=above.id)

    async def _answer(
        self,
        key: Hashable,
        ask: Callable[[], Awaitable[Answer]],
        *,
        also: Callable[[Answer], Hashable | None] = lambda _: None,
    ) -> Answer:
        """Gives what is known by the key, or is answered now; `also` is what else it is known by then."""
        memory = self._memory
        known = memory.answers.get(key)
        if known is not None and await self._is_good(known):
            memory.answers.move_to_end(key)
            return cast("Answer", known.value)
        asking = memory.asking.get(key)
        if asking is None or not await self._is_good(asking):
            asking = self._asked(key, ask, also)
        return cast("Answer", await asyncio.shield(asking.task))

    async def _is_good(self, known: _Answered | _Asking) -> bool:
        if self._since is not None:
            return known.number > self._since
        age = self._clock.now() - known.at
        return timedelta() <= age < await self._limit()

    def _asked(
        self,
        key: Hashable,
        ask: Callable[[], Awaitable[Answer]],
        also: Callable[[Answer], Hashable | None],
    ) -> _Asking:
        memory = self._memory
        memory.asked += 1
        # An answer is as old as its question.
        number, at = memory.asked, self._clock.now()

        async def answered() -> Answer:
            try:
                value = await ask()
                for name in {key, also(value)} - {None}:
                    memory.keep(name, _Answered(value, number, at))
                return value
            finally:
                if memory.asking.get(key) is mine:
                    del memory.asking[key]

        mine = _Asking(number, at, asyncio.ensure_future(answered()))
        # Whoever asked may be gone by the time of a refusal, and nobody else has to hear of it.
        mine.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        memory.asking[key] = mine
        return mine

    def _see(self, person: Person) -> None:
        seen = self._memory.seen
        seen[person.id] = Sighting(person=person, at=self._clock.now())
        seen.move_to_end(person.id)
        if len(seen) > KEPT:
            seen.popitem(last=False)
