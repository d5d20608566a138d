"""Finding what is meant for a person without looking at what is meant for others."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from bot.domain.people import Person, PersonId

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item", bound=Hashable)


class Audience(Generic[Key, Item]):
    """Items filed under a key by whom they are for: everyone, persons, or the members of groups."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[Key, _Place[Item]] = {}

    def add_for_everyone(self, key: Key, item: Item) -> None:
        """Files an item that is for all persons."""
        self._place(key).everyone.append(item)

    def add(
        self, key: Key, item: Item, *, persons: Iterable[PersonId] = (), groups: Iterable[str] = ()
    ) -> None:
        """Files an item that is for these persons and for the members of these groups."""
        place = self._place(key)
        for person in persons:
            place.persons.setdefault(person, []).append(item)
        for group in groups:
            place.groups.setdefault(group, []).append(item)

    def meant_for(self, key: Key, person: Person) -> Sequence[Item]:
        """Gives the items under the key that are for the person, each once, in no promised order.

        Takes time for what it gives and for the person's groups, not for what is meant for others.
        """
        place = self._places.get(key)
        if place is None:
            return ()
        own = place.persons.get(person.id, ())
        shared = place.groups.keys() & person.groups if place.groups else ()
        if not (own or shared):
            return place.everyone
        found = dict.fromkeys(place.everyone)
        found.update(dict.fromkeys(own))
        for group in shared:
            found.update(dict.fromkeys(place.groups[group]))
        return list(found)

    def _place(self, key: Key) -> "_Place[Item]":
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = _Place()
        return place


class _Place(Generic[Item]):
    """What is filed under one key."""

    __slots__ = ("everyone", "groups", "persons")

    def __init__(self) -> None:
        self.everyone: list[Item] = []
        self.persons: dict[PersonId, list[Item]] = {}
        self.groups: dict[str, list[Item]] = {}
