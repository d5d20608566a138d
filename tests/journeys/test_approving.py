"""Approvers decide: one seat each, once, on what they were shown."""

import asyncio

import pytest

from bot.domain.policies import Requirement
from tests.builders import a_policy, tools_named
from tests.journeys.arranging import change_person, entries, put_policy
from tests.journeys.stage import Stage, action_ids, facts, rows


@pytest.mark.promise("APR-02", "APR-03")
async def test_either_denial_denies_and_voids_the_other_seat(stage: Stage) -> None:
    for denier, other in (("bob", "megan"), ("megan", "bob")):
        request = await stage.says("alice", "I need access to Zendesk")
        card = await stage.card(other, request)
        await stage.presses(denier, await stage.card(denier, request), "deny")
        found = await stage.ends(request)
        assert found["status"] == "denied"
        assert sorted(str(row["status"]) for row in rows(found["approvals"])) == ["denied", "void"]
        late = await stage.presses(other, card, "approve")
        assert late.status == 409
    assert stage.changes() == []


@pytest.mark.promise("APR-02")
async def test_the_direct_manager_in_the_directory_is_asked_by_name(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    found = await stage.comes_to(request, "waiting")
    technician, manager = rows(found["approvals"])
    assert (technician["seat"], technician["group"], technician["asked"]) == (
        "technician",
        "technicians",
        None,
    )
    assert (manager["seat"], manager["asked"], manager["explanation"]) == ("manager", "megan@acme.test", "")
    assert facts(await stage.card("megan", request))["Asked of you as"] == "Manager: Megan Moreau"
    assert [one for one in await stage.cards("grace") if one["request"] == request] == []


@pytest.mark.promise("APR-04")
async def test_nobody_approves_what_they_asked_for(stage: Stage) -> None:
    request = await stage.says("dan", "I forgot my password")
    card = await stage.card("bob", request)
    assert [one for one in await stage.cards("dan", request) if one["card"] == card["card"]] == []
    for action in ("approve", "deny", "always_allow"):
        refused = await stage.presses("dan", card, action)
        assert refused.status == 403
        assert refused.error == "You asked for this yourself, so somebody else has to decide it."
    assert (await stage.request(request))["status"] == "waiting"
    assert {entry.status for entry in await entries(stage, "action.refused")} == {"OwnRequest"}


@pytest.mark.promise("APR-04")
async def test_a_stranger_with_a_cards_id_is_told_nothing_about_it(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    for who in ("eve", "megan", "grace"):
        foreign = await stage.presses(who, card, "approve")
        unknown = await stage.presses(who, "0" * 32, "approve")
        assert (foreign.status, foreign.body) == (404, unknown.body)
    assert (await stage.request(request))["status"] == "waiting"


@pytest.mark.promise("APR-04", "APR-05")
async def test_who_is_manager_and_technician_fills_one_seat_and_the_other_moves_on(stage: Stage) -> None:
    request = await stage.says("dan", "I need access to Zendesk")
    await stage.comes_to(request, "waiting")
    found = await stage.request(request)
    technician, manager = rows(found["approvals"])
    assert manager["asked"] == "bob@acme.test"
    assert (await stage.presses("bob", str(technician["id"]), "approve")).status == 200
    second = await stage.presses("bob", str(manager["id"]), "approve")
    assert second.status == 403
    assert "Somebody else" in second.error or "cannot decide this" in second.error
    card = await stage.card("grace", request)
    assert "Bob Brennan already has another part" in facts(card)["Why not somebody else"]
    assert (await stage.presses("grace", card, "approve")).status == 200
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-04")
async def test_a_manager_who_approved_as_manager_is_no_second_technician(stage: Stage) -> None:
    request = await stage.says("dan", "I need access to Zendesk")
    found = await stage.comes_to(request, "waiting")
    technician, manager = (str(row["id"]) for row in rows(found["approvals"]))
    assert (await stage.presses("bob", manager, "approve")).status == 200
    refused = await stage.presses("bob", technician, "approve")
    assert refused.status == 403
    assert "Your word counts for this request already" in refused.error
    assert (await stage.presses("carol", technician, "approve")).status == 200
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-11")
async def test_a_double_click_approves_once(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    card = await stage.card("bob", request)
    answers = await asyncio.gather(*(stage.presses("bob", card, "approve") for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [200, 409]
    [late] = [answer for answer in answers if answer.status == 409]
    assert "approved by Bob Brennan" in late.error


@pytest.mark.promise("APR-11")
async def test_every_copy_shows_the_decision(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.card("bob", request)
    await stage.approves("carol", request)
    await stage.ends(request)
    for who in ("bob", "carol", "dan", "ada", "ahmed"):
        card = await stage.card(who, request)
        assert card["status"] == "approved"
        assert action_ids(card) == []
        assert facts(card)["Decision"] == "approved by Carol Castillo, 16 November 2026, 09:00 UTC"
        assert facts(card)["The request"] == "Done."


@pytest.mark.promise("APR-08", "RPY-02")
async def test_a_denials_reason_reaches_the_requester_and_the_cards(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    deny = next(one for one in rows(card["actions"]) if one["id"] == "deny")
    assert "reason" in str(deny["dialog"])
    await stage.presses("bob", card, "deny", reason="Please come to the desk with your badge.")
    found = await stage.ends(request)
    assert found["status"] == "denied"
    [text] = await stage.texts("alice")
    assert "Bob Brennan did not approve" in text
    assert "“Please come to the desk with your badge.”" in text
    decided = facts(await stage.card("carol", request))["Decision"]
    assert "denied by Bob Brennan" in decided
    assert "with your badge" in decided
    [entry] = await entries(stage, "approval.denied", request=request)
    assert (entry.actor, entry.decision) == ("p-bob", "denied_by_user")


@pytest.mark.promise("RPY-02")
async def test_a_denial_without_a_reason_says_that_there_is_none(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.presses("bob", await stage.card("bob", request), "deny", reason="   ")
    await stage.ends(request)
    assert "No reason was given" in (await stage.texts("alice"))[-1]


@pytest.mark.promise("APR-07")
async def test_the_card_holds_what_an_approver_needs(stage: Stage) -> None:
    request = await stage.says("alice", "Can I get admin access to Jira? It is for the audit.")
    card = await stage.card("bob", request)
    known = facts(card)
    assert known["Requester"] == "Alice Archer (alice@acme.test), Sales"
    assert known["Their manager"] == "Megan Moreau (megan@acme.test)"
    assert known["Asked of you as"] == "Technician (technicians)"
    assert "acme-it:grant_app_access" in known["Why you are asked"]
    assert known["Manager: Megan Moreau"] == "waiting"
    assert known["Open until"] == "17 November 2026, 09:00 UTC"
    [call] = rows(card["calls"])
    assert call["tool"] == "acme-it:grant_app_access"
    assert call["title"] == "Give someone access to an app"
    assert call["arguments"] == {"user": "alice@acme.test", "app": "Jira", "level": "admin"}
    assert call["effect"] == "write"
    labels = [str(quote["label"]) for quote in rows(card["quotes"])]
    assert labels == ["In Alice Archer’s words (not checked)", "From the agent (not checked)"]
    assert action_ids(card) == ["approve", "deny", "always_allow"]


@pytest.mark.promise("APR-04")
async def test_a_fired_technician_and_a_disabled_one_decide_nothing_on_old_cards(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    change_person(stage, "bob", groups=["all-staff"])
    change_person(stage, "carol", enabled=False)
    fired = await stage.presses("bob", card, "approve")
    assert (fired.status, fired.error) == (
        403,
        "You cannot decide this: it is asked of Technician (technicians).",
    )
    disabled = await stage.presses("carol", card, "approve")
    assert disabled.status == 403
    assert "account is disabled" in disabled.error
    assert (await stage.request(request))["status"] == "waiting"
    assert (await stage.approves("dan", request)).status == 200


@pytest.mark.promise("APR-03", "APR-04")
async def test_a_quorum_of_two_takes_two_people(stage: Stage) -> None:
    two = Requirement(groups={"technicians": 2})
    both = a_policy(name="Four eyes", tools=tools_named("reset_password"), requirement=two)
    await put_policy(stage, both)
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    first = await stage.presses("bob", card, "approve")
    assert "2 of technicians" in str(first.json["message"])
    again = await stage.presses("bob", card, "approve")
    assert (again.status, again.error) == (
        409,
        "You have approved this already. It needs 1 more from your group.",
    )
    assert action_ids(await stage.card("bob", request)) == []
    assert (await stage.approves("carol", request)).status == 200
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-11")
async def test_a_button_that_is_not_offered_is_refused(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    for action in ("withdraw", "it_ran", "APPROVE", "approve ", "", "delete"):
        refused = await stage.presses("bob", card, action)
        assert (refused.status, "not offered" in refused.error) == (400, True)
    for values in ({"reason": 7}, {"reason": "x" * 1001}, {"verdict": "approve"}):
        refused = await stage.presses("bob", card, "deny", **values)
        assert refused.status == 400
    assert (await stage.request(request))["status"] == "waiting"
