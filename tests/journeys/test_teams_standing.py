"""Always allow in Teams: the rule is read before it is saved, and what it settles is said."""

import pytest

from bot.chat.standing_rule import TOO_LONG
from bot.chat.teams.dialogs.allow import SHOW
from bot.chat.teams.kit.actions import Do, carried
from bot.chat.teams.listeners.presses import NOT_SEEN
from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.grants import ExactArguments, HolderGroup, HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import Standing
from tests.journeys.arranging import entries, grants, set_tool
from tests.journeys.slack_acts import takes_texts
from tests.journeys.teams_decisions import (
    approval_id,
    approval_of,
    asks_for,
    asks_password,
    cards_of,
    comes_to,
    denies,
    field,
    fills,
    new_card,
    next_card,
    old_client,
    opens,
    shown_to,
    still_waits,
)
from tests.journeys.teams_stage import TeamsStage
from tests.servers.teams_answers import Pressed
from tests.servers.teams_things import Dialog, Message
from tests.servers.teams_words import titles, words

ALLOW = "Always allow…"
SAVE = "Approve and save"
EXACT = (
    "Alice Archer may use acme-it:reset_password with exactly user = alice@acme.test, through countersign, "
    "without asking a technician, until 16 December 2026."
)


async def sends(
    stage: TeamsStage, who: str, button: str, values: dict[str, JsonValue] | None = None
) -> Pressed:
    """Has a person fill in the dialog that is open to them, and press a button of it."""
    return await stage.acme.submits(stage.user(who), values, button)


async def shown(stage: TeamsStage, who: str, **terms: JsonValue) -> str:
    """Has a person change what Always allow asks, and have shown what that would do; gives all of it."""
    labels = {
        "holder": "Who may do it", "group": "Group", "arguments": "With which arguments",
        "pinned": "Fixed arguments", "days": "Ends in days", "uses": "At most this many times",
    }  # fmt: skip
    answered = await sends(stage, who, SHOW, {labels[name]: value for name, value in terms.items()})
    assert answered.dialog is not None
    return words(answered.dialog)


async def allows(stage: TeamsStage, who: str, card: Message, **terms: JsonValue) -> str:
    """Has a person allow in advance what a card asks, after they saw the rule; gives what they are told."""
    await opens(stage, who, card, ALLOW)
    if terms:
        await shown(stage, who, **terms)
    saved = await sends(stage, who, SAVE)
    assert saved.kind == "closed", saved
    return saved.text


def choices(stage: TeamsStage, who: str, label: str) -> list[str]:
    """Gives what can be chosen in a field of the open dialog."""
    return [title for title, _ in field(stage, who, label).choices]


@pytest.mark.promise("STD-01", "STD-02", "STD-04")
async def test_always_allow_approves_this_one_and_lets_the_next_through_which_says_so(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    first = await asks_password(stage)
    approval = approval_id(first)
    form = await opens(stage, "bob", first, ALLOW)
    assert form.title == "Always allow"
    assert words(form).startswith(f"Always allow\n{EXACT}\n")
    for label, value in (
        ("Who may do it", "person"), ("With which arguments", "exact"), ("Ends in days", "30"),
        ("At most this many times", ""),
    ):  # fmt: skip
        assert field(stage, "bob", label).value == value
    saved = await sends(stage, "bob", SAVE, {"Reason": "She forgets it every Monday."})
    assert (saved.kind, saved.text) == ("closed", f"Approved and saved. {EXACT}")
    await comes_to(stage, approval, "done")
    await stage.shows("bob", first, "approved by Bob Brennan")
    [grant] = await grants(stage.stage)
    assert (grant.holder, grant.giver) == (HolderPerson(PersonId("p-alice")), PersonId("p-bob"))
    assert grant.arguments == ExactArguments({"user": "alice@acme.test"})
    assert grant.reason == "She forgets it every Monday."
    before = len(shown_to(stage, "bob"))
    request = await stage.asks("alice", "I forgot my password")
    await stage.stage.comes_to(request, "done")
    await stage.told("alice", grant.id)
    assert len(stage.stage.changes()) == 2
    assert not any("Approve" in titles(one) for one in shown_to(stage, "bob")[before:])
    for kind in ("call.decided", "call.started", "call.returned"):
        found = await entries(stage.stage, kind, request=request)
        assert {one.grants for one in found if one.tool == "acme-it:reset_password"} == {(grant.id,)}


@pytest.mark.promise("STD-02")
async def test_the_preview_says_the_rule_its_past_and_what_it_settles_and_is_drawn_anew_on_demand(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    for is_approved in (True, False):
        card = await asks_password(stage)
        approval = approval_id(card)
        if is_approved:
            await stage.presses("bob", card, "Approve")
        else:
            await denies(stage, "bob", card)
        await comes_to(stage, approval, "done" if is_approved else "denied")
    other = await asks_password(stage, "alice", "eve")
    card = await asks_password(stage)
    adas = await stage.same_card("ada", card)
    form = words(await opens(stage, "ada", adas, ALLOW))
    assert EXACT in form
    assert "Matches 2 of the last 3 requests for this tool; 1 of these was denied." in form
    assert "It settles no other open request." in form
    wide = await shown(stage, "ada", holder="everyone", arguments="any")
    assert "Everyone may use acme-it:reset_password with any arguments" in wide
    assert "It also settles this open request:\n• Alice Archer: a request by form" in wide
    nothing = await shown(stage, "ada", holder="person", arguments="pinned")
    assert "Choose at least one argument." in nothing
    assert titles(stage.dialog("ada")) == [SHOW]
    pinned = await shown(stage, "ada", pinned=["user"], days=7, uses=3)
    assert "Alice Archer may use acme-it:reset_password with user = alice@acme.test and any other" in pinned
    assert "until 23 November 2026" in pinned
    assert "at most 3 times" in pinned
    assert titles(stage.dialog("ada")) == [SAVE, SHOW]
    assert await grants(stage.stage) == ()
    for one in (other, card):
        assert (await stage.stage.request((await approval_of(stage, approval_id(one))).request))[
            "status"
        ] == "waiting"


@pytest.mark.promise("STD-02", "STD-08")
async def test_technicians_are_offered_narrow_rules_and_admins_wide_ones_too(
    teams_stage: TeamsStage,
) -> None:
    """A rule that is wider than its giver may give, attack 34."""
    stage = teams_stage
    card = await asks_password(stage)
    await opens(stage, "bob", card, ALLOW)
    assert choices(stage, "bob", "Who may do it") == ["Only Alice Archer"]
    assert choices(stage, "bob", "With which arguments") == [
        "Exactly these arguments",
        "Some arguments fixed, the others free",
    ]
    forged = carried(Do.PREVIEW, card=approval_id(card)) | {
        "field:holder": "everyone",
        "field:arguments": "any",
    }
    refused = await stage.acme.forges(stage.user("bob"), card, forged, how="task/submit")
    assert refused.dialog is not None
    assert "Everyone may" not in words(refused.dialog)
    await opens(stage, "ada", await stage.card("ada"), ALLOW)
    assert choices(stage, "ada", "Who may do it") == ["Only Alice Archer", "Everyone in a group", "Everyone"]
    assert "Any arguments" in choices(stage, "ada", "With which arguments")
    assert {"all-staff", "sales", "vpn-users"} < set(choices(stage, "ada", "Group"))
    shown_rule = await shown(stage, "ada", holder="group", group="sales")
    assert "Everyone in the group sales may use acme-it:reset_password" in shown_rule
    saved = await sends(stage, "ada", SAVE)
    assert saved.text.startswith("Approved and saved. Everyone in the group sales may use")
    [grant] = await grants(stage.stage)
    assert (grant.holder, grant.giver) == (HolderGroup("sales"), PersonId("p-ada"))


@pytest.mark.promise("STD-02", "STD-03")
async def test_a_number_that_is_none_is_an_error_at_its_field_and_uses_are_used_up(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    card = await asks_password(stage)
    await opens(stage, "bob", card, ALLOW)
    for label, bad in (("Ends in days", 400), ("At most this many times", 0), ("Ends in days", 2.5)):
        refused = await sends(stage, "bob", SAVE, {label: bad})
        assert refused.dialog is not None
        before, _, after = words(refused.dialog).rpartition(f"\n{label}\n")
        assert before.splitlines()[-1].startswith("Write a whole number from 1 to"), words(refused.dialog)
        assert after
        assert await still_waits(stage, approval_id(card))
        await shown(stage, "bob", **({"days": 30} if label == "Ends in days" else {"uses": None}))
    await shown(stage, "bob", uses=1)
    saved = await sends(stage, "bob", SAVE)
    assert "at most 1 time" in saved.text or "once" in saved.text
    await fills(stage, "alice", "reset_password", user="alice@acme.test")
    await stage.acme.eventually(lambda: len(stage.stage.changes()) == 2 or None, "the second one to run")
    again = await asks_password(stage)
    assert len(stage.stage.changes()) == 2
    assert titles(again) == ["Approve", "Deny…", ALLOW]


@pytest.mark.promise("STD-02")
@pytest.mark.parametrize("has_dialogs", [True, False], ids=["in a dialog", "in the chat"])
async def test_a_rule_that_was_not_shown_is_shown_first_and_saved_the_second_time(
    teams_stage: TeamsStage, *, has_dialogs: bool
) -> None:
    """A rule from a card of which not everything was seen, attack 35."""
    stage = teams_stage
    await asks_password(stage)
    card = await stage.card("ada")
    approval = approval_id(card)
    if has_dialogs:
        form: Message | Dialog = await opens(stage, "ada", card, ALLOW)
    else:
        old_client(stage, "ada")
        since = len(shown_to(stage, "ada"))
        await stage.presses("ada", card, ALLOW)
        form = await next_card(stage, "ada", SAVE, since=since)
    terms = {"Who may do it": "everyone", "Ends in days": "5"}
    answered = await stage.presses("ada", form, SAVE, **terms)
    if isinstance(form, Message):
        await stage.shows("ada", form, NOT_SEEN)
    else:
        assert answered.dialog is not None
        form = answered.dialog
    assert NOT_SEEN in words(form)
    assert "Everyone may use acme-it:reset_password with exactly user = alice@acme.test" in words(form)
    assert "until 21 November 2026." in words(form)
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, approval)
    saved = await stage.presses("ada", form, SAVE)
    if isinstance(form, Message):
        await stage.shows("ada", form, "Approved and saved. Everyone may use acme-it:reset_password")
        assert titles(form) == []
    else:
        assert saved.text.startswith("Approved and saved. Everyone may use acme-it:reset_password")
    await comes_to(stage, approval, "done")
    [grant] = await grants(stage.stage)
    assert (grant.giver, grant.ends and grant.ends.day) == (PersonId("p-ada"), 21)
    await stage.shows("ada", card, "approved by Ada Adeyemi")


@pytest.mark.promise("STD-05")
async def test_other_requests_that_it_covers_are_settled_and_named_and_their_cards_say_so(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await stage.says("alice", "I forgot my password")
    first, bobs = await stage.card("ada"), await stage.card("bob")
    await stage.says("megan", "I forgot my password")
    second = await new_card(stage, "bob", {bobs.id})
    assert "Megan Moreau asks" in words(second)
    settled = approval_id(second)
    said = await allows(stage, "ada", first, holder="everyone", arguments="any")
    assert "It also settles 1 other request" in said
    assert "Megan Moreau: “I forgot my password”" in said
    await comes_to(stage, settled, "done")
    await stage.shows("bob", second, "approved by Ada Adeyemi through a standing approval")
    await stage.shows("bob", bobs, "approved by Ada Adeyemi")
    assert titles(second) == []
    assert len(stage.stage.changes()) == 2


@pytest.mark.promise("STD-08", "STD-01")
async def test_what_may_not_be_allowed_in_advance_is_not_and_another_seat_stays_open(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await fills(stage, "alice", "wipe_device", device="ACME-LT-1001")
    card = await stage.card("ada")
    assert titles(card) == ["Approve", "Deny…"]
    told = "“always_allow” is not offered on this card. Use one of its buttons."
    assert (await asks_for(stage, "ada", card, approval_id(card), "always_allow")).text == told
    saving = carried(Do.ALLOW, card=approval_id(card), action="always_allow", shown="0" * 64)
    assert (await stage.acme.forges(stage.user("ada"), card, saving, how="task/submit")).text == told
    await asks_password(stage)
    second = await stage.card("bob")
    await opens(stage, "bob", second, ALLOW)
    await set_tool(stage.stage, "reset_password", Action.APPROVAL_NEEDED, standing=Standing.FORBIDDEN)
    refused = await sends(stage, "bob", SAVE)
    assert refused.kind == "closed"
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, approval_id(second))
    known = {one.id for one in cards_of(stage, "bob")}
    await stage.says("alice", "I need access to Zendesk")
    third = await new_card(stage, "bob", known)
    said = await allows(stage, "bob", third)
    assert "This request still waits for: Manager: Megan Moreau." in said
    await stage.approves("megan")
    await stage.told("alice", "now has member access to Zendesk")


@pytest.mark.promise("STD-02")
async def test_a_rule_too_long_to_be_shown_cannot_be_saved(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    hidden = {f"part_{number}": "\u200b" * 2000 for number in (1, 2)}
    await takes_texts(stage.stage, "unlock_account", *hidden)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **hidden)
    card = await stage.card("bob", "View all")
    whole = await opens(stage, "bob", card, "View all")
    approval = approval_id(card)
    while "Next" in titles(whole):
        whole = await opens(stage, "bob", whole, "Next")
    form = await opens(stage, "bob", whole, ALLOW)
    assert TOO_LONG in words(form)
    assert titles(form) == [SHOW]
    saving = carried(Do.ALLOW, card=approval, action="always_allow", shown="0" * 64)
    refused = await stage.acme.forges(stage.user("bob"), card, saving, how="task/submit")
    assert refused.kind == "dialog"
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, approval)
