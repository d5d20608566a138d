"""The demo against a Slack that others wrote, with nothing but tokens in the environment."""

from pathlib import Path

import pytest

from tests.servers.demo_process import DemoProcess
from tests.servers.local_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    PROGRAM,
    SIGNING_SECRET,
    LocalSlack,
    local_slack,
)

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM.name} is not installed; .ci/run does")


async def test_with_two_tokens_the_demo_goes_the_whole_way_through_sockets(tmp_path: Path) -> None:
    async with local_slack(tmp_path) as slack:
        demo = DemoProcess(
            tmp_path / "demo",
            SLACK_BOT_TOKEN=BOT_TOKEN,
            SLACK_APP_TOKEN=APP_TOKEN,
            SLACK_API_URL=slack.api_url,
        )
        await demo.start()
        try:
            await whole_way(slack)
        finally:
            await demo.stop()


async def test_with_a_signing_secret_it_goes_the_same_way_over_signed_requests(tmp_path: Path) -> None:
    demo = DemoProcess(tmp_path / "demo", SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_SIGNING_SECRET=SIGNING_SECRET)
    async with local_slack(tmp_path, request_url=f"{demo.url}slack/events") as slack:
        demo.environment["SLACK_API_URL"] = slack.api_url
        await demo.start()
        try:
            await whole_way(slack)
        finally:
            await demo.stop()


async def whole_way(slack: LocalSlack) -> None:
    """Asks, approves twice, and is told."""
    await slack.says("U0ALICE", "I need access to Zendesk")
    await slack.presses("U0BOB", "act:approve")
    await slack.presses("U0MEGAN", "act:approve")
    reply = await slack.message("U0ALICE", lambda one: "now has member access" in one["text"])
    assert reply["thread_ts"]
