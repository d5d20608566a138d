"""Approvers decide in Teams: what their cards show, what a press does, and what the others see of it."""

import json

import pytest

from bot.cards.masking import MASK
from tests.journeys.arranging import entries
from tests.journeys.slack_acts import takes_texts
from tests.journeys.teams_decisions import (
    EVERY_BUTTON,
    LATE,
    approval_id,
    comes_to,
    copies_of,
    denies,
    fills,
    next_card,
    noted,
    old_client,
    opens,
    shown_to,
    still_waits,
)
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage
from tests.servers.teams_things import Dialog, Message
from tests.servers.teams_words import buttons, titles, words

BY_BOB = "approved by Bob Brennan, 16 November 2026, 09:00 UTC"
BY_CAROL = "approved by Carol Castillo, 16 November 2026, 09:00 UTC"
LONG = {name: f"{name} " * 360 + "end" for name in ("alpha", "bravo", "charlie", "delta", "foxtrot")}
"""Five texts that together are too long for one message."""
HIDDEN = {f"part_{number}": "\u200b" * 2000 for number in (1, 2)}
"""Two texts that take more than one page once they can be seen."""


@pytest.mark.promise("APR-01")
async def test_every_technician_is_asked_in_their_own_chat_which_the_bot_opens_and_nobody_else(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await stage.asks("alice", "I forgot my password")
    for who in TECHNICIANS:
        card = await stage.card(who)
        assert titles(card) == EVERY_BUTTON
        assert card.activity["summary"] == "Pending. Alice Archer asks: Reset a password"
        assert len(shown_to(stage, who)) == 1
    opened = json.dumps([call.body for call in stage.teams.calls_of("create")])
    assert {who for who in stage.cast.people if stage.user(who).object_id in opened} == set(TECHNICIANS)
    for who in ("megan", "eve", "grace"):
        assert stage.acme.answers(stage.user(who)) == []
    assert stage.acme.offering(stage.user("alice"), "Approve") == []


@pytest.mark.promise("APR-02", "APR-07")
async def test_the_cards_hold_what_technician_and_manager_need_to_decide(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await stage.says("alice", "Can I get admin access to Jira? It is for the audit.")
    technician, manager = words(await stage.card("bob")), words(await stage.card("megan"))
    for part in (
        "Alice Archer asks: Give someone access to an app",
        "acme-it:grant_app_access\u00a0· Changes data",
        "user\nalice@acme.test",
        "app\nJira",
        "level\nadmin",
        "Requester\nAlice Archer (alice@acme.test), Sales",
        "Their manager\nMegan Moreau (megan@acme.test)",
        "Policy “acme-it:grant_app_access” (version 1) says approval_needed. Access costs a licence",
        "Open until\n17 November 2026, 09:00 UTC",
        "In Alice Archer’s words (not checked)\nCan I get admin access to Jira? It is for the audit.",
        "From the agent (not checked)\nAlice Archer asks for admin access to Jira",
    ):
        assert part in technician
        assert part in manager
    assert "Asked of you as\nTechnician (technicians)" in technician
    assert "Manager: Megan Moreau\nwaiting" in technician
    assert "Asked of you as\nManager: Megan Moreau" in manager
    assert "Technician (technicians)\nwaiting" in manager


@pytest.mark.promise("APR-07")
async def test_secrets_among_the_arguments_are_masked_in_everything_that_teams_is_given(
    teams_stage: TeamsStage,
) -> None:
    """What happens to secrets in cards and notifications, attack 38."""
    stage = teams_stage
    await takes_texts(stage.stage, "unlock_account", "new_password")
    secret = {"new_password": "hunter2-hunter2"}
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **secret)
    card = await stage.card("bob")
    assert f"new_password\n{MASK}" in words(card)
    form = await opens(stage, "bob", card, "Always allow…")
    assert "without asking a technician" in words(form)
    await stage.approves("bob")
    await stage.acme.eventually(lambda: stage.stage.connectors.called("unlock_account") or None)
    assert stage.stage.connectors.called("unlock_account") == [{"user": "eve@acme.test", **secret}]
    await stage.shows("bob", card, BY_BOB)
    assert "hunter2" not in json.dumps(list(stage.teams.given()))


@pytest.mark.promise("APR-03", "APR-11")
async def test_both_seats_approve_and_every_copy_follows_in_place(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    request = await stage.asks("alice", "I need access to Zendesk")
    manager, technicians = await stage.card("megan"), await copies_of(stage, await stage.card("bob"))
    bobs = technicians["bob"]
    pressed = await stage.presses("bob", bobs, "Approve")
    assert pressed.kind == "card"
    assert pressed.card is not None
    assert f"Decision\n{BY_BOB}" in words(pressed.card)
    assert titles(bobs, stage.user("bob")) == []
    await stage.shows("megan", manager, BY_BOB)
    assert titles(manager) == EVERY_BUTTON
    for who, copy in technicians.items():
        await stage.shows(who, copy, f"Decision\n{BY_BOB}")
    assert stage.stage.changes() == []
    await stage.presses("megan", manager, "Approve")
    await stage.stage.ends(request)
    for who, copy in {**technicians, "megan": manager}.items():
        await stage.shows(who, copy, "The request\nDone.")
        assert "approved by Megan Moreau" in words(copy)
        assert titles(copy, stage.user(who)) == []
        assert str(copy.activity["summary"]).startswith("Approved. ")
        assert len(shown_to(stage, who)) == 1
    await stage.told("alice", "now has member access to Zendesk")
    assert len(stage.stage.changes()) == 1
    updated = {call.path.rpartition("/")[2] for call in stage.teams.calls_of("update") if call.status == 200}
    assert {copy.id for copy in (*technicians.values(), manager)} <= updated


@pytest.mark.promise("APR-07", "APR-11")
async def test_a_card_that_is_too_long_is_approved_in_the_dialog_that_shows_all_of_it(
    teams_stage: TeamsStage,
) -> None:
    """What truncation and size can hide, attacks 22 and 23."""
    stage = teams_stage
    await takes_texts(stage.stage, "unlock_account", *LONG)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **LONG)
    card, carols = await stage.card("bob", "View all"), await stage.card("carol", "View all")
    assert titles(card) == ["View all", "Deny…"]
    assert "Not everything fits here. Shown: " in words(card)
    assert "“View all” shows the rest, and there you can approve." in words(card)
    wholes = {
        who: await opens(stage, who, seen, "View all") for who, seen in (("bob", card), ("carol", carols))
    }
    whole = wholes["bob"]
    for text in LONG.values():
        assert text in "".join(words(whole).splitlines())
    assert titles(whole) == EVERY_BUTTON
    pressed = await stage.presses("bob", whole, "Approve")
    assert (pressed.kind, pressed.text) == ("closed", "Approved. It is checked once more, then it runs.")
    await stage.shows("bob", card, "✓ Approved")
    assert titles(card) == ["View all"]
    await stage.acme.eventually(lambda: stage.stage.connectors.called("unlock_account") or None)
    assert stage.stage.connectors.called("unlock_account") == [{"user": "eve@acme.test", **LONG}]
    late = await stage.presses("carol", wholes["carol"], "Approve")
    assert (late.kind, late.text) == ("closed", f"{LATE}Technician (technicians): {BY_BOB}.")
    await stage.shows("carol", carols, "✓ Approved")


@pytest.mark.promise("APR-07")
@pytest.mark.parametrize("has_dialogs", [True, False], ids=["in a dialog", "in the chat"])
async def test_what_takes_several_pages_can_be_approved_on_the_last_one_only(
    teams_stage: TeamsStage, *, has_dialogs: bool
) -> None:
    stage, bob = teams_stage, teams_stage.user("bob")
    bob.client.opens_dialogs = has_dialogs
    await takes_texts(stage.stage, "unlock_account", *HIDDEN)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **HIDDEN)
    card = await noted(stage, await stage.card("bob", "View all"))

    async def turned(seen: Message | Dialog, button: str, place: str) -> Message | Dialog:
        since = len(shown_to(stage, "bob"))
        pressed = await stage.presses("bob", seen, button)
        if pressed.dialog is not None:
            assert place in words(pressed.dialog)
            return pressed.dialog
        if seen is card:
            return await next_card(stage, "bob", "Next", since=since)
        assert isinstance(seen, Message)
        await stage.shows("bob", seen, place)
        assert [one for one in shown_to(stage, "bob") if "Page " in words(one)] == [seen]
        return seen

    page = await turned(card, "View all", "Page 1 of ")
    assert "You can decide on the last page." in words(page)
    total = int(words(page).partition("Page 1 of ")[2].partition(".")[0])
    assert total > 1
    shown = 0
    for number in range(1, total):
        assert "Approve" not in titles(page)
        assert "Always allow…" not in titles(page)
        shown += words(page).count("⟨") - words(page).count("⟨U+…⟩")
        page = await turned(page, "Next", f"Page {number + 1} of {total}.")
    assert shown + words(page).count("⟨") == 2 * 2000
    assert titles(page) == ["Previous", *EVERY_BUTTON]
    page = await turned(page, "Previous", f"Page {total - 1} of {total}.")
    page = await turned(page, "Next", f"Page {total} of {total}.")
    await stage.presses("bob", page, "Approve")
    await stage.shows("bob", card, "✓ Approved")
    if isinstance(page, Message):
        await stage.shows("bob", page, "Approved. It is checked once more, then it runs.")
        assert titles(page) == []
    await stage.acme.eventually(lambda: stage.stage.connectors.called("unlock_account") or None)
    assert stage.stage.connectors.called("unlock_account") == [{"user": "eve@acme.test", **HIDDEN}]


@pytest.mark.promise("APR-03", "APR-08", "APR-11", "RPY-02")
async def test_deny_asks_for_a_reason_that_the_requester_and_every_card_are_told(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    request = await stage.asks("alice", "I need access to Zendesk")
    card, manager = await stage.card("bob"), await stage.card("megan")
    copies = await copies_of(stage, card)
    form = await opens(stage, "bob", card, "Deny…")
    assert form.title == "Deny this request"
    assert await still_waits(stage, approval_id(card))
    refused = await stage.acme.submits(stage.user("bob"), {"Reason": "a" * 1001}, "Deny")
    assert refused.dialog is not None
    assert "Use at most 1000 characters." in words(refused.dialog)
    assert await still_waits(stage, approval_id(card))
    reason = "Please come to the desk with your badge."
    pressed = await stage.acme.submits(stage.user("bob"), {"Reason": reason}, "Deny")
    assert (pressed.kind, pressed.text) == (
        "closed",
        "Denied. Nothing runs, and the person who asked is told.",
    )
    await stage.stage.comes_to(request, "denied")
    await stage.told("alice", f"Bob Brennan did not approve your request. The reason: “{reason}”")
    for who, copy in copies.items():
        await stage.shows(who, copy, f"denied by Bob Brennan, 16 November 2026, 09:00 UTC: “{reason}”")
        assert titles(copy) == []
    await stage.shows("megan", manager, "No longer valid")
    assert titles(manager) == []
    [entry] = await entries(stage.stage, "approval.denied")
    assert entry.actor == "p-bob"
    await stage.asks("alice", "I forgot my password")
    await denies(stage, "carol", await stage.card("carol"))
    await stage.told("alice", "Carol Castillo did not approve your request. No reason was given")


@pytest.mark.promise("APR-01", "APR-08", "APR-11")
async def test_a_client_that_knows_only_submit_approves_denies_and_is_answered_in_the_chat(
    teams_stage: TeamsStage,
) -> None:
    stage, user = teams_stage, teams_stage.user("bob")
    old_client(stage, "bob")
    await stage.says("alice", "I need access to Zendesk")
    card = await noted(stage, await stage.card("bob"))
    assert [one.kind for one in buttons(card, user)] == ["Action.Submit"] * 3
    pressed = await stage.presses("bob", card, "Approve")
    assert pressed.kind == "sent"
    await stage.told("bob", "Approved. Still waiting for: Manager: Megan Moreau.")
    await stage.shows("bob", card, BY_BOB)
    assert titles(card, user) == []
    await stage.says("alice", "I forgot my password")
    second = await noted(stage, await stage.card("bob"))
    since = len(shown_to(stage, "bob"))
    await stage.presses("bob", second, "Deny…")
    form = await next_card(stage, "bob", "Deny", since=since)
    assert "Nothing will run. The person who asked is told, with your reason." in words(form)
    await stage.presses("bob", form, "Deny", Reason="x" * 1001)
    await stage.shows("bob", form, "Use at most 1000 characters.")
    await stage.presses("bob", form, "Deny", Reason="Not today.")
    await stage.told("alice", "Bob Brennan did not approve your request. The reason: “Not today.”")
    await stage.shows("bob", form, "Denied. Nothing runs, and the person who asked is told.")
    assert titles(form, user) == []
    await stage.shows("bob", second, "denied by Bob Brennan")
    assert stage.stage.changes() == []


@pytest.mark.promise("APR-11")
async def test_a_late_press_is_told_who_decided_and_when_and_the_old_copy_is_drawn_anew(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    old_client(stage, "ada")
    request = await stage.asks("alice", "I forgot my password")
    copies = await copies_of(stage, await stage.card("bob"))
    old = {who: copy.activity for who, copy in copies.items()}
    deny = await opens(stage, "ahmed", copies["ahmed"], "Deny…")
    await stage.presses("bob", copies["bob"], "Approve")
    await stage.stage.ends(request)
    await stage.stage.worker.settle(None)
    for who, copy in copies.items():
        await stage.shows(who, copy, "The request\nDone.")
        # As where an update was lost.
        copy.activity = old[who]
        copy.shown.clear()
    told = f"{LATE}Technician (technicians): {BY_BOB}."
    executed = await stage.presses("carol", copies["carol"], "Approve")
    assert (executed.kind, executed.text) == ("message", told)
    fetched = await stage.presses("dan", copies["dan"], "Always allow…")
    assert (fetched.kind, fetched.text) == ("closed", told)
    sent = await stage.presses("ada", copies["ada"], "Approve")
    assert sent.kind == "sent"
    await stage.told("ada", told)
    submitted = await stage.presses("ahmed", deny, "Deny", Reason="No.")
    assert (submitted.kind, submitted.text) == ("closed", told)
    for who in ("carol", "dan", "ada", "ahmed"):
        await stage.shows(who, copies[who], BY_BOB)
        assert titles(copies[who], stage.user(who)) == []
    assert len(stage.stage.changes()) == 1
    refused = await entries(stage.stage, "action.refused")
    assert sorted(str(one.actor) for one in refused) == ["p-ada", "p-ahmed", "p-carol", "p-dan"]


@pytest.mark.promise("APR-11")
@pytest.mark.parametrize("has_dialogs", [True, False], ids=["in a dialog", "in the chat"])
async def test_what_destroys_is_asked_once_more_before_it_is_approved(
    teams_stage: TeamsStage, *, has_dialogs: bool
) -> None:
    stage = teams_stage
    if not has_dialogs:
        old_client(stage, "bob")
    await fills(stage, "alice", "wipe_device", device="ACME-LT-1001")
    card = await noted(stage, await stage.card("bob"))
    approval, since = approval_id(card), len(shown_to(stage, "bob"))
    assert "Destroys data" in words(card)
    pressed = await stage.presses("bob", card, "Approve")
    asked = pressed.dialog or await next_card(stage, "bob", "Approve", since=since)
    assert "This destroys something. It may not be possible to undo it." in words(asked)
    assert titles(asked) == ["Approve"]
    assert await still_waits(stage, approval)
    if has_dialogs:
        await stage.acme.closes(stage.user("bob"))
        asked = await opens(stage, "bob", card, "Approve")
    await stage.presses("bob", asked, "Approve")
    await stage.shows("bob", card, BY_BOB)
    await comes_to(stage, approval, "done")
    assert len(stage.stage.changes()) == 1
