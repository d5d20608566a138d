"""In most directories anybody may make a group, and call it like one that something was laid down for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.actions import Action
from tests.builders import a_policy, chosen, tools_named
from tests.directories.every import OVER_HTTP
from tests.directories.http import HttpStage
from tests.journeys.arranging import finance_decides, put_policy, remove_policies
from tests.journeys.stage import Stage, staged
from tests.journeys.test_identity_providers import Acme, everybody, remembering

EARLY_OR_LATE = pytest.mark.parametrize(
    "lags",
    [pytest.param(False, id="its lists know it"), pytest.param(True, id="its lists do not know it yet")],
)


@pytest.fixture(params=OVER_HTTP)
async def acme(request: pytest.FixtureRequest, acme_database: str, tmp_path: Path) -> AsyncIterator[Acme]:
    (tmp_path / "provider").mkdir()
    async with OVER_HTTP[request.param](tmp_path / "provider") as provider:
        if provider.server.has_unique_names:
            pytest.skip("this provider lets no two groups have one name")
        people = everybody()
        provider.holds(people)
        provider.holds(people)
        async with staged(acme_database, tmp_path, directory=remembering(provider)) as stage:
            by_name = {one.name.split()[0].lower(): one for one in people}
            yield Acme(stage=stage, provider=provider, people=by_name)


def makes_group(acme: Acme, who: str, name: str, *, lags: bool) -> None:
    """Has somebody make a group for themselves, and call it like another one."""
    assert isinstance(acme.provider, HttpStage)
    acme.provider.server.adds_group("g-mine", name, [acme.people[who].id])
    acme.provider.server.faults.lags = lags


async def outcome(stage: Stage, who: str) -> str:
    """Asks for a password of one's own, and gives what becomes of it."""
    request = await stage.fills(who, "reset_password", user=f"{who}@acme.test")
    return str((await stage.comes_to(request, "done", "waiting", "denied"))["status"])


@EARLY_OR_LATE
async def test_a_group_with_the_name_of_one_that_has_a_standing_approval_is_not_covered(
    acme: Acme, *, lags: bool
) -> None:
    stage = acme.stage
    first = await stage.fills("alice", "reset_password", user="alice@acme.test")
    card = await stage.card("ada", first)
    values = {"holder": "group", "group": "vpn-users", "arguments": "any"}
    assert (await stage.presses("ada", card, "always_allow", **values)).status == 200
    assert await outcome(stage, "carol") == "done"
    makes_group(acme, "eve", "vpn-users", lags=lags)
    await acme.a_minute_passes()
    assert await outcome(stage, "eve") == "waiting"


@EARLY_OR_LATE
async def test_what_waits_for_whoever_made_such_a_group_is_not_settled_by_a_new_standing_approval(
    acme: Acme, *, lags: bool
) -> None:
    stage = acme.stage
    makes_group(acme, "eve", "sales", lags=lags)
    waiting = await stage.fills("eve", "reset_password", user="eve@acme.test")
    first = await stage.fills("alice", "reset_password", user="alice@acme.test")
    card = await stage.card("ada", first)
    values = {"holder": "group", "group": "sales", "arguments": "any"}
    # A name that several groups have is no name for a rule.
    assert (await stage.presses("ada", card, "always_allow", **values)).status == (200 if lags else 400)
    assert (await stage.request(waiting))["status"] == "waiting"


@EARLY_OR_LATE
async def test_a_group_with_the_name_of_one_that_need_not_ask_has_to_ask(acme: Acme, *, lags: bool) -> None:
    stage = acme.stage
    await remove_policies(stage, "reset_password")
    trusted = chosen(groups=["vpn-users"])
    await put_policy(
        stage, a_policy(Action.AUTO, name="Trusted", tools=tools_named("reset_password"), subjects=trusted)
    )
    makes_group(acme, "eve", "vpn-users", lags=lags)
    await acme.a_minute_passes()
    assert await outcome(stage, "eve") == "waiting"
    # Whoever is in the group that is meant has to ask only while nobody can tell which is meant.
    assert await outcome(stage, "alice") == ("done" if lags else "waiting")


@EARLY_OR_LATE
async def test_a_second_group_with_the_name_of_one_that_is_forbidden_something_frees_nobody(
    acme: Acme, *, lags: bool
) -> None:
    stage = acme.stage
    subjects = chosen(groups=["contractors"])
    await put_policy(
        stage,
        a_policy(Action.DISABLED, name="Closed", tools=tools_named("reset_password"), subjects=subjects),
    )
    makes_group(acme, "eve", "contractors", lags=lags)
    await acme.a_minute_passes()
    assert await outcome(stage, "eve") == "denied"
    assert await outcome(stage, "alice") == "waiting"


@EARLY_OR_LATE
async def test_whoever_makes_a_group_with_the_name_of_one_that_approves_has_no_seat_there(
    acme: Acme, *, lags: bool
) -> None:
    stage = acme.stage
    await finance_decides(stage)
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    card = await stage.card("eve", request)
    makes_group(acme, "megan", "finance", lags=lags)
    assert (await stage.presses("megan", card, "approve")).status in {403, 404}
    assert (await stage.request(request))["status"] == "waiting"
    assert (await stage.presses("eve", card, "approve")).status == (200 if lags else 403)
