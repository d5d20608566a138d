"""Who cannot be reached in Teams: it is written down, others are asked, and nobody waits in silence."""

from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from tests.journeys.arranging import (
    finance_decides,
    written_down,
)
from tests.journeys.teams_decisions import approval_id, cards_of
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage, teams_staged
from tests.journeys.teams_trials import quiet
from tests.servers.teams_graph import INSTALL, READ_CATALOG, READ_USERS
from tests.servers.teams_words import words

ZENDESK = "I need access to Zendesk"
RESET = "I forgot my password"
GIVEN = "now has member access to Zendesk"
LINK = "one-time link"
MAY_NOT_INSTALL = (
    "Microsoft Graph does not let me install the bot for people. "
    f"An admin has to grant the bot’s app {INSTALL}."
)
MAY_NOT_LOOK = (
    f"Microsoft Graph does not let me look accounts up. An admin has to grant the bot’s app {READ_USERS}."
)

How = Literal["blocks the bot", "removed the bot", "has no account", "chat is gone"]
HOWS: tuple[How, ...] = ("blocks the bot", "removed the bot", "has no account", "chat is gone")


async def becomes(stage: TeamsStage, who: str, how: How) -> None:
    """Makes somebody unreachable who wrote to the bot before, for good: it may not be installed again."""
    user = stage.user(who)
    await stage.says(who, "help")
    await stage.acme.eventually(lambda: stage.texts(who), f"an answer to {who}")
    stage.teams.graph.permissions -= {INSTALL}
    match how:
        case "blocks the bot":
            user.blocks_bot = True
        case "removed the bot":
            await stage.acme.uninstalls(user)
        case "has no account":
            user.is_gone = stage.acme.chat(user).is_gone = True
        case "chat is gone":
            stage.acme.chat(user).is_gone = True
            stage.acme.chat(user).has_bot = False


async def test_an_approver_who_deleted_the_message_is_asked_again_while_it_still_asks(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    request = await stage.asks("alice", RESET)
    first, carols = await stage.card("bob"), await stage.card("carol")
    stage.acme.removes(first)
    await stage.says("alice", "It is urgent, please hurry")
    second = await stage.acme.eventually(lambda: next(iter(cards_of(stage, "bob")), None), "a new card")
    assert (second.id, approval_id(second)) != (first.id, "")
    stage.acme.removes(carols)
    await stage.presses("bob", second, "Approve")
    await stage.stage.ends(request)
    await stage.told("alice", LINK)
    await stage.shows("bob", second, "Approved")
    await quiet(stage)
    # What was deleted and asks nothing any more does not come back.
    assert not [one for one in stage.texts("carol") if "Approved" in one]
    assert await stage.audit("notice.undeliverable") == []
    assert len(stage.stage.changes()) == 1


async def test_a_requester_who_deleted_the_card_is_still_answered(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await stage.says("alice", RESET)
    status = await stage.status_card("alice")
    await stage.card("bob")
    stage.acme.removes(status)
    await stage.approves("bob")
    await stage.told("alice", LINK)
    assert len(stage.stage.changes()) == 1


def is_told(stage: TeamsStage, who: str, *, times: int) -> bool:
    """Whether somebody was told so often that the bot may not install itself."""
    return len([one for one in stage.texts(who) if MAY_NOT_INSTALL in one]) == times


@pytest.mark.parametrize("ends", ["removed", "gone", "its first message is deleted"])
async def test_where_the_bot_cannot_write_any_more_the_requester_is_answered_directly(
    teams_stage: TeamsStage, ends: str
) -> None:
    stage, alice = teams_stage, teams_stage.user("alice")
    channel = stage.acme.adds_channel("help", alice)
    root = await stage.acme.mentions(alice, channel, ZENDESK)
    await stage.status_card("alice", place=channel)
    await stage.card("bob")
    await quiet(stage)
    if ends == "removed":
        await stage.acme.uninstalls(alice, channel)
    elif ends == "gone":
        channel.is_gone = True
    else:
        stage.acme.removes(root)
    await stage.approves("bob")
    await stage.approves("megan")
    await stage.told("alice", GIVEN)
    assert len(stage.stage.changes()) == 1


@pytest.mark.promise("APR-05")
@pytest.mark.parametrize("how", HOWS)
async def test_for_a_manager_who_cannot_be_reached_in_teams_the_next_level_is_asked(
    teams_stage: TeamsStage, how: How
) -> None:
    """Attack 40."""
    stage = teams_stage
    await becomes(stage, "megan", how)
    await stage.asks("alice", ZENDESK)
    await stage.approves("bob")
    graces = await stage.approves("grace")
    assert "Megan Moreau cannot be reached in chat" in words(graces)
    await stage.told("alice", GIVEN)
    missed = await written_down(stage.stage, "notice.undeliverable")
    moved = await written_down(stage.stage, "approval.moved")
    assert missed["what"] == "card"
    assert (moved["from"], moved["to"]) == ("p-megan", "p-grace")
    assert cards_of(stage, "megan") == []
    assert len(stage.stage.changes()) == 1


async def test_where_no_manager_is_reached_the_fallback_group_is_asked(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await becomes(stage, "megan", "blocks the bot")
    await becomes(stage, "grace", "removed the bot")
    await stage.asks("alice", ZENDESK)
    await stage.approves("bob")
    newest = await stage.acme.eventually(
        lambda: next((one for one in cards_of(stage, "ada") if "Grace Goldberg cannot" in words(one)), None),
        "ada to be asked as the fallback",
    )
    await stage.presses("ada", newest, "Approve")
    await stage.told("alice", GIVEN)
    moved = [(one["from"], one["to"]) for one in await stage.audit("approval.moved")]
    assert moved == [("p-megan", "p-grace"), ("p-grace", "admins")]


async def test_where_nobody_of_a_group_is_reached_the_admins_and_the_requester_are_told(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await finance_decides(stage.stage)
    await becomes(stage, "eve", "blocks the bot")
    await stage.asks("alice", RESET)
    nobody = "Nobody of the group finance can be reached in chat"
    await stage.told("alice", nobody)
    for admin in ("ada", "ahmed"):
        await stage.told(admin, f"A request waits. {nobody}")
    unreached = await written_down(stage.stage, "approval.unreached")
    assert unreached["told"] == ["p-ada", "p-ahmed"]
    assert stage.stage.changes() == []


async def test_where_not_even_an_admin_is_reached_the_requester_is_sent_elsewhere(
    acme_database: str, tmp_path: Path
) -> None:
    async with teams_staged(acme_database, tmp_path, installed=False) as stage:
        stage.teams.graph.permissions.clear()
        await stage.says("alice", RESET)
        await stage.told("alice", "Ask IT in another way")
        await written_down(stage.stage, "approval.unreached")
        assert len(await stage.audit("notice.undeliverable")) >= len(TECHNICIANS)
        assert len(await stage.audit("admins.alerted")) == 1
        assert stage.stage.changes() == []


@pytest.mark.promise("APR-01")
async def test_for_whoever_never_wrote_the_bot_is_looked_up_and_installed_and_they_are_asked(
    acme_database: str, tmp_path: Path
) -> None:
    async with teams_staged(acme_database, tmp_path, installed=False, known=False) as stage:
        await stage.says("alice", ZENDESK)
        for who in (*TECHNICIANS, "megan"):
            await stage.card(who)
            assert stage.acme.chat(stage.user(who)).has_bot
        assert not stage.acme.chat(stage.user("eve")).has_bot
        await stage.approves("bob")
        await stage.approves("megan")
        await stage.told("alice", GIVEN)
        # Whoever removed the bot has it again when they are asked again.
        await stage.acme.uninstalls(stage.user("megan"))
        await stage.says("alice", "I need access to Figma")
        await stage.acme.eventually(lambda: cards_of(stage, "megan"), "megan's next card")
        assert await stage.audit("notice.undeliverable") == []


async def test_without_the_permission_to_install_admins_are_told_once_a_day_and_others_are_asked(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    for who in ("megan", "carol", "dan"):
        await stage.acme.uninstalls(stage.user(who))
    stage.teams.graph.permissions -= {INSTALL}
    await stage.asks("alice", ZENDESK)
    for admin in ("ada", "ahmed"):
        await stage.told(admin, MAY_NOT_INSTALL)
    graces = await stage.card("grace")
    assert "Megan Moreau cannot be reached in chat" in words(graces)
    await stage.approves("grace")
    await stage.approves("bob")
    await stage.told("alice", GIVEN)
    await stage.asks("alice", "I need access to Figma")
    await stage.card("grace")
    await quiet(stage)
    for admin in ("ada", "ahmed"):
        assert len([one for one in stage.texts(admin) if MAY_NOT_INSTALL in one]) == 1
    await stage.stage.hours_pass(25)
    await stage.asks("alice", "I need access to Jira")
    for admin in ("ada", "ahmed"):
        await stage.stage.in_time(
            partial(is_told, stage, admin, times=2),
            "both",
        )
    alerts = [str(one["about"]) for one in await stage.audit("admins.alerted")]
    assert [one.rpartition("/")[0] for one in alerts] == ["teams/install", "teams/install"]


@pytest.mark.parametrize("missing", [READ_USERS, READ_CATALOG, "the app"])
async def test_what_keeps_the_bot_from_finding_people_is_told_to_admins_by_name(
    acme_database: str, tmp_path: Path, missing: str
) -> None:
    async with teams_staged(acme_database, tmp_path, known=False) as stage:
        await stage.knows("ada")
        await stage.acme.uninstalls(stage.user("megan"))
        if missing == READ_USERS:
            told = MAY_NOT_LOOK
        else:
            await stage.knows("ahmed", "bob", "carol", "dan", "megan", "grace")
            told = {
                READ_CATALOG: f"has to grant the bot’s app {READ_CATALOG}",
                "the app": "The bot’s app is not in your organisation’s Teams catalog.",
            }[missing]
        stage.teams.graph.permissions -= {missing}
        stage.teams.graph.is_in_catalog = missing != "the app"
        await stage.asks("alice", ZENDESK)
        await stage.told("ada", told)
        await quiet(stage)
        assert len([one for one in stage.texts("ada") if told in one]) == 1
        if missing == READ_USERS:
            # Nobody else is known, so this admin decides for all technicians.
            await stage.approves("ada")
            assert await stage.audit("approval.moved") != []
        else:
            await stage.approves("grace")
            await stage.approves("bob")
            await stage.told("alice", GIVEN)


async def test_while_graph_is_only_away_people_are_waited_for_and_nobody_else_is_asked(
    acme_database: str, tmp_path: Path
) -> None:
    async with teams_staged(acme_database, tmp_path, installed=False, known=False) as stage:
        for operation in ("graph.user", "graph.install", "graph.catalog"):
            stage.teams.faults.is_away(operation)
        await stage.says("alice", ZENDESK)
        await stage.stage.in_time(lambda: len(stage.teams.calls_of("graph.user")) > 20, "some tries")
        assert await stage.audit("notice.undeliverable") == []
        assert await stage.audit("admins.alerted") == []
        stage.teams.faults.clear()
        for who in (*TECHNICIANS, "megan"):
            await stage.stage.in_time(partial(cards_of, stage, who), f"{who}'s card")
        assert await stage.audit("approval.moved") == []


async def test_a_requester_who_cannot_be_answered_any_more_is_written_down(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await stage.asks("alice", RESET)
    card = await stage.card("bob")
    await quiet(stage)
    await becomes(stage, "alice", "has no account")
    await stage.presses("bob", card, "Approve")
    entry = await written_down(stage.stage, "notice.undeliverable")
    assert entry["what"] == "say"
    assert len(stage.stage.changes()) == 1


async def test_a_manager_who_has_the_bot_again_is_asked_the_next_time(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await becomes(stage, "megan", "removed the bot")
    await stage.asks("alice", ZENDESK)
    await stage.card("grace")
    await stage.acme.installs(stage.user("megan"))
    await stage.asks("alice", "I need access to Figma")
    card = await stage.acme.eventually(lambda: next(iter(cards_of(stage, "megan")), None), "megan's card")
    assert "Figma" in words(card)
    assert not [one for one in cards_of(stage, "grace") if "Figma" in words(one)]
