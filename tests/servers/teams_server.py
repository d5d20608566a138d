"""A Microsoft Teams for tests: the Bot Connector, Microsoft's keys and a part of Graph on a free port.

async with teams_server() as teams:
    acme = teams.organisation("Acme")
    ada = acme.adds_user("Ada Lovelace")
    # start the bot with teams.app_id, teams.metadata_url, teams.service_url and teams.bot_token
    teams.posts_to("http://127.0.0.1:8080/api/messages")
    await acme.says(ada, "reset my password")
    card = await acme.told(ada, "Approve")
    await acme.presses(ada, card, "Approve")
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import ClientSession, web

from bot.domain.canonical import JsonObject, JsonValue
from bot.ports.outside import Clock
from tests.servers.teams_connector import ConnectorApi
from tests.servers.teams_delivery import ANSWER_S, Deliveries
from tests.servers.teams_faults import Faults, Rates
from tests.servers.teams_front import Call, Front, Traffic, cut_off, held_up
from tests.servers.teams_graph import GraphApi
from tests.servers.teams_identity import Identity
from tests.servers.teams_presses import Organisation
from tests.servers.teams_things import TeamsUser
from tests.servers.teams_world import Numbers, RealClock, World, stable_guid

APP_ID: Final = stable_guid("the bot’s registration")
SERVICE: Final = "/emea"
GRAPH: Final = "/graph"
METADATA: Final = "/v1/.well-known/openidconfiguration"
KEYS: Final = "/v1/.well-known/keys"


class TeamsServer:
    """The whole of it."""

    def __init__(self, session: ClientSession, clock: Clock, *, rates: bool, answer_s: float) -> None:
        self.url = ""
        self.bot_token = stable_guid("the token of the bot")
        """What the bot shows the connector and Graph; `tokens` has all that are taken."""
        self.tokens = {self.bot_token}
        self.faults = Faults()
        self.traffic = Traffic()
        self.world = World(numbers=Numbers(clock), app_id=APP_ID, bot_name="Countersign")
        self.identity = Identity(APP_ID, lambda: self.world.numbers.clock)
        self.deliveries = Deliveries(identity=self.identity, session=session, within_s=answer_s)
        front = Front(self.tokens, self.faults, self.traffic)
        self.connector = ConnectorApi(self.world, front, rates=Rates() if rates else None)
        self.graph = GraphApi(self.world, front, installed=self._is_installed)
        self.organisations: dict[str, Organisation] = {}
        """Each organisation, by its tenant; the bot is registered in the first."""

    @property
    def app_id(self) -> str:
        """The id of the bot's registration."""
        return self.world.app_id

    @property
    def service_url(self) -> str:
        """Where the bot finds its connector."""
        return self.world.service_url

    @property
    def metadata_url(self) -> str:
        """Where the OpenID metadata is."""
        return f"{self.url}{METADATA}"

    @property
    def graph_url(self) -> str:
        """The base of Microsoft Graph, before the version."""
        return f"{self.url}{GRAPH}"

    @property
    def clock(self) -> Clock:
        """What activities and tokens are dated by; a test may put another in its place."""
        return self.world.numbers.clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self.world.numbers.clock = clock

    def given(self) -> Iterator[JsonValue]:
        """Gives all that the bot gave Teams, in calls and in answers, to be searched."""
        yield from (one.body for one in self.calls)
        yield from (one.answer.body for one in self.deliveries.all)

    @property
    def calls(self) -> list[Call]:
        """Every call of the bot, in order of the answers."""
        return self.traffic.calls

    def calls_of(self, *operations: str) -> list[Call]:
        """Gives the calls of these operations, in order; `teams_faults.Faults` names them."""
        return self.traffic.of(*operations)

    def posts_to(self, url: str) -> None:
        """Sends what people do to this address of the bot."""
        self.deliveries.url = url

    def organisation(self, name: str = "Acme", *, tenant: str = "") -> Organisation:
        """Gives a new organisation with the bot in its catalog."""
        tenant = tenant or stable_guid(f"tenant {name}")
        made = Organisation(self.world, self.deliveries, tenant, name)
        self.organisations[tenant] = made
        self.graph.home = self.graph.home or tenant
        return made

    def starts(self, url: str) -> None:
        """Says where the server itself is."""
        self.url = url
        self.world.service_url = self.identity.service_url = f"{url}{SERVICE}/"
        self.identity.jwks_url = f"{url}{KEYS}"

    def routes(self, app: web.Application) -> None:
        """Puts all addresses into a web application."""
        self.connector.routes(app, SERVICE)
        self.graph.routes(app, GRAPH)
        app.router.add_get(METADATA, self._metadata)
        app.router.add_get(KEYS, self._keys)

    async def _metadata(self, request: web.Request) -> web.StreamResponse:
        return await self._published("metadata", request, self.identity.metadata())

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        return await self._published("keys", request, self.identity.keys())

    async def _published(self, name: str, request: web.Request, body: JsonObject) -> web.StreamResponse:
        self.identity.fetched[name] += 1
        fault = self.faults.next(name)
        if fault is not None:
            await held_up(fault)
            if fault.kind == "drop":
                return cut_off(request)
            if fault.kind == "status":
                return web.Response(status=fault.status, text="<html>Oops</html>", content_type="text/html")
        return web.json_response(body)

    def _is_installed(self, user: TeamsUser) -> None:
        """Tells the bot that it was installed by itself, as Teams does."""
        organisation = self.organisations[user.tenant]
        for one in organisation.of_installing(user, self.world.personal(user), is_added=True):
            self.deliveries.tells_later(one)


@asynccontextmanager
async def teams_server(
    *, clock: Clock | None = None, rates: bool = True, answer_s: float = ANSWER_S
) -> AsyncIterator[TeamsServer]:
    """Gives a running Teams.

    `clock` dates activities and tokens; with `rates` a conversation takes what Teams lets through;
    the bot has to answer within `answer_s`.
    """
    async with ClientSession() as session:
        server = TeamsServer(session, clock or RealClock(), rates=rates, answer_s=answer_s)
        app = web.Application(client_max_size=2**24)
        server.routes(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            server.starts(f"http://127.0.0.1:{runner.addresses[0][1]}")
            yield server
        finally:
            server.faults.clear()
            await server.deliveries.settle()
            await runner.cleanup()
