"""Approvers decide in Slack: what their cards show, what a click does, and what the others see of it."""

import asyncio

import pytest

from bot.cards.masking import MASK
from bot.chat.slack.shown.buttons import ACT, VIEW_ALL
from bot.chat.slack.shown.whole import NEXT, PREVIOUS
from tests.journeys.arranging import entries
from tests.journeys.slack_acts import (
    TECHNICIANS,
    asks_password,
    buttons,
    comes_to,
    ephemeral,
    fills,
    labels,
    opens,
    request_of,
    still_waits,
    takes_texts,
    told_for,
    values,
)
from tests.journeys.slack_stage import SlackStage, has_button, title
from tests.servers.slack_sight import words
from tests.servers.slack_views import View
from tests.servers.slack_world import Message

LATE = "Too late, and nothing changed by your click: "
BY_BOB = "approved by Bob Brennan, 16 November 2026, 09:00 UTC"
LONG = {name: f"{name} " * 360 + "end" for name in ("alpha", "bravo", "charlie", "delta", "foxtrot")}
"""Five texts that together are too long for one message."""
HIDDEN = {f"part_{number}": "\u200b" * 3000 for number in range(1, 8)}
"""Seven texts that take more than one modal once they can be seen."""


@pytest.mark.promise("APR-01")
async def test_every_technician_is_asked_by_direct_message_and_nobody_else(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    for who in TECHNICIANS:
        assert labels(await stage.card(who)) == ["Approve", "Deny…", "Always allow…"]
    for who in ("megan", "eve", "grace"):
        assert stage.acme.answers(stage.user(who)) == []
    assert not any(has_button(one, "approve") for one in stage.acme.answers(stage.user("alice")))


@pytest.mark.promise("APR-07")
async def test_the_card_holds_what_an_approver_needs(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "Can I get admin access to Jira? It is for the audit.")
    card = words(await stage.card("bob"))
    for part in (
        "Alice Archer asks: Give someone access to an app",
        "acme-it:grant_app_access",
        "Changes data",
        "user: \nalice@acme.test",
        "app: \nJira",
        "level: \nadmin",
        "Requester: \nAlice Archer (alice@acme.test), Sales",
        "Their manager: \nMegan Moreau (megan@acme.test)",
        "Asked of you as: \nTechnician (technicians)",
        "Policy “acme-it:grant_app_access” (version 1) says approval_needed. Access costs a licence",
        "Manager: Megan Moreau – \nwaiting",
        "Open until: \n17 November 2026, 09:00 UTC",
        "In Alice Archer’s words (not checked)\nCan I get admin access to Jira? It is for the audit.",
        "From the agent (not checked)\nAlice Archer asks for admin access to Jira",
    ):
        assert part in card


@pytest.mark.promise("APR-07")
async def test_secrets_among_the_arguments_are_masked_on_the_card(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await takes_texts(stage.stage, "unlock_account", "new_password")
    secret = {"new_password": "hunter2-hunter2"}
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **secret)
    card = words(await stage.card("bob"))
    assert f"new_password: \n{MASK}" in card
    assert "hunter2" not in card


@pytest.mark.promise("APR-07", "APR-11")
async def test_a_card_that_is_too_long_is_approved_in_the_modal_that_shows_all_of_it(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await takes_texts(stage.stage, "unlock_account", *LONG)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **LONG)
    card = await stage.card("bob", "deny")
    assert labels(card) == ["View all", "Deny…"]
    assert "Not everything fits here." in words(card)
    assert "“View all” shows the rest, and there you can approve." in words(card)
    await stage.acme.presses(stage.user("bob"), card, VIEW_ALL)
    whole = await stage.modal("bob", showing="acme-it:unlock_account")
    for text in LONG.values():
        assert text in "".join(words(whole).splitlines())
    assert labels(whole) == ["Approve", "Deny…", "Always allow…"]
    await stage.presses("bob", whole, "approve")
    await stage.modal("bob", showing="Approved. It is checked once more, then it runs.")
    await stage.shows("bob", card, "Approved")
    assert labels(card) == ["View all"]
    assert stage.stage.connectors.called("unlock_account") == [{"user": "eve@acme.test", **LONG}]


@pytest.mark.promise("APR-07")
async def test_what_takes_several_pages_can_be_approved_on_the_last_one_only(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await takes_texts(stage.stage, "unlock_account", *HIDDEN)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **HIDDEN)
    card = await stage.card("bob", "deny")
    await stage.acme.presses(stage.user("bob"), card, VIEW_ALL)
    first = await stage.modal("bob", showing="Page 1 of 2. You can decide on the last page.")
    assert labels(first) == ["Next"]
    shown = words(first).count("⟨") - words(first).count("⟨U+…⟩")
    await stage.acme.presses(stage.user("bob"), first, NEXT)
    last = await stage.modal("bob", showing="Page 2 of 2.")
    assert labels(last) == ["Previous", "Approve", "Deny…", "Always allow…"]
    assert shown + words(last).count("⟨") == 7 * 3000
    await stage.acme.presses(stage.user("bob"), last, PREVIOUS)
    again = await stage.modal("bob", showing="Page 1 of 2.")
    await stage.acme.presses(stage.user("bob"), again, NEXT)
    await stage.presses("bob", await stage.modal("bob", showing="Page 2 of 2."), "approve")
    await stage.modal("bob", showing="Approved.")
    await stage.acme.eventually(lambda: stage.stage.connectors.called("unlock_account") or None)
    assert stage.stage.connectors.called("unlock_account") == [{"user": "eve@acme.test", **HIDDEN}]


@pytest.mark.promise("APR-11")
async def test_a_decision_in_the_modal_comes_too_late_when_somebody_was_faster(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await takes_texts(stage.stage, "unlock_account", *LONG)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **LONG)
    wholes: dict[str, View] = {}
    for who in ("bob", "carol"):
        await stage.acme.presses(stage.user(who), await stage.card(who, "deny"), VIEW_ALL)
        wholes[who] = await stage.modal(who, showing="acme-it:unlock_account")
    await stage.presses("bob", wholes["bob"], "approve")
    await stage.modal("bob", showing="Approved.")
    await stage.presses("carol", wholes["carol"], "approve")
    await stage.modal("carol", showing=f"{LATE}Technician (technicians): {BY_BOB}.")


@pytest.mark.promise("APR-08", "RPY-02")
async def test_deny_opens_a_modal_at_once_and_its_reason_reaches_the_requester_and_the_cards(
    slack_either_way: SlackStage,
) -> None:
    stage = slack_either_way
    ts = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob")
    copies = {who: await stage.same_card(who, card) for who in TECHNICIANS}
    form = await opens(stage, "bob", card, "deny", showing="Reason")
    assert await still_waits(stage, card)
    reason = "Please come to the desk with your badge."
    answer = await stage.acme.submits(stage.user("bob"), form, values(reason=reason))
    assert answer == {"response_action": "clear"}
    said = f"Bob Brennan did not approve your request. The reason: “{reason}”"
    await stage.acme.eventually(lambda: said in words(stage.acme.thread(stage.user("alice"), ts)[-1]) or None)
    assert stage.acme.thread(stage.user("alice"), ts)[-1].thread_ts == ts
    for who, copy in copies.items():
        await stage.shows(who, copy, f"denied by Bob Brennan, 16 November 2026, 09:00 UTC: “{reason}”")
        assert labels(copy) == []
    assert stage.stage.changes() == []
    [entry] = await entries(stage.stage, "approval.denied")
    assert entry.actor == "p-bob"


@pytest.mark.promise("APR-08", "RPY-02")
async def test_a_denial_without_a_reason_says_that_there_is_none(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    form = await opens(stage, "bob", await stage.card("bob"), "deny", showing="Reason")
    await stage.acme.submits(stage.user("bob"), form, values(reason="   "))
    await stage.told("alice", "Bob Brennan did not approve your request. No reason was given")


@pytest.mark.promise("APR-08")
async def test_a_reason_that_is_too_long_is_an_error_at_its_field_and_nothing_is_decided(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    card = await stage.card("bob")
    form = await opens(stage, "bob", card, "deny", showing="Reason")
    await stage.acme.submits(stage.user("bob"), form, values(reason="a" * 1001))
    assert form.errors == {"field:reason": "Use at most 1000 characters."}
    assert await still_waits(stage, card)
    await stage.acme.submits(stage.user("bob"), form, values(reason="a" * 1000))
    await comes_to(stage, card, "denied")


@pytest.mark.promise("APR-11")
async def test_every_copy_of_a_card_shows_the_decision(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    copies = {who: await stage.card(who) for who in TECHNICIANS}
    await stage.presses("carol", copies["carol"], "approve")
    for who, copy in copies.items():
        await stage.shows(who, copy, "Decision: \napproved by Carol Castillo, 16 November 2026, 09:00 UTC")
        await stage.shows(who, copy, "The request: \nDone.")
        assert labels(copy) == []
        assert copy.text.startswith("Approved. ")


@pytest.mark.promise("APR-11")
async def test_a_late_click_is_told_who_decided_and_when_and_the_old_card_is_drawn_anew(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    copies = {who: await stage.card(who) for who in ("bob", "carol", "dan")}
    old = {who: (copy.text, copy.blocks) for who, copy in copies.items()}
    await stage.presses("bob", copies["bob"], "approve")
    await comes_to(stage, copies["bob"], "done")
    for who in ("carol", "dan"):
        await stage.shows(who, copies[who], "Done.")
    for who, action in (("carol", "approve"), ("dan", "deny")):
        copy = copies[who]
        copy.text, copy.blocks = old[who]
        if action == "deny":
            await opens(stage, who, copy, action, showing=f"{LATE}Technician (technicians): {BY_BOB}.")
        else:
            await told_for(stage, who, copy, action, f"{LATE}Technician (technicians): {BY_BOB}.")
        await stage.shows(who, copy, BY_BOB)
        assert labels(copy) == []
    assert len(stage.stage.changes()) == 1


@pytest.mark.promise("APR-11")
async def test_a_reason_that_is_sent_too_late_is_answered_with_who_decided(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    form = await opens(stage, "carol", await stage.card("carol"), "deny", showing="Reason")
    await comes_to(stage, await stage.approves("bob"), "done")
    await stage.acme.submits(stage.user("carol"), form, values(reason="No."))
    told = await stage.modal("carol", showing=BY_BOB)
    assert title(told) == "Not possible"
    assert len(stage.stage.changes()) == 1


@pytest.mark.promise("APR-11")
async def test_a_double_click_approves_once_and_says_so(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "I need access to Zendesk")
    card = await stage.card("bob")
    await asyncio.gather(stage.presses("bob", card, "approve"), stage.presses("bob", card, "approve"))
    await ephemeral(stage, "bob", "Approved. Still waiting for: Manager: Megan Moreau.")
    await ephemeral(stage, "bob", f"{LATE}Technician (technicians): {BY_BOB}")
    assert len(await entries(stage.stage, "approval.approved")) == 1


@pytest.mark.promise("APR-02", "APR-03", "APR-11")
async def test_either_denial_denies_and_takes_the_other_seats_buttons_away(slack_stage: SlackStage) -> None:
    stage = slack_stage
    for number, (denier, other) in enumerate((("bob", "megan"), ("megan", "bob"))):
        await stage.says("alice", "I need access to Zendesk")
        theirs, mine = await stage.card(other), await stage.card(denier)
        form = await opens(stage, denier, mine, "deny", showing="Reason")
        await stage.acme.submits(stage.user(denier), form, values(reason=f"No, for the {number}. time."))
        await stage.told("alice", f"No, for the {number}. time.")
        await stage.shows(other, theirs, "No longer valid")
        assert labels(theirs) == []
    assert stage.stage.changes() == []


@pytest.mark.promise("APR-02", "APR-07")
async def test_the_manager_is_asked_as_the_manager_and_both_see_how_the_other_seat_stands(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I need access to Zendesk")
    manager, technician = await stage.card("megan"), await stage.card("bob")
    assert "Asked of you as: \nManager: Megan Moreau" in words(manager)
    assert "Technician (technicians): \nwaiting" in words(manager).replace(" – ", ": ")
    await stage.presses("megan", manager, "approve")
    await stage.shows("bob", technician, "approved by Megan Moreau, 16 November 2026, 09:00 UTC")
    assert has_button(technician, "approve")


async def test_what_somebody_decides_is_confirmed_to_them_alone(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    told = await told_for(stage, "bob", card, "approve", "Approved. It is checked once more, then it runs.")
    assert told.only_for == stage.user("bob").id
    await comes_to(stage, card, "done")
    seen: list[Message] = [one for who in TECHNICIANS[1:] for one in stage.acme.ephemerals(stage.user(who))]
    assert seen == []
    assert await request_of(stage, card)


async def test_a_click_on_something_that_destroys_asks_once_more(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await fills(stage, "alice", "wipe_device", device="ACME-LT-1001")
    card = await stage.card("bob")
    approve = next(one for one in buttons(card) if one["action_id"] == f"{ACT}approve")
    assert "This destroys something." in str(approve["confirm"])


@pytest.mark.promise("APR-16")
async def test_what_waits_can_be_decided_on_app_home(slack_stage: SlackStage) -> None:
    stage = slack_stage
    cards = [await asks_password(stage, "alice"), await asks_password(stage, "eve", "eve")]
    await stage.acme.opens_home(stage.user("bob"))
    home = await stage.acme.eventually(lambda: stage.acme.home(stage.user("bob")), "the home of bob")
    approve, deny = (
        [block for block, action_id in home.elements() if action_id == f"{ACT}{action}"]
        for action in ("approve", "deny")
    )
    await stage.acme.presses(stage.user("bob"), home, f"{ACT}deny", block_id=deny[1])
    form = await stage.modal("bob", showing="Reason")
    await stage.acme.submits(stage.user("bob"), form, values(reason="Not today."))
    await comes_to(stage, cards[1], "denied")
    await stage.acme.presses(stage.user("bob"), home, f"{ACT}approve", block_id=approve[0])
    await stage.told("bob", "Approved. It is checked once more, then it runs.")
    await comes_to(stage, cards[0], "done")
    await stage.acme.eventually(lambda: "Nothing waits for you" in words(home) or None, "the home to say so")
