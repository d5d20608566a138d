"""Standing approvals end, are limited, and are not everybody's to give."""

import asyncio

import pytest

from bot.domain.actions import Action
from bot.domain.policies import Standing
from tests.journeys.arranging import entries, grants, list_tools, set_tool, with_another_description
from tests.journeys.stage import Stage, action_ids
from tests.journeys.test_standing import allow, asks


@pytest.mark.promise("STD-03")
async def test_a_limit_of_one_use_lets_one_of_many_through(any_stage: Stage) -> None:
    first = await asks(any_stage)
    await allow(any_stage, "bob", first, uses=1)
    await any_stage.ends(first)
    requests = [
        await any_stage.fills("alice", "reset_password", f"again {number}", user="alice@acme.test")
        for number in range(6)
    ]
    found = await asyncio.gather(*(any_stage.comes_to(one, "done", "waiting") for one in requests))
    assert sorted(str(one["status"]) for one in found) == ["done", *["waiting"] * 5]
    [grant] = await grants(any_stage)
    assert grant.uses == 1
    assert len(any_stage.connectors.called("reset_password")) == 2


@pytest.mark.promise("STD-03", "STD-05")
async def test_a_limited_standing_approval_settles_no_more_than_its_uses(stage: Stage) -> None:
    first = await asks(stage, "alice", "alice")
    for user in ("eve", "dan", "bob"):
        await stage.comes_to(await asks(stage, "megan", user), "waiting")
    said = await allow(stage, "ada", first, holder="everyone", arguments="any", uses=2)
    assert "settles 2 other requests" in said or "settles 2 other request(s)" in said
    await stage.ends(first)

    async def settled() -> dict[str, object] | None:
        done = await entries(stage, "request.done")
        return {"done": len(done)} if len(done) == 3 else None

    await stage.eventually(settled, "two more to be done")
    assert [grant.uses for grant in await grants(stage)] == [2]


@pytest.mark.promise("STD-03")
async def test_it_ends_at_its_date(stage: Stage) -> None:
    await allow(stage, "bob", await asks(stage), ends_in_days=1)
    await stage.hours_pass(23.99)
    assert (await stage.comes_to(await asks(stage), "done", "waiting"))["status"] == "done"
    await stage.hours_pass(0.01)
    assert (await stage.comes_to(await asks(stage), "done", "waiting"))["status"] == "waiting"


@pytest.mark.promise("STD-03")
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_in_days": 0}, "ends_in_days"),
        ({"ends_in_days": 367}, "ends_in_days"),
        ({"ends_in_days": "soon"}, "ends_in_days"),
        ({"ends_in_days": True}, "ends_in_days"),
        ({"uses": -1}, "uses"),
        ({"uses": 1.5}, "uses"),
        ({"holder": "world"}, "holder"),
        ({"holder": "group"}, "group"),
        ({"holder": "group", "group": "no-such-group"}, "group"),
        ({"arguments": "pinned"}, "pinned"),
        ({"arguments": "pinned", "pinned": ["nothing"]}, "pinned"),
        ({"arguments": "pinned", "pinned": {"user": "*"}}, "pinned"),
        ({"reason": ["x"]}, "reason"),
        ({"seats": ["manager"]}, "seats"),
    ],
)
async def test_wrong_terms_name_their_field_and_decide_nothing(
    stage: Stage, values: dict[str, object], field: str
) -> None:
    request = await asks(stage)
    refused = await stage.presses("ada", await stage.card("ada", request), "always_allow", **values)  # type: ignore[arg-type]  # wrong on purpose
    assert refused.status == 400
    problems = refused.json["fields"]
    assert isinstance(problems, dict)
    assert list(problems) == [field]
    assert await grants(stage) == ()
    assert (await stage.request(request))["status"] == "waiting"


@pytest.mark.promise("STD-03")
async def test_no_end_is_refused_unless_the_tenant_allows_it(stage: Stage) -> None:
    request = await asks(stage)
    card = await stage.card("bob", request)
    refused = await stage.presses("bob", card, "always_allow", ends_in_days=None)
    assert (refused.status, "have to end" in refused.error) == (400, True)
    await stage.tenant(never_ending_grants=True)
    assert (await stage.presses("bob", card, "always_allow", ends_in_days=None)).status == 200
    assert [grant.ends for grant in await grants(stage)] == [None]


@pytest.mark.promise("STD-08")
@pytest.mark.parametrize(
    "values",
    [
        {"holder": "everyone"},
        {"holder": "group", "group": "sales"},
        {"arguments": "any"},
        {"holder": "everyone", "arguments": "any"},
    ],
)
async def test_a_technician_may_not_give_a_wide_one(stage: Stage, values: dict[str, str]) -> None:
    request = await asks(stage)
    card = await stage.card("bob", request)
    refused = await stage.presses("bob", card, "always_allow", **values)
    assert refused.status == 403
    assert "Only an admin" in refused.error
    preview = await stage.post(
        "/api/previews", {"as": "bob@acme.test", "card": card["card"], "values": values}
    )
    assert (preview.status, preview.error) == (403, refused.error)
    assert await grants(stage) == ()
    assert (await stage.request(request))["status"] == "waiting"


@pytest.mark.promise("STD-08")
async def test_a_tool_that_destroys_is_never_offered_in_advance(stage: Stage) -> None:
    request = await stage.fills("alice", "wipe_device", device="ACME-LT-1001")
    card = await stage.card("ada", request)
    assert action_ids(card) == ["approve", "deny"]
    assert "destroys something" in str(card["warnings"])
    refused = await stage.presses("ada", card, "always_allow")
    assert refused.status == 403
    assert refused.error == (
        "acme-it:wipe_device may not be allowed in advance: each call of it is decided by itself."
    )
    assert (await stage.request(request))["status"] == "waiting"


@pytest.mark.promise("STD-08")
async def test_a_policy_can_forbid_it_and_then_old_ones_do_not_count(stage: Stage) -> None:
    await allow(stage, "bob", await asks(stage))
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, standing=Standing.FORBIDDEN)
    request = await asks(stage)
    await stage.comes_to(request, "waiting")
    card = await stage.card("ada", request)
    assert "always_allow" not in action_ids(card)
    assert (await stage.presses("ada", card, "always_allow")).status == 403


@pytest.mark.promise("STD-08", "EXE-02")
async def test_a_tool_that_changed_suspends_its_standing_approvals(stage: Stage) -> None:
    first = await asks(stage)
    await allow(stage, "bob", first)
    await stage.ends(first)
    await list_tools(stage, with_another_description("reset_password"))
    request = await asks(stage)
    await stage.comes_to(request, "waiting")
    card = await stage.card("bob", request)
    assert "is not the tool it was" in str(card["warnings"])
    assert "always_allow" not in action_ids(card)


@pytest.mark.promise("STD-01")
async def test_some_arguments_fixed_leaves_the_others_free(stage: Stage) -> None:
    ask = ("alice", "add_user_to_group")
    first = await stage.fills(*ask, user="alice@acme.test", group="finance")
    said = await allow(stage, "bob", first, arguments="pinned", pinned=["user"])
    assert "with user = alice@acme.test and any other arguments" in said
    other_group = await stage.fills(*ask, user="alice@acme.test", group="it")
    assert (await stage.comes_to(other_group, "done", "waiting"))["status"] == "done"
    other_user = await stage.fills(*ask, user="eve@acme.test", group="it")
    assert (await stage.comes_to(other_user, "done", "waiting"))["status"] == "waiting"
