"""What `check` says of Teams."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

from bot.app import SystemClock
from bot.chat.teams.access import (
    GRAPH_URL,
    LOGIN_URL,
    MESSAGES_PATH,
    OPENID_URL,
    SERVICE_URL,
    AppType,
    NoAppId,
)
from bot.chat.teams.checking import registered
from bot.cli.finding import Finding, Level
from bot.cli.frame import counted
from bot.domain.errors import Refusal
from bot.settings import BadTeamsSettings, TeamsSettings, teams_misses
from bot.settings.teams import APP_ID

_ABOUT: Final = "teams"
_MISSING: Final = (
    "Nobody granted the bot {missing} in Microsoft Graph, so whoever never wrote to it cannot be asked in "
    "Teams. README.md says how to grant them."
)


def teams_findings() -> Iterator[Finding]:
    """Gives what is well and what is not with the settings for Teams; nothing where there are none.

    Microsoft itself is not asked.
    """
    for sentence in teams_misses():
        yield Finding(_ABOUT, Level.NOTE, sentence)
    try:
        settings = TeamsSettings.load()
    except BadTeamsSettings as refusal:
        for sentence in refusal.problems:
            yield Finding(_ABOUT, Level.WRONG, sentence)
        return
    if settings is None:
        return
    if not settings.is_on:
        yield Finding(_ABOUT, Level.WRONG, NoAppId().sentence)
        return
    yield from _told(settings)


async def teams_answers() -> AsyncIterator[Finding]:
    """Gives what Microsoft itself says of the bot; nothing where it is not set up."""
    try:
        settings = TeamsSettings.load()
    except BadTeamsSettings:
        return
    if settings is None or not settings.is_on:
        return
    try:
        found = await registered(settings.access, SystemClock())
    except Refusal as refusal:
        yield Finding(_ABOUT, Level.WRONG, refusal.sentence)
        return
    yield Finding(_ABOUT, Level.OK, "Microsoft knows the bot.")
    if found.missing:
        yield Finding(_ABOUT, Level.NOTE, _MISSING.format(missing=", ".join(found.missing)))


def _told(settings: TeamsSettings) -> Iterator[Finding]:
    by = "a managed identity" if settings.app_type is AppType.MANAGED_IDENTITY else "a client secret"
    yield Finding(
        _ABOUT,
        Level.OK,
        f"{APP_ID} is set, with {by}: the bot’s messaging endpoint in Azure is https://…{MESSAGES_PATH}, and "
        f"people of {counted(len(settings.tenants), 'tenant')} may use it.",
    )
    others = (
        (settings.service_url, SERVICE_URL),
        (settings.openid_url, OPENID_URL),
        (settings.login_url, LOGIN_URL),
        (settings.graph_url, GRAPH_URL),
    )
    for used, usual in others:
        if used != usual:
            yield Finding(_ABOUT, Level.NOTE, f"It is not {usual}, but {used}")
