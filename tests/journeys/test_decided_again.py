"""What was decided is decided once more before it runs, and what it counted or asked stays right."""

from dataclasses import replace

import pytest

from bot.domain.actions import Action
from bot.domain.grants import AnyArguments, Grant, GrantId, HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import Requirement
from bot.domain.tools import ToolId
from tests.journeys.arranging import (
    entries,
    grants,
    list_tools,
    set_tool,
    tried_in_vain,
    with_another_description,
)
from tests.journeys.stage import TENANT, Json, Stage, action_ids, rows
from tests.journeys.test_standing import allow, asks

RESET = ToolId("acme-it", "reset_password")
A_MOMENT = 10 / 3600
"""Hours after which what was away is tried again."""


async def set_quorum(stage: Stage, quorum: int) -> None:
    """Has the policy of reset_password ask for so many technicians."""
    async with stage.store.unit(TENANT) as unit:
        [policy] = [one for one in await unit.policies.all() if one.name == str(RESET)]
        asked = replace(policy, requirement=Requirement(groups={"technicians": quorum}))
        await unit.policies.put(asked, by="ada")


async def grant_alice(stage: Stage, giver: str, uses: int) -> None:
    """Stores a technician's standing approval by which Alice may have any password reset."""
    async with stage.store.unit(TENANT) as unit:
        tool = (await unit.connections.catalog())[RESET]
        given = Grant(
            id=GrantId(f"grant-of-{giver}"),
            tool=tool.id,
            holder=HolderPerson(PersonId("p-alice")),
            arguments=AnyArguments(),
            fingerprint=tool.fingerprint,
            giver=PersonId(f"p-{giver}"),
            created=stage.clock.now(),
            ends=None,
            uses_limit=uses,
        )
        await unit.grants.add(given)


async def uses(stage: Stage) -> dict[str, int]:
    """Gives how often each standing approval was used, by its giver's first name."""
    return {grant.giver.removeprefix("p-"): grant.uses for grant in await grants(stage)}


def seats(request: Json) -> list[tuple[object, ...]]:
    """Gives each approval of a request as seat, number of people, and how it stands; sorted."""
    found = [(one["seat"], one["quorum"], one["status"]) for one in rows(request["approvals"])]
    return sorted(found, key=str)


async def approves_newest(stage: Stage, who: str, request: str) -> None:
    """Waits until a person has a card about the request that can be approved, and has them approve it."""

    async def look() -> Json | None:
        cards = [card for card in await stage.cards(who, request) if "approve" in action_ids(card)]
        return cards[-1] if cards else None

    answer = await stage.presses(who, await stage.eventually(look, f"Approve for {who}"), "approve")
    assert answer.status == 200, answer.body


async def asked_again(stage: Stage, request: str, status: str, count: int) -> Json:
    """Waits until the request has the status and so many approvals."""

    async def look() -> Json | None:
        found = await stage.request(request)
        return found if (found["status"], len(seats(found))) == (status, count) else None

    return await stage.eventually(look, f"{count} approvals of a request that is {status}")


@pytest.mark.promise("POL-01", "APR-02")
async def test_a_call_that_could_not_be_sent_unasked_asks_as_the_policy_says_by_then(
    any_stage: Stage,
) -> None:
    await set_tool(any_stage, "reset_password", Action.AUTO)
    any_stage.connectors.away = True
    request = await asks(any_stage)
    await tried_in_vain(any_stage, request)
    await set_tool(any_stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    any_stage.connectors.away = False
    await any_stage.hours_pass(A_MOMENT)
    found = await any_stage.comes_to(request, "waiting")
    assert seats(found) == [("manager", 1, "pending"), ("technician", 1, "pending")]
    await approves_newest(any_stage, "bob", request)
    assert any_stage.connectors.called("reset_password") == []
    await approves_newest(any_stage, "megan", request)
    assert (await any_stage.ends(request))["status"] == "done"
    assert len(any_stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("APR-02", "APR-03")
async def test_a_manager_seat_that_came_after_the_technician_s_approval_is_asked_before_anything_runs(
    stage: Stage,
) -> None:
    request = await asks(stage)
    await stage.comes_to(request, "waiting")
    stage.connectors.away = True
    await stage.approves("bob", request)
    await tried_in_vain(stage, request)
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    stage.connectors.away = False
    await stage.hours_pass(A_MOMENT)
    found = await stage.comes_to(request, "waiting")
    assert seats(found) == [("manager", 1, "pending"), ("technician", 1, "approved")]
    assert stage.connectors.called("reset_password") == []
    assert any("the policy asks for it now" in text for text in await stage.texts("alice"))
    await approves_newest(stage, "megan", request)
    assert (await stage.ends(request))["status"] == "done"
    assert len(stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("STD-03", "EXE-01")
async def test_a_use_whose_call_was_not_sent_is_given_back_and_counted_once(any_stage: Stage) -> None:
    first = await asks(any_stage)
    await allow(any_stage, "bob", first, uses=1)
    await any_stage.ends(first)
    any_stage.connectors.away = True
    second = await asks(any_stage)
    await tried_in_vain(any_stage, second)
    assert await uses(any_stage) == {"bob": 0}
    await any_stage.hours_pass(A_MOMENT)

    async def twice() -> Json | None:
        tries = await entries(any_stage, "call.not_sent", request=second)
        return {"tries": len(tries)} if len(tries) == 2 else None

    await any_stage.eventually(twice, "a second try")
    assert await uses(any_stage) == {"bob": 0}
    any_stage.connectors.away = False
    await any_stage.hours_pass(A_MOMENT)
    assert (await any_stage.ends(second))["status"] == "done"
    assert await uses(any_stage) == {"bob": 1}
    assert len(any_stage.connectors.called("reset_password")) == 2
    third = await asks(any_stage)
    assert (await any_stage.comes_to(third, "waiting", "done"))["status"] == "waiting"
    assert await uses(any_stage) == {"bob": 1}


@pytest.mark.promise("STD-03", "STD-04")
@pytest.mark.parametrize("limits", [(5, 1), (1, 5)])
async def test_two_standing_approvals_for_two_technicians_are_counted_both_or_not_at_all(
    stage: Stage, limits: tuple[int, int]
) -> None:
    await set_quorum(stage, 2)
    await grant_alice(stage, "bob", limits[0])
    await grant_alice(stage, "carol", limits[1])
    first = await asks(stage)
    assert (await stage.ends(first))["status"] == "done"
    assert await uses(stage) == {"bob": 1, "carol": 1}
    second = await asks(stage)
    found = await stage.comes_to(second, "waiting", "done")
    assert found["status"] == "waiting"
    assert await uses(stage) == {"bob": 1, "carol": 1}
    assert len(stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("STD-03", "STD-04")
async def test_standing_approvals_count_where_fewer_people_approved_than_are_asked_for(stage: Stage) -> None:
    request = await asks(stage)
    await stage.comes_to(request, "waiting")
    await grant_alice(stage, "carol", 1)
    await grant_alice(stage, "dan", 1)
    await set_quorum(stage, 2)
    await approves_newest(stage, "bob", request)
    assert (await stage.ends(request))["status"] == "done"
    assert await uses(stage) == {"carol": 1, "dan": 1}
    assert len(stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("APR-03", "APR-04")
async def test_when_one_more_technician_is_asked_for_the_first_one_s_approval_still_counts(
    any_stage: Stage,
) -> None:
    request = await asks(any_stage)
    await any_stage.comes_to(request, "waiting")
    await set_quorum(any_stage, 2)
    await any_stage.approves("bob", request)
    found = await asked_again(any_stage, request, "waiting", 2)
    assert seats(found) == [("technician", 1, "approved"), ("technician", 1, "pending")]
    [open_approval] = [str(one["id"]) for one in rows(found["approvals"]) if one["status"] == "pending"]
    refused = await any_stage.presses("bob", open_approval, "approve")
    assert refused.status >= 400, refused.body
    assert "approve" not in [
        one for card in await any_stage.cards("bob", request) for one in action_ids(card)
    ]
    assert any_stage.connectors.called("reset_password") == []
    await approves_newest(any_stage, "carol", request)
    assert (await any_stage.ends(request))["status"] == "done"
    assert len(any_stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("EXE-02", "APR-11")
async def test_a_tool_that_changes_while_it_is_asked_about_is_asked_about_anew(any_stage: Stage) -> None:
    await set_tool(any_stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    request = await asks(any_stage)
    old = await any_stage.card("bob", request)
    await approves_newest(any_stage, "megan", request)
    await list_tools(any_stage, with_another_description("reset_password"))
    found = await asked_again(any_stage, request, "waiting", 4)
    assert seats(found) == [
        ("manager", 1, "pending"),
        ("manager", 1, "void"),
        ("technician", 1, "pending"),
        ("technician", 1, "void"),
    ]
    assert any("has changed" in text and "asking again" in text for text in await any_stage.texts("alice"))

    async def new_card() -> Json | None:
        card = await any_stage.card("bob", request)
        return card if card["card"] != old["card"] else None

    card = await any_stage.eventually(new_card, "a new card")
    assert "is not the tool it was when it was accepted" in str(card["warnings"])
    late = await any_stage.presses("bob", old, "approve")
    assert late.status == 409
    assert late.error.startswith("Too late, and nothing changed by your click")
    await approves_newest(any_stage, "bob", request)
    assert any_stage.connectors.called("reset_password") == []
    await approves_newest(any_stage, "megan", request)
    assert (await any_stage.ends(request))["status"] == "done"
    assert len(any_stage.connectors.called("reset_password")) == 1
