"""Microsoft Graph for tests, as far as it tells of users and groups.

Lists of users and groups, and whatever is asked with `ConsistencyLevel: eventual`, come from an index that
may lag behind; users by id and memberships without that header do not.

Source: https://learn.microsoft.com/graph/aad-advanced-queries
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from aiohttp import web
from typing_extensions import override

from bot.directory.entra.permissions import GROUPS, MAILBOXES, PERMISSIONS, PRESENCE, USERS
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId
from tests.servers.entra import Entra
from tests.servers.graph_questions import (
    MANAGER,
    USUAL,
    Asked,
    Key,
    Refused,
    asked_in,
    error_of,
    fitting,
    missing,
    page_of,
    selected,
)
from tests.servers.graph_world import More, World
from tests.servers.provider import Directory, ProviderServer

SCOPE: Final = "https://graph.microsoft.com/.default"
_TOGETHER: Final = 20


@dataclass
class PartFault:
    """What a question gets instead of its answer, within a batch or without one."""

    path: str
    """It ends so."""
    status: int
    retry_after: str = ""
    times: int = -1
    """How many more times; -1 for ever."""
    code: str = "Fault"
    """Graph's name for it; Graph itself has its own for whatever it says."""


class GraphServer(ProviderServer):
    """Answers whoever has a token that its Entra gave."""

    permissions = PERMISSIONS

    def __init__(self, entra: Entra, *, page: int = 2) -> None:
        """Takes who gives tokens, and how many things there are on a page at most."""
        super().__init__(page=page)
        self.part_faults: list[PartFault] = []
        self.describes_members = True
        """Whether lists of members say of users what was asked for, and not only what is usual."""
        self.batches: list[int] = []
        """How many questions each batch had."""
        self.more = More()
        self._entra = entra
        self._worlds: dict[int, World] = {}
        self._answers: tuple[tuple[re.Pattern[str], Callable[[Asked, str], JsonObject]], ...] = (
            (re.compile(r"users()"), self._users),
            (re.compile(r"users/([^/]+)"), self._user),
            (re.compile(r"users/([^/]+)/transitiveMemberOf(?:/microsoft\.graph\.group)?"), self._member_of),
            (re.compile(r"users/([^/]+)/mailboxSettings/(?:timeZone|workingHours)"), self._mailbox),
            (re.compile(r"users/([^/]+)/presence"), self._presence),
            (re.compile(r"groups()"), self._groups),
            (re.compile(r"groups/([^/]+)"), self._group),
            (re.compile(r"groups/([^/]+)/transitiveMembers(?:/microsoft\.graph\.user)?"), self._members),
        )
        entra.roles = lambda: self.permissions - self.faults.denied

    @override
    def holds(self, people: Sequence[Person]) -> None:
        self._worlds.pop(id(self.before), None)
        super().holds(people)
        # Made at once, because that takes seconds where there are many, and nobody would wait for it.
        self._world(self.now)

    @override
    def adds_group(self, group: str, name: str, members: Sequence[str]) -> None:
        super().adds_group(group, name, members)
        self.changed()

    def changed(self) -> None:
        """Has everything looked at again; to be called after a change of `more`."""
        self._worlds.clear()

    @override
    def is_known(self, request: web.Request) -> bool:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        return kind == "Bearer" and self._entra.given.get(token) == SCOPE

    @override
    def unknown_caller(self) -> web.Response:
        return error_of(Refused(401, "InvalidAuthenticationToken", "Access token validation failure."))

    @override
    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1.0/$batch", self._batch), web.get("/v1.0/{rest:.*}", self._one)]

    async def _one(self, request: web.Request) -> web.Response:
        target = request.raw_path.removeprefix("/v1.0/")
        try:
            return web.json_response(self._said(target, request.headers))
        except Refused as refused:
            return error_of(refused)

    async def _batch(self, request: web.Request) -> web.Response:
        """Answers each question by itself, in another order than they were asked in.

        Source: https://learn.microsoft.com/graph/json-batching
        """
        asked = (await request.json())["requests"]
        self.batches.append(len(asked))
        ids = [str(one["id"]).lower() for one in asked]
        if not 0 < len(asked) <= _TOGETHER or len(set(ids)) < len(ids):
            return error_of(Refused(400, "BadRequest", "Invalid batch payload format."))
        return web.json_response({"responses": [self._part(one) for one in reversed(asked)]})

    def _part(self, one: Mapping[str, object]) -> JsonObject:
        target, headers = str(one["url"]), one.get("headers", {})
        assert isinstance(headers, dict)
        assert one["method"] == "GET"
        try:
            body = self._said(target.removeprefix("/"), headers)
            return {"id": str(one["id"]), "status": 200, "headers": {"OData-Version": "4.0"}, "body": body}
        except Refused as refused:
            more: JsonObject = {"Retry-After": refused.retry_after} if refused.retry_after else {}
            return {"id": str(one["id"]), "status": refused.status, "headers": more, "body": refused.body}

    def _said(self, target: str, headers: Mapping[str, str]) -> JsonObject:
        """Gives what Graph says to one question.

        Raises:
            Refused: it does not say it.
        """
        path = target.partition("?")[0]
        for fault in self.part_faults:
            if path.endswith(fault.path) and fault.times != 0:
                fault.times -= 1
                raise Refused(fault.status, fault.code, "Not now.", retry_after=fault.retry_after)
        asked = asked_in(target, headers)
        for pattern, answer in self._answers:
            if found := pattern.fullmatch(path):
                return answer(asked, unquote(found[1]))
        raise Refused(400, "BadRequest", f"Resource not found for the segment '{path}'.")

    def _users(self, asked: Asked, _: str) -> JsonObject:
        self._needs(USERS)
        world = self._world(self.listed)
        ids = fitting(asked, "users", world)
        return self._page(asked, ids, lambda key: selected(world.user(key) or {}, asked))

    def _user(self, asked: Asked, key: str) -> JsonObject:
        self._needs(USERS)
        user = selected(self._known(key), asked)
        expand = asked.options.get("expand")
        if expand is None:
            return user
        nested = MANAGER.fullmatch(expand)
        if nested is None or asked.is_eventual:
            raise Refused(400, "BadRequest", f"Expression '{expand}' is not supported.")
        manager = self.now.people[PersonId(str(user["id"]))].manager
        known = self._world(self.now).user(manager) if manager else None
        if known is None:
            return user
        said = {name: known[name] for name in nested[1].split(",")}
        return {**user, "manager": {"@odata.type": "#microsoft.graph.user", **said}}

    def _member_of(self, asked: Asked, key: str) -> JsonObject:
        if USERS in self.faults.denied:
            self._needs(GROUPS)
        user = self._known(key)
        world = self._cast(asked)
        names = asked.options.get("select", "id,displayName").split(",")
        rows = [self._described_group(world, one, names) for one in world.groups_of(str(user["id"]))]
        if not asked.path.endswith(".group"):
            rows += [
                {"@odata.type": "#microsoft.graph.directoryRole", "id": one, "displayName": None}
                for one in sorted(self.more.units.get(str(user["id"]), ()))
            ]
        return self._page(asked, list(range(len(rows))), lambda at: rows[at])

    def _members(self, asked: Asked, group: str) -> JsonObject:
        self._needs(GROUPS)
        if group not in self.now.groups:
            raise missing(group)
        world = self._cast(asked)
        users, groups = world.inside(group)
        names = asked.options.get("select", "id,displayName").split(",")
        rows = [self._described_user(world, one, asked) for one in users]
        if not asked.path.endswith(".user"):
            rows += [self._described_group(world, one, names) for one in groups]
        return self._page(asked, list(range(len(rows))), lambda at: rows[at])

    def _groups(self, asked: Asked, _: str) -> JsonObject:
        self._needs(GROUPS)
        world = self._world(self.listed)
        return self._page(asked, fitting(asked, "groups", world), world.group)

    def _group(self, _: Asked, key: str) -> JsonObject:
        self._needs(GROUPS)
        if key not in self.now.groups:
            raise missing(key)
        return self._world(self.now).group(key)

    def _mailbox(self, asked: Asked, key: str) -> JsonObject:
        self._needs(MAILBOXES)
        found = self.more.mailboxes.get(str(self._known(key)["id"]))
        if found is None:
            raise Refused(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive or on-premise.")
        value = found.get(asked.path.rpartition("/")[2])
        return value if isinstance(value, dict) else {"value": value}

    def _presence(self, _: Asked, key: str) -> JsonObject:
        self._needs(PRESENCE)
        unknown: JsonObject = {"availability": "PresenceUnknown", "activity": "PresenceUnknown"}
        return {"id": key, **self.more.presences.get(str(self._known(key)["id"]), unknown)}

    def _needs(self, permission: str) -> None:
        if permission in self.faults.denied:
            raise Refused(
                403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )

    def _known(self, key: str) -> JsonObject:
        found = self._world(self.now).user(key)
        if found is None:
            raise missing(key)
        return found

    def _world(self, directory: Directory) -> World:
        if id(directory) not in self._worlds:
            self._worlds[id(directory)] = World(directory, self.more)
        return self._worlds[id(directory)]

    def _cast(self, asked: Asked) -> World:
        """Gives what memberships are read from; a cast wants the index."""
        if "microsoft.graph." in asked.path and not asked.is_advanced:
            raise Refused(400, "Request_UnsupportedQuery", "The specified cast needs ConsistencyLevel.")
        return self._world(self.listed if asked.is_eventual else self.now)

    def _described_group(self, world: World, key: str, names: Sequence[str]) -> JsonObject:
        kind: JsonObject = {"@odata.type": "#microsoft.graph.group"}
        if GROUPS in self.faults.denied:
            return {**kind, "id": key, **{name: None for name in names if name != "id"}}
        return {**kind, **{name: value for name, value in world.group(key).items() if name in names}}

    def _described_user(self, world: World, key: str, asked: Asked) -> JsonObject:
        said = dict(selected(world.user(key) or {}, asked))
        if USERS in self.faults.denied:
            said = {name: value if name == "id" else None for name, value in said.items()}
        if not self.describes_members:
            said = {name: value for name, value in said.items() if name in USUAL}
        return {"@odata.type": "#microsoft.graph.user", **said}

    def _page(self, asked: Asked, found: Sequence[Key], row: Callable[[Key], JsonObject]) -> JsonObject:
        page = page_of(asked, found, row, most=self.page, endless=self.faults.has_endless_pages, url=self.url)
        elsewhere = self.faults.next_page if "@odata.nextLink" in page else ""
        return {**page, "@odata.nextLink": elsewhere} if elsewhere else page
