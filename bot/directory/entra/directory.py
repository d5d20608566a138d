"""The `IdentityProvider` port over Microsoft Graph.

Source: https://learn.microsoft.com/graph/api/resources/user
"""

import re
from typing import Final, Self

from typing_extensions import override

from bot.directory.calls import PATIENCE
from bot.directory.entra.access import EntraAccess
from bot.directory.entra.graph import GONE, NO_MAILBOX, GraphCalls, Question
from bot.directory.entra.memberships import LOOK_UP, LOOK_UP_GROUPS, PAGE, Memberships, described
from bot.directory.entra.odata import begins, equal, path
from bot.directory.entra.permissions import GROUPS, MAILBOXES, PRESENCE, USERS, gaps_of, gaps_tried
from bot.directory.entra.resources import EXPAND, SELECT, has_address, person_of
from bot.directory.entra.working_time import hours_of, presence_of, zone_of
from bot.directory.groups import RoleIds, all_named, is_among
from bot.directory.members import enabled_by_name, groups_seated
from bot.directory.people import email_key
from bot.directory.roles import RoleGroups
from bot.documents.json_reading import text_at
from bot.domain.availability import Availability
from bot.domain.canonical import JsonObject
from bot.domain.people import TECHNICIANS, Person, PersonId, Role
from bot.outgoing.entra_tokens import granted_in
from bot.outgoing.outcomes import Unsent
from bot.outgoing.tries import Patience
from bot.ports.directory import Gap, IdentityProvider

LONGEST: Final = 256
"""Characters of the longest name that Entra takes."""
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
"""What an id can be. Graph takes other things in its place, such as the name that somebody signs in with."""
_EVENTUAL: Final = {"ConsistencyLevel": "eventual"}
"""What Graph wants where a list is both filtered and ordered. Its index may lag, so it is for type-ahead.

Source: https://learn.microsoft.com/graph/aad-advanced-queries
"""
_BEGIN: Final = ("displayName", "givenName", "surname", "mail", "userPrincipalName")
_WORKING_TIME: Final = "see when somebody works"


class EntraDirectory(IdentityProvider):
    """Used as a block, whose end closes the connections.

    Guests are found, but have no role but the employee's, fill no seat, and are nobody's manager.

    An address proves a person only if it is their main one, or the name that they sign in with: that name is
    in a domain which the organisation has proven to own, and it is what Teams says of an account. An alias
    only gets mail: it may be in a domain that was sold or has lapsed, so that somebody else has it elsewhere.

    Source: https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname
    """

    def __init__(self, access: EntraAccess, roles: RoleGroups, *, patience: Patience = PATIENCE) -> None:
        """Takes what the bot was given, which groups give a role, and how often calls are tried."""
        self._graph = GraphCalls(access, patience=patience)
        self._memberships = Memberships(self._graph)
        self._roles = roles
        self._role_ids = RoleIds(roles, self._memberships.named)

    async def __aenter__(self) -> Self:
        await self._graph.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._graph.__aexit__(*details)

    @override
    async def person(self, person: PersonId) -> Person | None:
        found = await self._found(person)
        return None if found is None else found[0]

    @override
    async def entry(self, person: PersonId) -> Person | None:
        if not _ID.fullmatch(person):
            return None
        [user] = await self._graph.objects([_question(person)])
        nobody = self._role_ids.none
        return None if user is None else self._read(user, person, groups=frozenset(), roles=nobody)

    @override
    async def by_email(self, email: str) -> Person | None:
        key = email_key(email)
        if "@" not in key:
            return None
        condition = " or ".join([equal("mail", [key]), equal("userPrincipalName", [key])])
        rows = await self._graph.listed(
            path("users", select="id", filter=condition), what=LOOK_UP, permission=USERS
        )
        ids = {text_at(row, "id") for row in rows}
        if len(ids) != 1:
            return None
        # What a list says may be old; the person themselves is asked.
        found = await self._found(ids.pop())
        return found[0] if found is not None and has_address(found[1], key) else None

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        wanted = await groups_seated(group, self._role_ids, self._memberships.named)
        names = frozenset({group} - {TECHNICIANS})
        given: dict[str, frozenset[Role]] = {}
        users: dict[str, JsonObject] = {}
        found_in = await self._memberships.members(list(wanted))
        for gives, members in zip(wanted.values(), found_in, strict=True):
            for user in members:
                key = text_at(user, "id")
                users[key], given[key] = user, given.get(key, frozenset()) | gives
        found = described(
            lambda: [person_of(user, groups=names, roles=given[key]) for key, user in users.items()],
            what=LOOK_UP,
            permission=USERS,
        )
        return enabled_by_name(person for person in found if not person.is_guest)

    @override
    async def has_group(self, group: str) -> bool:
        return len(await all_named(group, self._memberships.named)) == 1

    @property
    @override
    def has_unique_names(self) -> bool:
        return False

    @override
    async def is_in(self, person: PersonId, group: str) -> bool:
        if not _ID.fullmatch(person):
            return False
        [first] = await self._graph.objects([self._memberships.of(person)])
        mine = [] if first is None else await self._memberships.groups_in(first)
        return await is_among(mine, group, self._memberships.named)

    @override
    async def search_people(self, typed: str, *, limit: int) -> tuple[Person, ...]:
        begun = begins(_BEGIN, typed.strip())
        condition = "accountEnabled eq true" + (f" and ({begun})" if begun else "")
        options = {"select": SELECT, "filter": condition}
        rows = await self._first("users", typed, options, limit, what=LOOK_UP, permission=USERS)
        nobody = self._role_ids.none
        found = described(
            lambda: [person_of(row, groups=frozenset(), roles=nobody) for row in rows],
            what=LOOK_UP,
            permission=USERS,
        )
        return enabled_by_name(found)[:limit]

    @override
    async def search_groups(self, typed: str, *, limit: int) -> tuple[str, ...]:
        options = {"select": "id,displayName", "filter": begins(("displayName",), typed.strip())}
        rows = await self._first("groups", typed, options, limit, what=LOOK_UP_GROUPS, permission=GROUPS)
        return tuple(sorted({text_at(row, "displayName") for row in rows} - {""})[:limit])

    @override
    async def fallback_group(self) -> str:
        return self._roles.fallback

    @override
    async def availability(self, person: PersonId) -> Availability | None:
        if not _ID.fullmatch(person):
            return None
        asked = (
            ("mailboxSettings/timeZone", MAILBOXES, GONE | NO_MAILBOX),
            ("mailboxSettings/workingHours", MAILBOXES, GONE | NO_MAILBOX),
            ("presence", PRESENCE, GONE),
        )
        questions = [
            Question(path=f"users/{person}/{one}", what=_WORKING_TIME, permission=permission, gone=gone)
            for one, permission, gone in asked
        ]
        # Each may be refused by itself, and nobody has to have a mailbox.
        zone, hours, presence = (
            answer.found if answer.is_good else {} for answer in await self._graph.answers(questions)
        )
        found = Availability(
            zone=zone_of(text_at(zone, "value")), hours=hours_of(hours), presence=presence_of(presence)
        )
        return None if found == Availability() else found

    @override
    async def gaps(self) -> tuple[Gap, ...]:
        # What was granted a moment ago is only in a new token.
        self._graph.proof.forget()
        try:
            granted = granted_in(await self._graph.proof.token())
        except Unsent as error:
            raise self._graph.away(str(error)) from None
        return await gaps_tried(self._graph) if granted is None else gaps_of(granted)

    async def _found(self, person: str) -> tuple[Person, JsonObject] | None:
        """Gives the person and the user they were read from, with one call if their groups fit a page."""
        if not _ID.fullmatch(person):
            return None
        user, first = await self._graph.objects([_question(person), self._memberships.of(person)])
        if user is None:
            return None
        if first is None:
            raise self._graph.away("its answers do not fit each other")
        groups = await self._memberships.groups_in(first)
        names, roles = frozenset(one.name for one in groups), await self._role_ids.roles_in(groups)
        return self._read(user, person, groups=names, roles=roles), user

    def _read(
        self, user: JsonObject, asked: str, *, groups: frozenset[str], roles: frozenset[Role]
    ) -> Person:
        if text_at(user, "id") != asked:
            raise self._graph.away("it speaks of somebody else")
        return described(lambda: person_of(user, groups=groups, roles=roles), what=LOOK_UP, permission=USERS)

    async def _first(
        self, resource: str, typed: str, options: dict[str, str], limit: int, *, what: str, permission: str
    ) -> list[JsonObject]:
        """Gives the first ones by name that fit; nothing has a name as long as some texts are."""
        if len(typed.strip()) > LONGEST:
            return []
        top = str(min(max(limit, 1), PAGE))
        return await self._graph.listed(
            path(resource, **options, orderby="displayName", count="true", top=top),
            what=what,
            permission=permission,
            headers=_EVENTUAL,
            most=limit,
        )


def _question(person: str) -> Question:
    asked = path(f"users/{person}", select=SELECT, expand=EXPAND)
    return Question(path=asked, what=LOOK_UP, permission=USERS)
