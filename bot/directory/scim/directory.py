"""The `IdentityProvider` port over a SCIM 2.0 server.

Source: https://www.rfc-editor.org/rfc/rfc7644
"""

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Self
from urllib.parse import quote

from typing_extensions import override

from bot.directory.calls import MOST_MEMBERS, PATIENCE, Missing, ProviderRefuses, TooManyMembers, segment
from bot.directory.groups import Group, RoleIds, all_named, is_among
from bot.directory.members import enabled_by_name, groups_seated
from bot.directory.people import email_key
from bot.directory.roles import RoleGroups
from bot.directory.scim.access import ScimAccess
from bot.directory.scim.calls import ScimCalls
from bot.directory.scim.resources import (
    email_of,
    group_of,
    groups_of,
    is_user,
    member_ids,
    page_of,
    person_of,
)
from bot.documents.json_reading import text_at
from bot.domain.availability import Availability
from bot.domain.canonical import JsonObject
from bot.domain.people import TECHNICIANS, Person, PersonId, Role
from bot.outgoing.tries import Patience
from bot.ports.directory import Gap, IdentityProvider

PAGE: Final = 100
"""Resources that are asked for at once; a server may give fewer."""
MOST: Final = 10_000
"""Resources that are read of one list; more is an answer that does not end."""
A_FEW: Final = 5
"""Pages that are read for type-ahead."""
AT_ONCE: Final = 8
"""Persons who are asked for at the same time."""
USERS: Final = "permission to read /Users"
GROUPS: Final = "permission to read /Groups"


class _Bearer:
    """The server's own token, which does not change."""

    def __init__(self, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/scim+json"}

    async def headers(self) -> Mapping[str, str]:
        return self._headers

    def forget(self) -> None:
        """Keeps it: there is no other."""


class ScimDirectory(IdentityProvider):
    """Used as a block, whose end closes the connections."""

    def __init__(self, access: ScimAccess, roles: RoleGroups, *, patience: Patience = PATIENCE) -> None:
        """Takes where the server is, which groups give a role, and how often calls are tried."""
        self._calls = ScimCalls(
            access.url, provider="The SCIM server", proof=_Bearer(access.token), patience=patience
        )
        self._roles = roles
        self._role_ids = RoleIds(roles, self._named)

    async def __aenter__(self) -> Self:
        await self._calls.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._calls.__aexit__(*details)

    @override
    async def person(self, person: PersonId) -> Person | None:
        user = await self._user(person)
        if user is None:
            return None
        groups = await self._groups(user)
        names = frozenset(group.name for group in groups if group.name)
        return person_of(user, groups=names, roles=await self._role_ids.roles_in(groups))

    @override
    async def entry(self, person: PersonId) -> Person | None:
        user = await self._user(person)
        return None if user is None else self._without_groups(user)

    @override
    async def by_email(self, email: str) -> Person | None:
        key = email_key(email)
        if "@" not in key:
            return None
        found = await self._list("Users", _any_of(("userName", "emails.value"), "eq", [key]), most=PAGE)
        # What a list says may be old; the person themselves is asked.
        ids = {text_at(user, "id") for user in found if email_key(email_of(user)) == key}
        if len(ids) != 1:
            return None
        person = await self.person(PersonId(ids.pop()))
        return person if person is not None and email_key(person.email) == key else None

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        given: dict[str, frozenset[Role]] = {}
        for one, roles in (await groups_seated(group, self._role_ids, self._named)).items():
            for member in await self._members(one):
                given[member] = given.get(member, frozenset()) | roles
        if len(given) > MOST_MEMBERS:
            raise TooManyMembers(group=group, most=MOST_MEMBERS)
        names = frozenset({group} - {TECHNICIANS})
        users = await self._users(given)
        return enabled_by_name(
            person_of(user, groups=names, roles=given[text_at(user, "id")]) for user in users
        )

    @override
    async def has_group(self, group: str) -> bool:
        return len(await all_named(group, self._named)) == 1

    @property
    @override
    def has_unique_names(self) -> bool:
        return False

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        user = await self._user(person)
        if user is None:
            return False
        if (mine := _listed(user)) is not None:
            return await is_among(mine, group, self._named)
        # Of a person's groups only a list would tell, and what lists say may be old.
        known = await all_named(group, self._named)
        return len(known) == 1 and person in await self._members(known[0].id)

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        wanted = _any_of(("displayName", "userName"), "sw", [typed.strip()]) if typed.strip() else ""
        users = await self._list("Users", wanted, most=max(limit * 2, 20), pages=A_FEW)
        return enabled_by_name(map(self._without_groups, users))[:limit]

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        wanted = _any_of(("displayName",), "sw", [typed.strip()]) if typed.strip() else ""
        found = await self._list("Groups", wanted, most=max(limit * 2, 20), pages=A_FEW, without="members")
        names = {group_of(one).name for one in found} - {""}
        return tuple(sorted(names)[:limit])

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
        for kind, permission, without in (
            ("Users", USERS, "Nobody can be looked up, so nothing can be asked or decided."),
            ("Groups", GROUPS, "Nobody has a role, so nothing can be approved."),
        ):
            try:
                await self._list(kind, "", most=1, pages=1, without="members")
            except ProviderRefuses:
                found.append(Gap(permission=permission, without=without, is_needed=True))
        return tuple(found)

    def _without_groups(self, user: JsonObject) -> Person:
        return person_of(user, groups=frozenset(), roles=self._role_ids.none)

    async def _user(self, person: str) -> JsonObject | None:
        try:
            path = f"Users/{segment(person)}"
            found = await self._calls.call(
                "GET", path, what="look a person up", permission=USERS, may_be_missing=True
            )
        except Missing:
            return None
        if not is_user(found):
            raise self._calls.away("its answer is not what was asked for")
        if text_at(found, "id") != person:
            raise self._calls.away("its answer is about somebody else")
        return found

    async def _users(self, ids: Iterable[str]) -> list[JsonObject]:
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(person: str) -> JsonObject | None:
            async with turn:
                return await self._user(person)

        found = await asyncio.gather(*(one(person) for person in sorted(ids)))
        return [user for user in found if user is not None]

    async def _groups(self, user: JsonObject) -> list[Group]:
        """Gives the user's groups: as the user lists them, or, where it does not, as the groups do."""
        if (listed := _listed(user)) is not None:
            return listed
        wanted = _any_of(("members.value",), "eq", [text_at(user, "id")])
        return [group_of(one) for one in await self._list("Groups", wanted, most=MOST, without="members")]

    async def _members(self, group: str) -> list[str]:
        """Gives the ids of the members of the group with this id."""
        try:
            path = f"Groups/{segment(group)}"
            found = await self._calls.call(
                "GET", path, what="look at a group", permission=GROUPS, may_be_missing=True
            )
        except Missing:
            return []
        if text_at(found, "id") != group:
            raise self._calls.away("its answer is not what was asked for")
        return member_ids(found)

    async def _named(self, wanted: Collection[str]) -> Sequence[Group]:
        """Gives the groups that have one of these names or ids."""
        condition = _any_of(("displayName", "id"), "eq", wanted)
        found = [group_of(one) for one in await self._list("Groups", condition, most=MOST, without="members")]
        return [one for one in found if one.name in wanted or one.id in wanted]

    async def _list(
        self, kind: str, condition: str, *, most: int, pages: int = MOST // PAGE, without: str = ""
    ) -> list[JsonObject]:
        """Gives the resources that fit the condition; of a list that does not end nothing.

        Args:
            kind: `Users` or `Groups`.
            condition: the filter; empty for none.
            most: how many are wanted.
            pages: how many pages are read.
            without: an attribute that is not needed.
        """
        found: list[JsonObject] = []
        wanted = {"filter": condition, "excludedAttributes": without, "count": str(min(most, PAGE))}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in wanted.items() if value)
        permission = USERS if kind == "Users" else GROUPS
        for _ in range(pages):
            path = f"{kind}?{query}&startIndex={len(found) + 1}"
            answer = await self._calls.call("GET", path, what=f"list {kind.lower()}", permission=permission)
            page = page_of(answer)
            if page is None:
                raise self._calls.away("its answer is not what was asked for")
            rows, total = page
            found += rows
            if len(found) >= min(total, most):
                return found
            if not rows:
                raise self._calls.away("its list ends too soon")
        if pages <= A_FEW:
            return found
        raise self._calls.away("its list does not end")


def _listed(user: JsonObject) -> list[Group] | None:
    """Gives the user's groups as the user lists them; None where it does not, or does not name them all."""
    listed = groups_of(user)
    return listed if listed is not None and all(group.name for group in listed) else None


def _any_of(attributes: Sequence[str], operator: str, values: Iterable[str]) -> str:
    """Gives the filter that one of the attributes compares so with one of the values.

    Source: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2.2 (values are JSON texts)
    """
    return " or ".join(
        f"{attribute} {operator} {json.dumps(value, ensure_ascii=False)}"
        for value in sorted(values)
        for attribute in attributes
    )
