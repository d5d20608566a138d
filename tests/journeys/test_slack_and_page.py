"""The same request on the page and in Slack: one state, whoever looks at it and wherever."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.slack_acts import labels
from tests.journeys.slack_looks import answered, asks, comes_to, request_at, requests_of
from tests.journeys.slack_stage import SlackStage, has_button, slack_staged
from tests.journeys.stage import action_ids
from tests.servers.slack_sight import words

RESET = "I forgot my password"


@pytest.fixture
async def both(acme_database: str, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack and on the page."""
    async with slack_staged(acme_database, tmp_path, has_page=True) as found:
        yield found


@pytest.mark.promise("RPY-01", "APR-04")
async def test_what_is_approved_on_the_page_closes_the_card_in_slack(both: SlackStage) -> None:
    ts = await both.says("alice", RESET)
    request = await request_at(both, await both.status_card("alice", ts))
    card = await both.card("bob")
    on_page = await both.stage.card("bob", request)
    assert action_ids(on_page)[:2] == ["approve", "deny"]
    assert (await both.stage.approves("bob", request)).status == 200
    await both.shows("bob", card, "Approved")
    assert not has_button(card, "approve")
    await answered(both, both.user("alice"), ts, "was sent a one-time link")
    assert not any("one-time link" in text for text in await both.stage.texts("alice"))


@pytest.mark.promise("RPY-01", "APR-04")
async def test_what_is_approved_in_slack_closes_the_card_on_the_page(both: SlackStage) -> None:
    request = await both.stage.says("alice", RESET)
    asked = await both.stage.card("bob", request)
    await both.approves("bob")
    done = await both.stage.ends(request)
    assert done["status"] == "done"
    await both.stage.hours_pass(0)
    now = await both.stage.card("bob", request)
    assert (now["card"], now["status"], action_ids(now)) == (asked["card"], "approved", [])
    assert any("one-time link" in text for text in await both.stage.texts("alice"))
    assert (await both.stage.presses("bob", asked, "approve")).status == 409
    assert len(both.stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("INT-06")
async def test_a_request_from_the_page_can_be_followed_and_withdrawn_in_slack(both: SlackStage) -> None:
    request = await both.stage.says("alice", RESET)
    card = await both.card("alice", "withdraw")
    assert "Your request" in words(card)
    assert card.thread_ts is None
    await both.presses("alice", card, "withdraw")
    await both.stage.comes_to(request, "withdrawn")
    await both.shows("alice", card, "Withdrawn.")
    assert labels(card) == []
    await both.stage.hours_pass(0)
    assert action_ids(await both.stage.status_card("alice", request)) == []


@pytest.mark.promise("INT-07")
async def test_a_question_from_slack_is_answered_in_slack_and_the_page_opens_its_own(
    both: SlackStage,
) -> None:
    request = await asks(both, "alice", "I need access")
    await comes_to(both, request, "answered")
    other = await both.stage.says("alice", RESET)
    assert other != request
    await both.says("alice", "Figma")
    assert (await comes_to(both, request, "waiting")).details == ("Figma",)
    assert [one.surface for one in await requests_of(both, "alice")] == ["slack", "web"]
