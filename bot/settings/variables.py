"""Environment variables that look like settings and are none."""

import os
from difflib import get_close_matches
from typing import Final

from bot.settings.deployment import PREFIX, Settings
from bot.settings.slack import PUBLIC_URL, VARIABLES

_OTHERS_NAMES: Final = {
    "SLACK_API_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_BOT_OAUTH_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_BOT_USER_OAUTH_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_BOT_USER_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_OAUTH_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_APP_LEVEL_TOKEN": "SLACK_APP_TOKEN",
    "SLACK_SOCKET_TOKEN": "SLACK_APP_TOKEN",
    "SLACK_SECRET": "SLACK_SIGNING_SECRET",
    "SLACK_SIGNING_KEY": "SLACK_SIGNING_SECRET",
    "SLACK_API_BASE_URL": "SLACK_API_URL",
    "SLACK_BASE_URL": "SLACK_API_URL",
}
"""What other programs call the same things."""


def unknown_variables() -> tuple[str, ...]:
    """Gives a sentence per environment variable that looks like a setting of Countersign's and is none."""
    known = [*(PREFIX + name.upper() for name in Settings.model_fields), PUBLIC_URL]
    sentences = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(known)}."
            sentences.append(f"{name} is not a setting.{hint}")
    return tuple(sentences)


def near_misses() -> tuple[str, ...]:
    """Gives a sentence per environment variable that seems to be meant for one of Slack's, which is not set.

    Other variables that begin with `SLACK_` belong to other programs, and nothing is said of them.
    """
    sentences = []
    for name in sorted(os.environ):
        if not name.startswith("SLACK") or name in VARIABLES:
            continue
        close = get_close_matches(name, VARIABLES, n=1, cutoff=0.9)
        meant = _OTHERS_NAMES.get(name) or next(iter(close), None)
        if meant is not None and not os.environ.get(meant, "").strip():
            sentences.append(f"{name} is not read, and {meant} is not set. Did you mean {meant}?")
    return tuple(sentences)
