"""One message in Slack, as it is kept until it is taken up."""

from dataclasses import dataclass
from typing import Final

from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject

_SUBTYPES: Final = frozenset({"", "file_share", "me_message", "thread_broadcast"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message, as it is kept until it is taken up."""

    team: str
    enterprise: str
    channel: str
    user: str
    text: str
    ts: str
    thread: str
    kind: str
    """What Slack says of the conversation: im, mpim, channel or group; empty where it does not."""

    @property
    def is_direct(self) -> bool:
        """Whether it was written to the bot alone."""
        return self.kind == "im" or (not self.kind and self.channel.startswith("D"))


def heard(event: JsonObject, *, team: str, enterprise: str) -> Heard | None:
    """Gives the message of an event; None for what people did not write, or did not write to the bot."""
    if event.get("bot_id") or event.get("hidden") or text_at(event, "subtype") not in _SUBTYPES:
        return None
    found = Heard(
        team=team,
        enterprise=enterprise,
        channel=text_at(event, "channel"),
        user=text_at(event, "user"),
        text=text_at(event, "text"),
        ts=text_at(event, "ts"),
        thread=text_at(event, "thread_ts"),
        kind=text_at(event, "channel_type"),
    )
    return found if found.user and found.channel and found.ts else None
