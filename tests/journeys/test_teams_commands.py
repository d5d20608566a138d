"""Commands as messages in Teams: what each answers, to its writer alone; what their buttons do; who may."""

import json
from pathlib import Path

import pytest

from bot.cards.masking import MASK
from bot.demo.company import CONNECTOR
from tests.builders import a_policy, tools_named
from tests.journeys.arranging import change_person, entries, grants, put_policy
from tests.journeys.kept import all_requests, requests_of, taken_up
from tests.journeys.slack_acts import takes_texts
from tests.journeys.teams_decisions import cards_of, fills
from tests.journeys.teams_looks import IN_PRIVATE, a_channel, a_group, answered, mentions
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage, teams_staged
from tests.journeys.teams_trials import given
from tests.servers.teams_things import Client, Message
from tests.servers.teams_words import titles, words

ONLY_ADMINS = "Only admins can change policies, and you are none. Ask an admin to do it."
ONLY_TECHNICIANS = "Only technicians and admins can see policies. Ask one of them."
TOOL = f"{CONNECTOR}:reset_password"


async def replied(stage: TeamsStage, who: str, line: str, part: str) -> Message:
    """Has a person write a command in their own chat; gives the answer, once it says this."""
    before = len(stage.acme.answers(stage.user(who)))
    await stage.says(who, line)
    return await stage.acme.told(stage.user(who), part, since=before)


@pytest.mark.promise("CMD-04")
async def test_only_admins_change_policies_and_everyone_else_is_told_so(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    for who in ("bob", "alice"):
        for line in ("policy set", f"policy set {TOOL} auto", "/policy set * auto"):
            await replied(stage, who, line, ONLY_ADMINS)
    for line in ("policy list", f"policy show {TOOL}"):
        await replied(stage, "alice", line, ONLY_TECHNICIANS)
    refused = await entries(stage.stage, "command.refused")
    assert len(refused) == 8
    assert {one.status for one in refused} == {"OnlyAdmins", "OnlyTechnicians"}
    await replied(stage, "bob", f"policy show {TOOL}", "approval_needed")


async def test_what_is_written_in_a_channel_or_a_group_is_answered_in_private_also_when_it_is_refused(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    channel, group = a_channel(stage, "bob", "alice"), a_group(stage, "bob", "alice")
    for who, line, part in (
        ("bob", f"policy show {TOOL}", "approval_needed"),
        ("bob", "policy lst", "policy list"),
        ("alice", "policy list", ONLY_TECHNICIANS),
        ("alice", "help", "What you can write"),
    ):
        root = await mentions(stage, who, channel, line)
        await stage.told(who, part)
        pointer = await answered(stage, channel, root, IN_PRIVATE)
        assert (pointer.by, words(pointer)) == (stage.teams.world.bot_id, IN_PRIVATE)
    await mentions(stage, "bob", group, "grants")
    await stage.told("bob", "There are no such standing approvals.")
    await stage.acme.told(group, IN_PRIVATE)
    assert {words(one) for one in (*stage.acme.answers(channel), *stage.acme.answers(group))} == {IN_PRIVATE}
    assert await all_requests(stage) == []


async def test_whoever_has_no_chat_with_the_bot_gets_one_or_is_told_how(
    acme_database: str, tmp_path: Path
) -> None:
    async with teams_staged(acme_database, tmp_path, installed=False) as stage:
        channel = a_channel(stage, "bob", "alice")
        await mentions(stage, "bob", channel, f"policy show {TOOL}")
        await stage.told("bob", "approval_needed")
        stage.teams.graph.permissions.clear()
        root = await mentions(stage, "alice", channel, "approvals")
        sentence = "I cannot write to you alone: I am not installed for you. Add me under Apps in Teams"
        await answered(stage, channel, root, sentence)
        assert stage.texts("alice") == []
        await stage.acme.installs(stage.user("alice"))
        await mentions(stage, "alice", channel, "approvals")
        await stage.told("alice", "Nothing waits for you")


async def test_pages_are_turned_in_place_whatever_the_client_can_do(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    for number in range(60):
        name = f"Rule {number:03} <at>all</at> **x** & [y](http://z)"
        await put_policy(
            stage.stage, a_policy(name=name.strip(), connector=CONNECTOR, tools=tools_named(f"tool_{number}"))
        )
    bob = stage.user("bob")
    for client in (Client(), Client(executes=False, opens_dialogs=False)):
        bob.client = client
        page = await replied(stage, "bob", "policy list", "Page 1 of ")
        before = len(stage.acme.answers(bob))
        seen = ""
        for number in range(1, 7):
            await stage.acme.shows(page, f"Page {number} of 6.", bob)
            assert ("Previous page" in titles(page, bob)) is (number > 1)
            seen += words(page, bob)
            if "Next page" in titles(page, bob):
                await stage.presses("bob", page, "Next page")
        assert all(seen.count(f"Rule {number:03} ") == 1 for number in range(60))
        await stage.presses("bob", page, "Previous page")
        await stage.acme.shows(page, "Page 5 of 6.", bob)
        assert len(stage.acme.answers(bob)) == before
    found = await replied(stage, "bob", "policy list --search “Rule 012”", "Rule 012 <at>all</at>")
    await stage.presses("bob", found, "Show")
    await stage.acme.shows(found, "tool_12", bob)


async def test_a_policy_set_by_command_is_looked_at_saved_and_holds_for_the_next_request(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    preview = await replied(
        stage, "ada", f"policy set {TOOL} auto “The desk agreed.”", "Nothing is saved yet."
    )
    await stage.presses("ada", preview, "Save")
    await stage.acme.shows(preview, "Saved as change", stage.user("ada"))
    await replied(stage, "bob", f"policy show {TOOL}", "The desk agreed.")
    await stage.says("megan", "I forgot my password")
    await stage.told("megan", "was sent a one-time link")
    assert all(cards_of(stage, who) == [] for who in TECHNICIANS)


@pytest.mark.promise("CMD-04")
@pytest.mark.parametrize("has_dialogs", [True, False], ids=["in a dialog", "in the chat"])
async def test_whoever_is_no_admin_any_more_does_not_open_the_form_of_a_policy(
    teams_stage: TeamsStage,
    has_dialogs: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    stage = teams_stage
    stage.user("ada").client = Client(opens_dialogs=has_dialogs)
    opener = await replied(stage, "ada", f"policy set {TOOL}", "Open the form")
    change_person(stage.stage, "ada", groups=["all-staff"])
    pressed = await stage.presses("ada", opener, "Open the form")
    if has_dialogs:
        assert (pressed.kind, pressed.text) == ("closed", ONLY_ADMINS)
    else:
        await stage.told("ada", ONLY_ADMINS)


async def test_policy_test_takes_mentions_and_explains_without_calling_anything(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    call = 'acme-it:grant_app_access {"user": "alice@acme.test", "app": "Jira", "level": "admin"}'
    for person in ("<at>Alice Archer</at>", "alice@acme.test", "<at>Alice Archer</at>&nbsp;"):
        answer = await replied(stage, "bob", f"policy test {person} {call}", "Nothing was called.")
        for part in ("Alice Archer: acme-it:grant_app_access", "Megan Moreau (megan@acme.test), open"):
            assert part in words(answer)
    nobody = stage.acme.adds_user("Zoe Zander", principal_name="zoe@elsewhere.test")
    sentence = "I do not know who that mention is. Write their e-mail address instead."
    await replied(stage, "bob", f"policy test <at>{nobody.name}</at> {TOOL}", sentence)
    assert stage.stage.connectors.calls == []
    assert await entries(stage.stage, "call.decided") == []


async def test_grants_are_listed_shown_and_revoked_and_secrets_in_them_are_masked_attack_38(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await takes_texts(stage.stage, "unlock_account", "password")
    arguments = {"user": "eve@acme.test", "password": "hunter2-hunter2"}
    await fills(stage, "alice", "unlock_account", **arguments)
    await stage.presses("ada", await stage.card("ada"), "Always allow…")
    await stage.acme.submits(stage.user("ada"), None, "Approve and save")
    [grant] = await grants(stage.stage)
    for who, may in (("ada", True), ("carol", False), ("alice", False)):
        answer = await replied(stage, who, "grants list", MASK)
        assert ("Revoke" in titles(answer)) is may
        await replied(stage, who, f"grants show {grant.id[:8]}", grant.id)
    await replied(stage, "eve", "grants", "There are no such standing approvals.")
    await replied(stage, "eve", f"grants show {grant.id}", "There is no standing approval")
    refused = f"grants revoke {grant.id}"
    await replied(stage, "carol", refused, "Only an admin, or Ada Adeyemi, who gave it")
    call = json.dumps(arguments)
    await replied(
        stage, "bob", f"policy test alice@acme.test acme-it:unlock_account {call}", "Nothing was called."
    )
    answer = await replied(stage, "ada", "grants", MASK)
    asked = await stage.presses("ada", answer, "Revoke")
    assert asked.dialog is not None
    assert "From the next call on, people are asked again." in words(asked.dialog)
    assert (await grants(stage.stage))[0].revoked is None
    revoked = await stage.acme.submits(stage.user("ada"), None, "Yes")
    assert revoked.dialog is not None
    assert "Revoked" in words(revoked.dialog)
    assert (await grants(stage.stage))[0].revoked is not None
    assert "hunter2" not in json.dumps(list(stage.teams.given()))
    assert arguments["password"] not in given(stage)


async def test_sentences_that_only_begin_like_commands_stay_requests(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    sentences = {
        "alice": "help me, I forgot my password",
        "megan": "policy question: may I have access to Zendesk?",
        "carol": "approvals take too long, I need access to Figma",
        "dan": "grants for students need access to Zendesk",
        "grace": "Requests to IT are slow: I forgot my password",
    }
    for who, text in sentences.items():
        await stage.asks(who, text)
    assert {who: [one.text for one in await requests_of(stage, who)] for who in sentences} == {
        who: [text] for who, text in sentences.items()
    }
    for line, part in (
        ("policy", "What you can write"),
        ("Policy Lst", "policy list"),
        ("grants help", "grants revoke ID"),
        ("approvals please", "I understood “approvals”, but not “please”"),
        ("policy show " + "x" * 12_000, "A command can have at most 10000 characters."),
        (f"policy set {CONNECTOR}:reset_pasword auto", f"Did you mean “{TOOL}”?"),
        (f"policy set {TOOL} maybe", "maybe"),
    ):
        await replied(stage, "ada", line, part)
    await taken_up(stage)
    assert await requests_of(stage, "ada") == []
