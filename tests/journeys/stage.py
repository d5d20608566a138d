"""The stage of every journey: the whole bot on the playground's HTTP API, with a clock that tests move."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol, TypeVar

from aiohttp import ClientSession

from bot.agent.runbook import Runbooks
from bot.agent.runbook_file import load_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.app import RandomIds, memory_of
from bot.chat.web.api import Api, Playground
from bot.chat.web.body import own_page_only, sentences
from bot.chat.web.surface import WebSurface
from bot.connectors.schemas import JsonSchemas
from bot.demo.company import CONNECTOR, Company, changes_json
from bot.demo.estate import Change, Estate, recent_changes
from bot.directory.file import FileDirectory
from bot.directory.recent import RecentDirectory, each_time
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import TenantId
from bot.domain.tenants import Tenant
from bot.flow.advance import Advance
from bot.flow.catalog import TakeListing
from bot.flow.deliver import Deliver
from bot.flow.expire import Expire
from bot.flow.recheck import Recheck
from bot.flow.seams import Seams
from bot.policyfile.files import YamlPolicyFiles
from bot.ports.directory import Directory
from bot.ports.memory import Memory
from bot.ports.outside import Clock, Surface
from bot.scheduler.bell import ProcessBell
from bot.scheduler.worker import Worker
from bot.storage.chatlog import SqlChatLog
from bot.storage.engine import open_engine
from bot.storage.store import SqlStore
from bot.web import listening
from tests.databases import KEY
from tests.fakes.clock import MovedClock
from tests.fakes.estate_connectors import EstateConnectors, estate_definitions

TENANT = TenantId("acme")
PATIENCE_S = 60.0
GLANCE_S = 0.03
"""Seconds between looks; each look is work for the stage, too."""
OVER = ("answered", "done", "failed", "denied", "expired", "withdrawn", "attention", "noted")

Json = JsonObject
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer."""

    status: int
    body: JsonValue

    @property
    def json(self) -> dict[str, JsonValue]:
        """The body, which has to be an object."""
        assert isinstance(self.body, dict), self.body
        return self.body

    @property
    def error(self) -> str:
        """The sentence of a refusal."""
        return str(self.json["error"])


class Stage:
    """Acme, at work: people act through the same HTTP API as the page."""

    def __init__(
        self, *, url: str, session: ClientSession, seams: Seams, clock: MovedClock, worker: Worker,
        connectors: EstateConnectors, company: Company, store: SqlStore, expire: Expire,
    ) -> None:  # fmt: skip
        self.url = url
        self._session = session
        self.seams = seams
        self.clock = clock
        self.worker = worker
        self.connectors = connectors
        self.company = company
        self.store = store
        self._expire = expire

    async def get(self, path: str) -> Answered:
        """Gives what the API answers."""
        async with self._session.get(self.url + path) as response:
            return Answered(response.status, await response.json())

    async def post(self, path: str, body: Json) -> Answered:
        """Gives what the API answers."""
        async with self._session.post(self.url + path, json=body) as response:
            return Answered(response.status, await response.json())

    async def raw(
        self, method: str, path: str, body: bytes, *, headers: dict[str, str] | None = None
    ) -> Answered:
        """Sends bytes as JSON, unless the headers say otherwise, and gives what is answered."""
        sent = {"Content-Type": "application/json"} | (headers or {})
        async with self._session.request(method, self.url + path, data=body, headers=sent) as response:
            return Answered(response.status, await response.json())

    async def says(self, who: str, text: str, **more: str) -> str:
        """Has a person write a message, and gives the request that it opened or continued."""
        answer = await self.post("/api/chats", {"as": email(who), "text": text, **more})
        assert answer.status == 200, answer.body
        return str(answer.json["request"])

    async def fills(self, who: str, tool: str, note: str = "", **arguments: JsonValue) -> str:
        """Has a person fill the request form for a tool of the demo's connector, and gives the request."""
        answer = await self.post("/api/requests", form(who, tool, note, arguments))
        assert answer.status == 200, answer.body
        return str(answer.json["request"])

    async def request(self, request: str) -> Json:
        """Gives a request as the API shows it."""
        return (await self.get(f"/api/requests/{request}")).json

    async def comes_to(self, request: str, *statuses: str) -> Json:
        """Waits until the request has one of the statuses, and gives it."""

        async def look() -> Json | None:
            found = await self.request(request)
            return found if found["status"] in statuses else None

        return await self.eventually(look, f"request {request} to be {' or '.join(statuses)}")

    async def ends(self, request: str) -> Json:
        """Waits until the request is over, and gives it."""
        return await self.comes_to(request, *OVER)

    async def items(self, who: str) -> list[Json]:
        """Gives a person's chat."""
        found = (await self.get(f"/api/chats/{email(who)}")).json["items"]
        assert isinstance(found, list)
        return [item for item in found if isinstance(item, dict)]

    async def texts(self, who: str) -> list[str]:
        """Gives the texts that the bot said in a person's chat, without internal notes."""
        items = await self.items(who)
        own = [one for one in items if one["kind"] == "text" and one["from"] == "countersign"]
        return [str(item["text"]) for item in own if not item.get("note")]

    async def notes(self, who: str) -> list[str]:
        """Gives the internal notes that a person sees."""
        return [str(item["text"]) for item in await self.items(who) if item.get("note")]

    async def cards(self, who: str, request: str | None = None) -> list[Json]:
        """Gives the cards in a person's chat, of one request when it is given."""
        found = [item for item in await self.items(who) if item["kind"] == "card"]
        return [card for card in found if request is None or card["request"] == request]

    async def card(self, who: str, request: str) -> Json:
        """Waits for the newest card about a request in a person's chat that is not their own status card."""

        async def look() -> Json | None:
            found = [one for one in await self.cards(who, request) if not is_status(one)]
            return found[-1] if found else None

        return await self.eventually(look, f"a card for {who} about {request}")

    async def status_card(self, who: str, request: str) -> Json:
        """Waits for the requester's own card."""

        async def look() -> Json | None:
            found = [one for one in await self.cards(who, request) if is_status(one)]
            return found[-1] if found else None

        return await self.eventually(look, f"the status card of {who} about {request}")

    async def presses(self, who: str, card: Json | str, action: str, **values: JsonValue) -> Answered:
        """Has a person press a button on a card."""
        card_id = card if isinstance(card, str) else str(card["card"])
        return await self.post(
            "/api/actions", {"as": email(who), "card": card_id, "action": action, "values": values}
        )

    async def approves(self, who: str, request: str) -> Answered:
        """Has a person approve the newest card that they have about a request."""
        return await self.presses(who, await self.card(who, request), "approve")

    async def hours_pass(self, hours: float) -> None:
        """Moves the clock and lets the worker look at it."""
        self.clock.advance(timedelta(hours=hours))
        await self._expire()
        await self._expire.unanswered()
        await self.worker.settle(None)

    async def eventually(self, look: Callable[[], Awaitable[Found | None]], what: str) -> Found:
        """Looks again and again until there is something, or fails with what was waited for."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            found = await look()
            if found is not None:
                return found
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"waited in vain for {what}")
            await asyncio.sleep(GLANCE_S)

    async def in_time(self, look: Callable[[], Found | None], what: str, *, a_look_s: float = 1.0) -> Found:
        """Waits with the clock going on, so that what has to wait comes to its turn.

        The worker renews its leases as often as the clock says that it would: seconds pass here in
        milliseconds.
        """

        async def later() -> Found | None:
            if found := look():
                return found
            self.clock.advance(timedelta(seconds=a_look_s))
            await self.worker.renew()
            return None

        return await self.eventually(later, what)

    def changes(self) -> list[Change]:
        """Gives what changed in the company's systems, newest first."""
        return recent_changes(self.company.estate, limit=10_000)

    async def tenant(self, **settings: object) -> None:
        """Changes the tenant's settings."""
        async with self.store.unit(TENANT) as unit:
            tenant = await unit.tenant()
            values = {name: getattr(tenant, name) for name in tenant.__slots__} | settings
            await unit.put_tenant(Tenant(**values))


def email(who: str) -> str:
    """Gives a person's address from their first name."""
    return who if "@" in who else f"{who}@acme.test"


def form(who: str, tool: str, note: str, arguments: Json) -> Json:
    """Gives the body of a filled form; a tool without a connector is the demo's."""
    full = tool if ":" in tool else f"{CONNECTOR}:{tool}"
    return {"as": email(who), "tool": full, "arguments": arguments, "note": note}


def is_status(card: Json) -> bool:
    """Whether the card is the requester's own."""
    return str(card["card"]).startswith("status-")


def action_ids(card: Json) -> list[str]:
    """Gives the ids of the card's buttons."""
    actions = card["actions"]
    assert isinstance(actions, list)
    return [str(action["id"]) for action in actions if isinstance(action, dict)]


def facts(card: Json) -> dict[str, str]:
    """Gives the card's facts by label."""
    found = card["facts"]
    assert isinstance(found, list)
    return {str(fact["label"]): str(fact["value"]) for fact in found if isinstance(fact, dict)}


def rows(value: JsonValue) -> list[dict[str, JsonValue]]:
    """Gives a list of objects."""
    assert isinstance(value, list)
    return [row for row in value if isinstance(row, dict)]


Further = Callable[[Seams, Memory], AbstractAsyncContextManager["Beside"]]
"""Gives a further surface, from the seams without surfaces."""


class Beside(Protocol):
    """A surface beside the page, which begins to listen when everything else is in its place."""

    @property
    def surface(self) -> Surface: ...

    def listening(self, seams: Seams) -> AbstractAsyncContextManager[Callable[[], Awaitable[None]]]:
        """Listens while the block lasts; gives what looks after what waits."""
        ...


@asynccontextmanager
async def staged(
    database: str,
    folder: Path,
    *,
    further: Sequence[Further] = (),
    has_page: bool = True,
    directory: Callable[[Clock], Directory] | None = None,
) -> AsyncIterator[Stage]:
    """Puts the whole bot on stage, on a migrated database; leaving the block stops it.

    Args:
        database: a migrated one.
        folder: for the company's files.
        further: surfaces on which people are reached, too.
        has_page: whether they are reached on the page.
        directory: who is who; without it, the people file in the folder says so.
    """
    clock, ids, bell = MovedClock(), RandomIds(), ProcessBell()
    engine = open_engine(database)
    store, log = SqlStore(engine, key=KEY), SqlChatLog(engine)
    company = Company(folder)
    shutil.copy(str(files("bot.demo").joinpath("people.yaml")), folder / "people.yaml")
    file = FileDirectory(folder / "people.yaml")
    connectors = EstateConnectors(Estate.open(company.estate))
    surface = WebSurface(TENANT, log, clock)
    seams = Seams(
        tenant=TENANT,
        store=store,
        directory=directory(clock) if directory else RecentDirectory(file, clock=clock, limit=each_time),
        planner=RunbookPlanner(demo_runbooks()),
        connectors=connectors,
        schemas=JsonSchemas(),
        policy_files=YamlPolicyFiles(),
        surfaces=(surface,) if has_page else (),
        clock=clock,
        ids=ids,
        bell=bell,
    )
    await company.move_in(store, TENANT, clock, ids)
    await take_listing(seams)
    playing = AsyncExitStack()
    offstage, memory = replace(seams, surfaces=()), memory_of(engine, KEY)
    beside = [await playing.enter_async_context(one(offstage, memory)) for one in further]
    seams = replace(seams, surfaces=(*seams.surfaces, *(one.surface for one in beside)))
    expire = Expire(seams)
    looks: list[Callable[[], Awaitable[None]]] = []
    worker = hired(seams, bell, expire, name="stage", looks=looks)
    running = asyncio.create_task(worker.run())
    playground = Playground(
        seams=seams,
        surface=surface,
        log=log,
        settle=worker.settle,
        people=file.everyone,
        estate=lambda: changes_json(company.estate),
    )
    try:
        for one in beside:
            looks.append(await playing.enter_async_context(one.listening(seams)))  # noqa: PERF401 - it awaits
        async with (
            listening("127.0.0.1", 0, Api(playground).routes(), [sentences, own_page_only]) as port,
            ClientSession() as session,
        ):
            yield Stage(
                url=f"http://127.0.0.1:{port}", session=session, seams=seams, clock=clock, worker=worker,
                connectors=connectors, company=company, store=store, expire=expire,
            )  # fmt: skip
    finally:
        worker.stop()
        await running
        await playing.aclose()
        await store.close()


def hired(
    seams: Seams,
    bell: ProcessBell,
    expire: Expire,
    *,
    name: str,
    looks: Sequence[Callable[[], Awaitable[None]]] = (),
) -> Worker:
    """Gives a worker that is not at work yet."""

    recheck = Recheck(seams)

    async def look_at_the_clock() -> None:
        await expire()
        await expire.unanswered()
        await recheck()
        for one in looks:
            await one()

    return Worker(
        clock=seams.clock,
        bell=bell,
        advance=Advance(seams.store, {seams.tenant: seams}, worker=name),
        deliver=Deliver(seams.store, {seams.tenant: seams}, worker=name),
        expire=look_at_the_clock,
    )


@asynccontextmanager
async def another_process(stage: Stage, database: str) -> AsyncIterator[None]:
    """Has a second worker, with a store of its own on the same database, while the block lasts."""
    store, bell = SqlStore(open_engine(database), key=KEY), ProcessBell()
    seams = replace(stage.seams, store=store, bell=bell)
    worker = hired(seams, bell, Expire(seams), name="another process")
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running
        await store.close()


@cache
def demo_runbooks() -> Runbooks:
    """Gives the demo's runbooks; reading them takes longer than most journeys."""
    return load_runbooks(Path(str(files("bot.demo").joinpath("runbooks.yaml"))))


async def take_listing(seams: Seams) -> None:
    """Takes the demo's tools into the catalog, as a hub does after it connected."""
    async with seams.store.view(seams.tenant) as view:
        connector = next(one for one in await view.connections.all() if one.name == CONNECTOR)
    take = TakeListing(
        store=seams.store, clock=seams.clock, ids=seams.ids, directory=lambda _: seams.directory
    )
    await take(seams.tenant, connector, estate_definitions())
