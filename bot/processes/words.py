"""What a process says in the terminal, and how it is told to stop."""

import asyncio
import signal
from collections.abc import Callable

from bot.settings import SlackSettings

Say = Callable[[str], None]
"""Prints one line."""


def slack_settings() -> SlackSettings | None:
    """Gives how Slack is reached; None where no app is set up.

    Raises:
        BadSlackSettings: what is set up does not fit together.
    """
    found = SlackSettings.load()
    return found if found is not None and found.is_on else None


def slack_words(slack: SlackSettings | None) -> str:
    """Gives a sentence on how Slack is reached."""
    if slack is None:
        return "No chat surface is set up, so nobody can ask it anything; “countersign check” says how."
    ways = [name for name, on in (("Socket Mode", slack.socket), ("/slack/events", slack.http)) if on]
    return f"Slack is connected through {' and '.join(ways)}."


async def told_to_stop() -> None:
    """Waits for Ctrl-C, or for a polite signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
