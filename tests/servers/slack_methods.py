"""What the methods of the Web API have in common: their arguments, their scopes, and where they stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_object
from tests.servers.slack_views import ResponseUrl, Views
from tests.servers.slack_world import FAMILIES, Channel, Json, SlackError, World

PAGE: Final = 100
"""Entries of a page when the app does not say."""

METHOD_SCOPES: Final = {
    "assistant.threads.setStatus": "assistant:write chat:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "assistant.threads.setTitle": "assistant:write",
    "auth.test": "",
    "bots.info": "users:read",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "*:history",
    "conversations.info": "*:read",
    "conversations.members": "*:read",
    "conversations.open": "im:write mpim:write",
    "conversations.replies": "*:history",
    "team.info": "team:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "views.open": "",
    "views.publish": "",
    "views.push": "",
    "views.update": "",
}
"""The bot scopes of which a method needs one; the star stands for the kind of conversation it is about.

Source: https://docs.slack.dev/reference/methods
"""

ALL_SCOPES: Final = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "chat:write",
        "commands",
        "im:write",
        "mpim:write",
        "team:read",
        "users:read",
        "users:read.email",
        *(f"{family}:{right}" for family in FAMILIES.values() for right in ("read", "history")),
    }
)


@dataclass(kw_only=True)
class Place:
    """A workspace as the Web API works on it."""

    world: World
    views: Views
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)


@dataclass(frozen=True)
class Arguments:
    """The arguments of one call, whichever way they were sent."""

    given: JsonObject

    def text(self, name: str, otherwise: str | None = None) -> str:
        """Gives a text.

        Raises:
            SlackError: `invalid_arguments`, when it is not there.
        """
        found = self.given.get(name, otherwise)
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            raise SlackError("invalid_arguments", [f"missing required field: {name}"])
        return str(found)

    def maybe(self, name: str) -> str | None:
        """Gives a text, or None where there is none."""
        return self.text(name) if self.given.get(name) not in (None, "") else None

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """Gives yes or no; query strings say it as 1 or true."""
        return self.given[name] in {True, "1", "true", "True"} if name in self.given else otherwise

    def number(self, name: str, otherwise: int) -> int:
        """Gives a whole number."""
        return int(self.text(name, str(otherwise)))

    def object(self, name: str) -> JsonObject:
        """Gives an object.

        Raises:
            SlackError: `invalid_arguments`, when it is none.
        """
        found = self.given.get(name)
        if not is_object(found):
            raise SlackError("invalid_arguments", [f"must provide an object [json-pointer:/{name}]"])
        return found


Method: TypeAlias = Callable[[Place, Arguments], JsonObject]


def need(world: World, *wanted: str) -> None:
    """Refuses when the app has none of the scopes.

    Raises:
        SlackError: `missing_scope`, with what is needed and what was granted.
    """
    if wanted and not world.scopes.intersection(wanted):
        granted = ",".join(sorted(world.scopes))
        raise SlackError("missing_scope", needed=",".join(wanted), provided=granted)


def need_for(world: World, method: str, channel: Channel) -> None:
    """Refuses when the app lacks the method's scope for this kind of conversation."""
    need(world, METHOD_SCOPES[method].replace("*", FAMILIES[channel.kind]))


def page(items: Sequence[JsonValue], name: str, arguments: Arguments) -> Json:
    """Gives one page of a list, with the cursor of the next; an empty cursor when there is none.

    Raises:
        SlackError: `invalid_cursor`.
    """
    cursor, limit = arguments.maybe("cursor") or "0", arguments.number("limit", PAGE) or PAGE
    if not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    begin = int(cursor)
    after = begin + limit
    more = str(after) if after < len(items) else ""
    return {name: list(items[begin:after]), "response_metadata": {"next_cursor": more}}
