"""The `IdentityProvider` port over Google Workspace.

Source: https://developers.google.com/workspace/admin/directory/reference/rest
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final, Self, TypeVar

from typing_extensions import override

from bot.directory.calls import MOST_MEMBERS, PATIENCE, Missing, ProviderRefuses, TooManyMembers, segment
from bot.directory.google.access import GoogleAccess
from bot.directory.google.calls import GoogleCalls
from bot.directory.google.groups import Groups
from bot.directory.google.proof import GROUPS, PROVIDER, USERS, Delegation
from bot.directory.google.resources import group_name, is_guest, person_of
from bot.directory.google.typed import user_queries
from bot.directory.google.users import Users
from bot.directory.groups import Group, RoleIds
from bot.directory.managers import name_in
from bot.directory.members import enabled_by_name
from bot.directory.people import email_key
from bot.directory.roles import RoleGroups
from bot.documents.json_reading import text_at
from bot.domain.availability import Availability
from bot.domain.canonical import JsonObject
from bot.domain.people import TECHNICIANS, Person, PersonId, Role
from bot.outgoing.tries import Patience
from bot.ports.directory import Gap, IdentityProvider

_WITHOUT: Final = {
    USERS: "Nobody can be looked up, so nothing can be asked or decided.",
    GROUPS: "Nobody has a role, so nothing can be approved.",
}

One = TypeVar("One")
Other = TypeVar("Other")


class GoogleDirectory(IdentityProvider):
    """Used as a block, whose end closes the connections.

    Groups go by their addresses, which nobody can take twice; what else they are called counts for nothing.
    Where employees may make groups, whoever is first gets an address: so a group that no administrator made
    gives a role only if the settings name it by its id.

    Memberships are direct ones everywhere. Those through groups within groups can be had for one group by
    `includeDerivedMembership`, but for one person only with a licence of its own or a call per group; and
    whoever is asked has to be whoever may decide.

    An address proves a person only if it is their primary one, by which they sign in. An alias gets mail: it
    is given, taken and handed on by itself, and whole domains of them come and go. A manager may be known by
    one, since that is an administrator's own word on who somebody's manager is.
    """

    def __init__(self, access: GoogleAccess, roles: RoleGroups, *, patience: Patience = PATIENCE) -> None:
        """Takes what the bot was given, which groups give a role, and how often calls are tried."""
        base = f"{access.api_url}admin/directory/v1/"
        self._delegation = Delegation(access)
        self._calls = [
            GoogleCalls(base, provider=PROVIDER, proof=self._delegation.proof(scope), patience=patience)
            for scope in (USERS, GROUPS)
        ]
        self._users = Users(self._calls[0], access)
        self._groups = Groups(self._calls[1], access.domain)
        self._roles = _by_name(roles, access.domain)
        self._role_ids = RoleIds(self._roles, self._groups.may_give_roles)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._open.callback(self._delegation.close)
        for calls in self._calls:
            await self._open.enter_async_context(calls)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    @override
    async def person(self, person: PersonId) -> Person | None:
        if name := name_in(person):
            user = await self._users.addressed(name)
            # Whoever is no employee is nobody's manager here.
            user = None if user is None or is_guest(user) else user
            if user is None:
                return None
            return await self._whole(user, await self._groups.of(text_at(user, "id")))
        try:
            segment(person)
        except Missing:
            return None
        user, groups = await _both(self._users.by_id(person), self._groups.of(person))
        return None if user is None else await self._whole(user, groups)

    @override
    async def entry(self, person: PersonId) -> Person | None:
        name = name_in(person)
        user = await (self._users.addressed(name) if name else self._users.by_id(person))
        if user is None or (name and is_guest(user)):
            return None
        return person_of(user, groups=frozenset(), roles=self._role_ids.none)

    @override
    async def by_email(self, email: str) -> Person | None:
        key = email_key(email)
        user = await self._users.addressed(key)
        if user is None or email_key(text_at(user, "primaryEmail")) != key:
            return None
        # Who has an address may be known late; the person themselves is asked.
        person = await self.person(PersonId(text_at(user, "id")))
        return person if person is not None and email_key(person.email) == key else None

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        given: dict[str, frozenset[Role]] = {}
        addresses: dict[str, str] = {}
        if group == TECHNICIANS:
            wanted = await self._role_ids.given_by_id()
        else:
            only = await self._groups.named(group)
            wanted = {} if only is None else {only.id: self._role_ids.none}
        for one, roles in wanted.items():
            for member in await self._groups.members(one):
                person = text_at(member, "id")
                addresses[person] = text_at(member, "email")
                given[person] = given.get(person, frozenset()) | roles
        names = frozenset({group}) if group != TECHNICIANS else frozenset()
        if len(given) > MOST_MEMBERS:
            raise TooManyMembers(group=group, most=MOST_MEMBERS)
        users = await self._users.each(addresses)
        found = [person_of(user, groups=names, roles=given[text_at(user, "id")]) for user in users]
        return enabled_by_name(one for one in found if not one.is_guest)

    @override
    async def has_group(self, group: str) -> bool:
        return await self._groups.named(group) is not None

    @property
    @override
    def has_unique_names(self) -> bool:
        return True

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        found = await self.person(person)
        return found is not None and group in found.groups

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        lists = await asyncio.gather(*(self._users.listed(one, limit=limit) for one in user_queries(typed)))
        users = {text_at(user, "id"): user for found in lists for user in found}
        nobody = self._role_ids.none
        found = [person_of(user, groups=frozenset(), roles=nobody) for user in users.values()]
        key = " ".join(typed.split()).casefold()
        return enabled_by_name(one for one in found if key in f"{one.name}\n{one.email}".casefold())[:limit]

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        key = typed.strip().casefold()
        names = await self._groups.typed(typed, limit=limit)
        return tuple(sorted(name for name in names if key in name.casefold())[:limit])

    @override
    async def fallback_group(self) -> str:
        return self._roles.fallback

    @override
    async def availability(self, person: PersonId) -> Availability | None:
        _ = person
        return None

    @override
    async def gaps(self) -> tuple[Gap, ...]:
        found = []
        for scope, without in _WITHOUT.items():
            try:
                if scope == USERS:
                    await self._users.listed({}, limit=1)
                else:
                    await self._groups.typed("", limit=1)
            except ProviderRefuses as error:
                permission = str(error.facts["permission"])
                found.append(Gap(permission=permission, without=without, is_needed=True))
        return tuple(found)

    async def _whole(self, user: JsonObject, groups: Sequence[Group] | None) -> Person:
        if groups is None:
            raise self._calls[1].away("its answers do not fit each other")
        names = frozenset(group.name for group in groups if group.name)
        return person_of(user, groups=names, roles=await self._role_ids.roles_in(groups))


def _by_name(roles: RoleGroups, domain: str) -> RoleGroups:
    """Gives the settings with the groups of the domain by their names."""
    return replace(
        roles,
        technician=frozenset(group_name(said, domain) for said in roles.technician),
        admin=frozenset(group_name(said, domain) for said in roles.admin),
        fallback=group_name(roles.fallback, domain),
    )


async def _both(one: Awaitable[One], other: Awaitable[Other]) -> tuple[One, Other]:
    """Gives what both give; where one fails, once the other has ended, too."""
    first, second = await asyncio.gather(one, other, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second
