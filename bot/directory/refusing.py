"""A provider that cannot be asked, because what the settings say of it cannot be used."""

from typing import NoReturn

from typing_extensions import override

from bot.domain.availability import Availability
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.ports.directory import DirectoryUnreachable, Gap, IdentityProvider


class DirectoryNotSetUp(DirectoryUnreachable):
    """The directory is not set up well, so nobody's manager or role can be checked. {why}."""


class RefusingProvider(IdentityProvider):
    """Refuses every question with the reason, so that whatever needs nobody goes on."""

    def __init__(self, why: Refusal) -> None:
        """Takes what is wrong with the settings."""
        self._why = why

    @override
    async def person(self, person: PersonId) -> Person | None:
        self._refuse()

    @override
    async def entry(self, person: PersonId) -> Person | None:
        self._refuse()

    @override
    async def by_email(self, email: str) -> Person | None:
        self._refuse()

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        self._refuse()

    @override
    async def has_group(self, group: str) -> bool:
        self._refuse()

    @property
    @override
    def has_unique_names(self) -> bool:
        return False

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        self._refuse()

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        self._refuse()

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        self._refuse()

    @override
    async def fallback_group(self) -> str:
        self._refuse()

    @override
    async def availability(self, person: PersonId) -> Availability | None:
        self._refuse()

    @override
    async def gaps(self) -> tuple[Gap, ...]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise DirectoryNotSetUp(why=self._why.sentence.removesuffix("."))
