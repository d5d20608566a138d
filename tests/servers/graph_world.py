"""Whom a Microsoft Graph for tests knows, with what only Microsoft has; everybody is found quickly."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import Person
from tests.servers.odata import Index
from tests.servers.provider import Directory


@dataclass
class More:
    """What Microsoft knows besides; by the id of the person or group."""

    users: dict[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    """Properties of users that are otherwise than the person says."""
    groups_in: dict[str, set[str]] = field(default_factory=dict)
    """The groups that are members of a group."""
    mailboxes: dict[str, JsonObject] = field(default_factory=dict)
    """Mailbox settings; whoever is not there has no mailbox."""
    presences: dict[str, JsonObject] = field(default_factory=dict)
    units: dict[str, set[str]] = field(default_factory=dict)
    """Administrative units and directory roles that somebody is in, which are no groups."""


class World:
    """One state of the directory; looked up, never searched through."""

    def __init__(self, directory: Directory, more: More) -> None:
        self.directory = directory
        self._more = more
        self._users: dict[str, JsonObject] = {
            person.id: _user(person, more) for person in directory.people.values()
        }
        self._direct: dict[str, list[str]] = defaultdict(list)
        for group, members in directory.members.items():
            for member in members:
                self._direct[member].append(group)
        self._above: dict[str, list[str]] = defaultdict(list)
        for group, inner in more.groups_in.items():
            for one in inner:
                self._above[one].append(group)
        self._by_name = sorted(self._users, key=lambda one: str(self._users[one]["displayName"]).lower())
        self.users = _Found(self._users)
        self.groups = _Found({group: self.group(group) for group in directory.groups})

    def user(self, key: str) -> JsonObject | None:
        """Gives a user by id or by the name that they sign in with."""
        found = self._users.get(key)
        if found is not None:
            return found
        named = self.users.same("userPrincipalName", key) if "@" in key else None
        return self._users[min(named)] if named else None

    def group(self, key: str) -> JsonObject:
        """Gives a group."""
        return {"id": key, "displayName": self.directory.groups[key]}

    def every(self, kind: str) -> list[str]:
        """Gives the ids of all users or groups."""
        return list(self._by_name) if kind == "users" else sorted(self.directory.groups)

    def groups_of(self, user: str) -> list[str]:
        """Gives the ids of the user's groups, those around them included."""
        found: dict[str, None] = {}
        left = list(self._direct.get(user, ()))
        while left:
            group = left.pop()
            if group not in found:
                found[group] = None
                left += self._above.get(group, ())
        return sorted(found)

    def inside(self, group: str) -> tuple[list[str], list[str]]:
        """Gives the ids of the users and the groups in a group, however deep."""
        groups: dict[str, None] = {}
        left = [group]
        while left:
            one = left.pop()
            if one not in groups:
                groups[one] = None
                left += self._more.groups_in.get(one, ())
        users = {member for one in groups for member in self.directory.members.get(one, ())}
        return sorted(users & set(self._users)), sorted(set(groups) - {group})


class _Found(Index):
    def __init__(self, rows: Mapping[str, JsonObject]) -> None:
        self._same: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for key, row in rows.items():
            for name, value in row.items():
                for text in _texts(value):
                    self._same[name][text.lower()].add(key)
        self._sorted = {name: sorted(values) for name, values in self._same.items()}

    @override
    def same(self, property_: str, value: str) -> set[str] | None:
        return set(self._same[property_].get(value.lower(), ())) if property_ in self._same else set()

    @override
    def begun(self, property_: str, value: str) -> set[str] | None:
        values = self._sorted.get(property_, [])
        found = set[str]()
        at = bisect_left(values, value.lower())
        while at < len(values) and values[at].startswith(value.lower()):
            found |= self._same[property_][values[at]]
            at += 1
        return found


def _texts(value: JsonValue) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return (one for one in values if isinstance(one, str))


def _user(person: Person, more: More) -> JsonObject:
    given, _, family = person.name.partition(" ")
    user: dict[str, JsonValue] = {
        "id": person.id,
        "displayName": person.name,
        "givenName": given,
        "surname": family or None,
        "mail": person.email,
        "userPrincipalName": person.email,
        "proxyAddresses": [f"SMTP:{person.email}"],
        "jobTitle": person.title or None,
        "department": person.department or None,
        "accountEnabled": person.enabled,
        "userType": "Member",
    }
    return {**user, **more.users.get(person.id, {})}
