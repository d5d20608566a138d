"""Environment variables that look like settings and are none."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from bot.settings import slack, teams
from bot.settings.deployment import PREFIX, Settings

_SLACKS_OTHER_NAMES: Final = {
    "SLACK_API_TOKEN": slack.BOT_TOKEN,
    "SLACK_BOT_OAUTH_TOKEN": slack.BOT_TOKEN,
    "SLACK_BOT_USER_OAUTH_TOKEN": slack.BOT_TOKEN,
    "SLACK_BOT_USER_TOKEN": slack.BOT_TOKEN,
    "SLACK_OAUTH_TOKEN": slack.BOT_TOKEN,
    "SLACK_TOKEN": slack.BOT_TOKEN,
    "SLACK_APP_LEVEL_TOKEN": slack.APP_TOKEN,
    "SLACK_SOCKET_TOKEN": slack.APP_TOKEN,
    "SLACK_SECRET": slack.SIGNING_SECRET,
    "SLACK_SIGNING_KEY": slack.SIGNING_SECRET,
    "SLACK_API_BASE_URL": slack.API_URL,
    "SLACK_BASE_URL": slack.API_URL,
}
"""What other programs call the same things."""

_TEAMS_OTHER_NAMES: Final = {
    "MICROSOFT_APP_SECRET": teams.APP_PASSWORD,
    "MICROSOFT_TENANT_ID": teams.APP_TENANT,
    "TEAMS_APP_ID": teams.APP_ID,
    "TEAMS_APP_PASSWORD": teams.APP_PASSWORD,
    "TEAMS_APP_SECRET": teams.APP_PASSWORD,
    "TEAMS_APP_TENANT_ID": teams.APP_TENANT,
    "TEAMS_APP_TYPE": teams.APP_TYPE,
    "TEAMS_BOT_ID": teams.APP_ID,
    "TEAMS_BOT_PASSWORD": teams.APP_PASSWORD,
    "TEAMS_CHANNEL": teams.TRIAGE,
    "TEAMS_CLIENT_ID": teams.APP_ID,
    "TEAMS_CLIENT_SECRET": teams.APP_PASSWORD,
    "TEAMS_TENANT_ID": teams.APP_TENANT,
}


def unknown_variables() -> tuple[str, ...]:
    """Gives a sentence per environment variable that looks like a setting of Countersign's and is none."""
    known = [*(PREFIX + name.upper() for name in Settings.model_fields), slack.PUBLIC_URL]
    sentences = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(known)}."
            sentences.append(f"{name} is not a setting.{hint}")
    return tuple(sentences)


def slack_misses() -> tuple[str, ...]:
    """Gives a sentence per environment variable that seems to be meant for one of Slack's, which is not set.

    Other variables that begin with `SLACK` belong to other programs, and nothing is said of them.
    """
    return _misses(("slack",), {name: (name,) for name in slack.VARIABLES}, _SLACKS_OTHER_NAMES)


def teams_misses() -> tuple[str, ...]:
    """Gives a sentence per environment variable that seems meant for one of Teams', which is not set."""
    known = {name: (name, teams.SPELLINGS.get(name, name)) for name in teams.OWN}
    return _misses(("microsoftapp", "microsofttenant", "teams"), known, _TEAMS_OTHER_NAMES)


def _misses(
    beginnings: tuple[str, ...], known: Mapping[str, tuple[str, ...]], others: Mapping[str, str]
) -> tuple[str, ...]:
    """Gives the sentences.

    Args:
        beginnings: what names have to begin with, in small letters and without underscores.
        known: the variables' names, with every spelling that is read.
        others: what other programs call them.
    """
    read = {spelling for spellings in known.values() for spelling in spellings}
    plain = {_plain(name): name for name in known}
    sentences = []
    for name in sorted(os.environ):
        if not _plain(name).startswith(beginnings) or name in read:
            continue
        close = get_close_matches(_plain(name), plain, n=1, cutoff=0.9)
        meant = others.get(name) or next((plain[one] for one in close), None)
        if meant is not None and not any(os.environ.get(one, "").strip() for one in known[meant]):
            sentences.append(f"{name} is not read, and {meant} is not set. Did you mean {meant}?")
    return tuple(sentences)


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()
