"""Always allow in Slack: the rule is read before it is saved, and what it settles is said."""

import pytest

from bot.chat.slack.listeners.submissions import NOT_SEEN
from bot.chat.slack.modals.dialog import block_id
from bot.chat.slack.shown.buttons import ACT
from bot.domain.actions import Action
from bot.domain.grants import ExactArguments, HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import Standing
from tests.journeys.arranging import entries, grants, set_tool
from tests.journeys.slack_acts import (
    allows,
    asked,
    asks_password,
    buttons,
    changes_terms,
    comes_to,
    fills,
    is_redrawn,
    labels,
    opens,
    request_of,
    still_waits,
    takes_texts,
    values,
)
from tests.journeys.slack_stage import SlackStage, title
from tests.servers.slack_elements import options_of
from tests.servers.slack_shapes import is_object
from tests.servers.slack_sight import words
from tests.servers.slack_views import View

EXACT = (
    "Alice Archer may use acme-it:reset_password with exactly user = alice@acme.test, through countersign, "
    "without asking a technician, until 16 December 2026."
)


def options(form: View, name: str) -> list[str]:
    """Gives the values that a field offers; none where there is no such field."""
    block = next((one for one in form.blocks if one["block_id"] == block_id(name)), {})
    element = block.get("element")
    return [str(one["value"]) for one in options_of(element)] if is_object(element) else []


def rule(form: View) -> str:
    """Gives the sentence of the rule, which stands on top."""
    text = form.blocks[0]["text"]
    assert is_object(text)
    return str(text["text"])


@pytest.mark.promise("STD-01", "STD-02", "STD-04")
async def test_always_allow_approves_this_one_and_lets_the_next_through(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    first = await asks_password(stage)
    said = await allows(stage, "bob", first, reason="She forgets it every Monday.")
    assert f"Approved and saved. {EXACT}" in said
    await comes_to(stage, first, "done")
    [grant] = await grants(stage.stage)
    assert (grant.holder, grant.giver) == (HolderPerson(PersonId("p-alice")), PersonId("p-bob"))
    assert grant.arguments == ExactArguments({"user": "alice@acme.test"})
    assert grant.reason == "She forgets it every Monday."
    before = len(stage.acme.answers(stage.user("bob")))
    await fills(stage, "alice", "reset_password", user="alice@acme.test")
    await stage.acme.eventually(lambda: len(stage.stage.changes()) == 2 or None, "the second one to run")
    await stage.told("alice", grant.id)
    asked = stage.acme.answers(stage.user("bob"))[before:]
    assert not any("Approve" in labels(one) for one in asked)


@pytest.mark.promise("STD-02")
async def test_the_preview_says_the_rule_the_history_and_what_it_settles_and_stores_nothing(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    for action in ("approve", "deny"):
        card = await asks_password(stage)
        if action == "approve":
            await stage.presses("bob", card, "approve")
            await comes_to(stage, card, "done")
        else:
            form = await opens(stage, "bob", card, "deny", showing="Reason")
            await stage.acme.submits(stage.user("bob"), form)
            await comes_to(stage, card, "denied")
    other = await asks_password(stage, "alice", "eve")
    card = await asks_password(stage)
    adas = await stage.same_card("ada", card)
    form = await opens(stage, "ada", adas, "always_allow", showing="without asking")
    assert rule(form) == EXACT
    assert "Matches 2 of the last 3 requests for this tool; 1 of these was denied." in words(form)
    assert "It settles no other open request." in words(form)
    await changes_terms(stage, "ada", form, holder="everyone", arguments="any")
    assert rule(form).startswith("Everyone may use acme-it:reset_password with any arguments")
    assert "It also settles this open request:\n• Alice Archer: a request by form" in words(form)
    assert await grants(stage.stage) == ()
    assert await request_of(stage, other) != await request_of(stage, card)
    for one in (other, card):
        await stage.stage.comes_to(await request_of(stage, one), "waiting")


@pytest.mark.promise("STD-02")
async def test_every_change_of_the_form_says_the_rule_anew(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    form = await opens(stage, "bob", card, "always_allow", showing="without asking")
    bob = stage.user("bob")
    assert rule(form) == EXACT
    before = form.hash
    await stage.acme.chooses(bob, form, "value", "pinned", block_id("arguments"))
    await is_redrawn(stage, form, before)
    assert rule(form) == "Fixed arguments: Choose at least one argument."
    await changes_terms(stage, "bob", form, pinned=["user"])
    assert "with user = alice@acme.test and any other arguments" in rule(form)
    await changes_terms(stage, "bob", form, ends_in_days="7")
    assert "until 23 November 2026." in rule(form)
    await changes_terms(stage, "bob", form, uses="3")
    assert "at most 3 times" in rule(form)


@pytest.mark.promise("STD-02", "STD-08")
async def test_technicians_are_offered_narrow_scopes_and_admins_wide_ones_too(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    narrow = await opens(stage, "bob", card, "always_allow", showing="without asking")
    assert options(narrow, "holder") == ["person"]
    assert options(narrow, "arguments") == ["exact", "pinned"]
    wide = await opens(stage, "ada", await stage.card("ada"), "always_allow", showing="without asking")
    assert options(wide, "holder") == ["person", "group", "everyone"]
    assert options(wide, "arguments") == ["exact", "pinned", "any"]
    assert options(wide, "group") == []
    before = wide.hash
    await stage.acme.chooses(stage.user("ada"), wide, "value", "group", block_id("holder"))
    await is_redrawn(stage, wide, before)
    assert options(wide, "group") == ["all-staff", "sales", "vpn-users"]
    await changes_terms(stage, "ada", wide, group="sales")
    assert rule(wide).startswith("Everyone in the group sales may use acme-it:reset_password")


@pytest.mark.promise("STD-02", "STD-03")
async def test_a_number_that_is_none_is_an_error_at_its_field(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    form = await opens(stage, "bob", card, "always_allow", showing="without asking")
    await changes_terms(stage, "bob", form, ends_in_days="400")
    assert "Ends in days" in rule(form)
    assert "Write a whole number from 1 to 366." in rule(form)
    await stage.acme.submits(stage.user("bob"), form)
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)
    await changes_terms(stage, "bob", form, ends_in_days="30")
    await stage.acme.submits(stage.user("bob"), form, values(uses="0"))
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)


@pytest.mark.promise("STD-02")
async def test_a_rule_that_was_not_shown_is_shown_first_and_saved_the_second_time(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    ada = stage.user("ada")
    form = await opens(stage, "ada", await stage.card("ada"), "always_allow", showing="without asking")
    # Slack tells the app nothing of what is put in and sent in one go.
    answer = await stage.acme.submits(ada, form, values(holder="everyone", ends_in_days="5"))
    assert answer["response_action"] == "update"
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)
    assert rule(form) == NOT_SEEN
    assert "Everyone may use acme-it:reset_password with exactly user = alice@acme.test" in words(form)
    assert "until 21 November 2026." in words(form)
    await stage.acme.submits(ada, form)
    told = await stage.modal("ada", showing="Approved and saved. Everyone may use acme-it:reset_password")
    assert title(told) == "Saved"
    [grant] = await grants(stage.stage)
    assert (grant.giver, grant.ends and grant.ends.day) == (PersonId("p-ada"), 21)


@pytest.mark.promise("STD-05")
async def test_other_requests_that_it_covers_are_settled_and_named_and_their_cards_say_so(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    first = await stage.card("ada")
    second_ts = await stage.says("megan", "I forgot my password")
    await stage.status_card("megan", second_ts)
    second = await stage.acme.eventually(
        lambda: next(
            (
                one
                for one in stage.acme.answers(stage.user("bob"))
                if "Megan Moreau asks" in words(one) and labels(one)
            ),
            None,
        )
    )
    said = await allows(stage, "ada", first, holder="everyone", arguments="any")
    assert "It also settles 1 other request" in said
    assert "Megan Moreau: “I forgot my password”" in said
    await comes_to(stage, first, "done")
    await comes_to(stage, second, "done")
    await stage.shows("bob", second, "approved by Ada Adeyemi through a standing approval")
    assert labels(second) == []


@pytest.mark.promise("STD-04")
async def test_requester_and_audit_log_see_which_standing_approval(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await allows(stage, "bob", await asks_password(stage))
    [grant] = await grants(stage.stage)
    ts = await stage.says("alice", "I forgot my password")
    request = await asked(stage, "alice", ts)
    await stage.stage.comes_to(request, "done")
    await stage.acme.eventually(
        lambda: any(grant.id in words(one) for one in stage.acme.thread(stage.user("alice"), ts)) or None
    )
    for kind in ("call.decided", "call.started", "call.returned"):
        found = await entries(stage.stage, kind, request=request)
        assert {one.grants for one in found if one.tool == "acme-it:reset_password"} == {(grant.id,)}


@pytest.mark.promise("STD-08")
async def test_what_destroys_cannot_be_allowed_in_advance_by_a_forged_click_either(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await fills(stage, "alice", "wipe_device", device="ACME-LT-1001")
    card = await stage.card("ada")
    assert labels(card) == ["Approve", "Deny…"]
    [value] = {str(one["value"]) for one in buttons(card)}
    await stage.acme.presses(stage.user("ada"), card, f"{ACT}always_allow", value, forged=True)
    told = await stage.modal("ada", showing="“always_allow” is not offered on this card.")
    assert title(told) == "Not possible"
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)


@pytest.mark.promise("STD-08")
async def test_where_a_policy_forbids_it_while_the_modal_is_open_nothing_is_saved(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    form = await opens(stage, "bob", card, "always_allow", showing="without asking")
    await set_tool(stage.stage, "reset_password", Action.APPROVAL_NEEDED, standing=Standing.FORBIDDEN)
    await stage.acme.submits(stage.user("bob"), form)
    told = await stage.modal("bob")
    assert title(told) == "Not possible"
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)


@pytest.mark.promise("STD-01", "APR-03")
async def test_a_technicians_standing_approval_leaves_the_manager_seat_open(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "I need access to Zendesk")
    card = await stage.card("bob")
    said = await allows(stage, "bob", card)
    assert "This request still waits for: Manager: Megan Moreau." in said
    assert await still_waits(stage, card)
    await stage.approves("megan")
    await comes_to(stage, card, "done")


@pytest.mark.promise("STD-03")
async def test_a_standing_approval_for_one_more_use_is_used_up_by_it(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await allows(stage, "bob", await asks_password(stage), uses="1")
    await fills(stage, "alice", "reset_password", user="alice@acme.test")
    await stage.acme.eventually(lambda: len(stage.stage.changes()) == 2 or None, "the second one to run")
    card = await asks_password(stage)
    assert len(stage.stage.changes()) == 2
    assert labels(card) == ["Approve", "Deny…", "Always allow…"]


@pytest.mark.promise("STD-02")
async def test_a_rule_too_long_to_be_shown_cannot_be_saved(slack_stage: SlackStage) -> None:
    stage = slack_stage
    hidden = {f"part_{number}": "\u200b" * 3000 for number in range(1, 8)}
    await takes_texts(stage.stage, "unlock_account", *hidden)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **hidden)
    card = await stage.card("bob", "deny")
    [value] = {str(one["value"]) for one in buttons(card)}
    await stage.acme.presses(stage.user("bob"), card, f"{ACT}always_allow", value, forged=True)
    form = await stage.modal("bob", showing="This rule is too long to be shown, so it cannot be saved here.")
    for _ in range(2):
        await stage.acme.submits(stage.user("bob"), form)
        assert "too long to be shown" in words(form)
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)
