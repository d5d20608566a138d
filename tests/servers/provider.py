"""What every identity provider for tests has in common: whom it knows, and how it fails."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.domain.people import Person, PersonId

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Faults:
    """What the provider does instead of answering."""

    is_away: bool = False
    """Whether it breaks every connection off."""
    status: int = 0
    """What it answers to everything; 0 for nothing special."""
    retry_after: str = ""
    times: int = -1
    """How many more times it does so; -1 for ever."""
    body: bytes | None = None
    """What it answers, with status 200, whatever was asked for."""
    missing: bytes | None = None
    """What it answers, with status 404, to everybody whose credentials are good."""
    missing_at: str = ""
    """What the addresses have in them to which it does so; empty for all of them."""
    hangs: bool = False
    """Whether it takes what is asked and says nothing."""
    location: str = ""
    """Where it sends everybody."""
    denied: frozenset[str] = frozenset()
    """The permissions that the bot does not have, as the provider calls them."""
    rejected: int = 0
    """How many more times it takes no credentials."""
    next_page: str = ""
    """Where it says that the next page is."""
    has_endless_pages: bool = False
    lags: bool = False
    """Whether its lists and searches still know what was so before the last change."""


@dataclass
class Directory:
    """Whom a provider knows; ids are for ever, and group names are anybody's."""

    people: dict[PersonId, Person] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    """Names by id."""
    members: dict[str, set[PersonId]] = field(default_factory=dict)
    """By the group's id."""

    def groups_of(self, person: PersonId) -> list[str]:
        """Gives the ids of the person's groups."""
        return sorted(group for group, members in self.members.items() if person in members)


class ProviderServer(ABC):
    """A provider on this machine; what it answers is up to who inherits from it."""

    permissions: frozenset[str] = frozenset()
    """Every permission that the bot can have there."""
    has_links: bool = True
    """Whether a page says where the next one is, instead of being counted."""
    has_unique_names: bool = False
    """Whether no two groups can have the name that counts."""
    has_bare_lists: bool = False
    """Whether what it lists is a JSON list, of which an empty one is an answer."""
    missing_body: bytes = b""
    """With what it says itself that there is no such thing."""

    def __init__(self, *, page: int = 2) -> None:
        """Takes how many things it puts on a page at most."""
        self.page = page
        self.url = ""
        self.faults = Faults()
        self.now = Directory()
        self.before = Directory()
        self.asked: list[str] = []
        """Method and path with its query of every call, oldest first."""
        self.tokens: list[str] = []
        """What each call showed as its Authorization."""

    def holds(self, people: Sequence[Person]) -> None:
        """Makes these everybody; a group's id is its name with `g-` before it."""
        self.before = self.now
        names = sorted({group for person in people for group in person.groups})
        members: dict[str, set[PersonId]] = {f"g-{name}": set() for name in names}
        for person in people:
            for name in person.groups:
                members[f"g-{name}"].add(person.id)
        self.now = Directory(
            people={person.id: person for person in people},
            groups={f"g-{name}": name for name in names},
            members=members,
        )

    def adds_group(self, group: str, name: str, members: Sequence[str]) -> None:
        """Makes a group, perhaps with a name that another one has."""
        self.now.groups[group] = name
        self.now.members[group] = {PersonId(member) for member in members}

    @property
    def listed(self) -> Directory:
        """What lists and searches say."""
        return self.before if self.faults.lags else self.now

    @abstractmethod
    def is_known(self, request: web.Request) -> bool:
        """Whether the call shows good credentials."""

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Gives the provider's own addresses."""

    def denial(self, permission: str) -> web.Response | None:
        """Gives the refusal of a call for which the bot lacks the permission."""
        if permission in self.faults.denied:
            return web.json_response({"error": f"{permission} is missing"}, status=403)
        return None

    def unknown_caller(self) -> web.Response:
        """Gives the refusal of a call whose credentials are no good."""
        return web.json_response({"error": "who are you?"}, status=401)

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path_qs}")
        self.tokens.append(request.headers.get("Authorization", ""))
        faults = self.faults
        if faults.is_away:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if faults.hangs:
            await asyncio.Event().wait()
        if faults.location:
            return web.Response(status=302, headers={"Location": faults.location})
        if faults.status and faults.times != 0:
            faults.times -= 1
            headers = {"Retry-After": faults.retry_after} if faults.retry_after else {}
            return web.json_response({"error": "not now"}, status=faults.status, headers=headers)
        if self._is_for_everybody(request):
            return await handler(request)
        if faults.rejected or not self.is_known(request):
            faults.rejected = max(faults.rejected - 1, 0)
            return self.unknown_caller()
        if faults.missing is not None and faults.missing_at in request.path_qs:
            return web.Response(body=faults.missing, status=404, content_type="application/json")
        if faults.body is not None:
            return web.Response(body=faults.body, content_type="application/json")
        return await handler(request)

    def _is_for_everybody(self, request: web.Request) -> bool:
        """Whether the address needs no token, because it gives them."""
        return "token" in request.path

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answers while the block lasts; `url` ends with a slash."""
        app = web.Application(middlewares=[self._faulty])
        app.router.add_routes(self.routes())
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            yield
        finally:
            await runner.cleanup()
