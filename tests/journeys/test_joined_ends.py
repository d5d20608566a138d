"""Equal requests of several people part where they have to: each is decided for its own person."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.actions import Action
from bot.domain.plans import Plan, ToolCall
from bot.domain.policies import Policy, Requirement
from bot.domain.requests import RequestId, RequestStatus
from bot.domain.tools import ToolId
from tests.builders import a_policy, chosen, tools_named
from tests.fakes.planner import FakePlanner
from tests.journeys.arranging import (
    change_person,
    list_tools,
    put_policy,
    with_another_description,
)
from tests.journeys.stage import TENANT, Json, Stage, facts, rows
from tests.journeys.test_decided_again import approves_newest
from tests.journeys.test_standing import allow, asks

TWO_STEPS = Plan(
    diagnosis="Both help.",
    calls=(
        ToolCall(tool=ToolId("acme-it", "reset_password"), arguments={"user": "alice@acme.test"}),
        ToolCall(
            tool=ToolId("acme-it", "add_user_to_group"),
            arguments={"user": "eve@acme.test", "group": "vpn-users"},
        ),
    ),
)


def plans(stage: Stage, planner: object) -> None:
    """Has this planner plan from now on; the seams are frozen for everybody but tests."""
    object.__setattr__(stage.seams, "planner", planner)


async def both_ask(stage: Stage, second: str) -> tuple[str, str]:
    """Has Alice and somebody else ask for a new password of Alice."""
    leading = await asks(stage)
    await stage.comes_to(leading, "waiting")
    following = await asks(stage, second)
    found = await stage.comes_to(following, "waiting")
    assert found["joined"] == leading
    return leading, following


def never(who: str) -> Policy:
    """Gives a policy that bars one person from having passwords reset."""
    return a_policy(
        Action.DISABLED,
        name=f"Never for {who}",
        connector="acme-it",
        tools=tools_named("reset_password"),
        subjects=chosen(persons=[f"p-{who}"]),
    )


async def on_its_own(stage: Stage, request: str) -> Json:
    """Waits until the request waits for approvals of its own."""

    async def look() -> Json | None:
        found = await stage.request(request)
        return found if found["status"] == "waiting" and not found["joined"] else None

    return await stage.eventually(look, "the request to wait on its own")


@pytest.mark.promise("INT-08", "APR-07")
async def test_the_shared_card_keeps_naming_who_asked_first(stage: Stage) -> None:
    leading, following = await both_ask(stage, "megan")
    await stage.presses("megan", f"status-{following}", "add_details", text="She is on stage at noon.")

    async def shows_it() -> Json | None:
        card = await stage.card("bob", leading)
        return card if "on stage" in str(card["quotes"]) else None

    card = await stage.eventually(shows_it, "the details on the card")
    assert str(card["title"]).startswith("Alice Archer asks")
    assert facts(card)["Requester"].startswith("Alice Archer")
    assert facts(card)["Also asked by"] == "Megan Moreau"
    assert len(await stage.cards("bob")) == 1
    await stage.approves("bob", leading)
    await stage.ends(following)
    card = await stage.card("bob", leading)
    assert facts(card)["Requester"].startswith("Alice Archer")


@pytest.mark.promise("INT-08")
@pytest.mark.parametrize("end", ["their account is disabled", "a policy bars them"])
async def test_what_ends_only_the_first_one_s_request_lets_the_other_go_on(
    any_stage: Stage, end: str
) -> None:
    leading, following = await both_ask(any_stage, "megan")
    if end == "a policy bars them":
        await put_policy(any_stage, never("alice"))
    else:
        change_person(any_stage, "alice", enabled=False)
    await any_stage.approves("bob", leading)
    assert (await any_stage.ends(leading))["status"] in {"failed", "denied"}
    found = await on_its_own(any_stage, following)
    assert [one["status"] for one in rows(found["approvals"])] == ["pending"]
    assert any_stage.connectors.called("reset_password") == []
    await approves_newest(any_stage, "bob", following)
    assert (await any_stage.ends(following))["status"] == "done"
    assert (await any_stage.texts("megan"))[-1].startswith("Done.")
    assert len(any_stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("INT-08", "POL-04")
async def test_a_policy_that_bars_only_the_second_one_refuses_only_them(any_stage: Stage) -> None:
    leading, following = await both_ask(any_stage, "eve")
    await put_policy(any_stage, never("eve"))
    await any_stage.approves("bob", leading)
    assert (await any_stage.ends(leading))["status"] == "done"
    refused = await any_stage.ends(following)
    assert refused["status"] == "denied"
    assert "not allowed" in (await any_stage.texts("eve"))[-1]
    assert not any("Done." in text for text in await any_stage.texts("eve"))
    assert len(any_stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("INT-08", "STD-05")
async def test_a_standing_approval_for_the_first_one_does_not_let_the_second_one_through(
    stage: Stage,
) -> None:
    leading, following = await both_ask(stage, "eve")
    plans(stage, FakePlanner({"Both, please": TWO_STEPS}))
    other = await stage.says("alice", "Both, please")
    await stage.comes_to(other, "waiting")
    said = await allow(stage, "bob", other, holder="person", arguments="exact")
    assert "settles 1 other request" in said
    assert (await stage.ends(leading))["status"] == "done"
    await stage.ends(other)
    await on_its_own(stage, following)
    assert len(stage.connectors.called("reset_password")) == 2
    await approves_newest(stage, "carol", following)
    assert (await stage.ends(following))["status"] == "done"
    assert len(stage.connectors.called("reset_password")) == 3


async def half_done_together(stage: Stage) -> tuple[str, str]:
    """Gives two joined requests whose first step ran, and whose second step is asked about once more."""
    plans(stage, FakePlanner({"Both, please": TWO_STEPS}))
    leading = await stage.says("alice", "Both, please")
    await stage.comes_to(leading, "waiting")
    following = await stage.says("eve", "Both, please")
    assert (await stage.comes_to(following, "waiting"))["joined"] == leading
    hold = stage.connectors.held["reset_password"] = asyncio.Event()
    await stage.approves("bob", leading)
    await stage.connectors.started.wait()
    strict = a_policy(
        name="Admins know groups",
        connector="acme-it",
        tools=tools_named("add_user_to_group"),
        requirement=Requirement(groups={"admins": 1}),
    )
    await put_policy(stage, strict)
    hold.set()
    found = await stage.comes_to(leading, "waiting")
    assert [one["status"] for one in rows(found["calls"])] == ["succeeded", "proposed"]
    return leading, following


@pytest.mark.promise("INT-08", "EXE-01")
async def test_after_a_step_ran_the_first_one_s_withdrawal_never_runs_it_again(any_stage: Stage) -> None:
    leading, following = await half_done_together(any_stage)
    answer = await any_stage.presses("alice", f"status-{leading}", "withdraw")
    assert answer.status == 200
    assert (await any_stage.request(leading))["status"] == "withdrawn"
    assert (await any_stage.ends(following))["status"] == "denied"
    last = (await any_stage.texts("eve"))[-1]
    assert "took it back" in last
    assert "what was done stays done" in last
    assert len(any_stage.connectors.called("reset_password")) == 1
    assert any_stage.connectors.called("add_user_to_group") == []


@pytest.mark.promise("INT-08", "EXE-01")
async def test_after_a_step_ran_a_tool_that_changes_never_runs_that_step_again(any_stage: Stage) -> None:
    leading, following = await half_done_together(any_stage)
    before = len(rows((await any_stage.request(leading))["approvals"]))
    await list_tools(any_stage, with_another_description("add_user_to_group"))

    async def asked_anew() -> Json | None:
        found = await any_stage.request(leading)
        is_more = len(rows(found["approvals"])) > before
        return found if is_more and found["status"] == "waiting" else None

    found = await any_stage.eventually(asked_anew, "new approvals")
    assert [one["status"] for one in rows(found["calls"])] == ["succeeded", "proposed"]
    assert (await any_stage.ends(following))["status"] == "denied"
    assert "what was done stays done" in (await any_stage.texts("eve"))[-1]
    await approves_newest(any_stage, "bob", leading)
    await approves_newest(any_stage, "ada", leading)
    assert (await any_stage.ends(leading))["status"] == "done"
    assert len(any_stage.connectors.called("reset_password")) == 1
    assert len(any_stage.connectors.called("add_user_to_group")) == 1


@pytest.mark.promise("INT-08", "EXE-04")
async def test_one_who_follows_a_request_that_is_over_is_taken_up_again(any_stage: Stage) -> None:
    leading, following = await both_ask(any_stage, "megan")
    async with any_stage.store.unit(TENANT) as unit:
        stored = await unit.requests.get(RequestId(leading))
        assert stored is not None
        await unit.requests.swap(stored, replace(stored, status=RequestStatus.EXPIRED))
    await on_its_own(any_stage, following)
    await approves_newest(any_stage, "bob", following)
    assert (await any_stage.ends(following))["status"] == "done"
    assert len(any_stage.connectors.called("reset_password")) == 1
