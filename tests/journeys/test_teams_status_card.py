"""The requester's own card in Teams: what happens now, who is waited for, until when, and how it ended."""

import asyncio
import json

import pytest

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue
from tests.journeys.arranging import entries, set_tool
from tests.journeys.kept import all_requests
from tests.journeys.teams_looks import IN_PRIVATE, a_channel, answered, mentions, pressed
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage
from tests.servers.teams_things import Client, Message
from tests.servers.teams_words import button_of, titles, words

RESET = "I forgot my password"
ZENDESK = "I need access to Zendesk"
NEW_HIRE = "New starter: Jane Doe, jane.doe@acme.test, Account Executive, Sales"
FOREIGN = "There is no such card for you. Open the newest one in your chat."
ADDED = "Added. The approvers see it."
TOO_SOON = (
    "You nudged at 16 November 2026, 09:00 UTC. The next nudge is possible at 16 November 2026, 10:00 UTC."
)


async def waiting_card(stage: TeamsStage, text: str = ZENDESK) -> Message:
    """Gives Alice's status card of a request that waits for approval."""
    await stage.says("alice", text)
    card = await stage.status_card("alice")
    await stage.shows("alice", card, "Waiting for approval.")
    return card


@pytest.mark.promise("INT-06", "RPY-01")
async def test_the_card_says_what_happens_now_who_is_waited_for_and_until_when(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    card = await waiting_card(stage)
    for part in ("Waiting for approval.", "Megan Moreau", "technicians", "17 November 2026, 09:00 UTC"):
        assert part in words(card)
    assert titles(card) == ["Nudge", "Add details…", "Withdraw"]
    await stage.approves("bob")
    await stage.shows("alice", card, "approved by Bob Brennan")
    assert "Waiting for approval." in words(card)
    await stage.approves("megan")
    await stage.shows("alice", card, "Done.")
    assert (titles(card), "Diagnosis" in words(card)) == ([], False)
    await stage.told("alice", "now has member access to Zendesk")


@pytest.mark.promise("INT-06")
async def test_withdrawing_closes_every_card_and_a_late_approval_is_told_so(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    card = await waiting_card(stage, RESET)
    asked = await stage.card("bob")
    approve = button_of(asked, stage.user("bob"), "Approve")
    assert approve is not None
    found = await stage.presses("alice", card, "Withdraw")
    assert found.kind == "card"
    assert "Withdrawn." in words(card, stage.user("alice"))
    await stage.shows("alice", card, "Withdrawn.")
    await stage.shows("bob", asked, "Withdrawn")
    assert (titles(card), titles(asked)) == ([], [])
    late = await stage.acme.presses(stage.user("bob"), asked, approve)
    assert late.kind == "message"
    assert "withdrawn" in late.text
    [request] = await all_requests(stage)
    assert request.status == "withdrawn"
    assert stage.stage.connectors.called("reset_password") == []


@pytest.mark.promise("INT-06")
async def test_a_nudge_reminds_those_who_are_waited_for_once_an_hour(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    card = await waiting_card(stage)
    await stage.approves("bob")
    await stage.shows("alice", card, "approved by Bob Brennan")
    nudged = await stage.presses("alice", card, "Nudge")
    assert (nudged.kind, nudged.text) == ("message", "I have reminded 1 person.")
    await stage.told("megan", "Alice Archer is still waiting for your decision")
    refused = await stage.presses("alice", card, "Nudge")
    assert (refused.kind, refused.text) == ("message", TOO_SOON)
    await stage.stage.hours_pass(1)
    assert (await stage.presses("alice", card, "Nudge")).text == "I have reminded 1 person."

    def reminders(who: str) -> list[str]:
        return [one for one in stage.texts(who) if "still waiting" in one]

    await stage.acme.eventually(lambda: len(reminders("megan")) == 2, "the second reminder")
    assert reminders("bob") == []


@pytest.mark.promise("INT-06")
async def test_details_are_asked_for_in_a_dialog_and_shown_to_the_approvers(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    alice = stage.user("alice")
    card = await waiting_card(stage, RESET)
    asked = await stage.card("bob")
    opened = await stage.presses("alice", card, "Add details…")
    assert opened.dialog is not None
    assert "The approvers see what you add." in words(opened.dialog)
    empty = await stage.acme.submits(alice, {"Details": "   "})
    assert empty.dialog is not None
    assert "Write something here." in words(empty.dialog)
    text = "I am in *room* 4 & <up> the **stairs**."
    added = await stage.acme.submits(alice, {"Details": text})
    assert (added.kind, added.text) == ("closed", ADDED)
    await stage.shows("bob", asked, text)
    [request] = await all_requests(stage)
    assert request.details == (text,)
    opened = await stage.presses("alice", card, "Add details…")
    await stage.approves("bob")
    await stage.shows("alice", card, "Done.")
    late = await stage.acme.submits(alice, {"Details": "I am in room 5."})
    assert (late.kind, late.text) == ("closed", "That is not possible now: Done.")
    [request] = await all_requests(stage)
    assert request.details == (text,)


@pytest.mark.promise("INT-06", "INT-05")
async def test_a_press_that_is_sent_again_also_at_the_same_time_does_nothing_twice_attack_44(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    card = await waiting_card(stage, RESET)
    asked = await stage.card("bob")
    alice = stage.user("alice")

    async def sent(activity: JsonObject) -> list[JsonValue]:
        found = await asyncio.gather(*(stage.acme.sends(activity) for _ in range(5)))
        assert [one.status for one in found] == [200] * 5
        return [one.body for one in found]

    nudged = json.dumps(await sent(pressed(stage, "alice", card, "Nudge")))
    assert (nudged.count("I have reminded 5 people."), nudged.count(TOO_SOON)) == (1, 4)
    await stage.presses("alice", card, "Add details…")
    await stage.acme.submits(alice, {"Details": "I am in room 4."})
    details = stage.acme.deliveries.all[-1].activity
    assert await sent(details) == [stage.acme.deliveries.all[-1].answer.body] * 5
    alice.client = Client(executes=False, opens_dialogs=False)
    before = len(stage.texts("alice"))
    await sent(pressed(stage, "alice", card, "Nudge"))
    await stage.told("alice", TOO_SOON, since=before)
    await sent(pressed(stage, "alice", card, "Withdraw"))
    await stage.told("alice", "Withdrawn. Nothing was done.", since=before)
    await stage.shows("bob", asked, "Withdrawn")
    assert (
        sum(one in {TOO_SOON, "Withdrawn. Nothing was done."} for one in stage.texts("alice")[before:]) == 2
    )
    [request] = await all_requests(stage)
    assert (request.status, request.details) == ("withdrawn", ("I am in room 4.",))
    for who in TECHNICIANS:
        assert sum("still waiting" in one for one in stage.texts(who)) == 1


@pytest.mark.promise("INT-06")
async def test_somebody_elses_card_in_a_channel_is_refused_for_them_alone(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    channel = a_channel(stage, "alice", "eve")
    root = await mentions(stage, "alice", channel, ZENDESK)
    card = await answered(stage, channel, root, "Waiting for approval.")
    eve = stage.user("eve")
    for button in ("Withdraw", "Nudge"):
        found = await stage.presses("eve", card, button)
        assert (found.kind, found.text) == ("message", FOREIGN)
    found = await stage.presses("eve", card, "Add details…")
    assert (found.kind, found.text) == ("closed", FOREIGN)
    eve.client = Client(executes=False, opens_dialogs=False)
    for button in ("Withdraw", "Nudge", "Add details…"):
        await stage.presses("eve", card, button)
    await stage.acme.eventually(lambda: stage.texts("eve") == [FOREIGN] * 3, "eve to be told three times")
    assert len(stage.acme.answers(channel)) == 1
    assert "Withdraw" in titles(card, stage.user("alice"))
    [request] = await all_requests(stage)
    assert (request.status, request.nudged, request.details) == ("waiting", None, ())
    assert len(await entries(stage.stage, "action.refused")) == 6
    alice = stage.user("alice")
    alice.client = Client(executes=False, opens_dialogs=False)
    await stage.presses("alice", card, "Add details…")
    await answered(stage, channel, root, IN_PRIVATE)
    form = await stage.card("alice", "Add")
    await stage.presses("alice", form, "Add", Details="For the rota.")
    await stage.acme.shows(form, ADDED)
    await stage.presses("alice", card, "Withdraw")
    await stage.shows("alice", card, "Withdrawn.")
    await stage.told("alice", "Withdrawn")


@pytest.mark.promise("RPY-03", "RPY-01")
async def test_the_card_shows_how_far_a_long_plan_is(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    held = stage.stage.connectors.held["add_user_to_group"] = asyncio.Event()
    channel = a_channel(stage, "megan", "alice")
    root = await mentions(stage, "megan", channel, NEW_HIRE)
    card = await answered(stage, channel, root, "Your request")
    await stage.approves("bob")
    await stage.approves("grace")
    await stage.shows("megan", card, "Step 2 of 4 is running.")
    assert words(card).count("Succeeded") == 1
    held.set()
    await stage.shows("megan", card, "Done.")
    assert words(card).count("Succeeded") == 4
    await answered(stage, channel, root, "4 of 4.")
    assert sum("Your request" in words(one) for one in stage.acme.answers(channel)) == 1


@pytest.mark.promise("RPY-02", "RPY-01")
async def test_a_denial_is_told_with_its_reason_where_it_was_asked(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    channel = a_channel(stage, "alice", "megan")
    root = await mentions(stage, "alice", channel, RESET)
    card = await answered(stage, channel, root, "Waiting for approval.")
    await stage.presses("bob", await stage.card("bob"), "Deny…")
    await stage.acme.submits(stage.user("bob"), {"Reason": "Call me first, <Alice> & **hurry**."})
    await answered(stage, channel, root, "Call me first, <Alice> & **hurry**.")
    await stage.shows("alice", card, "Not approved.")
    assert titles(card) == []
    assert (await all_requests(stage))[0].status == "denied"
    assert stage.stage.connectors.called("reset_password") == []
    assert stage.texts("alice") == []


@pytest.mark.promise("RPY-02", "RPY-01", "INT-06")
async def test_what_a_policy_forbids_and_what_nobody_decides_in_time_is_told(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    card = await waiting_card(stage, RESET)
    asked = await stage.card("bob")
    await stage.stage.hours_pass(72)
    await stage.told("alice", "Nobody decided in time.")
    await stage.shows("alice", card, "Nobody decided in time. Ask again if you still need it.")
    await stage.shows("bob", asked, "Expired")
    assert (titles(card), titles(asked)) == ([], [])
    known = frozenset(one.id for one in stage.acme.answers(stage.user("alice")))
    await stage.says("alice", RESET)
    card = await stage.status_card("alice", known=known)
    await stage.card("bob")
    await set_tool(stage.stage, "reset_password", Action.DISABLED)
    await stage.approves("bob")
    told = await stage.told("alice", "is not allowed.")
    assert "Nothing was done" in told
    await stage.shows("alice", card, "Not allowed.")
    assert stage.stage.connectors.called("reset_password") == []
