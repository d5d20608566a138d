"""What a well-behaved app does with Slack: it calls what its manifest names, and is permitted all of it."""

from bot.chat.slack.manifest import METHODS
from tests.servers.slack import SlackServer


def bad_manners(slack: SlackServer) -> list[str]:
    """Gives the calls that the manifest does not allow for."""
    unnamed = {f"{call.method} is in no manifest" for call in slack.calls if call.method not in METHODS}
    refused = {f"{call.method}: {call.error}" for call in slack.calls if call.error == "missing_scope"}
    return sorted(unnamed | refused)
