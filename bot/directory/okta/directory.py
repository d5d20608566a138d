"""The `IdentityProvider` port over Okta's management API.

Reads by id say what is so; searches and lists of users and groups may lag behind.

Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ and …/tag/Group/
"""

import asyncio
import re
from collections.abc import Collection, Sequence
from typing import Final, Self
from urllib.parse import quote

from typing_extensions import override

from bot.directory.calls import PATIENCE, Missing, ProviderRefuses, segment
from bot.directory.groups import Group, RoleIds, all_named, is_among
from bot.directory.managers import name_in
from bot.directory.members import enabled_by_name, groups_seated
from bot.directory.okta.access import OktaAccess
from bot.directory.okta.calls import OktaCalls
from bot.directory.okta.proofs import GROUPS, USERS, ApiToken, AppToken
from bot.directory.okta.resources import OKTA_ID, email_of, group_of, is_called, names_like, person_of
from bot.directory.okta.searches import begins, is_one_of, people_called
from bot.directory.people import email_key
from bot.directory.roles import RoleGroups
from bot.documents.json_reading import text_at
from bot.domain.availability import Availability
from bot.domain.canonical import JsonObject
from bot.domain.people import TECHNICIANS, Person, PersonId, Role
from bot.outgoing.tries import Patience
from bot.ports.directory import Gap, IdentityProvider
from bot.ports.outside import Clock

USERS_PAGE: Final = 100
"""Users on a page: Okta gives 200, but 200 with long profiles would be more than we read of an answer."""
GROUPS_PAGE: Final = 200
"""Groups on a page; Okta advises against more."""
PAGES: Final = 100
"""Pages that are read of a list; more is an answer that does not end."""
A_FEW: Final = 5
"""Pages that are read for type-ahead."""
NAMES: Final = 20
"""Groups that are looked for with one search; Okta takes no endless one."""


class OktaDirectory(IdentityProvider):
    """Used as a block, whose end closes the connections.

    A manager whom Okta names by a login, an address or an employee number is given as `known_as` that,
    and `person` understands it: to look every manager up would take a search for every person.
    """

    def __init__(
        self,
        access: OktaAccess,
        roles: RoleGroups,
        *,
        clock: Clock,
        patience: Patience = PATIENCE,
        ids: re.Pattern[str] = OKTA_ID,
    ) -> None:
        """Takes where Okta is, which groups give a role, the time, and what users' ids look like."""
        app = AppToken(access, clock=clock, patience=patience)
        proof = ApiToken(access.api_token) if access.api_token else app
        base = f"{access.url}api/v1/"
        self._calls = OktaCalls(base, provider="Okta", proof=proof, patience=patience)
        self._roles = roles
        self._role_ids = RoleIds(roles, self._named)
        self._ids = ids

    async def __aenter__(self) -> Self:
        await self._calls.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._calls.__aexit__(*details)

    @override
    async def person(self, person: PersonId) -> Person | None:
        name = name_in(person)
        return await self._called(name) if name else await self._by_id(person)

    @override
    async def entry(self, person: PersonId) -> Person | None:
        name = name_in(person)
        user = await self._user_called(name) if name else await self._user(person)
        return None if user is None else self._without_groups(user)

    @override
    async def by_email(self, email: str) -> Person | None:
        key = email_key(email)
        if "@" not in key:
            return None
        wanted = is_one_of(("profile.email", "profile.login"), [key])
        found = await self._users(f"users?search={quote(wanted, safe='')}&")
        ids = {text_at(user, "id") for user in found if email_key(email_of(user)) == key}
        # What a search says may be old; the person themselves is asked.
        person = await self._by_id(ids.pop()) if len(ids) == 1 else None
        return person if person is not None and email_key(person.email) == key else None

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        given: dict[str, frozenset[Role]] = {}
        users: dict[str, JsonObject] = {}
        for one, roles in (await groups_seated(group, self._role_ids, self._named)).items():
            for user in await self._in_group(one):
                member = text_at(user, "id")
                users[member], given[member] = user, given.get(member, frozenset()) | roles
        names = frozenset({group} - {TECHNICIANS})
        return enabled_by_name(self._person(user, names, given[member]) for member, user in users.items())

    @override
    async def has_group(self, group: str) -> bool:
        return len(await all_named(group, self._named)) == 1

    @property
    @override
    def has_unique_names(self) -> bool:
        return False

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        known = await self._known(person)
        return known is not None and await is_among(known[1], group, self._named)

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        path = f"users?search={quote(people_called(typed.strip()), safe='')}&"
        users = await self._users(path, most=max(limit * 2, 20))
        return enabled_by_name(map(self._without_groups, users))[:limit]

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        key = typed.strip()
        search = f"search={quote(begins('profile.name', key), safe='')}&" if key else ""
        found = await self._groups(f"groups?{search}", most=max(limit * 2, 20))
        return tuple(sorted({one.name for one in found} - {""})[:limit])

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
            ("users", USERS, "Nobody can be looked up, so nothing can be asked or decided."),
            ("groups", GROUPS, "Nobody has a role, so nothing can be approved."),
        ):
            try:
                await self._calls.rows(f"{kind}?limit=1", what=f"list {kind}", permission=permission)
            except ProviderRefuses:
                role = f"An admin role that may view {kind} is needed, too."
                found.append(Gap(permission=permission, without=f"{without} {role}", is_needed=True))
        return tuple(found)

    async def _by_id(self, person: str) -> Person | None:
        found = await self._known(person)
        return None if found is None else await self._whole(*found)

    async def _called(self, name: str) -> Person | None:
        """Gives the only person with this id, login, address or employee number."""
        found = await self._id_of(name)
        known = await self._known(found) if found else None
        if known is None or not is_called(known[0], name, self._ids):
            return None
        return await self._whole(*known)

    async def _user_called(self, name: str) -> JsonObject | None:
        """Gives the only user with this id, login, address or employee number."""
        found = await self._id_of(name)
        user = await self._user(found) if found else None
        return user if user is not None and is_called(user, name, self._ids) else None

    async def _id_of(self, name: str) -> str:
        """Gives the id of the only user whom a search finds by the name; empty where it is not one."""
        wanted = is_one_of(names_like(name, self._ids), [name])
        users = await self._users(f"users?search={quote(wanted, safe='')}&")
        ids = {text_at(user, "id") for user in users if is_called(user, name, self._ids)}
        return ids.pop() if len(ids) == 1 else ""

    async def _known(self, person: str) -> tuple[JsonObject, list[Group]] | None:
        """Gives the user with this id and their groups, which are asked for at the same time."""
        user, groups = await asyncio.gather(self._user(person), self._groups_of(person))
        if user is not None and groups is None:
            raise self._calls.away("its answers do not fit each other")
        return None if user is None or groups is None else (user, groups)

    async def _groups_of(self, person: str) -> list[Group] | None:
        """Gives the groups of the user with this id; None where nobody has it."""
        try:
            path = f"users/{segment(person)}/groups?"
            return await self._groups(
                path, what="look at a person's groups", permission=USERS, may_be_missing=True
            )
        except Missing:
            return None

    async def _user(self, person: str) -> JsonObject | None:
        """Gives the user with this id.

        Okta takes a login or its beginning for an id as well, and “me” for the bot itself.
        """
        try:
            path = f"users/{segment(person)}"
            user = await self._calls.call(
                "GET", path, what="look a person up", permission=USERS, may_be_missing=True
            )
        except Missing:
            return None
        if not text_at(user, "id"):
            raise self._calls.away("its answer is not what was asked for")
        return user if text_at(user, "id") == person else None

    async def _whole(self, user: JsonObject, groups: Sequence[Group]) -> Person:
        names = frozenset(group.name for group in groups if group.name)
        return self._person(user, names, await self._role_ids.roles_in(groups))

    def _without_groups(self, user: JsonObject) -> Person:
        return self._person(user, frozenset(), self._role_ids.none)

    def _person(self, user: JsonObject, groups: frozenset[str], roles: frozenset[Role]) -> Person:
        return person_of(user, groups=groups, roles=roles, ids=self._ids)

    async def _in_group(self, group: str) -> list[JsonObject]:
        """Gives the members of a group, which come with the status that their accounts have now."""
        try:
            path = f"groups/{segment(group)}/users?"
            return await self._users(path, what="look at a group", permission=GROUPS, may_be_missing=True)
        except Missing:
            return []

    async def _named(self, wanted: Collection[str]) -> Sequence[Group]:
        """Gives the groups that have one of these names or ids."""
        every, found = sorted(wanted), list[Group]()
        for at in range(0, len(every), NAMES):
            search = is_one_of(("profile.name", "id"), every[at : at + NAMES])
            found += await self._groups(f"groups?search={quote(search, safe='')}&")
        return list({one.id: one for one in found if one.name in wanted or one.id in wanted}.values())

    async def _users(
        self,
        path: str,
        *,
        what: str = "list users",
        permission: str = USERS,
        most: int = 0,
        may_be_missing: bool = False,
    ) -> list[JsonObject]:
        return await self._rows(path, USERS_PAGE, what, permission, most=most, may_be_missing=may_be_missing)

    async def _groups(
        self,
        path: str,
        *,
        what: str = "list groups",
        permission: str = GROUPS,
        most: int = 0,
        may_be_missing: bool = False,
    ) -> list[Group]:
        rows = await self._rows(path, GROUPS_PAGE, what, permission, most=most, may_be_missing=may_be_missing)
        return [group_of(row) for row in rows]

    async def _rows(
        self, path: str, page: int, what: str, permission: str, *, most: int, may_be_missing: bool
    ) -> list[JsonObject]:
        """Gives the rows of a list; of one that does not end nothing.

        Args:
            path: with a query that can be gone on with.
            page: how many rows are asked for at once.
            what: the call does.
            permission: what it needs.
            most: how many rows are enough for type-ahead; 0 for all.
            may_be_missing: as in `call`.
        """
        found: list[JsonObject] = []
        following = f"{path}limit={min(page, most or page)}"
        for _ in range(A_FEW if most else PAGES):
            rows, following = await self._calls.rows(
                following, what=what, permission=permission, may_be_missing=may_be_missing
            )
            if not all(text_at(row, "id") for row in rows):
                raise self._calls.away("its answer is not what was asked for")
            found += rows
            if not following or (most and len(found) >= most):
                return found
        if most:
            return found
        raise self._calls.away("its list does not end")
