"""The seam to the identity provider: who is who, who is whose manager, and who may what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.availability import Availability
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId


class DirectoryUnreachable(Refusal):
    """The directory does not answer at the moment, so nobody's manager or role can be checked."""

    kind = "unavailable"


class AmbiguousGroup(DirectoryUnreachable):
    """The directory has several groups named “{group}”, so nobody in them counts. Rename all but one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that the provider does not let the bot do."""

    permission: str
    """What would have to be granted, by the provider's own name."""
    without: str
    """What does not work without it, as a sentence."""
    is_needed: bool
    """Whether nobody can be asked or decide anything without it."""


class IdentityProvider(Protocol):
    """One provider, asked anew with every question: nothing is answered from memory.

    Every method raises `DirectoryUnreachable` when the provider does not answer, or does not let us ask.
    """

    async def person(self, person: PersonId) -> Person | None:
        """Gives the person, disabled or not, with every group that they are in; None when there is none.

        In place of the manager's id may be something else that this method takes (`bot.directory.managers`);
        a `Directory` always gives the id.
        """
        ...

    async def entry(self, person: PersonId) -> Person | None:
        """Gives the person as `person` does, but perhaps without groups, and then as an employee alone.

        It says who somebody is, whether they are enabled, and who their manager is; where groups are a
        question of their own, it is half as dear. The manager need not be the id that theirs is, but it is
        what `entry` finds them by.
        """
        ...

    async def by_email(self, email: str) -> Person | None:
        """Gives the person with this address, compared without case; None unless it is exactly one."""
        ...

    async def members(self, group: str) -> tuple[Person, ...]:
        """Gives those who may fill a seat of the group, enabled ones only, by name.

        `technicians` stands for everyone with the role technician or admin, and their roles are all there. Of
        another group's members neither roles nor other groups may be there, so nothing is decided by these.

        Raises:
            AmbiguousGroup: more than one group has the name.
        """
        ...

    async def has_group(self, group: str) -> bool:
        """Whether the directory has exactly one group of this name."""
        ...

    @property
    def has_unique_names(self) -> bool:
        """Whether no two groups can have one name there, so that being in it is being in the one meant."""
        ...

    async def is_in(self, person: PersonId, group: str) -> bool:
        """Whether the person is now in the only group of this name, which may be another one than they made.

        The group is found by name, and the person's groups by their id; what counts is that the ids are the
        same. False where no group has the name, or several have.
        """
        ...

    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        """Gives enabled persons whose name or address holds the text, without case, by name; for type-ahead.

        An empty text gives the first ones. A provider that cannot look inside of words looks at how they
        begin. What was changed a moment ago may be missing, and groups and roles are not looked up.
        """
        ...

    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        """Gives the names of groups that hold the text, without case, in order; for type-ahead.

        A provider that cannot look inside of words looks at how names begin.
        """
        ...

    async def fallback_group(self) -> str:
        """Gives the group that is asked where there is no manager to ask."""
        ...

    async def availability(self, person: PersonId) -> Availability | None:
        """Gives when the person works; None where this provider does not know, or does not tell us."""
        ...

    async def gaps(self) -> tuple[Gap, ...]:
        """Gives what the bot is not permitted to do there, those first that are needed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A person as the directory last knew them; for showing names, never for deciding anything."""

    person: Person
    at: datetime


class Directory(IdentityProvider, Protocol):
    """Who is who for one tenant; a person's roles are in it.

    What it answers is the provider's word, no older than the tenant allows. While the provider is away it
    refuses.
    """

    def afresh(self) -> "Directory":
        """Gives the same directory for what somebody does now: no answer is older than this call.

        What was answered since then may be answered again, so that one click asks for one thing once.
        """
        ...

    def last_seen(self, person: PersonId) -> Sighting | None:
        """Gives what is remembered of the person, however old; None where nothing is."""
        ...
