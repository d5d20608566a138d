"""Who cannot be reached in Slack: it is written down, somebody else is asked, and nobody waits in silence."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest

from bot.domain.people import PersonId
from tests.journeys.arranging import (
    finance_decides,
    written_down,
)
from tests.journeys.slack_stage import SlackStage, has_button, slack_staged
from tests.servers.slack_manners import bad_manners
from tests.servers.slack_sight import words
from tests.servers.slack_state import NotPossible
from tests.servers.slack_world import Channel, Message

ZENDESK = "I need access to Zendesk"
RESET = "I forgot my password"
GIVEN = "now has member access to Zendesk"
LINK = "one-time link"

How = Literal["deactivated", "a bot", "no account", "a guest", "a stranger"]
HOWS: tuple[How, ...] = ("deactivated", "a bot", "no account", "a guest", "a stranger")
TECHNICIANS = ("ada", "ahmed", "bob", "carol", "dan")


@pytest.fixture
async def slack_stage(acme_database: str, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack, where people are reached in no other way, and the bot's manners are looked at."""
    async with slack_staged(acme_database, tmp_path) as found:
        yield found
        assert bad_manners(found.slack) == []


def becomes(stage: SlackStage, who: str, how: How) -> None:
    """Makes somebody unreachable in Slack, or somebody who decides nothing there."""
    user = stage.user(who)
    match how:
        case "deactivated":
            user.deleted = True
        case "a bot":
            user.is_bot = True
        case "no account":
            del stage.acme.world.users[user.id]
        case "a guest":
            user.is_restricted = True
        case "a stranger":
            user.team_id, user.is_stranger = "T99999", True


def asking(stage: SlackStage, who: str) -> list[Message]:
    """Gives the messages in which somebody can approve."""
    return [one for one in stage.acme.answers(stage.user(who)) if has_button(one, "approve")]


async def test_an_approver_who_deleted_the_message_is_asked_again_while_it_still_asks(
    slack_stage: SlackStage,
) -> None:
    stage, bob = slack_stage, slack_stage.user("bob")
    ts = await stage.says("alice", RESET)
    await stage.status_card("alice", ts)
    first = await stage.card("bob")
    await stage.acme.deletes_message(bob, stage.acme.dm(bob), first.ts)
    await stage.says("alice", "It is urgent, please hurry", thread=ts)
    second = await stage.card("bob")
    assert second.ts != first.ts
    await stage.presses("bob", second, "approve")
    await stage.told("alice", LINK)
    await stage.shows("bob", second, "Approved")
    assert len(stage.stage.changes()) == 1


async def test_a_deleted_message_that_asks_nothing_any_more_does_not_come_back(
    slack_stage: SlackStage,
) -> None:
    stage, carol = slack_stage, slack_stage.user("carol")
    await stage.status_card("alice", await stage.says("alice", RESET))
    carols = await stage.card("carol")
    await stage.acme.deletes_message(carol, stage.acme.dm(carol), carols.ts)
    await stage.approves("bob")
    await stage.told("alice", LINK)
    await stage.stage.worker.settle(None)
    assert not [one for one in stage.texts(carol) if "Approved" in one]
    assert await stage.audit("notice.undeliverable") == []


async def test_a_requester_who_deleted_the_card_and_their_message_is_still_answered(
    slack_stage: SlackStage,
) -> None:
    stage, alice = slack_stage, slack_stage.user("alice")
    ts = await stage.says("alice", RESET)
    status = await stage.status_card("alice", ts)
    await stage.card("bob")
    for gone in (status.ts, ts):
        await stage.acme.deletes_message(alice, stage.acme.dm(alice), gone)
    await stage.approves("bob")
    await stage.told("alice", LINK)
    assert len(stage.stage.changes()) == 1


@pytest.mark.parametrize("ends", ["removed", "removed from a private one", "archived"])
async def test_where_the_bot_cannot_write_any_more_the_requester_is_answered_directly(
    slack_stage: SlackStage, ends: str
) -> None:
    stage, alice = slack_stage, slack_stage.user("alice")
    channel = stage.acme.adds_channel("help", alice, private=ends == "removed from a private one")
    ts = await stage.acme.mentions(alice, channel, ZENDESK)
    await stage.acme.eventually(lambda: in_thread(stage, channel, ts, "Your request"), "the status card")
    await stage.card("bob")
    if ends == "archived":
        await stage.acme.archives(alice, channel)
    else:
        await stage.acme.kicks_bot(channel)
    await stage.approves("bob")
    await stage.approves("megan")
    await stage.told("alice", GIVEN)
    assert any(GIVEN in one for one in stage.texts(alice))
    assert not in_thread(stage, channel, ts, GIVEN)
    assert len(stage.stage.changes()) == 1


def in_thread(stage: SlackStage, channel: Channel, ts: str, part: str) -> list[Message]:
    """Gives the messages of a thread that say something."""
    return [one for one in stage.acme.thread(channel, ts)[1:] if part in words(one)]


@pytest.mark.promise("APR-05")
@pytest.mark.parametrize("how", HOWS)
async def test_for_a_manager_who_cannot_decide_in_slack_the_next_level_is_asked(
    slack_stage: SlackStage, how: How
) -> None:
    stage = slack_stage
    becomes(stage, "megan", how)
    await stage.status_card("alice", await stage.says("alice", ZENDESK))
    await stage.approves("bob")
    graces = await stage.approves("grace")
    assert "Megan Moreau cannot be reached in chat" in words(graces)
    await stage.told("alice", GIVEN)
    missed = await written_down(stage.stage, "notice.undeliverable")
    moved = await written_down(stage.stage, "approval.moved")
    assert missed["what"] == "card"
    assert (moved["from"], moved["to"]) == ("p-megan", "p-grace")
    assert asking(stage, "grace") == []
    assert len(stage.stage.changes()) == 1


@pytest.mark.parametrize("how", ["deactivated", "a guest", "a stranger"])
async def test_a_manager_who_was_known_before_and_cannot_decide_any_more_is_passed_over(
    slack_stage: SlackStage, how: How
) -> None:
    stage = slack_stage
    await stage.acme.opens_home(stage.user("megan"))
    await stage.acme.eventually(lambda: stage.acme.home(stage.user("megan")), "megan's home")
    becomes(stage, "megan", how)
    await stage.status_card("alice", await stage.says("alice", ZENDESK))
    await stage.approves("bob")
    await stage.approves("grace")
    await stage.told("alice", GIVEN)
    assert asking(stage, "megan") == []


async def test_where_no_manager_is_in_slack_the_fallback_group_is_asked(slack_stage: SlackStage) -> None:
    stage = slack_stage
    becomes(stage, "megan", "no account")
    becomes(stage, "grace", "deactivated")
    await stage.status_card("alice", await stage.says("alice", ZENDESK))
    await stage.approves("bob")
    await written_down(stage.stage, "approval.moved")
    card = await stage.card("ada")
    await stage.acme.eventually(
        lambda: [one for one in asking(stage, "ada") if "Grace Goldberg cannot be reached" in words(one)],
        "ada to be asked as the fallback",
    )
    assert card in stage.acme.answers(stage.user("ada"))
    newest = asking(stage, "ada")[-1]
    await stage.presses("ada", newest, "approve")
    await stage.told("alice", GIVEN)
    moved = [(one["from"], one["to"]) for one in await stage.audit("approval.moved")]
    assert moved == [("p-megan", "p-grace"), ("p-grace", "admins")]


async def test_a_guest_among_the_technicians_gets_nothing_to_decide_and_the_others_do(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    becomes(stage, "bob", "a guest")
    await stage.status_card("alice", await stage.says("alice", RESET))
    carols = await stage.card("carol")
    await written_down(stage.stage, "notice.undeliverable")
    assert asking(stage, "bob") == []
    with pytest.raises(NotPossible):
        await stage.presses("bob", carols, "approve")
    await stage.presses("carol", carols, "approve")
    await stage.told("alice", LINK)


async def test_where_nobody_of_a_group_is_in_slack_the_admins_and_the_requester_are_told(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await finance_decides(stage.stage)
    becomes(stage, "eve", "no account")
    ts = await stage.says("alice", RESET)
    status = await stage.status_card("alice", ts)
    nobody = "Nobody of the group finance can be reached in chat"
    await stage.told("alice", nobody)
    for admin in ("ada", "ahmed"):
        await stage.told(admin, f"A request waits. {nobody}")
    unreached = await written_down(stage.stage, "approval.unreached")
    assert unreached["told"] == ["p-ada", "p-ahmed"]
    (missed,) = await stage.audit("notice.undeliverable")
    assert missed["what"] == "card"
    assert "Your request" in words(status)
    assert stage.stage.changes() == []


async def test_where_not_even_an_admin_is_in_slack_the_requester_is_sent_elsewhere(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    for who in TECHNICIANS:
        becomes(stage, who, "deactivated")
    await stage.says("alice", RESET)
    await stage.told("alice", "Ask IT in another way")
    await written_down(stage.stage, "approval.unreached")
    assert len(await stage.audit("notice.undeliverable")) >= len(TECHNICIANS)
    assert stage.stage.changes() == []


async def test_who_is_linked_later_gets_the_next_card(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await finance_decides(stage.stage)
    becomes(stage, "eve", "no account")
    await stage.says("alice", RESET)
    await written_down(stage.stage, "approval.unreached")
    elsewhere = stage.acme.adds_user("Eve Elsewhere", email="eve@elsewhere.test")
    person = await stage.stage.seams.directory.person(PersonId("p-eve"))
    workspace = await stage.outward.workspaces.own()
    assert person is not None
    assert workspace is not None
    await stage.outward.people.link(workspace, elsewhere.id, person)
    await stage.says("bob", RESET)
    card = await stage.acme.eventually(
        lambda: [one for one in stage.acme.answers(elsewhere) if has_button(one, "approve")], "eve's card"
    )
    await stage.acme.presses(elsewhere, card[-1], "act:approve")
    await stage.told("bob", LINK)
    assert len(stage.stage.changes()) == 1


async def test_a_manager_who_comes_into_slack_later_is_asked_the_next_time(slack_stage: SlackStage) -> None:
    stage = slack_stage
    becomes(stage, "megan", "no account")
    await stage.says("alice", ZENDESK)
    await stage.card("grace")
    stage.acme.world.users[stage.user("megan").id] = stage.user("megan")
    await stage.says("alice", "I need access to Figma")
    card = await stage.card("megan")
    assert "Figma" in words(card)
    assert not [one for one in asking(stage, "grace") if "Figma" in words(one)]


async def test_a_requester_who_cannot_be_answered_any_more_is_written_down(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.status_card("alice", await stage.says("alice", RESET))
    card = await stage.card("bob")
    before = stage.texts(stage.user("alice"))
    becomes(stage, "alice", "deactivated")
    stage.acme.world.channels.pop(stage.acme.dm(stage.user("alice")).id)
    await stage.presses("bob", card, "approve")
    entry = await written_down(stage.stage, "notice.undeliverable")
    assert entry["what"] == "say"
    assert len(stage.stage.changes()) == 1
    assert before
