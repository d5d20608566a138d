"""What nobody decides in time is over, and never by itself a yes."""

from datetime import timedelta

import pytest

from tests.journeys.arranging import entries
from tests.journeys.stage import Stage, action_ids, rows


@pytest.mark.promise("APR-12")
async def test_a_day_later_it_is_over_and_the_requester_is_told_to_ask_again(any_stage: Stage) -> None:
    request = await any_stage.says("alice", "I need access to Zendesk")
    card = await any_stage.card("bob", request)
    await any_stage.approves("megan", request)
    await any_stage.hours_pass(24)
    found = await any_stage.comes_to(request, "expired")
    assert sorted(str(row["status"]) for row in rows(found["approvals"])) == ["approved", "expired"]
    assert "Ask again" in (await any_stage.texts("alice"))[-1]
    assert any_stage.changes() == []
    late = await any_stage.presses("bob", card, "approve")
    assert late.status == 409
    assert "expired" in late.error
    card = await any_stage.card("bob", request)
    assert (card["status"], action_ids(card)) == ("expired", [])
    [entry] = await entries(any_stage, "approval.expired", request=request)
    assert entry.decision == "review_timeout"


@pytest.mark.promise("APR-12")
async def test_the_last_moment_still_counts_and_the_next_does_not(stage: Stage) -> None:
    in_time = await stage.says("alice", "I forgot my password")
    await stage.comes_to(in_time, "waiting")
    too_late = await stage.says("megan", "I forgot my password")
    await stage.comes_to(too_late, "waiting")
    stage.clock.advance(timedelta(hours=24) - timedelta(microseconds=1))
    assert (await stage.approves("bob", in_time)).status == 200
    card = await stage.card("bob", too_late)
    stage.clock.advance(timedelta(microseconds=1))
    late = await stage.presses("bob", card, "approve")
    assert late.status == 409
    assert (await stage.comes_to(in_time, "done"))["status"] == "done"
    assert (await stage.comes_to(too_late, "waiting", "expired"))["status"] != "executing"
    assert len(stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("APR-12")
async def test_the_tenant_says_how_long_an_approval_stays_open(stage: Stage) -> None:
    await stage.tenant(approval_lifetime=timedelta(hours=2))
    request = await stage.says("alice", "I forgot my password")
    found = await stage.comes_to(request, "waiting")
    assert rows(found["approvals"])[0]["expires"] == "2026-11-16T11:00:00+00:00"
    await stage.hours_pass(1.9)
    assert (await stage.request(request))["status"] == "waiting"
    await stage.hours_pass(0.1)
    await stage.comes_to(request, "expired")


@pytest.mark.promise("APR-12", "INT-07")
async def test_what_expired_can_be_asked_again(stage: Stage) -> None:
    first = await stage.says("alice", "I forgot my password")
    await stage.comes_to(first, "waiting")
    await stage.hours_pass(24)
    await stage.comes_to(first, "expired")
    second = await stage.says("alice", "I forgot my password")
    assert second != first
    await stage.approves("bob", second)
    assert (await stage.ends(second))["status"] == "done"
