from typing_extensions import override

from bot.directory.managers import name_in
from bot.domain.people import Person, PersonId
from tests.fakes.directory import FakeDirectory


class MarkedDirectory(FakeDirectory):
    """Understands a manager's name in the place of an id, as some adapters do."""

    @override
    async def person(self, person: PersonId) -> Person | None:
        return await super().person(PersonId(name_in(person) or person))
