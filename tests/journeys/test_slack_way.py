"""The whole way in Slack, over both connections: asked, approved twice, done once, told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.slack_stage import SlackStage, Way, has_button, slack_staged


@pytest.fixture(params=["socket", "http"])
async def either_way(
    request: pytest.FixtureRequest, database: str, tmp_path: Path
) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack, once per connection and kind of database."""
    way: Way = request.param
    async with slack_staged(database, tmp_path, way=way) as found:
        yield found


@pytest.mark.promise("INT-01", "APR-01", "APR-03", "RPY-01", "OPS-04")
async def test_a_direct_message_goes_through_technician_and_manager_to_the_reply(
    either_way: SlackStage,
) -> None:
    stage = either_way
    ts = await stage.says("alice", "I need access to Zendesk")
    status = await stage.status_card("alice", ts)
    assert status.thread_ts == ts
    carols = await stage.card("carol")
    technician = await stage.approves("bob")
    assert stage.stage.changes() == []
    manager = await stage.approves("megan")
    await stage.told("alice", "now has member access to Zendesk")
    assert len(stage.stage.changes()) == 1
    reply = stage.acme.answers(stage.user("alice"))[-1]
    assert reply.thread_ts == ts
    await stage.shows("bob", technician, "Approved")
    await stage.shows("megan", manager, "Approved")
    await stage.shows("carol", carols, "Approved")
    assert not any(has_button(one, "approve") for one in (technician, manager, carols))
