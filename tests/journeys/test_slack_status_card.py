"""The requester's own card in Slack: what happens now, who is waited for, until when, and how it ended."""

import asyncio

import pytest

from bot.domain.actions import Action
from tests.journeys.arranging import set_tool
from tests.journeys.slack_acts import buttons, forges, labels, opens, told_for
from tests.journeys.slack_looks import a_channel, all_requests, answered
from tests.journeys.slack_stage import SlackStage
from tests.servers.slack_sight import words
from tests.servers.slack_world import Message

RESET = "I forgot my password"
ZENDESK = "I need access to Zendesk"
NEW_HIRE = "New starter: Jane Doe, jane.doe@acme.test, Account Executive, Sales"


async def waiting_card(stage: SlackStage, text: str = ZENDESK) -> Message:
    """Gives Alice's status card of a request that waits for approval."""
    card = await stage.status_card("alice", await stage.says("alice", text))
    await stage.shows("alice", card, "Waiting for approval.")
    return card


@pytest.mark.promise("INT-06")
async def test_the_card_says_what_happens_now_who_is_waited_for_and_until_when(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    card = await waiting_card(stage)
    shown = words(card)
    for part in ("Waiting for approval.", "Megan Moreau", "technicians", "17 November 2026, 09:00 UTC"):
        assert part in shown
    assert labels(card) == ["Nudge", "Add details…", "Withdraw"]
    await stage.approves("bob")
    await stage.shows("alice", card, "approved by Bob Brennan")
    assert "Waiting for approval." in words(card)
    await stage.approves("megan")
    await stage.shows("alice", card, "Done.")
    assert labels(card) == []
    assert "Diagnosis" not in words(card)


@pytest.mark.promise("INT-06")
async def test_withdrawing_closes_every_card_and_a_late_approval_is_told_so(slack_stage: SlackStage) -> None:
    card = await waiting_card(slack_stage, RESET)
    asked = await slack_stage.card("bob")
    approval = str(buttons(asked)[0]["value"])
    await told_for(slack_stage, "alice", card, "withdraw", "Withdrawn.")
    await slack_stage.shows("alice", card, "Withdrawn.")
    await slack_stage.shows("bob", asked, "Withdrawn")
    assert (labels(card), labels(asked)) == ([], [])
    [request] = await all_requests(slack_stage)
    assert request.status == "withdrawn"
    await forges(slack_stage, "bob", asked, "act:approve", approval, "withdrawn")
    assert slack_stage.stage.connectors.called("reset_password") == []


@pytest.mark.promise("INT-06")
async def test_a_nudge_reminds_those_who_are_waited_for_once_an_hour(slack_stage: SlackStage) -> None:
    card = await waiting_card(slack_stage)
    await slack_stage.approves("bob")
    await slack_stage.shows("alice", card, "approved by Bob Brennan")
    await told_for(slack_stage, "alice", card, "nudge", "I have reminded 1 person.")
    await slack_stage.told("megan", "Alice Archer is still waiting for your decision")
    refused = await told_for(slack_stage, "alice", card, "nudge", "You nudged at")
    assert "10:00" in words(refused)
    await slack_stage.stage.hours_pass(1)
    await told_for(slack_stage, "alice", card, "nudge", "I have reminded 1 person.")

    def reminders(who: str) -> list[str]:
        return [one for one in slack_stage.texts(slack_stage.user(who)) if "still waiting" in one]

    await slack_stage.acme.eventually(lambda: len(reminders("megan")) == 2, "the second reminder")
    assert reminders("bob") == []


@pytest.mark.promise("INT-06")
async def test_details_are_asked_for_in_a_modal_and_shown_to_the_approvers(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    card = await waiting_card(stage)
    asked = await stage.card("bob")
    modal = await opens(stage, "alice", card, "add_details", showing="The approvers see what you add.")
    answer = await stage.acme.submits(stage.user("alice"), modal, {"field:text": {"value": "   "}})
    assert answer["response_action"] == "errors"
    assert list(modal.errors) == ["field:text"]
    details = {"field:text": {"value": "I am in *room* 4 & <up> the stairs."}}
    assert await stage.acme.submits(stage.user("alice"), modal, details) == {"response_action": "clear"}
    await stage.shows("bob", asked, "I am in *room* 4 & <up> the stairs.")
    [request] = await all_requests(stage)
    assert request.details == ("I am in *room* 4 & <up> the stairs.",)
    assert stage.acme.modal(stage.user("alice")) is None


@pytest.mark.promise("INT-06")
async def test_details_for_a_request_that_is_over_by_now_are_refused_in_the_modal(
    slack_stage: SlackStage,
) -> None:
    card = await waiting_card(slack_stage, RESET)
    modal = await opens(slack_stage, "alice", card, "add_details", showing="The approvers see what you add.")
    await slack_stage.approves("bob")
    await slack_stage.shows("alice", card, "Done.")
    alice = slack_stage.user("alice")
    await slack_stage.acme.submits(alice, modal, {"field:text": {"value": "I am in room 4."}})
    refused = await slack_stage.modal("alice", showing="not")
    assert "Not possible" in words(refused)
    [request] = await all_requests(slack_stage)
    assert request.details == ()


@pytest.mark.promise("INT-06")
async def test_somebody_elses_card_in_a_channel_does_nothing_for_them(slack_stage: SlackStage) -> None:
    channel = a_channel(slack_stage, "alice", "eve")
    ts = await slack_stage.acme.mentions(slack_stage.user("alice"), channel, ZENDESK)
    card = await answered(slack_stage, channel, ts, "Waiting for approval.")
    for action in ("withdraw", "nudge"):
        await told_for(slack_stage, "eve", card, action, "There is no such card for you.")
    await slack_stage.presses("eve", card, "add_details")
    await slack_stage.acme.closes(await slack_stage.modal("eve", showing="There is no such card for you."))
    card_id = str(buttons(card)[0]["value"])
    await slack_stage.acme.presses(slack_stage.user("eve"), card, "view:all", card_id, forged=True)
    await slack_stage.modal("eve", showing="There is no such card for you.")
    [request] = await all_requests(slack_stage)
    assert (request.status, request.nudged, request.details) == ("waiting", None, ())
    refused = await slack_stage.audit("action.refused")
    assert sorted(str(one["action"]) for one in refused) == [
        *("add_details", "nudge", "view:all", "withdraw"),
    ]


@pytest.mark.promise("RPY-03", "RPY-01")
async def test_the_card_shows_how_far_a_long_plan_is(slack_stage: SlackStage) -> None:
    stage = slack_stage
    held = stage.stage.connectors.held["add_user_to_group"] = asyncio.Event()
    card = await stage.status_card("megan", await stage.says("megan", NEW_HIRE))
    await stage.approves("bob")
    await stage.approves("grace")
    await stage.shows("megan", card, "Step 2 of 4 is running.")
    assert words(card).count("Succeeded") == 1
    held.set()
    await stage.shows("megan", card, "Done.")
    assert words(card).count("Succeeded") == 4
    told = await answered(stage, stage.user("megan"), card.thread_ts or "", "4 of 4.")
    assert told.thread_ts == card.thread_ts
    cards = [one for one in stage.texts(stage.user("megan")) if "Your request" in one]
    assert len(cards) == 1


@pytest.mark.promise("RPY-02")
async def test_a_denial_is_told_with_its_reason_where_it_was_asked(slack_stage: SlackStage) -> None:
    stage = slack_stage
    channel = a_channel(stage, "alice", "megan")
    ts = await stage.acme.mentions(stage.user("alice"), channel, RESET)
    card = await answered(stage, channel, ts, "Waiting for approval.")
    asked = await stage.card("bob")
    modal = await opens(stage, "bob", asked, "deny", showing="Reason")
    await stage.acme.submits(stage.user("bob"), modal, {"field:reason": {"value": "Call me first, <Alice>."}})
    told = await answered(stage, channel, ts, "Call me first, <Alice>.")
    assert told.thread_ts == ts
    await stage.shows("alice", card, "Not approved.")
    assert labels(card) == []
    assert (await all_requests(stage))[0].status == "denied"
    assert stage.stage.connectors.called("reset_password") == []


@pytest.mark.promise("RPY-02", "RPY-01")
async def test_what_a_policy_forbids_is_told_with_its_reason(slack_stage: SlackStage) -> None:
    alice = slack_stage.user("alice")
    ts = await slack_stage.says("alice", RESET)
    card = await slack_stage.status_card("alice", ts)
    await slack_stage.card("bob")
    await set_tool(slack_stage.stage, "reset_password", Action.DISABLED)
    await slack_stage.approves("bob")
    told = await answered(slack_stage, alice, ts, "is not allowed.")
    assert "Nothing was done" in words(told)
    await slack_stage.shows("alice", card, "Not allowed.")
    assert slack_stage.stage.connectors.called("reset_password") == []


@pytest.mark.promise("INT-06", "RPY-01")
async def test_what_nobody_decides_in_time_is_told_and_every_card_says_so(slack_stage: SlackStage) -> None:
    ts = await slack_stage.says("alice", RESET)
    card = await slack_stage.status_card("alice", ts)
    asked = await slack_stage.card("bob")
    await slack_stage.stage.hours_pass(72)
    await answered(slack_stage, slack_stage.user("alice"), ts, "Nobody decided in time.")
    await slack_stage.shows("alice", card, "Nobody decided in time. Ask again if you still need it.")
    await slack_stage.shows("bob", asked, "Expired")
    assert (labels(card), labels(asked)) == ([], [])
    assert slack_stage.stage.connectors.called("reset_password") == []
