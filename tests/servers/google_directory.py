"""The Directory API of Google Workspace, for tests.

Source: https://developers.google.com/workspace/admin/directory/reference/rest (resources),
https://developers.google.com/workspace/admin/directory/v1/limits (quotas)
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from aiohttp import web
from typing_extensions import override

from bot.directory.google.proof import GROUPS, USERS
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import Person, PersonId
from tests.servers.google_answers import BadRequest, Made, group_prefix, masked, refusal, user_query
from tests.servers.google_index import Index, fields_of
from tests.servers.google_tokens import ADMIN, DOMAIN, GivenTokens
from tests.servers.provider import ProviderServer

_NOT_OURS: Final = "Not Authorized to access this resource/api"


class GoogleServer(ProviderServer):
    """Knows one customer with its users and groups; other domains are somebody else's."""

    permissions = frozenset({USERS, GROUPS})
    has_links = False
    has_unique_names = True
    missing_body = (
        b'{"error": {"code": 404, "message": "Resource Not Found", "errors": [{"reason": "notFound"}]}}'
    )

    def __init__(self, *, page: int = 2) -> None:
        super().__init__(page=page)
        self.aliases: dict[str, PersonId] = {}
        self.relations: dict[PersonId, JsonValue] = {}
        """What stands at a user instead of their manager."""
        self.archived: set[PersonId] = set()
        self.addresses: dict[str, str] = {}
        """Of groups, by their ids."""
        self.made_by_employees: set[str] = set()
        """Ids of groups that no administrator made."""
        self.further_members: dict[str, list[JsonObject]] = {}
        """What else is in a group, by its id."""
        self.refusals: list[tuple[int, str]] = []
        """Statuses and reasons with which the next calls are refused."""
        self.is_super_admin = True
        """Whether the bot's administrator sees everybody; else they may be limited to some units."""
        self.given = GivenTokens()
        self._now = self._before = Index(self.now, {})

    def key_file(self) -> str:
        """Gives the key file of the service account, as the Google Cloud console makes it."""
        return self.given.key_file(f"{self.url}token")

    @override
    def holds(self, people: Sequence[Person]) -> None:
        super().holds(people)
        self.addresses |= {group: f"{name}@{DOMAIN}" for group, name in self.now.groups.items()}
        self._before, self._now = self._now, Index(self.now, self.addresses)

    @override
    def adds_group(self, group: str, name: str, members: Sequence[str]) -> None:
        """Makes a group; where its address would be another one's, it is only called like that one."""
        super().adds_group(group, name, members)
        address = f"{name}@{DOMAIN}"
        self.addresses.setdefault(group, f"{group}@{DOMAIN}" if address in self._now.groups else address)
        self._now = Index(self.now, self.addresses)

    @override
    def is_known(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.given.scopes

    @override
    def unknown_caller(self) -> web.Response:
        return refusal(401, "authError", "Invalid Credentials")

    @override
    def routes(self) -> list[web.RouteDef]:
        base = "/admin/directory/v1"
        return [
            web.post("/token", self._token),
            web.get(f"{base}/users", self._users),
            web.get(f"{base}/users/{{key}}", self._user),
            web.get(f"{base}/groups", self._groups),
            web.get(f"{base}/groups/{{key}}", self._group),
            web.get(f"{base}/groups/{{key}}/members", self._members),
        ]

    async def _token(self, request: web.Request) -> web.Response:
        return await self.given.answer(request, delegated=self.permissions - self.faults.denied)

    def _refused(self, request: web.Request, scope: str) -> web.Response | None:
        """Gives the refusal of a call that has not the scope, or of one too many."""
        if self.refusals:
            status, reason = self.refusals.pop(0)
            return refusal(status, reason, reason)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if scope not in self.given.scopes[token] - self.faults.denied:
            said = "Request had insufficient authentication scopes."
            return refusal(403, "insufficientPermissions", said)
        return None

    async def _user(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        # What is found by an address may be as old as a list.
        people = (self.listed if "@" in key else self.now).people
        return self._refused(request, USERS) or _answered(
            request, lambda: self._user_json(self._id_of(key), people)
        )

    def _id_of(self, key: str) -> PersonId:
        """Gives the id of whoever has this id, address or alias; addresses are known late.

        Raises:
            BadRequest: nobody has it.
        """
        if "@" not in key:
            if not key.replace("-", "").isalnum():
                raise BadRequest(400, "invalid", "Invalid Input: userKey")
            return PersonId(key)
        address = key.lower()
        if address == ADMIN:
            return PersonId("u-root")
        found = self._index.by_address.get(address) or self.aliases.get(address)
        if found is None and not address.endswith(f"@{DOMAIN}"):
            raise BadRequest(403, "forbidden", _NOT_OURS)
        return found or PersonId("")

    def _user_json(self, person_id: PersonId, people: Mapping[PersonId, Person]) -> JsonObject:
        if person_id == "u-root":
            return {
                "kind": "admin#directory#user", "id": "u-root", "primaryEmail": ADMIN, "suspended": False,
                "isAdmin": self.is_super_admin, "isDelegatedAdmin": not self.is_super_admin,
            }  # fmt: skip
        person = people.get(person_id)
        if person is None:
            raise BadRequest(404, "notFound", "Resource Not Found: userKey")
        return self._described(person)

    def _described(self, person: Person) -> JsonObject:
        given, _, family = person.name.partition(" ")
        manager = self.now.people.get(person.manager) if person.manager else None
        address = manager.email if manager else f"gone@{DOMAIN}"
        relations: JsonValue = [{"type": "manager", "value": address}] if person.manager else []
        return {
            "kind": "admin#directory#user",
            "id": person.id,
            "primaryEmail": person.email,
            "aliases": [one for one, owner in self.aliases.items() if owner == person.id],
            "name": {"givenName": given, "familyName": family, "fullName": person.name},
            "suspended": not person.enabled,
            "archived": person.id in self.archived,
            "isGuestUser": person.is_guest,
            "emails": [{"address": person.email, "primary": True}, {"address": "me@home.test"}],
            "organizations": [
                {"title": "Chair", "department": "Chess", "primary": False},
                {"title": person.title, "department": person.department, "primary": True},
            ],
            "relations": self.relations.get(person.id, relations),
        }

    async def _users(self, request: web.Request) -> web.Response:
        def everybody() -> JsonObject:
            query = user_query(request.query.get("query", ""))
            first, *others = query.prefixes or [("givenName", "")]
            people = self.listed.people
            found = (people[one] for one in self._index.begins(*first))
            fitting = (
                self._described(one)
                for one in found
                if all(fields_of(one)[name].startswith(prefix) for name, prefix in others)
                and all(self._mark(one, name) is wanted for name, wanted in query.marks)
            )
            return self._page(request, "users", fitting, most=500)

        return self._refused(request, USERS) or _answered(request, everybody)

    def _mark(self, person: Person, name: str) -> bool:
        return not person.enabled if name == "isSuspended" else person.id in self.archived

    @property
    def _index(self) -> Index:
        return self._before if self.faults.lags else self._now

    async def _groups(self, request: web.Request) -> web.Response:
        def found() -> JsonObject:
            query = request.query
            if "userKey" in query:
                if "customer" in query or "query" in query:
                    raise BadRequest(400, "badRequest", "Bad Request")
                person = self._id_of(query["userKey"])
                if person not in self.now.people:
                    raise BadRequest(404, "notFound", "Resource Not Found: userKey")
                groups = self._now.groups_of.get(person, [])
            else:
                prefix = group_prefix(query.get("query", ""))
                groups = [one for one in self.listed.groups if self.addresses[one].startswith(prefix)]
            return self._page(request, "groups", map(self._group_json, groups), most=200)

        return self._refused(request, GROUPS) or _answered(request, found)

    async def _group(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        return self._refused(request, GROUPS) or _answered(
            request, lambda: self._group_json(self._group_of(key))
        )

    def _group_of(self, key: str) -> str:
        if "@" not in key and not key.replace("-", "").replace("_", "").isalnum():
            raise BadRequest(400, "invalid", "Invalid Input: groupKey")
        found = self._now.groups.get(key.lower(), key)
        if found not in self.now.groups:
            raise BadRequest(404, "notFound", "Resource Not Found: groupKey")
        return found

    def _group_json(self, group: str) -> JsonObject:
        return {
            "kind": "admin#directory#group",
            "id": group,
            "email": self.addresses[group],
            "name": (self.now if group in self.now.groups else self.before).groups[group],
            "adminCreated": group not in self.made_by_employees,
        }

    async def _members(self, request: web.Request) -> web.Response:
        def found() -> JsonObject:
            group = self._group_of(request.match_info["key"])
            directory = self.listed if group in self.listed.members else self.now
            people = [directory.people[one] for one in sorted(directory.members[group])]
            rows = [
                {"kind": "admin#directory#member", "id": one.id, "email": one.email, "type": "USER",
                 "role": "MEMBER", "status": "ACTIVE"}
                for one in people
            ]  # fmt: skip
            return self._page(request, "members", [*rows, *self.further_members.get(group, [])], most=200)

        return self._refused(request, GROUPS) or _answered(request, found)

    def _page(self, request: web.Request, kind: str, rows: Iterable[JsonObject], *, most: int) -> JsonObject:
        query = request.query
        if kind != "members" and not {"customer", "domain", "userKey"} & set(query):
            raise BadRequest(400, "badRequest", "Bad Request")
        if not 0 < int(query.get("maxResults", "1")) <= most:
            raise BadRequest(400, "invalid", "Invalid Input: maxResults")
        start = 0 if self.faults.has_endless_pages else int(query.get("pageToken", "0"))
        size = min(int(query.get("maxResults", "100")), self.page)
        found = list(islice(rows, start, start + size + 1))
        page: dict[str, JsonValue] = {"kind": f"admin#directory#{kind}"}
        if found:
            # Google leaves out a list that is empty.
            page[kind] = [*found[:size]]
        if len(found) > size or self.faults.has_endless_pages:
            page["nextPageToken"] = str(start + size)
        return page


def _answered(request: web.Request, made: Made) -> web.Response:
    try:
        return web.json_response(masked(made(), request.query.get("fields", "")))
    except BadRequest as error:
        return refusal(error.status, error.reason, error.said)
