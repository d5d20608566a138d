"""Two organisations in one deployment, whose people, accounts and addresses are called the same."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import open_deployment
from bot.chat.slack.manifest import EVENTS, SCOPES
from bot.chat.slack.shown.buttons import ACT
from bot.chat.slack.workspaces import SLACK
from bot.chat.teams.access import MESSAGES_PATH
from bot.chat.teams.conversations import TEAMS
from bot.demo.estate import recent_changes
from bot.domain.grants import ExactArguments, Grant, GrantId, HolderPerson
from bot.domain.people import PersonId, TenantId
from bot.domain.tools import ToolId
from bot.settings import Settings
from tests.servers.countersign_process import CountersignProcess
from tests.servers.demo_process import free_port
from tests.servers.globex import GLOBEX, folder_of, globex_moves_in
from tests.servers.slack_acme import Acme, Way, acme_in_slack, moved_in
from tests.servers.slack_elements import actionable
from tests.servers.slack_sight import words
from tests.servers.slack_world import Message
from tests.servers.teams_deployed import Deployed, acme_deployed
from tests.servers.teams_things import Message as TeamsMessage
from tests.servers.teams_words import titles

ACME = TenantId("acme")
UNKNOWN = "There is no such card for you"
ZENDESK = "I need access to Zendesk"
PASSWORD = "I forgot my password"  # noqa: S105 - somebody says so
GIVEN = "now has member access to Zendesk"
EMAIL = "alice@acme.test"


@dataclass(frozen=True, kw_only=True)
class Both:
    """Acme and Globex, each with a workspace of the same people."""

    acme: Acme
    globex: Acme
    data: Path

    @property
    def folder(self) -> Path:
        return folder_of(self.data)


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with acme_in_slack() as acme:
        workspace = acme.slack.workspace("Globex", scopes=frozenset(SCOPES))
        workspace.subscribed = frozenset(EVENTS)
        people = {
            who: workspace.adds_user(user.real_name, email=user.email, user_id=user.id)
            for who, user in acme.people.items()
        }
        data, world = tmp_path / "data", workspace.world
        await moved_in(data)
        await globex_moves_in(
            data, SLACK, world.team_id, bot_token=world.bot_token, bot_user=world.bot.id, bot_id=world.bot_id
        )
        globex = Acme(slack=acme.slack, workspace=workspace, people=people)
        yield Both(acme=acme, globex=globex, data=data)


def changes(folder: Path) -> list[str]:
    return [change.tool for change in recent_changes(folder / "estate.db")]


def value_of(card: Message) -> str:
    return next(
        str(element["value"])
        for _, element in actionable(card.blocks)
        if element.get("action_id") == f"{ACT}approve"
    )


@pytest.mark.parametrize("way", ["http", "socket"])
async def test_attack_29_people_of_two_tenants_who_are_called_the_same_never_meet(
    both: Both, way: Way
) -> None:
    acme, globex = both.acme, both.globex
    async with acme.serve(both.data, way) as bot:
        await bot.start()
        await acme.says("alice", ZENDESK)
        await globex.says("alice", ZENDESK)
        of_acme, of_globex = await acme.card("bob"), await globex.card("carol")
        assert globex.asking("bob") == []
        await forged(globex, "carol", of_globex, value_of(of_acme))
        carol = globex.people["carol"]
        await globex.eventually(
            lambda: [one for one in globex.workspace.ephemerals(carol) if UNKNOWN in words(one)],
            "Carol to be told that there is no such card",
        )
        await acme.approves("bob")
        await acme.approves("megan")
        await acme.told("alice", GIVEN)
        assert changes(both.data) == ["grant_app_access"]
        assert changes(both.folder) == []
        assert globex.read("alice", GIVEN) == []
        await globex.approves("carol")
        await globex.approves("megan")
        await globex.told("alice", GIVEN)
        assert changes(both.folder) == ["grant_app_access"]
        assert changes(both.data) == ["grant_app_access"]
        assert "Traceback" not in bot.said
        assert "Acme" not in " ".join(map(words, globex.workspace.answers(globex.people["alice"])))


async def forged(globex: Acme, who: str, card: Message, value: str) -> None:
    await globex.workspace.presses(globex.people[who], card, f"{ACT}approve", value, forged=True)


async def test_attack_29_a_standing_approval_of_one_tenant_is_none_of_the_other(both: Both) -> None:
    arguments = {"user": EMAIL}
    tool = ToolId("acme-it", "reset_password")
    async with (
        open_deployment(Settings.load(data=both.data)) as deployment,
        deployment.store.unit(ACME) as unit,
    ):
        catalog = await unit.connections.catalog()
        await unit.grants.add(
            Grant(
                id=GrantId("g" * 32),
                tool=tool,
                holder=HolderPerson(PersonId("p-alice")),
                arguments=ExactArguments(arguments),
                fingerprint=catalog[tool].fingerprint,
                giver=PersonId("p-bob"),
                created=deployment.clock.now(),
                ends=None,
            )
        )
    asked = ["policy", "test", "--as", EMAIL, "--tool", str(tool), "--args", json.dumps(arguments)]
    assert '"runs": true' in await said(both, *asked, "--json")
    assert '"runs": false' in await said(both, *asked, "--json", "--tenant", GLOBEX)
    assert "g" * 8 in await said(both, "grants", "list")
    assert "no such standing approvals" in await said(both, "--tenant", GLOBEX, "grants", "list")


async def test_a_freeze_of_one_tenant_is_none_of_the_other(both: Both) -> None:
    await said(both, "freeze", "--tenant", GLOBEX, "tenant", "for a test")
    assert "acme-it" not in await said(both, "freezes")
    asked = ["policy", "test", "--as", EMAIL, "--tool", "acme-it:list_app_access", "--args", "{}", "--json"]
    assert '"action": "auto"' in await said(both, *asked)
    assert '"action": "disabled"' in await said(both, *asked, "--tenant", GLOBEX)


async def test_a_broken_directory_of_one_tenant_holds_up_nobody_else(both: Both) -> None:
    (both.folder / "directory.yaml").write_text("version: 1\nprovider: nobody\n", encoding="utf-8")
    acme = both.acme
    async with acme.serve(both.data, "http") as bot:
        await bot.start()
        await both.globex.says("alice", ZENDESK)
        await acme.says("alice", "I forgot my password")
        await acme.approves("bob")
        await acme.eventually(lambda: changes(both.data) or None, "the change")
        assert both.globex.asking("carol") == []
        assert changes(both.folder) == []
        assert "Traceback" not in bot.said


async def test_a_bad_token_of_the_first_tenant_holds_up_nobody_else(both: Both) -> None:
    both.acme.workspace.world.app_is = "removed"
    async with both.acme.serve(both.data, "http") as bot:
        await bot.start()
        await both.globex.says("alice", PASSWORD)
        await both.globex.approves("carol")
        await both.globex.eventually(lambda: changes(both.folder) or None, "the change at Globex")
        assert "Slack does not accept SLACK_BOT_TOKEN" in bot.said
        assert "Traceback" not in bot.said


async def said(both: Both, *command: str) -> str:
    output = both.data.with_name(f"{both.data.name}-said.txt")
    output.unlink(missing_ok=True)
    async with CountersignProcess("--data", str(both.data), *command, output=output) as process:
        await process.launch()
        await process.ended()
        return process.said


@pytest.fixture
async def teams() -> AsyncIterator[Deployed]:
    async with acme_deployed() as found:
        yield found


async def test_attack_29_two_microsoft_tenants_with_equal_object_ids_never_meet(
    teams: Deployed, tmp_path: Path
) -> None:
    data, umbra = tmp_path / "data", teams.cast.foreign
    await moved_in(data)
    await globex_moves_in(data, TEAMS, umbra.tenant)
    theirs = {}
    for who in ("alice", "bob", "carol"):
        own = teams.cast.user(who)
        theirs[who] = umbra.adds_user(own.name, principal_name=own.principal_name, object_id=own.object_id)
    port = free_port()
    environment = {**teams.environment, "COUNTERSIGN_PORT": str(port)}
    teams.cast.teams.posts_to(f"http://127.0.0.1:{port}{MESSAGES_PATH}")
    bot = CountersignProcess("serve", "--data", str(data), output=tmp_path / "serve.txt", **environment)
    bot.port = port
    async with bot:
        await bot.start()
        for who in ("bob", "carol"):
            await umbra.says(theirs[who], "help")
        await umbra.says(theirs["alice"], PASSWORD)

        def asked(who: str) -> list[TeamsMessage]:
            user = theirs[who]
            return [one for one in umbra.answers(user) if "Approve" in titles(one, user)]

        found = await teams.eventually(lambda: asked("carol") or None, "a card for Globex’s Carol")
        assert asked("bob") == teams.asking("bob") == teams.asking("carol") == []
        await umbra.presses(theirs["carol"], found[-1], "Approve")
        await teams.eventually(lambda: changes(folder_of(data)) or None, "the change at Globex")
        assert changes(data) == []
        await teams.says("alice", PASSWORD)
        await teams.approves("bob")
        await teams.eventually(lambda: changes(data) or None, "the change at Acme")
        assert changes(folder_of(data)) == ["reset_password"]
        assert "Traceback" not in bot.said
