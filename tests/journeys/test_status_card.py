"""The requester's own card: what happens now, and what they can do."""

import pytest

from bot.domain.actions import Action
from tests.journeys.arranging import change_person, entries, set_tool
from tests.journeys.stage import Stage, action_ids, facts, rows


@pytest.mark.promise("INT-06")
async def test_the_card_says_what_happens_now_who_is_waited_for_and_until_when(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.comes_to(request, "waiting")
    card = await stage.status_card("alice", request)
    known = facts(card)
    assert known["Now"] == "Waiting for approval."
    assert known["Manager: Megan Moreau"] == "waiting"
    assert known["Open until"] == "17 November 2026, 09:00 UTC"
    assert action_ids(card) == ["nudge", "add_details", "withdraw"]
    await stage.approves("bob", request)
    card = await stage.status_card("alice", request)
    assert "approved by Bob Brennan" in facts(card)["Technician (technicians)"]
    assert facts(card)["Manager: Megan Moreau"] == "waiting"


@pytest.mark.promise("INT-06")
async def test_withdrawing_ends_a_waiting_request_and_every_card_says_so(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    asked = await stage.card("bob", request)
    answer = await stage.presses("alice", f"status-{request}", "withdraw")
    assert answer.status == 200
    assert (await stage.request(request))["status"] == "withdrawn"
    assert action_ids(await stage.status_card("alice", request)) == []
    card = await stage.card("bob", request)
    assert card["status"] == "withdrawn"
    assert action_ids(card) == []
    late = await stage.presses("bob", asked, "approve")
    assert late.status == 409
    assert "withdrawn" in late.error
    assert stage.connectors.called("reset_password") == []


@pytest.mark.promise("INT-06")
async def test_what_is_done_cannot_be_withdrawn(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.AUTO)
    request = await stage.says("alice", "I forgot my password")
    await stage.comes_to(request, "done")
    late = await stage.presses("alice", f"status-{request}", "withdraw")
    assert late.status == 409
    assert "Done." in late.error
    assert (await stage.request(request))["status"] == "done"


@pytest.mark.promise("INT-06")
async def test_a_nudge_reminds_those_who_are_waited_for_once_an_hour(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.comes_to(request, "waiting")
    await stage.approves("bob", request)
    first = await stage.presses("alice", f"status-{request}", "nudge")
    assert first.json["message"] == "I have reminded 1 person."
    assert "still waiting for your decision" in (await stage.texts("megan"))[-1]
    assert not any("still waiting" in text for text in await stage.texts("bob"))
    again = await stage.presses("alice", f"status-{request}", "nudge")
    assert again.status == 409
    assert "10:00" in again.error
    await stage.hours_pass(0.999)
    assert (await stage.presses("alice", f"status-{request}", "nudge")).status == 409
    await stage.hours_pass(0.001)
    assert (await stage.presses("alice", f"status-{request}", "nudge")).status == 200
    assert len([one for one in await stage.texts("megan") if "still waiting" in one]) == 2


@pytest.mark.promise("INT-06", "APR-05")
async def test_a_nudge_reaches_the_manager_whom_the_directory_names_now(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.comes_to(request, "waiting")
    change_person(stage, "alice", manager="p-grace")
    await stage.presses("alice", f"status-{request}", "nudge")
    assert any("still waiting" in text for text in await stage.texts("grace"))
    assert not any("still waiting" in text for text in await stage.texts("megan"))
    assert (await stage.approves("grace", request)).status == 200


@pytest.mark.promise("INT-06")
async def test_added_details_are_shown_to_the_approvers_and_change_no_argument(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    before = await stage.card("bob", request)
    answer = await stage.presses("alice", f"status-{request}", "add_details", text="I am in room 4.")
    assert answer.status == 200
    again = await stage.presses("alice", f"status-{request}", "add_details", text="I am in room 4.")
    assert again.body == answer.body
    after = await stage.card("bob", request)
    assert str(after["quotes"]).count("I am in room 4.") == 1
    assert after["calls"] == before["calls"]
    assert after["card"] == before["card"]
    empty = await stage.presses("alice", f"status-{request}", "add_details", text="   ")
    assert empty.status == 400


@pytest.mark.promise("INT-06")
async def test_somebody_elses_status_card_looks_like_none(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.comes_to(request, "waiting")
    for action in ("withdraw", "nudge", "add_details"):
        values = {"text": "hello"} if action == "add_details" else {}
        foreign = await stage.presses("eve", f"status-{request}", action, **values)
        unknown = await stage.presses("eve", "status-no-such-request", action, **values)
        assert (foreign.status, foreign.error) == (unknown.status, unknown.error) == (404, unknown.error)
    assert (await stage.request(request))["status"] == "waiting"
    assert len(await entries(stage, "action.refused")) == 6


@pytest.mark.promise("RPY-01", "INT-06")
async def test_the_requester_is_told_once_what_was_done(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.approves("bob", request)
    done = await stage.ends(request)
    texts = [text for text in await stage.texts("alice") if text == done["outcome"]]
    assert len(texts) == 1
    assert "Alice Archer was sent a one-time link" in texts[0]
    card = await stage.status_card("alice", request)
    assert (card["status"], facts(card)["Now"]) == ("done", "Done.")
    assert [call["status"] for call in rows(card["calls"])] == ["succeeded"]
