"""Further workspaces: installed with an operator's link, served, kept apart, and forgotten."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from sqlalchemy import text

from bot.chat.slack.access import Access
from bot.chat.slack.connection import EVENTS_PATH
from bot.chat.slack.manifest import EVENTS, SCOPES
from bot.chat.slack.oauth import INSTALL
from bot.chat.slack.shown.buttons import ACT
from bot.chat.slack.start import slack_inward
from bot.domain.people import TenantId
from bot.ports.chat import Installation
from bot.web import listening
from tests.journeys.slack_stage import SlackStage, has_button, slack_staged
from tests.journeys.stage import TENANT
from tests.servers.countersign_process import CountersignProcess
from tests.servers.demo_process import free_port
from tests.servers.slack import RealClock, Workspace
from tests.servers.slack_elements import actionable
from tests.servers.slack_manners import bad_manners
from tests.servers.slack_sight import words

ZENDESK = "I need access to Zendesk"
COOKIE = "slack-app-oauth-state"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The stage with an app that further workspaces can install, and the address of its web server."""

    stage: SlackStage
    globex: Workspace
    url: str
    access: Access
    folder: Path

    async def get(self, path: str, *, cookie: str = "") -> "Page":
        """Gives what a browser is answered; it follows no redirect."""
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        async with (
            ClientSession() as session,
            session.get(
                path if path.startswith("http") else f"{self.url}{path}",
                headers=headers,
                allow_redirects=False,
            ) as response,
        ):
            return Page(
                status=response.status,
                text=await response.text(),
                location=response.headers.get("Location", ""),
                cookie=response.cookies[COOKIE].value if COOKIE in response.cookies else "",
            )

    async def code(self) -> str:
        """Gives the code of a fresh link."""
        now = self.stage.stage.clock.now()
        codes = self.stage.outward.memory.codes
        return await codes.issue(TENANT, INSTALL, now=now, until=now + timedelta(hours=1))

    async def installs(self, link: str) -> "Page":
        """Has an admin of Globex follow a link, and allow the app in their workspace."""
        begun = await self.get(link)
        assert begun.status == 302, begun
        allowed = await self.get(begun.location)
        assert allowed.location.startswith(f"{self.url}/slack/oauth_redirect")
        return await self.get(allowed.location, cookie=begun.cookie)

    async def installations(self) -> list[tuple[object, ...]]:
        """Gives the stored installations."""
        return await self.rows("SELECT tenant, team FROM installations ORDER BY team")

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Gives what the database holds."""
        async with self.stage.stage.store._engine.read() as session:
            found = await (await session.connection()).execute(text(statement))
            return [tuple(row) for row in found]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a browser was answered."""

    status: int
    text: str
    location: str
    cookie: str


@pytest.fixture
async def gate(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Gate]:
    """Gives Acme in Slack beside Globex, which has not installed the app yet."""
    database = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, database)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with slack_staged(f"sqlite:///{database}", tmp_path) as stage:
        # Links are made by another process, by the machine's clock.
        stage.stage.clock.advance(RealClock().now() - stage.stage.clock.now())
        keys = stage.slack.keys
        globex = stage.slack.workspace("Globex", scopes=frozenset(SCOPES))
        globex.subscribed = frozenset(EVENTS)
        globex.adds_user("Gina Globex", email="gina@globex.test")
        access = replace(
            stage.outward.access,
            app_token="",
            signing_secret=keys.signing_secret,
            client_id=keys.client_id,
            client_secret=keys.client_secret,
            public_url=url,
        )
        outward = replace(stage.outward, access=access)
        async with (
            slack_inward(outward, stage.stage.seams, worker="the gate") as inward,
            listening("127.0.0.1", port, inward.routes),
        ):
            stage.slack.posts_to(f"{url}{EVENTS_PATH}")
            yield Gate(stage=stage, globex=globex, url=url, access=access, folder=tmp_path)
        assert bad_manners(stage.slack) == []


def refused_without_state(page: Page) -> bool:
    """Whether a callback was refused, and nothing was promised."""
    return page.status in {400, 401} and "success" not in page.text.lower()


@pytest.mark.parametrize("query", ["", "?code=", "?code=guessed", "?code=a&code=b", "?state=x"])
async def test_without_an_operators_link_nobody_begins_an_installation(gate: Gate, query: str) -> None:
    page = await gate.get(f"/slack/install{query}")
    assert (page.status, page.location, page.cookie) == (403, "", "")
    assert "countersign slack install-link" in page.text
    assert await gate.installations() == []


async def test_a_link_is_good_for_an_hour_and_once(gate: Gate) -> None:
    late = await gate.code()
    gate.stage.stage.clock.advance(timedelta(hours=1))
    assert (await gate.get(f"/slack/install?code={late}")).status == 403
    code = await gate.code()
    link = f"{gate.url}/slack/install?code={code}"
    begun = await gate.get(link)
    assert (await gate.installs(link)).status == 200
    assert (await gate.get(link)).status == 403
    allowed = await gate.get(begun.location)
    assert refused_without_state(await gate.get(allowed.location, cookie=begun.cookie))
    assert await gate.installations() == [("acme", gate.globex.team_id)]


async def test_the_link_leads_to_slack_with_what_the_manifest_names_and_nothing_more(gate: Gate) -> None:
    begun = await gate.get(f"/slack/install?code={await gate.code()}")
    asked = parse_qs(urlsplit(begun.location).query)
    assert begun.location.startswith(f"{gate.stage.slack.url}/oauth/v2/authorize?")
    assert set(asked["scope"][0].split(",")) == set(SCOPES)
    assert asked.get("user_scope", [""]) == [""]
    assert asked["redirect_uri"] == [f"{gate.url}/slack/oauth_redirect"]
    assert gate.access.client_secret not in begun.location


async def test_a_callback_counts_only_in_the_browser_that_followed_the_link(gate: Gate) -> None:
    code = await gate.code()
    begun = await gate.get(f"/slack/install?code={code}")
    allowed = await gate.get(begun.location)
    own = urlsplit(allowed.location)
    for path, cookie in (
        (allowed.location, ""),
        (allowed.location, "another"),
        (f"/slack/oauth_redirect?code=x&state={code}", ""),
        ("/slack/oauth_redirect", begun.cookie),
        (f"/slack/oauth_redirect?{own.query.replace(code, 'guessed')}", "guessed"),
    ):
        assert refused_without_state(await gate.get(path, cookie=cookie)), path
    assert await gate.installations() == []
    assert (await gate.get(allowed.location, cookie=begun.cookie)).status == 200


async def test_a_code_that_slack_does_not_know_installs_nothing(gate: Gate) -> None:
    code = await gate.code()
    begun = await gate.get(f"/slack/install?code={code}")
    page = await gate.get(f"/slack/oauth_redirect?code=forged&state={code}", cookie=begun.cookie)
    assert page.status < 500 or "success" not in page.text.lower()
    assert await gate.installations() == []


async def test_somebody_who_says_no_in_slack_installs_nothing(gate: Gate) -> None:
    code = await gate.code()
    begun = await gate.get(f"/slack/install?code={code}")
    page = await gate.get(f"/slack/oauth_redirect?error=access_denied&state={code}", cookie=begun.cookie)
    assert page.status < 500
    assert "<script" not in (await gate.get("/slack/oauth_redirect?error=<script>alert(1)</script>")).text
    assert await gate.installations() == []


async def the_link(gate: Gate) -> str:
    """Gives the link that the command line prints."""
    environment: Mapping[str, str] = {
        "SLACK_CLIENT_ID": gate.access.client_id,
        "SLACK_CLIENT_SECRET": gate.access.client_secret,
        "SLACK_SIGNING_SECRET": gate.access.signing_secret,
        "COUNTERSIGN_PUBLIC_URL": gate.url,
        "COUNTERSIGN_TENANT_ID": "acme",
    }
    output = gate.folder / "link.txt"
    async with CountersignProcess(
        "slack", "install-link", "--json", "--data", gate.folder, output=output, **environment
    ) as command:
        await command.launch()
        assert await command.ended() == 0, command.said
        return str(json.loads(command.said)["link"])


async def test_the_link_of_the_command_line_installs_the_app_and_the_workspace_is_served(gate: Gate) -> None:
    link = await the_link(gate)
    assert link.startswith(f"{gate.url}/slack/install?code=")
    done = await gate.installs(link)
    assert done.status == 200
    assert gate.globex.bot_token not in done.text
    assert await gate.installations() == [("acme", gate.globex.team_id)]
    assert await gate.stage.audit("workspace.installed") == [
        {"surface": "slack", "team": gate.globex.team_id, "enterprise": "", "status": ""}
    ]
    alice = gate.globex.adds_user("Alice Archer", email="alice@acme.test")
    ts = await gate.globex.says(alice, ZENDESK)
    await gate.stage.approves("bob")
    await gate.stage.approves("megan")
    reply = await gate.globex.eventually(
        lambda: [one for one in gate.globex.answers(alice) if "now has member access" in words(one)],
        "the reply in Globex",
    )
    assert {one.thread_ts for one in reply} == {ts}
    assert not [one for one in gate.stage.texts(gate.stage.user("alice")) if "now has" in one]
    assert len(gate.stage.stage.changes()) == 1


async def test_a_token_stands_nowhere_in_the_database_as_it_is(gate: Gate) -> None:
    assert (await gate.installs(f"/slack/install?code={await gate.code()}")).status == 200
    alice = gate.globex.adds_user("Alice Archer", email="alice@acme.test")
    ts = await gate.globex.says(alice, ZENDESK)
    await gate.globex.eventually(lambda: len(gate.globex.thread(alice, ts)) > 1, "an answer in Globex")
    held = b"".join([await asyncio.to_thread(one.read_bytes) for one in gate.folder.glob("countersign.db*")])
    secrets = (
        gate.globex.bot_token, gate.stage.acme.bot_token, gate.access.client_secret,
        gate.access.signing_secret, gate.stage.slack.keys.app_token,
    )  # fmt: skip
    assert gate.globex.team_id.encode() in held
    assert [one for one in secrets if one.encode() in held] == []


async def test_a_workspace_that_removes_the_app_is_forgotten(gate: Gate) -> None:
    await gate.installs(f"/slack/install?code={await gate.code()}")
    alice = gate.globex.adds_user("Alice Archer", email="alice@acme.test")
    await gate.globex.happens({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}})
    assert len(await gate.installations()) == 1
    await gate.globex.uninstalls()
    told = gate.globex.deliveries.all[-2:]
    assert [one.answer.attempts for one in told] == [1, 1]
    assert all(one.answer.acknowledged for one in told)
    assert await gate.installations() == []
    removed = await gate.stage.audit("workspace.removed")
    assert [one["team"] for one in removed] == [gate.globex.team_id]
    await gate.globex.says(alice, ZENDESK)
    assert await gate.rows("SELECT key FROM arrivals") == []
    assert (await gate.installs(f"/slack/install?code={await gate.code()}")).status == 200
    ts = await gate.globex.says(alice, ZENDESK)
    await gate.globex.eventually(lambda: len(gate.globex.thread(alice, ts)) > 1, "an answer in Globex")


async def test_what_is_due_in_a_workspace_that_removed_the_app_is_brought_elsewhere_or_written_down(
    gate: Gate,
) -> None:
    await gate.installs(f"/slack/install?code={await gate.code()}")
    alice = gate.globex.adds_user("Alice Archer", email="alice@acme.test")
    await gate.globex.says(alice, "I forgot my password")
    card = await gate.stage.card("bob")
    await gate.globex.uninstalls()
    await gate.stage.presses("bob", card, "approve")
    await gate.stage.told("alice", "one-time link")
    assert len(gate.stage.stage.changes()) == 1


@pytest.mark.parametrize("is_stored", [True, False], ids=["another tenant's", "nobody's"])
async def test_a_workspace_that_is_not_ours_is_not_served(gate: Gate, *, is_stored: bool) -> None:
    if is_stored:
        await another_tenants(gate)
    before = await gate.rows("SELECT count(*) FROM audit_entries")
    alice = gate.globex.adds_user("Alice Archer", email="alice@acme.test")
    await gate.globex.says(alice, ZENDESK)
    await gate.globex.opens_home(alice)
    await gate.globex.happens({"type": "app_uninstalled"})
    assert await gate.rows("SELECT key FROM arrivals") == []
    assert await gate.rows("SELECT count(*) FROM audit_entries") == before
    assert len(await gate.installations()) == is_stored
    assert gate.globex.answers(alice) == []
    assert gate.globex.home(alice) is None
    assert not [call for call in gate.stage.slack.calls if call.token == gate.globex.bot_token]


async def another_tenants(gate: Gate) -> None:
    """Has Globex installed for another tenant of the same database."""
    await gate.stage.outward.memory.installations.put(
        TenantId("other"),
        Installation(
            surface="slack",
            team=gate.globex.team_id,
            enterprise="",
            name="Globex",
            content={"bot_token": gate.globex.bot_token, "bot_user": gate.globex.bot.id, "bot_id": "B1"},
            at=gate.stage.stage.clock.now(),
        ),
    )


async def test_a_workspace_of_another_tenant_cannot_be_taken_over(gate: Gate) -> None:
    await another_tenants(gate)
    page = await gate.installs(f"/slack/install?code={await gate.code()}")
    assert 400 <= page.status < 500, page
    assert await gate.installations() == [("other", gate.globex.team_id)]


async def test_equal_ids_of_users_in_two_workspaces_are_two_people(gate: Gate) -> None:
    stage, bob = gate.stage, gate.stage.user("bob")
    await gate.installs(f"/slack/install?code={await gate.code()}")
    await stage.status_card("alice", await stage.says("alice", "I forgot my password"))
    card = await stage.card("bob")
    stranger = gate.globex.adds_user("Mallory Globex", email="mallory@globex.test", user_id=bob.id)
    ts = await gate.globex.says(stranger, ZENDESK)
    await gate.globex.eventually(
        lambda: any("do not know who you are" in words(one) for one in gate.globex.thread(stranger, ts)),
        "the stranger to be told so",
    )
    value = next(
        str(one["value"]) for _, one in actionable(card.blocks) if one["action_id"] == f"{ACT}approve"
    )
    seen = gate.globex.writes(stranger, "something to click on", gate.globex.dm(stranger))
    await gate.globex.presses(stranger, seen, f"{ACT}approve", value, forged=True)
    await gate.globex.eventually(
        lambda: [one for one in gate.globex.ephemerals(stranger) if "do not know who you are" in words(one)],
        "the stranger to be told so again",
    )
    assert stage.stage.changes() == []
    assert has_button(card, "approve")
    refused = [one for one in await stage.audit("action.refused") if one["user"] == bob.id]
    assert refused
    links = await gate.rows(f"SELECT person, team FROM links WHERE \"user\" = '{bob.id}'")  # noqa: S608 - an id of our stand-in
    assert [person for person, _ in links] == ["p-bob"]


async def test_one_person_with_accounts_in_two_workspaces_still_approves_nothing_of_their_own(
    gate: Gate,
) -> None:
    await gate.installs(f"/slack/install?code={await gate.code()}")
    other_bob = gate.globex.adds_user("Bob Brennan", email="bob@acme.test")
    ts = await gate.globex.says(other_bob, "I forgot my password")
    await gate.globex.eventually(lambda: len(gate.globex.thread(other_bob, ts)) > 1, "the status card")
    card = await gate.stage.card("carol")
    value = next(
        str(one["value"]) for _, one in actionable(card.blocks) if one["action_id"] == f"{ACT}approve"
    )
    bob = gate.stage.user("bob")
    seen = gate.stage.acme.writes(bob, "something to click on", gate.stage.acme.dm(bob))
    await gate.stage.acme.presses(bob, seen, f"{ACT}approve", value, forged=True)
    await gate.stage.told("bob", "You asked for this yourself")
    assert gate.stage.stage.changes() == []
