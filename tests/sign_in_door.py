"""The sign-in pages over real HTTP, with a provider that tests let do wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.chat.web.body import sentences
from bot.domain.people import TenantId
from bot.domain.signing_in import PAUSE
from bot.outgoing.tries import Patience
from bot.ports.chat import ChatUser
from bot.ports.signin import Asking, Purpose, SignIn
from bot.signin.access import SignInAccess
from bot.signin.oidc import OpenIdProvider
from bot.signin.routes import SignInDesk, link_to, signin_routes
from bot.storage.engine import open_engine
from bot.storage.signins import SqlSignIns
from bot.web import listening
from tests.browsing import Shown, WebBrowser, web_browser
from tests.builders import a_person
from tests.fakes.clock import MovedClock
from tests.fakes.directory import FakeDirectory
from tests.records import ACME
from tests.servers.demo_process import free_port
from tests.servers.openid import CLIENT, SECRET, OpenIdServer, openid_server

MALLORY = Asking(
    user=ChatUser(surface="slack", team="T1", id="U666"),
    purpose=Purpose.LINK,
    name="Mallory <b>Moss</b> (@mallory)",
    team_name="Acme & Co",
)
PATIENT = Patience(again=frozenset({503}), tries=2, within_s=1, pause_s=0.01, try_s=30)
"""A loaded machine takes its time; that a provider is not waited for has a test of its own."""


@dataclass(kw_only=True)
class Door:
    """The sign-in pages, a provider, and a directory that knows Alice."""

    url: str
    clock: MovedClock
    provider: OpenIdServer
    directory: FakeDirectory
    sign_ins: SqlSignIns
    browser: WebBrowser
    desks: dict[TenantId, SignInDesk]
    access: SignInAccess

    def asks(self, issuer: str = "", patience: Patience = PATIENT) -> None:
        """Has people sign in at another issuer, or with another patience."""
        access = replace(self.access, issuer=issuer or self.access.issuer)
        provider = OpenIdProvider(access, clock=self.clock, patience=patience)
        self.desks[ACME] = SignInDesk(provider=provider, directory=self.directory)

    async def link(self, occasion: str = "m1") -> str:
        """Gives a fresh link of Mallory's account."""
        code = await self.sign_ins.ask(ACME, MALLORY, occasion=occasion, now=self.clock.now())
        assert code is not None
        return link_to(self.url, code)

    async def stored(self) -> SignIn:
        """Gives Mallory's sign-in as it is stored."""
        found = await self.sign_ins.of_user(ACME, MALLORY.user, Purpose.LINK)
        assert found is not None
        return found

    async def tries_to_sign_in(self) -> Shown:
        """Goes the whole way with a fresh link; gives where it ends."""
        ended = await self.browser.signs_in(await self.link())
        self.clock.advance(PAUSE)
        return ended

    async def refuses(self, why: str, *, status: int = 403) -> None:
        """Has a whole sign-in refused, for this reason; nothing comes of it."""
        ended = await self.tries_to_sign_in()
        assert (ended.status, ended.code) == (status, ""), ended.words
        assert why in ended.words
        assert (await self.stored()).signed is None


@asynccontextmanager
async def opened(database: str, *, public: str = "", subject: str = "sub") -> AsyncIterator[Door]:
    clock, engine = MovedClock(), open_engine(database)
    sign_ins, directory = SqlSignIns(engine), FakeDirectory([a_person("alice"), a_person("oid-alice")])
    desks: dict[TenantId, SignInDesk] = {}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    routes = signin_routes(desks.get, sign_ins=sign_ins, clock=clock, public_url=public or url)
    async with (
        openid_server(clock) as provider,
        listening("127.0.0.1", port, routes, [sentences]),
        web_browser(url) as browser,
    ):
        access = SignInAccess(issuer=provider.issuer, client=CLIENT, secret=SECRET, subject=subject)
        door = Door(
            url=url,
            clock=clock,
            provider=provider,
            directory=directory,
            sign_ins=sign_ins,
            browser=browser,
            desks=desks,
            access=access,
        )
        door.asks()
        yield door
    await engine.close()
