"""Several organisations behind one Slack app: whose each event is, and whose each workspace may become."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from sqlalchemy import text

from bot.chat.slack.connection import EVENTS_PATH
from bot.chat.slack.manifest import EVENTS, SCOPES
from bot.chat.slack.oauth import INSTALL, INSTALL_PATH, REDIRECT_PATH, StoredInstallations, TakenWorkspace
from bot.chat.slack.start import slack_listening, slack_office, slack_outward
from bot.domain.people import TenantId
from bot.domain.tenants import Tenant
from bot.ports.chat import Installation
from bot.web import listening
from tests.journeys.slack_stage import SlackStage, slack_staged
from tests.servers.demo_process import free_port
from tests.servers.slack import Workspace
from tests.servers.slack_delivery import Answer

GLOBEX = TenantId("globex")
ZENDESK = "I need access to Zendesk"


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack; Globex is a tenant beside it."""
    database = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, database)
    async with slack_staged(f"sqlite:///{database}", tmp_path) as found:
        async with found.stage.store.unit(GLOBEX) as unit:
            await unit.put_tenant(Tenant(id=GLOBEX, name="Globex"))
        yield found


@pytest.fixture
def globex(stage: SlackStage) -> Workspace:
    """Gives Globex's workspace, which the bot does not know yet."""
    made = stage.slack.workspace("Globex", scopes=frozenset(SCOPES))
    made.subscribed = frozenset(EVENTS)
    return made


@asynccontextmanager
async def house(stage: SlackStage, *, serves_globex: bool = True) -> AsyncIterator[str]:
    """Starts a process that listens for Acme, and for Globex as well; gives its address."""
    port, keys = free_port(), stage.slack.keys
    url = f"http://127.0.0.1:{port}"
    access = replace(
        stage.outward.access,
        app_token="",
        signing_secret=keys.signing_secret,
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        public_url=url,
    )
    memory, seams = stage.outward.memory, stage.stage.seams
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(slack_outward(access, seams, memory))
        offices = [await stack.enter_async_context(slack_office(first, seams, worker="Acme’s"))]
        if serves_globex:
            theirs = replace(seams, tenant=GLOBEX)
            going = slack_outward(replace(access, bot_token=""), theirs, memory)
            second = await stack.enter_async_context(going)
            office = slack_office(second, theirs, worker="Globex’s", reserved=first.workspaces)
            offices.append(await stack.enter_async_context(office))
        routes = await stack.enter_async_context(slack_listening(first, offices, clock=seams.clock))
        await stack.enter_async_context(listening("127.0.0.1", port, routes))
        stage.slack.posts_to(f"{url}{EVENTS_PATH}")
        yield url


async def install(stage: SlackStage, workspace: Workspace, *, team: str | None = None) -> None:
    """Has a workspace, or with an empty team its whole organisation, installed for Globex."""
    world = workspace.world
    await stage.outward.memory.installations.put(
        GLOBEX,
        Installation(
            surface="slack",
            team=world.team_id if team is None else team,
            enterprise=world.enterprise_id or "",
            name=world.name,
            content={"bot_token": world.bot_token, "bot_user": world.bot.id, "bot_id": world.bot_id},
            at=stage.stage.clock.now(),
        ),
    )


async def rows(stage: SlackStage, statement: str) -> list[tuple[object, ...]]:
    """Gives what the database holds."""
    async with stage.stage.store._engine.read() as session:
        found = await (await session.connection()).execute(text(statement))
        return [tuple(row) for row in found]


async def tenants_of_arrivals(stage: SlackStage) -> list[str]:
    """Gives whose everything was that came in, oldest first."""
    return [str(tenant) for (tenant,) in await rows(stage, "SELECT tenant FROM arrivals ORDER BY number")]


def last(workspace: Workspace) -> Answer:
    """Gives how the last event of a workspace was answered."""
    return workspace.deliveries.all[-1].answer


async def test_an_event_of_a_tenant_that_is_not_served_here_yet_is_sent_again(
    stage: SlackStage, globex: Workspace
) -> None:
    await install(stage, globex)
    alice = globex.adds_user("Alice Archer", email="alice@acme.test")
    async with house(stage, serves_globex=False):
        await globex.says(alice, ZENDESK)
        assert (last(globex).acknowledged, last(globex).status, last(globex).attempts) == (False, 503, 4)
        await stage.says("alice", ZENDESK)
        assert await tenants_of_arrivals(stage) == ["acme"]
    async with house(stage):
        await globex.resends()
        assert await tenants_of_arrivals(stage) == ["acme", GLOBEX]


async def test_while_slack_is_away_at_the_start_each_event_is_still_its_own_tenants(
    stage: SlackStage, globex: Workspace
) -> None:
    await install(stage, globex)
    alice = globex.adds_user("Alice Archer", email="alice@acme.test")
    async with house(stage):
        stage.slack.faults.breaks("auth.test", status=503, times=50)
        await globex.says(alice, ZENDESK)
        assert last(globex).acknowledged
        assert await tenants_of_arrivals(stage) == [GLOBEX]
        await stage.says("alice", ZENDESK)
        assert not last(stage.acme).acknowledged
        stage.slack.faults.clear()
        await stage.acme.resends()
        assert await tenants_of_arrivals(stage) == [GLOBEX, "acme"]


async def test_a_link_for_a_tenant_that_was_added_since_the_start_says_so(stage: SlackStage) -> None:
    now = stage.stage.clock.now()
    until = now + timedelta(hours=1)
    code = await stage.outward.memory.codes.issue(GLOBEX, INSTALL, now=now, until=until)
    begun, ended = f"{INSTALL_PATH}?code={code}", f"{REDIRECT_PATH}?code=any&state={code}"
    async with ClientSession() as session:
        async with house(stage, serves_globex=False) as url:
            for path in (begun, ended):
                async with session.get(f"{url}{path}") as response:
                    assert response.status == 503
                    assert "started before this organisation was added" in await response.text()
        async with house(stage) as url, session.get(f"{url}{begun}", allow_redirects=False) as response:
            assert response.status == 302


@pytest.mark.parametrize("team", ["T-other", ""], ids=["another workspace", "the organisation"])
async def test_a_workspace_of_the_organisation_of_the_environments_token_becomes_nobody_elses(
    stage: SlackStage, team: str
) -> None:
    stage.acme.world.enterprise_id = "E1"
    access, memory = stage.outward.access, stage.outward.memory
    theirs = replace(stage.stage.seams, tenant=GLOBEX)
    async with (
        slack_outward(access, stage.stage.seams, memory) as first,
        slack_outward(replace(access, bot_token=""), theirs, memory) as second,
    ):
        stored = StoredInstallations(
            theirs, memory.installations, second.workspaces, reserved=first.workspaces
        )
        wanted = SlackInstallation(
            user_id="U1", team_id=team or None, enterprise_id="E1", is_enterprise_install=not team
        )
        with pytest.raises(TakenWorkspace):
            await stored.async_save(wanted)
        assert await memory.installations.all(GLOBEX, "slack") == ()
        wanted.enterprise_id = "E2"
        await stored.async_save(wanted)
        assert len(await memory.installations.all(GLOBEX, "slack")) == 1


async def test_an_organisation_that_removes_the_app_is_forgotten_and_that_is_noted_once(
    stage: SlackStage, globex: Workspace
) -> None:
    globex.world.enterprise_id = "E9"
    await install(stage, globex, team="")
    alice = globex.adds_user("Alice Archer", email="alice@acme.test")
    async with house(stage):
        await globex.says(alice, ZENDESK)
        assert await tenants_of_arrivals(stage) == [GLOBEX]
        await globex.uninstalls()
    assert await rows(stage, "SELECT team FROM installations") == []
    async with stage.stage.store.view(GLOBEX) as view:
        entries = [one.entry for one in await view.audit.read()]
    removed = [one.details for one in entries if one.kind == "workspace.removed"]
    assert removed == [{"surface": "slack", "team": "", "enterprise": "E9"}]


async def test_in_a_channel_that_two_tenants_share_each_author_is_their_own_tenants(
    stage: SlackStage, globex: Workspace
) -> None:
    await install(stage, globex)
    acme, alice = stage.acme, stage.user("alice")
    theirs = acme.adds_user("Gina Globex", email="gina@globex.test", team_id=globex.team_id)
    nobodys = acme.adds_user("Nora Nobody", email="nora@nobody.test", team_id="T-nobody")
    channel = acme.adds_channel("shared", alice, theirs, nobodys, shared=True)
    async with house(stage):
        await stage.says("alice", ZENDESK)
        for author in (theirs, alice, nobodys):
            await acme.mentions(author, channel, ZENDESK)
            assert last(acme).acknowledged
    expected = [
        ("acme", f"{acme.team_id}/{acme.dm(alice).id}"),
        (GLOBEX, f"{globex.team_id}/{channel.id}"),
        ("acme", f"{acme.team_id}/{channel.id}"),
        ("acme", f"{acme.team_id}/{channel.id}"),
    ]
    found = await rows(stage, "SELECT tenant, key FROM arrivals ORDER BY number")
    assert [(tenant, str(key).rpartition("/")[0]) for tenant, key in found] == expected
