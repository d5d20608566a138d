"""Slash commands: what each answers, to its writer alone; what their buttons do; and who may do it."""

import pytest

from bot.chat.slack.shown.answer import COMMAND
from bot.demo.company import CONNECTOR
from tests.builders import a_policy, tools_named
from tests.journeys.arranging import entries, grants, put_policy
from tests.journeys.slack_acts import (
    TECHNICIANS,
    allows,
    asks_password,
    buttons,
    cards_of,
    comes_to,
    ephemeral,
    fills,
    forges,
    labels,
    presses_label,
    replied,
    still_waits,
)
from tests.journeys.slack_stage import SlackStage
from tests.servers.slack_sight import words
from tests.servers.slack_world import Message

ONLY_ADMINS = "Only admins can change policies, and you are none. Ask an admin to do it."
ONLY_TECHNICIANS = "Only technicians and admins can see policies. Ask one of them."


async def three_hundred_policies(stage: SlackStage) -> None:
    """Stores as many policies, with names that are as long as people make them, and some that are odd."""
    for number in range(300):
        name = f"Rule {number:03} <!channel> `x` & *y* " + "long " * 20
        await put_policy(
            stage.stage, a_policy(name=name.strip(), connector=CONNECTOR, tools=tools_named(f"tool_{number}"))
        )


async def next_answer(stage: SlackStage, who: str, seen: Message, label: str, part: str) -> Message:
    """Has a person press a button of an answer; gives the answer to that, once it says this."""
    before = len(stage.acme.ephemerals(stage.user(who)))
    await presses_label(stage, who, seen, label)
    return await ephemeral(stage, who, part, since=before)


@pytest.mark.promise("CMD-04")
async def test_only_admins_change_policies_and_everyone_else_is_told_so(slack_stage: SlackStage) -> None:
    stage = slack_stage
    for who in ("bob", "alice"):
        for line in ("/policy set", "/policy set acme-it:reset_password auto", "/policy set * auto"):
            await replied(stage, who, line, ONLY_ADMINS)
            assert stage.acme.modal(stage.user(who)) is None
    for line in ("/policy list", "/policy show acme-it:reset_password"):
        await replied(stage, "alice", line, ONLY_TECHNICIANS)
    refused = await entries(stage.stage, "command.refused")
    assert len(refused) == 8
    assert {one.status for one in refused} == {"OnlyAdmins", "OnlyTechnicians"}
    card = await asks_password(stage)
    assert await still_waits(stage, card)


async def test_an_answer_is_seen_by_its_writer_alone_wherever_it_was_written(
    slack_either_way: SlackStage,
) -> None:
    stage = slack_either_way
    channel = stage.acme.adds_channel("it-help", stage.user("bob"), stage.user("alice"))
    strange = stage.acme.adds_channel("elsewhere", stage.user("bob"), with_bot=False)
    for place in (channel, strange):
        before = len(stage.acme.ephemerals(stage.user("bob")))
        await stage.acme.commands(stage.user("bob"), place, "/policy", "show acme-it:reset_password")
        told = await ephemeral(stage, "bob", "approval_needed", since=before)
        assert told.channel == place.id
        assert stage.acme.answers(place) == []
    assert stage.acme.ephemerals(stage.user("alice")) == []


async def test_three_hundred_policies_are_listed_in_pages_that_slack_takes(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await three_hundred_policies(stage)
    page = await replied(stage, "bob", "/policy list", "Page 1 of 22.")
    for number in range(2, 23):
        assert ("Previous page" in labels(page)) is (number > 2)
        page = await next_answer(stage, "bob", page, "Next page", f"Page {number} of 22.")
    assert "Next page" not in labels(page)
    listed = "\n".join(words(one) for one in stage.acme.ephemerals(stage.user("bob")))
    assert all(listed.count(f"Rule {number:03} ") == 1 for number in range(300))
    await next_answer(stage, "bob", page, "Previous page", "Page 21 of 22.")
    found = await replied(stage, "bob", "/policy list --search “Rule 123”", "Rule 123 <!channel>")
    assert labels(found) == ["Show"]
    shown = await next_answer(stage, "bob", found, "Show", "Version")
    assert "tool_123" in words(shown)
    for message in stage.acme.ephemerals(stage.user("bob")):
        assert "<!channel>" not in message.text
        assert "`" not in message.text


async def test_a_policy_set_by_command_is_saved_and_holds_for_the_next_request(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    line = "/policy set acme-it:reset_password auto “The desk agreed.”"
    preview = await replied(stage, "ada", line, "Nothing is saved yet.")
    await next_answer(stage, "ada", preview, "Save", "It holds from the next decision on.")
    await fills(stage, "megan", "reset_password", user="megan@acme.test")
    await stage.acme.eventually(lambda: stage.stage.changes() or None, "it to run unasked")
    assert all(cards_of(stage, who) == [] for who in TECHNICIANS)


@pytest.mark.promise("CMD-04")
async def test_policy_test_takes_mentions_and_explains_without_calling_anything(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    alice = stage.user("alice")
    call = 'acme-it:grant_app_access {"user": "alice@acme.test", "app": "Jira", "level": "admin"}'
    for mention in (f"<@{alice.id}>", f"<@{alice.id}|alice>", "<mailto:alice@acme.test|alice@acme.test>"):
        answer = await replied(
            stage,
            "bob",
            f"/policy test {mention} {call}",
            "Nothing was called.",
        )
        assert "Alice Archer: acme-it:grant_app_access" in words(answer)
        assert "Megan Moreau (megan@acme.test), open" in words(answer)
        assert "approval_needed" in words(answer)
    for nobody in (f"<@{stage.acme.bot.id}>", "<@U99999999>"):
        await replied(
            stage,
            "bob",
            f"/policy test {nobody} acme-it:reset_password",
            "I do not know who that mention is.",
        )
    assert stage.stage.connectors.calls == []
    assert await entries(stage.stage, "call.decided") == []


async def test_approvals_lists_what_waits_and_opens_it(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await replied(stage, "bob", "/approvals", "Nothing waits for you, and you wait for nothing.")
    card = await asks_password(stage)
    answer = await replied(stage, "bob", "/approvals", "1 approval waits for you")
    assert labels(answer) == ["Open"]
    await presses_label(stage, "bob", answer, "Open")
    whole = await stage.modal("bob", showing="acme-it:reset_password")
    assert labels(whole) == ["Approve", "Deny…", "Always allow…"]
    await stage.presses("bob", whole, "approve")
    await stage.modal("bob", showing="Approved.")
    await comes_to(stage, card, "done")
    own = await replied(stage, "alice", "/approvals", "Nothing waits for you")
    assert labels(own) == []


async def test_grants_are_listed_shown_and_revoked_by_who_may(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await allows(stage, "bob", await asks_password(stage))
    [grant] = await grants(stage.stage)
    rule = "Alice Archer may use acme-it:reset_password with exactly user = alice@acme.test"
    for who, offered in (("bob", ["Revoke"]), ("ada", ["Revoke"]), ("carol", []), ("alice", [])):
        answer = await replied(stage, who, "/grants list", rule)
        assert labels(answer) == offered
        shown = await replied(stage, who, f"/grants show {grant.id[:8]}", grant.id)
        assert labels(shown) == offered
    await replied(stage, "eve", "/grants", "There are no such standing approvals.")
    await replied(stage, "eve", f"/grants show {grant.id}", "There is no standing approval")
    await replied(stage, "carol", f"/grants revoke {grant.id}", "Only an admin, or Bob Brennan, who gave it")
    assert (await grants(stage.stage))[0].revoked is None
    answer = await replied(stage, "bob", "/grants list", rule)
    [revoke] = buttons(answer)
    assert "From the next call on, people are asked again." in str(revoke["confirm"])
    await next_answer(stage, "bob", answer, "Revoke", "It holds from the next decision on")
    assert (await grants(stage.stage))[0].revoked is not None
    again = await asks_password(stage)
    assert labels(again) == ["Approve", "Deny…", "Always allow…"]
    await next_answer(stage, "bob", answer, "Revoke", "revoked")


async def test_what_is_not_understood_is_answered_with_the_form_to_write(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await replied(stage, "bob", "/policy lst", "policy list")
    await replied(stage, "bob", "/policy", "What you can write")
    await replied(stage, "bob", "/grants help", "grants revoke ID")
    await replied(
        stage, "ada", "/policy set acme-it:reset_pasword auto", "Did you mean “acme-it:reset_password”?"
    )
    await replied(stage, "ada", "/policy set acme-it:reset_password maybe", "maybe")
    await replied(
        stage, "bob", "/policy show " + "x" * 12_000, "A command can have at most 10000 characters."
    )


async def test_a_forged_command_button_can_do_what_its_presser_may_and_no_more(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    await forges(stage, "bob", card, f"{COMMAND}next", "policy set * auto", ONLY_ADMINS)
    await forges(stage, "bob", card, f"{COMMAND}next", "approve", "I do not know a command")
    await forges(stage, "alice", card, f"{COMMAND}next", "policy list", ONLY_TECHNICIANS)
    await forges(stage, "bob", card, f"{COMMAND}next", "", "What you can write")
    assert await still_waits(stage, card)


async def test_a_command_without_its_slash_is_no_request_and_its_writer_reads_how_to_write_it(
    slack_stage: SlackStage,
) -> None:
    await slack_stage.says("ada", "policy list")
    said = await slack_stage.told("ada", "a command begins with a slash")
    assert said.endswith("Write it like this: /policy list")
    assert await entries(slack_stage.stage, "request.received") == []
    await slack_stage.request_of("alice", await slack_stage.says("alice", "freeze tenant"))
