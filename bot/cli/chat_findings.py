"""What `check` says of the chat surfaces."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

from bot.cli.finding import Finding, Level
from bot.cli.slack_findings import slack_answers, slack_findings
from bot.cli.teams_findings import teams_answers, teams_findings
from bot.settings.slack import APP_TOKEN, BOT_TOKEN
from bot.settings.teams import APP_ID, APP_PASSWORD, APP_TENANT

_NOTHING: Final = (
    "No chat surface is set up; README.md has the steps. For Slack, make an app from what “countersign "
    f"manifest slack --socket” prints, and set {BOT_TOKEN} and {APP_TOKEN}. For Teams, register an Azure Bot "
    f"and set {APP_ID}, {APP_PASSWORD} and {APP_TENANT}."
)


def chat_findings() -> Iterator[Finding]:
    """Gives what is well and what is not with the chat surfaces' settings; they themselves are not asked."""
    found = [*slack_findings(), *teams_findings()]
    yield from found or [Finding("chat", Level.NOTE, _NOTHING)]


async def chat_answers() -> AsyncIterator[Finding]:
    """Gives what Slack and Microsoft themselves say of the bot; nothing where they are not set up."""
    async for finding in slack_answers():
        yield finding
    async for finding in teams_answers():
        yield finding
