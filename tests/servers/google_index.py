"""What the Directory API for tests looks up without going through everybody."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from bot.domain.people import Person, PersonId
from tests.servers.provider import Directory


class Index:
    """Persons and groups by whatever is asked for."""

    def __init__(self, directory: Directory, addresses: dict[str, str]) -> None:
        self.by_address = {one.email.lower(): one.id for one in directory.people.values()}
        self.groups = {addresses[group]: group for group in directory.groups}
        self.groups_of: dict[PersonId, list[str]] = {}
        for group in sorted(directory.groups):
            for member in directory.members[group]:
                self.groups_of.setdefault(member, []).append(group)
        fields = [(one.id, fields_of(one)) for one in directory.people.values()]
        self._in_order = {
            name: sorted((values[name], person) for person, values in fields)
            for name in ("givenName", "familyName", "email")
        }

    def begins(self, field: str, prefix: str) -> Iterator[PersonId]:
        """Gives those of whom the field begins so, in order."""
        rows = self._in_order[field]
        for value, person in islice(rows, bisect_left(rows, (prefix, PersonId(""))), None):
            if not value.startswith(prefix):
                return
            yield person


def fields_of(person: Person) -> dict[str, str]:
    """Gives what a person can be searched by, without case."""
    given, _, family = person.name.casefold().partition(" ")
    return {"givenName": given, "familyName": family, "email": person.email.casefold()}
