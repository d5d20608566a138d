"""Accounts in Teams whose sign-in name proves nothing: they sign in once, and write the code."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from bot.ports.chat import ChatUser
from bot.signin.routes import link_to
from tests.browsing import Shown, WebBrowser
from tests.journeys.kept import all_requests
from tests.journeys.sign_in_stage import sign_in_pages
from tests.journeys.stage import TENANT, staged
from tests.journeys.teams_stage import TeamsStage, teams_set
from tests.servers.demo_process import free_port
from tests.servers.openid import OpenIdServer
from tests.servers.teams_things import Message
from tests.servers.teams_words import titles, words

FORGOT = "I forgot my password"


@dataclass(frozen=True, kw_only=True)
class SignInInTeams:
    """Acme in Teams, where accounts may sign in."""

    teams: TeamsStage
    provider: OpenIdServer
    browser: WebBrowser

    async def writes(self, who: str, text: str, part: str) -> Message:
        """Has a person write to the bot; waits for the answer that says this, and gives it."""
        user = self.teams.user(who)
        before = len(self.teams.acme.answers(user))
        await self.teams.says(who, text)
        return await self.teams.acme.told(user, part, since=before)

    async def signs_in(self, who: str) -> Shown:
        """Has somebody ask, press the button, and sign in as Alice; gives the page on which it ends."""
        card = await self.writes(who, FORGOT, "sign in once, so that I know who you are")
        self.provider.subject = "p-alice"
        pressed = await self.teams.presses(who, card, "Sign in")
        return await self.browser.signs_in(pressed.text)

    async def tied_to(self, who: str) -> str | None:
        """Gives the person that somebody's account is tied to."""
        account = self.teams.user(who)
        user = ChatUser(surface="teams", team=account.tenant, id=account.object_id)
        async with self.teams.stage.store.view(TENANT) as view:
            found = await view.links.of_user(user)
        return None if found is None else found.person


@pytest.fixture
async def stage(acme_database: str, tmp_path: Path) -> AsyncIterator[SignInInTeams]:
    """Gives Acme in Teams, where nobody is known yet and everybody can sign in."""
    port = free_port()
    async with teams_set() as found:
        found.link_to = partial(link_to, f"http://127.0.0.1:{port}")
        async with staged(acme_database, tmp_path, further=[found.further], has_page=False) as acme:
            teams = found.on(acme)
            async with sign_in_pages(acme, teams.outward.memory, port) as (provider, browser, _):
                yield SignInInTeams(teams=teams, provider=provider, browser=browser)


@pytest.mark.promise("IDP-02")
async def test_an_account_with_another_sign_in_name_signs_in_once_and_is_known(stage: SignInInTeams) -> None:
    stage.teams.user("alice").principal_name = "a.archer@elsewhere.test"
    page = await stage.signs_in("alice")
    assert (
        "Where Microsoft Teams Organisation Acme Account Alice Archer (a.archer@elsewhere.test)" in page.words
    )
    assert await stage.tied_to("alice") is None
    wrong = f"{(int(page.code) + 1) % 10**8:08}"
    await stage.writes("alice", wrong, "That is not the code; 4 tries are left.")
    await stage.writes("alice", page.code, "You are Alice Archer now.")
    assert await stage.tied_to("alice") == "p-alice"
    assert await all_requests(stage.teams) == []
    await stage.teams.asks("alice", FORGOT)


async def test_a_colleague_who_signs_in_with_anothers_link_in_teams_is_tied_to_nothing(
    stage: SignInInTeams,
) -> None:
    stage.teams.user("eve").principal_name = "mallory@elsewhere.test"
    page = await stage.signs_in("eve")
    assert "You signed in as Alice Archer" in page.words
    assert "(mallory@elsewhere.test)" in page.words
    assert await stage.tied_to("eve") is None
    stage.teams.user("grace").principal_name = "g@elsewhere.test"
    await stage.writes("grace", FORGOT, "sign in once")
    await stage.writes("grace", page.code, "There is no code yet.")
    assert (await stage.tied_to("eve"), await stage.tied_to("grace")) == (None, None)


async def test_a_guest_of_the_organisation_gets_no_link(stage: SignInInTeams) -> None:
    user = stage.teams.user("eve")
    user.is_guest, user.principal_name = True, "eve_elsewhere.test#EXT#@acme.test"
    told = await stage.writes("eve", FORGOT, "You are a guest in this organisation")
    assert "Sign in" not in titles(told, user)


async def test_in_a_channel_of_teams_nobody_gets_a_link(stage: SignInInTeams) -> None:
    alice = stage.teams.user("alice")
    alice.principal_name = "a.archer@elsewhere.test"
    channel = stage.teams.acme.adds_channel("it-help", alice)
    await stage.teams.acme.mentions(alice, channel, FORGOT)
    told = await stage.teams.acme.told(channel, "I do not know who you are")
    assert "sign in" not in words(told).lower()
    assert titles(told, alice) == []
