"""What `check` says of Slack."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

from bot.chat.slack.api import new_session
from bot.chat.slack.checking import installed
from bot.chat.slack.connection import check_tokens
from bot.chat.slack.manifest import EVENTS_PATH
from bot.cli.finding import Finding, Level
from bot.domain.errors import Refusal
from bot.processes.chat import access_of
from bot.settings import BadSlackSettings, SlackSettings, slack_misses
from bot.settings.slack import APP_TOKEN, SIGNING_SECRET, SLACK_API

_ABOUT: Final = "slack"

_AGAIN: Final = "Put the manifest in again under App Manifest, then press Reinstall under Install App."


def slack_findings() -> Iterator[Finding]:
    """Gives what is well and what is not with Slack's settings; nothing where there are none.

    Slack itself is not asked.
    """
    for sentence in slack_misses():
        yield Finding(_ABOUT, Level.NOTE, sentence)
    try:
        settings = SlackSettings.load()
    except BadSlackSettings as refusal:
        for sentence in refusal.problems:
            yield Finding(_ABOUT, Level.WRONG, sentence)
        return
    if settings is not None and settings.is_on:
        yield from _told(settings)


async def slack_answers() -> AsyncIterator[Finding]:
    """Gives what Slack itself says of the app; nothing where it is not set up."""
    try:
        settings = SlackSettings.load()
    except BadSlackSettings:
        return
    if settings is None or settings.bot_token is None:
        return
    access = access_of(settings)
    session = new_session()
    try:
        await check_tokens(access, session)
        found = await installed(access, session)
        yield Finding(_ABOUT, Level.OK, f"Slack knows the app as {found.bot} in {found.workspace}.")
        if found.missing:
            missing = ", ".join(found.missing)
            yield Finding(_ABOUT, Level.WRONG, f"The app lacks the permissions {missing}. {_AGAIN}")
    except Refusal as refusal:
        yield Finding(_ABOUT, Level.WRONG, refusal.sentence)
    finally:
        await session.close()


def _told(settings: SlackSettings) -> Iterator[Finding]:
    if settings.socket:
        yield Finding(_ABOUT, Level.OK, f"{APP_TOKEN} is set: events come through Socket Mode.")
    elif settings.http:
        where = f"{settings.public_url or '…'}{EVENTS_PATH}"
        yield Finding(_ABOUT, Level.OK, f"{SIGNING_SECRET} is set: Slack sends signed requests to {where}.")
    if settings.client_id is not None:
        yield Finding(_ABOUT, Level.OK, "Further workspaces can install the app.")
    if settings.api_url != SLACK_API:
        yield Finding(_ABOUT, Level.NOTE, f"It is not Slack itself, but {settings.api_url}")
