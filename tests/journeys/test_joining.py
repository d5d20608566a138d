"""Equal requests of several people share one approval."""

import pytest

from bot.domain.actions import Action
from tests.journeys.arranging import entries, set_tool
from tests.journeys.stage import Stage, action_ids, facts, rows


async def both_ask(stage: Stage) -> tuple[str, str]:
    """Has Alice and Megan ask for the same: a new password for Alice."""
    first = await stage.says("alice", "I forgot my password")
    await stage.comes_to(first, "waiting")
    second = await stage.says("megan", "Please reset the password of alice@acme.test")
    await stage.comes_to(second, "waiting")
    return first, second


@pytest.mark.promise("INT-08")
async def test_equal_requests_share_one_approval_and_both_are_answered(any_stage: Stage) -> None:
    first, second = await both_ask(any_stage)
    assert (await any_stage.request(second))["joined"] == first
    card = await any_stage.card("bob", first)
    assert facts(card)["Also asked by"] == "Megan Moreau"
    assert len([one for one in await any_stage.cards("bob") if one["kind"] == "card"]) == 1
    await any_stage.approves("bob", first)
    assert {(await any_stage.ends(one))["status"] for one in (first, second)} == {"done"}
    assert len(any_stage.connectors.called("reset_password")) == 1
    for who in ("alice", "megan"):
        assert (await any_stage.texts(who))[-1].startswith("Done.")


@pytest.mark.promise("INT-08", "RPY-02")
async def test_a_denial_answers_everyone_who_asked(stage: Stage) -> None:
    first, second = await both_ask(stage)
    await stage.presses("bob", await stage.card("bob", first), "deny", reason="Call the desk first.")
    for who, request in (("alice", first), ("megan", second)):
        assert (await stage.ends(request))["status"] == "denied"
        assert "Call the desk first." in (await stage.texts(who))[-1]


@pytest.mark.promise("INT-08")
async def test_when_the_first_one_withdraws_the_other_is_asked_for_anew(stage: Stage) -> None:
    first, second = await both_ask(stage)
    old = await stage.card("bob", first)
    assert (await stage.presses("alice", f"status-{first}", "withdraw")).status == 200
    assert (await stage.presses("bob", old, "approve")).status == 409
    assert (await stage.approves("bob", second)).status == 200
    assert (await stage.ends(second))["status"] == "done"
    assert (await stage.request(first))["status"] == "withdrawn"
    assert "withdrew" in (await stage.texts("alice"))[-1]


@pytest.mark.promise("INT-08")
async def test_when_the_second_one_withdraws_the_first_goes_on_and_cards_forget_them(stage: Stage) -> None:
    first, second = await both_ask(stage)
    assert (await stage.presses("megan", f"status-{second}", "withdraw")).status == 200
    card = await stage.card("bob", first)
    assert "Also asked by" not in facts(card)
    assert (await stage.request(first))["status"] == "waiting"
    await stage.approves("bob", first)
    await stage.comes_to(first, "done")
    assert (await stage.request(second))["status"] == "withdrawn"


@pytest.mark.promise("INT-08", "INT-06")
async def test_what_the_second_one_says_and_adds_stands_on_the_shared_card(stage: Stage) -> None:
    first, second = await both_ask(stage)
    await stage.presses("megan", f"status-{second}", "add_details", text="She is on stage at noon.")
    quotes = str((await stage.card("bob", first))["quotes"])
    assert "Please reset the password of alice@acme.test" in quotes
    assert "Megan Moreau added" in quotes
    assert "She is on stage at noon." in quotes


@pytest.mark.promise("INT-08", "APR-04")
async def test_nobody_who_asks_for_the_same_may_approve_it(stage: Stage) -> None:
    first = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", first)
    second = await stage.says("bob", "Please reset the password of alice@acme.test")
    await stage.comes_to(second, "waiting")
    refused = await stage.presses("bob", card, "approve")
    assert refused.status == 403
    assert "You asked for this yourself" in refused.error
    assert action_ids(await stage.card("bob", first)) == []
    assert (await stage.approves("carol", first)).status == 200
    assert (await stage.ends(second))["status"] == "done"


@pytest.mark.promise("INT-08")
async def test_whoever_approved_a_seat_already_gets_an_approval_of_their_own_request(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    first = await stage.says("alice", "I forgot my password")
    await stage.approves("bob", first)
    second = await stage.says("bob", "Please reset the password of alice@acme.test")
    own = await stage.comes_to(second, "waiting")
    assert own["joined"] is None
    assert {row["asked"] for row in rows(own["approvals"])} == {None, "grace@acme.test"}


@pytest.mark.promise("INT-08")
async def test_requests_whose_managers_differ_do_not_join(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    first = await stage.says("alice", "I forgot my password")
    await stage.comes_to(first, "waiting")
    second = await stage.says("megan", "Please reset the password of alice@acme.test")
    other = await stage.comes_to(second, "waiting")
    assert other["joined"] is None


@pytest.mark.promise("INT-08", "EXE-01")
async def test_while_the_shared_call_runs_nobody_withdraws_from_it(stage: Stage) -> None:
    stage.connectors.silent.add("reset_password")
    first, second = await both_ask(stage)
    await stage.approves("bob", first)
    await stage.comes_to(first, "attention")
    assert "a technician is looking" in (await stage.texts("megan"))[-1]
    late = await stage.presses("megan", f"status-{second}", "withdraw")
    assert late.status == 409
    card = await stage.status_card("megan", second)
    assert facts(card)["Now"] == "A technician is checking whether it worked."
    assert action_ids(card) == []
    await stage.presses("carol", f"attention-{first}", "it_ran")
    assert (await stage.ends(second))["status"] == "done"
    assert [entry.request for entry in await entries(stage, "request.done")] == [first, second]
