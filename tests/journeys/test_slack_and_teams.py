"""One request in Slack and in Teams: whoever decides wherever, every card is right on both in the end."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.journeys import slack_acts, teams_decisions
from tests.journeys.arranging import entries
from tests.journeys.both_stage import EVERYBODY, BothStage, both_staged
from tests.journeys.slack_stage import carried, has_button
from tests.journeys.teams_stage import TECHNICIANS
from tests.servers import teams_words
from tests.servers.slack_world import Message as InSlack
from tests.servers.teams_things import Message as InTeams

BY_BOB = "approved by Bob Brennan, 16 November 2026, 09:00 UTC"
BY_MEGAN = "approved by Megan Moreau, 16 November 2026, 09:00 UTC"
ZENDESK = "I need access to Zendesk"
RESET = "I forgot my password"
ASKS = "Alice Archer asks: Reset a password"
DONE = "now has member access to Zendesk"
OWN = "You asked for this yourself, so somebody else has to decide it."


@pytest.fixture
async def both(acme_database: str, tmp_path: Path) -> AsyncIterator[BothStage]:
    """Gives Acme in Slack and in Teams, on a fresh SQLite database."""
    async with both_staged(acme_database, tmp_path) as found:
        yield found


@dataclass(frozen=True)
class Copies:
    """The two copies of one card that a person on both surfaces has."""

    who: str
    slack: InSlack
    teams: InTeams


async def copies(both: BothStage, who: str) -> Copies:
    """Waits for both copies of the newest card that asks a person."""
    return Copies(who, await both.slack.card(who), await both.teams.card(who))


async def shows(both: BothStage, found: Copies, part: str) -> None:
    """Waits until both copies say these words, each in its own way of laying facts out."""
    await both.slack.shows(found.who, found.slack, part)
    await both.teams.shows(found.who, found.teams, part)


def is_closed(found: Copies) -> bool:
    """Whether nothing can be decided any more on either copy."""
    return slack_acts.labels(found.slack) == [] and teams_words.titles(found.teams) == []


def read_in_slack(both: BothStage, who: str) -> str:
    """Gives all that the bot wrote to a person in Slack."""
    return "\n".join(both.slack.texts(both.slack.user(who)))


def read_in_teams(both: BothStage, who: str) -> str:
    """Gives all that the bot wrote to a person in Teams."""
    return "\n".join(both.teams.texts(who))


@pytest.mark.promise("APR-17", "APR-01", "APR-02", "APR-03", "APR-11", "RPY-01")
@pytest.mark.parametrize("asked_in", ["teams", "slack"])
async def test_a_technician_on_one_surface_and_the_manager_on_the_other_approve_one_request(
    database: str, tmp_path: Path, asked_in: Literal["teams", "slack"]
) -> None:
    async with both_staged(database, tmp_path) as both:
        if asked_in == "teams":
            request = await both.teams.asks("alice", ZENDESK)
        else:
            request = await both.slack.asks("alice", ZENDESK)
        found = {who: await copies(both, who) for who in (*TECHNICIANS, "megan")}
        bobs, megans = found["bob"], found["megan"]
        assert slack_acts.TECHNICIANS == TECHNICIANS
        if asked_in == "teams":
            assert (await both.teams.presses("bob", bobs.teams, "Approve")).kind == "card"
        else:
            await both.slack.presses("bob", bobs.slack, "approve")
        await shows(both, megans, BY_BOB)
        assert both.stage.changes() == []
        assert has_button(megans.slack, "approve")
        assert "Approve" in teams_words.titles(megans.teams)
        if asked_in == "teams":
            await both.slack.presses("megan", megans.slack, "approve")
        else:
            await both.teams.presses("megan", megans.teams, "Approve")
        assert (await both.stage.ends(request))["status"] == "done"
        for one in found.values():
            await shows(both, one, "Done.")
            await shows(both, one, BY_BOB)
            await shows(both, one, BY_MEGAN)
            assert is_closed(one)
        if asked_in == "teams":
            await both.teams.told("alice", DONE)
        else:
            await both.slack.told("alice", DONE)
        await both.stage.worker.settle(None)
        told = {"slack": read_in_slack(both, "alice"), "teams": read_in_teams(both, "alice")}
        assert DONE not in told["teams" if asked_in == "slack" else "slack"]
        for text in told.values():
            assert text.count("Your request: ") == 1
            assert "Done." in text
        assert len(both.stage.changes()) == 1
        approved = await entries(both.stage, "approval.approved", request=request)
        assert sorted(str(one.actor) for one in approved) == ["p-bob", "p-megan"]


@pytest.mark.promise("APR-17", "APR-08", "APR-11", "RPY-02")
@pytest.mark.parametrize("denied_in", ["teams", "slack"])
async def test_a_denial_on_one_surface_closes_the_other_where_a_late_click_is_told_who_decided(
    both: BothStage, denied_in: Literal["teams", "slack"]
) -> None:
    asked_in = both.slack if denied_in == "teams" else both.teams
    request = await asked_in.asks("alice", RESET)
    found = {who: await copies(both, who) for who in TECHNICIANS}
    bobs, carols = found["bob"], found["carol"]
    old = carols.slack.text, carols.slack.blocks, carols.teams.activity
    if denied_in == "teams":
        await teams_decisions.denies(both.teams, "bob", bobs.teams, "Not this year.")
    else:
        form = await slack_acts.opens(both.slack, "bob", bobs.slack, "deny", showing="Reason")
        values = slack_acts.values(reason="Not this year.")
        await both.slack.acme.submits(both.slack.user("bob"), form, values)
    await both.stage.comes_to(request, "denied")
    by_bob = "denied by Bob Brennan, 16 November 2026, 09:00 UTC: “Not this year.”"
    for one in found.values():
        await shows(both, one, by_bob)
        assert is_closed(one)
    await asked_in.told("alice", "Bob Brennan did not approve your request. The reason: “Not this year.”")
    await both.stage.worker.settle(None)
    # As where updates were lost.
    carols.slack.text, carols.slack.blocks, carols.teams.activity = old
    late = f"{teams_decisions.LATE}Technician (technicians): {by_bob}."
    await slack_acts.told_for(both.slack, "carol", carols.slack, "approve", late)
    assert (await both.teams.presses("carol", carols.teams, "Approve")).text == late
    await shows(both, carols, by_bob)
    assert is_closed(carols)
    assert both.stage.changes() == []


@pytest.mark.promise("APR-04")
async def test_nobody_approves_their_own_request_with_their_account_on_the_other_surface(
    both: BothStage,
) -> None:
    """Self-approval with the Slack and the Teams account of one person, attack 5."""
    await slack_acts.fills(both.slack, "alice", "reset_password", user="bob@acme.test")
    bobs = await copies(both, "bob")
    approval = teams_decisions.approval_id(bobs.teams)
    old = (bobs.slack.text, bobs.slack.blocks, bobs.teams.activity)
    # He asks for the very same, so that the request is his, too.
    joined = await both.teams.asks("bob", RESET)
    await both.stage.comes_to(joined, "waiting")
    await both.stage.worker.settle(None)
    bobs.slack.text, bobs.slack.blocks, bobs.teams.activity = old
    await slack_acts.told_for(both.slack, "bob", bobs.slack, "approve", OWN)
    await slack_acts.opens(both.slack, "bob", bobs.slack, "always_allow", showing=OWN)
    assert (await both.teams.presses("bob", bobs.teams, "Approve")).text == OWN
    assert (await both.teams.presses("bob", bobs.teams, "Always allow…")).text == OWN
    assert await teams_decisions.still_waits(both.teams, approval)
    refused = await entries(both.stage, "action.refused")
    assert [(one.actor, one.status) for one in refused] == [("p-bob", "OwnRequest")] * 4
    await both.slack.approves("carol")
    await both.teams.told("bob", "one-time link")


@pytest.mark.promise("APR-04")
async def test_nobody_fills_one_seat_in_slack_and_the_other_in_teams(both: BothStage) -> None:
    """Two seats of one request, attack 6: admins fill a technician's seat, and that of a missing manager."""
    request = await both.teams.asks("eve", ZENDESK)

    def are_there() -> bool | None:
        in_teams, in_slack = (
            teams_decisions.cards_of(both.teams, "ada"),
            slack_acts.cards_of(both.slack, "ada"),
        )
        return len(in_teams) == len(in_slack) == 2 or None

    await both.teams.acme.eventually(are_there, "two cards for ada on each surface")
    technician, manager = teams_decisions.cards_of(both.teams, "ada")
    assert "Asked of you as\nTechnician (technicians)" in teams_words.words(technician)
    cards = slack_acts.cards_of(both.slack, "ada")
    in_slack = next(one for one in cards if teams_decisions.approval_id(manager) in carried(one))
    old = (in_slack.text, in_slack.blocks)
    await both.teams.presses("ada", technician, "Approve")
    await both.stage.worker.settle(None)
    in_slack.text, in_slack.blocks = old
    said = "Your word counts for this request already. Somebody else has to decide here."
    await slack_acts.told_for(both.slack, "ada", in_slack, "approve", said)
    assert both.stage.changes() == []
    await both.slack.approves("ahmed")
    assert (await both.stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-17", "APR-01")
async def test_whoever_is_on_one_surface_only_asks_and_decides_there(
    acme_database: str, tmp_path: Path
) -> None:
    in_slack, in_teams = {"alice", "bob", "carol", "megan"}, {"bob", "dan", "grace", "eve"}
    async with both_staged(acme_database, tmp_path, in_slack=in_slack, in_teams=in_teams) as both:
        request = await both.slack.asks("alice", ZENDESK)
        bobs = await copies(both, "bob")
        carols, dans = await both.slack.card("carol"), await both.teams.card("dan")
        await both.teams.presses("dan", dans, "Approve")
        await both.slack.approves("megan")
        await both.slack.told("alice", DONE)
        for copy in (bobs.slack, carols):
            await both.slack.shows("carol", copy, "approved by Dan Dubois")
        for card in (bobs.teams, dans):
            await both.teams.shows("dan", card, "approved by Dan Dubois")
        assert (await both.stage.ends(request))["status"] == "done"
        for who in EVERYBODY - in_slack:
            assert both.slack.acme.answers(both.slack.user(who)) == []
        for who in EVERYBODY - in_teams:
            assert both.teams.acme.answers(both.teams.user(who)) == []


SENDING = ("chat.postMessage", "chat.update", "conversations.open", "users.lookupByEmail", "users.info")
"""What the bot calls in Slack to bring something to somebody."""


async def reads(both: BothStage, read: Callable[[BothStage, str], str], who: str, *parts: str) -> None:
    """Waits, with the clock going on, until a person can read all of these words on a surface."""

    def all_read() -> bool:
        return all(part in read(both, who) for part in parts)

    await both.stage.in_time(all_read, f"{who} to read {parts}")


@pytest.mark.promise("APR-17", "APR-01", "PLN-02", "RPY-01")
@pytest.mark.parametrize("away", ["slack", "teams"])
async def test_while_one_surface_is_away_the_other_goes_on_and_all_cards_come_when_it_is_back(
    both: BothStage, away: Literal["slack", "teams"]
) -> None:
    here, there = (read_in_teams, read_in_slack) if away == "slack" else (read_in_slack, read_in_teams)
    if away == "slack":
        for method in SENDING:
            both.slack.slack.faults.breaks(method, status=503, times=5000)
        await both.teams.says("alice", RESET)
    else:
        both.teams.teams.faults.is_away("*")
        await both.slack.says("alice", RESET)
    await reads(both, here, "bob", ASKS, "Internal note")
    await (both.teams if away == "slack" else both.slack).approves("bob")
    await reads(both, here, "alice", "one-time link")
    assert len(both.stage.changes()) == 1
    assert [there(both, who) for who in EVERYBODY] == [""] * len(EVERYBODY)
    both.slack.slack.faults.clear()
    both.teams.teams.faults.clear()
    for who in TECHNICIANS:
        await reads(both, there, who, "approved by Bob Brennan", "Done.", "Internal note")
        for read in (here, there):
            assert read(both, who).count(ASKS) == 1
            assert read(both, who).count("Internal note") == 1
        assert slack_acts.cards_of(both.slack, who) == []
        assert teams_decisions.cards_of(both.teams, who) == []
    await reads(both, there, "alice", "Your request: Reset a password", "Done.")
    assert "one-time link" not in there(both, "alice")
    for kind in ("notice.undeliverable", "notice.late"):
        assert await both.teams.audit(kind) == []
