from collections.abc import Iterable

from typing_extensions import override

from bot.directory.people import email_key
from bot.domain.availability import Availability
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.ports.directory import Directory, DirectoryUnreachable, Gap, Sighting


class FakeDirectory(Directory):
    """A directory in memory; `unreachable = True` takes it down, `put` changes a person.

    Where `unique_names` is taken away, several groups have each name in `lookalikes`.
    """

    def __init__(
        self, persons: Iterable[Person] = (), *, fallback: str = TECHNICIANS, groups: Iterable[str] = ()
    ) -> None:
        self.unreachable = False
        self.unique_names = True
        self.lookalikes = set[str]()
        self.fallback = fallback
        self.groups = set(groups)
        self._persons = {person.id: person for person in persons}

    def refill(self, persons: Iterable[Person]) -> None:
        self._persons = {person.id: person for person in persons}

    def put(self, person: Person) -> None:
        self._persons[person.id] = person

    def remove(self, person: PersonId) -> None:
        del self._persons[person]

    @override
    async def person(self, person: PersonId) -> Person | None:
        self._check()
        return self._persons.get(person)

    @override
    async def entry(self, person: PersonId) -> Person | None:
        return await self.person(person)

    @override
    async def by_email(self, email: str) -> Person | None:
        key = email_key(email)
        found = [person for person in await self.everyone() if email_key(person.email) == key]
        return found[0] if len(found) == 1 else None

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        return tuple(person for person in await self.everyone() if person.sits_in(group))

    @override
    async def has_group(self, group: str) -> bool:
        named = {name for person in await self.everyone() for name in person.groups}
        return group in named | self.groups

    async def everyone(self) -> tuple[Person, ...]:
        self._check()
        return tuple(sorted(self._persons.values(), key=lambda person: (person.name, person.id)))

    @property
    @override
    def has_unique_names(self) -> bool:
        return self.unique_names

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        found = await self.person(person)
        return found is not None and group in found.groups and group not in self.lookalikes

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        key = typed.strip().casefold()
        persons = [person for person in await self.everyone() if person.enabled]
        found = [one for one in persons if key in one.name.casefold() or key in one.email.casefold()]
        return tuple(found[:limit])

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        key = typed.strip().casefold()
        named = {name for person in await self.everyone() for name in person.groups} | self.groups
        return tuple(sorted(name for name in named if key in name.casefold())[:limit])

    @override
    def afresh(self) -> Directory:
        return self

    @override
    def last_seen(self, person: PersonId) -> Sighting | None:
        return None

    @override
    async def availability(self, person: PersonId) -> Availability | None:
        self._check()
        return None

    @override
    async def gaps(self) -> tuple[Gap, ...]:
        self._check()
        return ()

    @override
    async def fallback_group(self) -> str:
        self._check()
        return self.fallback

    def _check(self) -> None:
        if self.unreachable:
            raise DirectoryUnreachable
