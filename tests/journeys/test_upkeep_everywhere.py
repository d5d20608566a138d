"""What admins and givers are told by itself reaches Slack and Teams, and its buttons work on both."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.chat.slack.shown.buttons import VIEW_ALL
from bot.domain.grants import ExactArguments, HolderPerson
from bot.domain.people import PersonId
from bot.domain.tools import ToolId
from bot.flow.act import Act
from bot.flow.grant_upkeep import GrantUpkeep
from bot.storage.engine import open_engine
from bot.storage.postings import SqlPostings
from tests.builders import a_grant
from tests.journeys.arranging import grants, list_tools
from tests.journeys.both_stage import BothStage, both_staged
from tests.journeys.slack_acts import ephemeral, labels, presses_label
from tests.journeys.slack_acts import replied as replied_in_slack
from tests.journeys.stage import TENANT
from tests.journeys.teams_decisions import opens
from tests.journeys.test_teams_commands import replied as replied_in_teams
from tests.journeys.test_tool_changes import TOOL, changed
from tests.servers.teams_words import titles
from tests.servers.teams_words import words as words_in_teams

IN_SLACK: Final = ("alice", "bob", "ada")
IN_TEAMS: Final = ("carol", "dan", "ahmed")
ANSWERS: Final = ["Accept", "Keep asking", "Disable"]
DAY: Final = timedelta(days=1)
A_MOMENT: Final = timedelta(seconds=1)


@pytest.fixture
async def both(acme_database: str, tmp_path: Path) -> AsyncIterator[BothStage]:
    """Gives Acme, some of whom are in Slack and the others in Teams."""
    async with both_staged(acme_database, tmp_path, in_slack=IN_SLACK, in_teams=IN_TEAMS) as found:
        yield found


@pytest.mark.promise("STD-07")
async def test_a_changed_tool_is_answered_on_its_card_and_from_the_list_in_slack_and_in_teams(
    both: BothStage,
) -> None:
    slack, teams = both.slack, both.teams
    await list_tools(both.stage, changed("Sends a link."))
    in_slack, in_teams = await slack.card("ada", "keep_asking"), await teams.card("ahmed", "Keep asking")
    assert (labels(in_slack), titles(in_teams)) == (ANSWERS, ANSWERS)
    await teams.presses("ahmed", in_teams, "Keep asking")
    await slack.shows("ada", in_slack, "Ahmed Aziz chose that every call is asked about")
    assert labels(in_slack) == []
    listed = await replied_in_teams(teams, "ahmed", "tools changed", "kept asking")
    await opens(teams, "ahmed", listed, "Accept")
    accepted = await teams.acme.submits(teams.user("ahmed"), None, "Yes")
    assert accepted.dialog is not None
    assert "counts as it is from now on" in words_in_teams(accepted.dialog)
    await slack.shows("ada", in_slack, "Accepted by Ahmed Aziz")

    both.stage.clock.advance(A_MOMENT)
    await list_tools(both.stage, changed("Sends a link by mail."))
    in_slack, in_teams = await slack.card("ada", "keep_asking"), await teams.card("ahmed", "Keep asking")
    await slack.presses("ada", in_slack, "keep_asking")
    await slack.told("ada", "To accept it later: tools accept")
    found = await replied_in_slack(slack, "ada", "/tools changed", "kept asking")
    before = len(slack.acme.ephemerals(slack.user("ada")))
    await presses_label(slack, "ada", found, "Disable")
    await ephemeral(slack, "ada", "is switched off: no call of it runs", since=before)
    await teams.shows("ahmed", in_teams, "Ada Adeyemi switched it off")

    both.stage.clock.advance(A_MOMENT)
    await list_tools(both.stage, changed("\u200b" * 1500))
    in_slack, in_teams = await slack.card("ada", "keep_asking"), await teams.card("ahmed", "Keep asking")
    assert labels(in_slack) == ["View all", *ANSWERS[1:]]
    await slack.acme.presses(slack.user("ada"), in_slack, VIEW_ALL)
    whole = await slack.modal("ada", showing=str(TOOL))
    assert labels(whole) == ANSWERS
    await slack.presses("ada", whole, "accept")
    await slack.modal("ada", showing="It stays switched off.")
    await slack.shows("ada", in_slack, "Accepted by Ada Adeyemi")
    await teams.shows("ahmed", in_teams, "Accepted by Ada Adeyemi")
    assert set(titles(in_teams)) <= {"View all"}


@pytest.mark.promise("STD-03", "STD-06", "STD-09")
async def test_givers_are_warned_of_an_end_and_told_what_is_unused_or_could_be_allowed_on_both_surfaces(
    both: BothStage, acme_database: str
) -> None:
    slack, teams = both.slack, both.teams
    await given(both, "aa11aa11", giver="bob", ends=2 * DAY, ago=9 * DAY)
    await given(both, "cc33cc33", giver="carol", ends=2 * DAY, ago=40 * DAY)
    await approved_by_bob(both, 5)
    engine = open_engine(acme_database)
    await GrantUpkeep(both.stage.seams, SqlPostings(engine))()
    await engine.close()

    await slack.told("bob", "end it now: grants revoke aa11aa11")
    shown = await replied_in_slack(slack, "bob", "/grants show aa11aa11", "18 November 2026")
    before = len(slack.acme.ephemerals(slack.user("bob")))
    await presses_label(slack, "bob", shown, "Revoke")
    await ephemeral(slack, "bob", "Revoked", since=before)

    await teams.told("carol", "end it now: grants revoke cc33cc33")
    await teams.told("carol", "Nobody used 1 standing approval of yours for 30 days.")
    unused = await replied_in_teams(teams, "carol", "grants list --unused", "cc33cc33")
    await opens(teams, "carol", unused, "Revoke")
    revoked = await teams.acme.submits(teams.user("carol"), None, "Yes")
    assert revoked.dialog is not None
    assert "Revoked" in words_in_teams(revoked.dialog)

    await slack.told("bob", "Look at it: grants suggestions")
    found = await replied_in_slack(slack, "bob", "/grants suggestions", "Approved")
    assert labels(found) == ["Give it"]
    listed = await replied_in_teams(teams, "dan", "grants suggestions", "Approved")
    await opens(teams, "dan", listed, "Give it")
    gave = await teams.acme.submits(teams.user("dan"), None, "Yes")
    assert gave.dialog is not None
    assert "It holds from the next decision on." in words_in_teams(gave.dialog)
    before = len(slack.acme.ephemerals(slack.user("bob")))
    await presses_label(slack, "bob", found, "Give it")
    await ephemeral(slack, "bob", "not suggested", since=before)
    assert sorted(one.giver for one in await grants(both.stage) if not one.revoked) == ["p-dan"]


@pytest.mark.promise("POL-15")
async def test_cards_on_both_surfaces_say_what_is_frozen_and_another_admin_lifts_it_on_the_other(
    both: BothStage,
) -> None:
    slack, teams = both.slack, both.teams
    request = await slack.asks("alice", "I forgot my password")
    in_slack, in_teams = await slack.card("bob"), await teams.card("carol")
    offered = labels(in_slack), titles(in_teams)
    await replied_in_slack(slack, "ada", f"/freeze tool {TOOL} a key leaked", "is frozen")
    for part in (f"{TOOL} is frozen by Ada Adeyemi since", "a key leaked"):
        await slack.shows("bob", in_slack, part)
        await teams.shows("carol", in_teams, part)
    await slack.told("alice", "Nothing of it runs until another admin lifts it.")
    assert (labels(in_slack), titles(in_teams)) == (["Deny…"], ["Deny…"])
    await replied_in_slack(slack, "ada", f"/unfreeze tool {TOOL}", "another admin has to lift it: Ahmed Aziz")
    await replied_in_teams(teams, "ahmed", f"unfreeze tool {TOOL}", "Policies decide again")
    await slack.card("bob")
    await teams.card("carol")
    assert (labels(in_slack), titles(in_teams)) == offered
    await teams.presses("carol", in_teams, "Approve")
    assert (await both.stage.ends(request))["status"] == "done"


async def given(both: BothStage, name: str, *, giver: str, ends: timedelta, ago: timedelta) -> None:
    """Stores a standing approval for Megan's password; the times are counted from now."""
    now = both.stage.clock.now()
    async with both.stage.store.unit(TENANT) as unit:
        tool = (await unit.connections.catalog())[ToolId("acme-it", "reset_password")]
        made = a_grant(
            name,
            tool=tool.id,
            holder=HolderPerson(PersonId("p-megan")),
            arguments=ExactArguments({"user": "megan@acme.test"}),
            giver=f"p-{giver}",
            fingerprint=tool.fingerprint,
            ends=now + ends,
        )
        await unit.grants.add(replace(made, created=now - ago))


async def approved_by_bob(both: BothStage, times: int) -> None:
    """Has Alice ask for the same, and Bob approve it, again and again."""
    for _ in range(times):
        request = await both.stage.fills("alice", "reset_password", user="alice@acme.test")
        await both.stage.comes_to(request, "waiting")
        async with both.stage.store.view(TENANT) as view:
            [approval] = [one for one in await view.approvals.pending() if one.request == request]
        await Act(both.stage.seams)(approval.id, PersonId("p-bob"), "approve", {})
        await both.stage.ends(request)
