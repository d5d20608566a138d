"""What Microsoft Graph does for the bot, and what an admin has to grant it for that."""

from collections.abc import AsyncIterator

import pytest

from bot.chat.teams.access import Access
from bot.chat.teams.connector.calls import BadCredentials, TeamsAway, TeamsBusy, TeamsGone, TeamsRefused
from bot.chat.teams.graph import Graph, GraphUser, NotInCatalog, NotPermitted
from bot.outgoing.tries import AGAIN, Patience
from bot.ports.outside import Gone, Unreachable
from tests.servers.teams_acme import AcmeInTeams, acme_in_teams
from tests.servers.teams_graph import INSTALL, READ_CATALOG, READ_USERS
from tests.servers.teams_things import TeamsUser

QUICK = Patience(again=AGAIN | {503}, pause_s=0.01, try_s=20)


@pytest.fixture
async def stage() -> AsyncIterator[AcmeInTeams]:
    async with acme_in_teams() as found:
        yield found


@pytest.fixture
def scopes() -> list[str]:
    return []


@pytest.fixture
async def graph(stage: AcmeInTeams, scopes: list[str]) -> AsyncIterator[Graph]:
    async with a_graph(stage, scopes) as found:
        yield found


def a_graph(stage: AcmeInTeams, scopes: list[str], *, catalog_id: str = "") -> Graph:
    async def token(scope: str) -> str:
        scopes.append(scope)
        return stage.teams.bot_token

    access = Access(
        app_id=stage.teams.app_id,
        tenant=stage.acme.tenant,
        graph_url=f"{stage.teams.graph_url}/",
        catalog_id=catalog_id,
    )
    return Graph(access, token=token, patience=QUICK)


@pytest.fixture
def newcomer(stage: AcmeInTeams) -> TeamsUser:
    return stage.acme.adds_user("Nina New", principal_name="nina@acme.test", installed=False)


async def test_an_account_is_found_by_its_sign_in_name_in_any_case(
    graph: Graph, stage: AcmeInTeams, scopes: list[str]
) -> None:
    alice = stage.user("alice")
    for name in ("alice@acme.test", "Alice@ACME.test"):
        assert await graph.user_of(name) == GraphUser(
            id=alice.object_id, principal_name="alice@acme.test", is_enabled=True, is_member=True
        )
        assert await graph.account_of(name) == alice.object_id
    assert set(scopes) == {"https://graph.microsoft.com/.default"}


async def test_nobody_is_found_by_anything_else(graph: Graph, stage: AcmeInTeams) -> None:
    for name in (
        "",
        "nobody@acme.test",
        "sam@umbra.test",
        stage.user("alice").object_id,
        "../groups/1",
        "alice@acme.test/manager",
        "alice@acme.test?$select=id",
        "#EXT#@acme.test",
        "é😀\x00'",
    ):
        assert await graph.user_of(name) is None
        assert await graph.account_of(name) is None


async def test_a_disabled_account_and_a_guest_are_no_account_to_write_to(
    graph: Graph, stage: AcmeInTeams
) -> None:
    stage.user("bob").is_disabled = True
    stage.acme.adds_user("Gus Guest", principal_name="gus#EXT#@acme.test", is_guest=True)
    bob, gus = await graph.user_of("bob@acme.test"), await graph.user_of("gus#EXT#@acme.test")
    assert bob is not None
    assert gus is not None
    assert (bob.is_enabled, bob.is_member, gus.is_enabled, gus.is_member) == (False, True, True, False)
    assert await graph.account_of("bob@acme.test") is None
    assert await graph.account_of("gus#EXT#@acme.test") is None


async def test_an_old_account_without_a_type_is_a_member_unless_its_name_is_a_guests(
    graph: Graph, stage: AcmeInTeams
) -> None:
    alice = stage.user("alice")
    gus = stage.acme.adds_user("Gus Guest", principal_name="gus_umbra.test#EXT#@acme.test", is_guest=True)
    alice.is_old = gus.is_old = True
    assert await graph.account_of("alice@acme.test") == alice.object_id
    assert await graph.account_of("gus_umbra.test#EXT#@acme.test") is None


async def test_the_bot_is_installed_once_however_often_it_is_asked_for(
    graph: Graph, stage: AcmeInTeams, newcomer: TeamsUser
) -> None:
    for _ in range(2):
        await graph.install_for(newcomer.object_id)
    assert stage.acme.chat(newcomer).has_bot
    assert [call.status for call in stage.teams.calls_of("graph.install")] == [201, 409]
    assert len(stage.teams.calls_of("graph.catalog")) == 1


async def test_a_named_catalog_id_is_not_looked_up(stage: AcmeInTeams, newcomer: TeamsUser) -> None:
    stage.teams.graph.permissions.remove(READ_CATALOG)
    async with a_graph(stage, [], catalog_id=stage.teams.graph.catalog_id) as graph:
        await graph.install_for(newcomer.object_id)
    assert stage.acme.chat(newcomer).has_bot


@pytest.mark.parametrize("permission", [READ_USERS, READ_CATALOG, INSTALL])
async def test_a_missing_permission_is_named(
    graph: Graph, stage: AcmeInTeams, newcomer: TeamsUser, permission: str
) -> None:
    stage.teams.graph.permissions.remove(permission)

    async def both() -> None:
        await graph.user_of("alice@acme.test")
        await graph.install_for(newcomer.object_id)

    with pytest.raises(NotPermitted, match=permission) as raised:
        await both()
    assert not isinstance(raised.value, Gone)
    stage.teams.graph.permissions.add(permission)
    await both()


async def test_an_app_that_is_not_in_the_catalog_is_said(
    graph: Graph, stage: AcmeInTeams, newcomer: TeamsUser
) -> None:
    stage.teams.graph.is_in_catalog = False
    with pytest.raises(NotInCatalog, match="Upload it"):
        await graph.install_for(newcomer.object_id)
    stage.teams.graph.is_in_catalog = True
    await graph.install_for(newcomer.object_id)
    stage.teams.graph.is_in_catalog = False
    with pytest.raises(NotInCatalog):
        await graph.install_for(newcomer.object_id)


async def test_an_account_that_is_not_there_is_gone(graph: Graph) -> None:
    with pytest.raises(TeamsGone, match="no such account"):
        await graph.install_for("00000000-0000-0000-0000-00000000beef")


@pytest.mark.parametrize(("operation", "status"), [("graph.user", 429), ("graph.install", 503)])
async def test_a_busy_graph_is_tried_again(
    graph: Graph, stage: AcmeInTeams, newcomer: TeamsUser, operation: str, status: int
) -> None:
    stage.teams.faults.fails(operation, status, after_s=0, times=2)
    assert await graph.account_of("alice@acme.test") is not None
    await graph.install_for(newcomer.object_id)
    assert len(stage.teams.calls_of(operation)) == 3


@pytest.mark.parametrize(
    ("status", "after_s", "refusal"),
    [
        (429, 60, TeamsBusy),
        (500, 0, TeamsAway),
        (503, 60, TeamsAway),
        (401, 0, BadCredentials),
        (400, 0, TeamsRefused),
        (405, 0, TeamsRefused),
    ],
)
async def test_what_graph_says_instead_is_nobodys_absence(
    graph: Graph,
    stage: AcmeInTeams,
    newcomer: TeamsUser,
    status: int,
    after_s: int,
    refusal: type[Unreachable],
) -> None:
    stage.teams.faults.fails("graph.install", status, after_s=after_s)
    with pytest.raises(Unreachable) as raised:
        await graph.install_for(newcomer.object_id)
    assert type(raised.value) is refusal
    assert len(stage.teams.calls_of("graph.install")) == 1


async def test_a_graph_that_breaks_off_is_away_and_may_be_asked_again(
    graph: Graph, stage: AcmeInTeams, newcomer: TeamsUser
) -> None:
    stage.teams.faults.drops("graph.install", after_effect=True)
    with pytest.raises(TeamsAway):
        await graph.install_for(newcomer.object_id)
    await graph.install_for(newcomer.object_id)
    assert stage.acme.chat(newcomer).has_bot
