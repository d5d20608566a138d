"""The stage of sign-ins: Acme in Slack, a provider where its people sign in, and our own pages for it."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bot.chat.web.body import sentences
from bot.domain.people import TenantId
from bot.ports.memory import Memory
from bot.signin.access import SignInAccess
from bot.signin.oidc import OpenIdProvider
from bot.signin.routes import SignInDesk, link_to, signin_routes
from bot.web import listening
from tests.browsing import Shown, WebBrowser, web_browser
from tests.journeys.slack_stage import SlackStage, slack_set
from tests.journeys.stage import Stage, staged
from tests.servers.demo_process import free_port
from tests.servers.openid import CLIENT, SECRET, OpenIdServer, openid_server
from tests.servers.slack_sight import words

_LINK: Final = re.compile(r'"url": "([^"]+/signin[?]code=[^"]+)"')


@dataclass(frozen=True, kw_only=True)
class SignInStage:
    """Acme in Slack, where accounts may sign in."""

    slack: SlackStage
    provider: OpenIdServer
    browser: WebBrowser
    """Alice's."""
    url: str

    async def link(self, who: str, *, nth: int = 0) -> str:
        """Waits for a link in a person's direct message; the nth that they were given."""

        def look() -> str | None:
            found = self.links(who)
            return found[nth] if len(found) > nth else None

        return await self.slack.acme.eventually(look, f"a link for {who}")

    def links(self, who: str) -> list[str]:
        """Gives the links that a person was given, oldest first."""
        seen = self.slack.acme.answers(self.slack.user(who))
        return [str(found) for one in seen for found in _LINK.findall(json.dumps(one.blocks))]

    async def signs_in(self, person: str, link: str) -> Shown:
        """Has somebody of the directory sign in with a link in their own browser; gives the last page."""
        self.provider.subject = f"p-{person}"
        if person == "alice":
            return await self.browser.signs_in(link)
        async with web_browser(self.url) as browser:
            return await browser.signs_in(link)

    async def writes(self, who: str, text: str, part: str) -> str:
        """Has a person write to the bot; waits until an answer below it says this, and gives the answer."""
        ts = await self.slack.says(who, text)

        def look() -> str | None:
            found = self.slack.acme.thread(self.slack.user(who), ts)[1:]
            return next((said for said in map(words, found) if part in said), None)

        return await self.slack.acme.eventually(look, f"{who} to be told “{part}” for “{text}”")


@asynccontextmanager
async def sign_in_staged(database: str, folder: Path) -> AsyncIterator[SignInStage]:
    """Puts the whole bot on stage in Slack, with a provider where Acme's people sign in."""
    port = free_port()
    async with slack_set() as found:
        found.link_to = partial(link_to, f"http://127.0.0.1:{port}")
        async with staged(database, folder, further=[found.further], has_page=False) as stage:
            slack = found.on(stage)
            async with sign_in_pages(stage, slack.outward.memory, port) as (provider, browser, url):
                yield SignInStage(slack=slack, provider=provider, browser=browser, url=url)


@asynccontextmanager
async def sign_in_pages(
    stage: Stage, memory: Memory, port: int
) -> AsyncIterator[tuple[OpenIdServer, WebBrowser, str]]:
    """Gives a provider, a browser, and the address of the sign-in pages, which are served while it lasts."""
    url, tenant = f"http://127.0.0.1:{port}", stage.seams.tenant
    desks: dict[TenantId, SignInDesk] = {}
    routes = signin_routes(desks.get, sign_ins=memory.sign_ins, clock=stage.clock, public_url=url)
    async with (
        openid_server(stage.clock) as provider,
        listening("127.0.0.1", port, routes, [sentences]),
        web_browser(url) as browser,
    ):
        access = SignInAccess(issuer=provider.issuer, client=CLIENT, secret=SECRET)
        asked = OpenIdProvider(access, clock=stage.clock)
        desks[tenant] = SignInDesk(provider=asked, directory=stage.seams.directory)
        yield provider, browser, url
