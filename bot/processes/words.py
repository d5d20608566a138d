"""What a process says in the terminal, and how it is told to stop."""

import asyncio
import signal
from collections.abc import Callable

from bot.chat.teams.access import MESSAGES_PATH
from bot.processes.chat import Chat

Say = Callable[[str], None]
"""Prints one line."""


def chat_words(chat: Chat) -> list[str]:
    """Gives a sentence for each chat platform on how it is reached, or that there is none."""
    if not chat.is_on:
        return ["No chat surface is set up, so nobody can ask it anything; “countersign check” says how."]
    found = []
    if chat.slack is not None:
        ways = [
            name
            for name, on in (("Socket Mode", chat.slack.socket), ("/slack/events", chat.slack.http))
            if on
        ]
        found.append(f"Slack is connected through {' and '.join(ways)}.")
    if chat.teams is not None:
        found.append(
            f"Teams is listened to on {MESSAGES_PATH}, from this machine alone: there is no app id."
            if chat.teams.is_open
            else f"Teams is listened to on {MESSAGES_PATH}."
        )
    return found


async def told_to_stop() -> None:
    """Waits for Ctrl-C, or for a polite signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
