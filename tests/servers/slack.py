"""A Slack for tests: its Web API, Socket Mode and signed requests on a free port of this machine.

async with slack_server() as slack:
    acme = slack.workspace("Acme")
    ada = acme.adds_user("Ada Lovelace")
    # start the app with slack.api_url, slack.keys and acme.bot_token
    ts = await acme.says(ada, "reset my password")
    card = await acme.eventually(lambda: acme.answers(ada))
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import ClientSession, web
from typing_extensions import override

from bot.ports.outside import Clock
from tests.servers.slack_api import AppKeys, Call, WebApi
from tests.servers.slack_clicks import Workspace
from tests.servers.slack_delivery import Deliveries, SignedHttp, Way
from tests.servers.slack_faults import Faults
from tests.servers.slack_methods import ALL_SCOPES, Place
from tests.servers.slack_sockets import Sockets
from tests.servers.slack_views import Views
from tests.servers.slack_world import Numbers, SlackUser, World

__all__ = ["ALL_SCOPES", "RealClock", "SlackServer", "Workspace", "slack_server"]

ACKNOWLEDGE: Final = timedelta(seconds=3)
POST_EVERY: Final = timedelta(seconds=1)


class RealClock(Clock):
    """The time by which Bolt checks signatures."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  # the app's side of the signature reads it too


class SlackServer:
    """The whole of it; `api.faults` and `api.calls` are for tests too."""

    def __init__(self, api: WebApi, sockets: Sockets, session: ClientSession, clock: Clock) -> None:
        self.api = api
        self.sockets = sockets
        self.signing_clock: Clock = RealClock()
        """What the signatures of requests are dated by."""
        self.url = ""
        self.acknowledge_s = ACKNOWLEDGE.total_seconds()
        self.retry_pause_s = 0.01
        self.events: frozenset[str] | None = None
        self._session = session
        self._numbers = Numbers(clock)
        self._request_url: str | None = None

    @property
    def keys(self) -> AppKeys:
        """The app's ids and secrets."""
        return self.api.keys

    @property
    def api_url(self) -> str:
        """The base of the Web API, as slack_sdk wants it."""
        return f"{self.url}/api/"

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API."""
        return self.api.calls

    @property
    def faults(self) -> Faults:
        """What the next calls meet."""
        return self.api.faults

    def calls_of(self, method: str) -> list[Call]:
        """Gives the calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    def posts_to(self, url: str | None) -> None:
        """Sends what people do to this address of the app, signed; None is back to Socket Mode."""
        self._request_url = url

    def workspace(
        self,
        name: str = "Acme",
        *,
        team_id: str | None = None,
        enterprise_id: str | None = None,
        scopes: frozenset[str] = ALL_SCOPES,
    ) -> Workspace:
        """Gives a new workspace with the app installed in it."""
        team_id = team_id or self._numbers.id("T")
        bot = SlackUser(
            id=self._numbers.id("U"),
            team_id=team_id,
            name="countersign",
            real_name="Countersign",
            email="",
            is_bot=True,
        )
        world = World(
            numbers=self._numbers,
            team_id=team_id,
            name=name,
            app_id=self.keys.app_id,
            bot=bot,
            bot_id=self._numbers.id("B"),
            bot_token=self._numbers.id("xoxb-"),
            scopes=set(scopes),
            enterprise_id=enterprise_id,
            users={bot.id: bot},
        )
        place = Place(world=world, views=Views(world))
        self.api.places[team_id] = place
        deliveries = Deliveries(self._way, within_s=self.acknowledge_s, pause_s=self.retry_pause_s)
        return Workspace(place, deliveries, self.url, subscribed=self.events)

    def _way(self) -> Way:
        if self._request_url is None:
            return self.sockets
        return SignedHttp(self._request_url, self.keys.signing_secret, self._session, self.signing_clock)


@asynccontextmanager
async def slack_server(
    *,
    clock: Clock | None = None,
    events: frozenset[str] | None = None,
    rates: bool = True,
    post_every: timedelta = POST_EVERY,
    acknowledge: timedelta = ACKNOWLEDGE,
    retry_pause: timedelta = timedelta(milliseconds=10),
) -> AsyncIterator[SlackServer]:
    """Gives a running Slack.

    `clock` dates messages and ends triggers; `events` are those that the app asked for (such as message.im),
    None for all; with `rates` a channel takes one message in `post_every`;
    the app has to answer within `acknowledge`, and an event is told again after `retry_pause`.
    """
    keys = AppKeys()
    sockets = Sockets(keys.app_id)
    api = WebApi(keys, sockets, rates=rates, post_every=post_every)
    app = web.Application(client_max_size=2**24)
    api.routes(app)
    app.router.add_get("/link", sockets.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    async with ClientSession() as session:
        server = SlackServer(api, sockets, session, clock or RealClock())
        server.acknowledge_s = acknowledge.total_seconds()
        server.events = events
        server.retry_pause_s = retry_pause.total_seconds()
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield server
        finally:
            api.faults.clear()
            await sockets.close()
            await runner.cleanup()
