"""The assistant: a few things to ask are offered where people begin to write."""

from typing import Final

import structlog

from bot.chat.slack.api import answer
from bot.chat.slack.kit.blocks import cut
from bot.chat.slack.kit.limits import OPTION_TEXT
from bot.chat.slack.listeners.front import Front
from bot.chat.slack.workspaces import Workspace
from bot.ports.outside import Unreachable

PROMPTS: Final = 4
"""How many are shown. Source: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts"""

log = structlog.get_logger()


class Assistant:
    """Offers suggestions."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def opened(self, workspace: Workspace, channel: str, thread: str = "") -> None:
        """Offers a few sentences that would be recognised; where Slack has no assistant, nothing.

        Without a thread they stand in the direct message itself, as in apps that are agents.
        """
        suggestions = await self._front.seams.planner.suggestions()
        prompts = [{"title": cut(one, OPTION_TEXT), "message": one} for one in suggestions[:PROMPTS]]
        if not channel or not prompts:
            return
        # The SDK's own method insists on a thread, which agents must not name.
        wanted = {"channel_id": channel, "prompts": prompts, "title": "For example"}
        if thread:
            wanted["thread_ts"] = thread
        try:
            await answer(
                "assistant.threads.setSuggestedPrompts",
                lambda: workspace.client.api_call("assistant.threads.setSuggestedPrompts", json=wanted),
            )
        except Unreachable as refusal:
            log.debug("slack.no_prompts", why=type(refusal).__name__)
