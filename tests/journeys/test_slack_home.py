"""App Home in Slack: what waits for me with its buttons, what I asked for, and for admins what is amiss."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat.slack.kit import limits
from bot.demo.company import CONNECTOR
from bot.domain.people import PersonId
from bot.domain.policies import Freeze, FreezeScope
from bot.domain.tools import ToolId
from bot.flow.form import Form, TakeForm
from tests.journeys.arranging import change_person, freeze, switch_connector, thaw
from tests.journeys.slack_acts import buttons, label_of, opens
from tests.journeys.slack_looks import answered, asks, comes_to
from tests.journeys.slack_stage import SlackStage, has_button
from tests.journeys.stage import TENANT
from tests.servers.slack_api import Call
from tests.servers.slack_sight import words
from tests.servers.slack_views import View
from tests.servers.slack_world import SlackUser

RESET = "I forgot my password"
ZENDESK = "I need access to Zendesk"
A_LOOK = timedelta(seconds=21)
"""Longer than the pause between two looks at open pages."""


async def home_of(stage: SlackStage, who: str, *, showing: str = "") -> View:
    """Has a person open their Home; gives it once it says this."""
    await stage.acme.opens_home(stage.user(who))
    return await shows(stage, stage.user(who), showing)


async def shows(stage: SlackStage, user: SlackUser, part: str) -> View:
    """Waits until a person's Home says this."""

    def look() -> View | None:
        found = stage.acme.home(user)
        return found if found is not None and part in words(found) else None

    return await stage.acme.eventually(look, f"{user.name}’s Home to say “{part}”")


def published(stage: SlackStage, who: str) -> list[Call]:
    """Gives every time that a person's Home was published."""
    return [
        one for one in stage.slack.calls_of("views.publish") if one.arguments["user_id"] == stage.user(who).id
    ]


async def many_wait(stage: SlackStage, count: int) -> None:
    """Has Alice ask for so many passwords of others, all of which wait for a technician."""
    take = TakeForm(stage.stage.seams)
    place = f"{stage.acme.team_id}/{stage.acme.dm(stage.user('alice')).id}"
    for number in range(count):
        form = Form(
            surface="slack",
            place=place,
            person=PersonId("p-alice"),
            tool=ToolId(CONNECTOR, "reset_password"),
            arguments={"user": f"person{number}@acme.test"},
        )
        request = await take(form)
        await stage.stage.comes_to(request, "waiting")


@pytest.mark.promise("APR-16", "APR-04")
async def test_what_waits_can_be_approved_on_home_and_the_card_in_the_chat_follows(
    slack_either_way: SlackStage,
) -> None:
    stage = slack_either_way
    await stage.says("alice", RESET)
    card = await stage.card("bob")
    home = await home_of(stage, "bob", showing="Waiting for your decision (1)")
    for part in ("Alice Archer asks: Reset a password", "alice@acme.test"):
        assert part in words(home)
    await stage.presses("bob", home, "approve")
    await stage.told("alice", "was sent a one-time link")
    await stage.shows("bob", card, "Approved")
    await shows(stage, stage.user("bob"), "Nothing waits for you")
    assert not has_button(home, "approve")
    assert len(stage.stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("APR-16")
async def test_home_denies_with_a_reason_as_the_card_does(slack_stage: SlackStage) -> None:
    ts = await slack_stage.says("alice", RESET)
    await slack_stage.card("bob")
    home = await home_of(slack_stage, "bob", showing="Waiting for your decision (1)")
    modal = await opens(slack_stage, "bob", home, "deny", showing="Reason")
    bob = slack_stage.user("bob")
    await slack_stage.acme.submits(bob, modal, {"field:reason": {"value": "Call me first."}})
    await answered(slack_stage, slack_stage.user("alice"), ts, "Call me first.")
    await shows(slack_stage, bob, "Nothing waits for you")


@pytest.mark.promise("APR-16")
async def test_home_follows_what_is_decided_in_the_chat_and_by_others(slack_stage: SlackStage) -> None:
    homes = [await home_of(slack_stage, who, showing="Nothing waits for you") for who in ("bob", "carol")]
    await slack_stage.says("alice", RESET)
    for who in ("bob", "carol"):
        await shows(slack_stage, slack_stage.user(who), "Waiting for your decision (1)")
    await slack_stage.approves("bob")
    for who in ("bob", "carol"):
        await shows(slack_stage, slack_stage.user(who), "Nothing waits for you")
    assert not any(has_button(home, "approve") for home in homes)


@pytest.mark.promise("APR-16", "APR-01")
async def test_home_offers_nothing_that_the_viewer_may_not_decide(slack_stage: SlackStage) -> None:
    await slack_stage.says("bob", RESET)
    await slack_stage.card("carol")
    home = await home_of(slack_stage, "bob", showing="Your requests")
    assert "Nothing waits for you" in words(home)
    assert not has_button(home, "approve")
    others = await home_of(slack_stage, "megan", showing="You have asked for nothing yet.")
    assert "Nothing waits for you" in words(others)
    assert "Bob Brennan" not in words(others)


@pytest.mark.promise("APR-16")
async def test_home_lists_my_requests_and_how_they_stand(slack_stage: SlackStage) -> None:
    stage = slack_stage
    home = await home_of(stage, "alice", showing="You have asked for nothing yet.")
    request = await asks(stage, "alice", ZENDESK)
    await shows(stage, stage.user("alice"), "Waiting for approval.")
    for part in ("Give someone access to an app", "Manager: Megan Moreau", "17 November, 09:00 UTC"):
        assert part in words(home)
    await stage.approves("bob")
    await stage.approves("megan")
    await comes_to(stage, request, "done")
    await shows(stage, stage.user("alice"), "Done.")
    assert "Waiting for approval." not in words(home)


@pytest.mark.promise("APR-16")
async def test_a_request_on_home_opens_whole(slack_stage: SlackStage) -> None:
    await asks(slack_stage, "alice", ZENDESK)
    home = await home_of(slack_stage, "alice", showing="Waiting for approval.")
    [open_it] = [one for one in buttons(home) if label_of(one) == "Open"]
    await slack_stage.acme.presses(slack_stage.user("alice"), home, str(open_it["action_id"]))
    whole = await slack_stage.modal("alice", showing="Megan Moreau")
    assert "Zendesk" in words(whole)
    assert words(home)


@pytest.mark.promise("APR-16", "INT-04")
async def test_the_form_opens_from_home(slack_stage: SlackStage) -> None:
    home = await home_of(slack_stage, "alice", showing="Your requests")
    await slack_stage.acme.presses(slack_stage.user("alice"), home, "home:ask")
    await slack_stage.modal("alice", showing="Or say it in your own words")


@pytest.mark.promise("APR-16")
async def test_admins_see_what_is_frozen_and_how_connectors_are(slack_stage: SlackStage) -> None:
    frozen = await freeze(slack_stage.stage)
    await set_health(slack_stage, "The connection was refused.")
    home = await home_of(slack_stage, "ada", showing="For admins")
    assert "Everything is frozen: An incident is under way." in words(home)
    assert f"Connector {CONNECTOR} does not answer: The connection was refused." in words(home)
    technician = await home_of(slack_stage, "bob", showing="Your requests")
    assert "For admins" not in words(technician)
    await thaw(slack_stage.stage, frozen)
    await set_health(slack_stage, "")
    slack_stage.stage.clock.advance(A_LOOK)
    await shows(slack_stage, slack_stage.user("ada"), "Nothing is frozen.")
    assert f"Connector {CONNECTOR} is well" in words(home)
    await switch_connector(slack_stage.stage, on=False)
    slack_stage.stage.clock.advance(A_LOOK)
    await shows(slack_stage, slack_stage.user("ada"), f"Connector {CONNECTOR} is switched off")


async def set_health(stage: SlackStage, health: str) -> None:
    """Notes how the demo's connector is."""
    async with stage.stage.store.unit(TENANT) as unit:
        connector = next(one for one in await unit.connections.all() if one.name == CONNECTOR)
        await unit.connections.put(replace(connector, health=health))


@pytest.mark.promise("APR-16")
async def test_home_is_published_again_only_when_it_shows_something_else(slack_stage: SlackStage) -> None:
    for who in ("bob", "ada"):
        await home_of(slack_stage, who, showing="Nothing waits for you")
    assert [len(published(slack_stage, who)) for who in ("bob", "ada")] == [1, 1]
    await freeze(slack_stage.stage, FreezeScope.TOOL, f"{CONNECTOR}:wipe_device")
    slack_stage.stage.clock.advance(A_LOOK)
    await shows(slack_stage, slack_stage.user("ada"), "wipe_device is frozen")
    assert [len(published(slack_stage, who)) for who in ("bob", "ada")] == [1, 2]
    await slack_stage.says("alice", RESET)
    await shows(slack_stage, slack_stage.user("bob"), "Waiting for your decision (1)")
    await shows(slack_stage, slack_stage.user("ada"), "Waiting for your decision (1)")
    before = [len(published(slack_stage, who)) for who in ("bob", "ada")]
    await thaw(slack_stage.stage, (await freezes(slack_stage))[0])
    slack_stage.stage.clock.advance(A_LOOK)
    await shows(slack_stage, slack_stage.user("ada"), "Nothing is frozen.")
    assert [len(published(slack_stage, who)) for who in ("bob", "ada")] == [before[0], before[1] + 1]


async def freezes(stage: SlackStage) -> tuple[Freeze, ...]:
    """Gives what is frozen."""
    async with stage.stage.store.view(TENANT) as view:
        return await view.policies.freezes()


@pytest.mark.promise("APR-16")
async def test_a_home_that_was_never_opened_is_never_published(slack_stage: SlackStage) -> None:
    await home_of(slack_stage, "bob", showing="Nothing waits for you")
    await slack_stage.says("alice", RESET)
    await shows(slack_stage, slack_stage.user("bob"), "Waiting for your decision (1)")
    users = {str(one.arguments["user_id"]) for one in slack_stage.slack.calls_of("views.publish")}
    assert users == {slack_stage.user("bob").id}


@pytest.mark.promise("APR-16")
async def test_a_stranger_reads_on_home_why_it_is_empty(slack_stage: SlackStage) -> None:
    await slack_stage.says("alice", RESET)
    await slack_stage.card("bob")
    stranger = slack_stage.acme.adds_user("Zoe Zander", email="zoe@elsewhere.test")
    unconfirmed = slack_stage.acme.adds_user("Una Unsure", email="grace@acme.test")
    unconfirmed.is_email_confirmed = False
    for user, why in (
        (stranger, "nobody in the directory has your address"),
        (unconfirmed, "has not confirmed"),
    ):
        await slack_stage.acme.opens_home(user)
        home = await shows(slack_stage, user, why)
        assert buttons(home) == []
        assert "Alice" not in words(home)


@pytest.mark.promise("APR-16")
async def test_forty_things_that_wait_stay_within_slacks_limits(slack_stage: SlackStage) -> None:
    for who in ("carol", "dan"):
        change_person(slack_stage.stage, who, groups=["all-staff"])
    await many_wait(slack_stage, 40)
    home = await home_of(slack_stage, "bob", showing="Waiting for your decision (40)")
    assert len(home.blocks) <= limits.VIEW_BLOCKS
    assert "“/approvals” lists them all" in words(home)
    assert {one.error for one in slack_stage.slack.calls_of("views.publish")} == {""}
    values = [str(one["value"]) for one in buttons(home) if one["action_id"] == "act:approve"]
    assert values
    await slack_stage.acme.presses(slack_stage.user("bob"), home, "act:approve", values[0])
    await shows(slack_stage, slack_stage.user("bob"), "Waiting for your decision (39)")
    mine = await home_of(slack_stage, "alice", showing="more that are open.")
    assert len(mine.blocks) <= limits.VIEW_BLOCKS
