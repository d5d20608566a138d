"""What the app asks of Slack, once for the code, for its manifest and for its installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bot.chat.about import ABOUT
from bot.domain.canonical import JsonObject, JsonValue

EVENTS_PATH: Final = "/slack/events"
REDIRECT_PATH: Final = "/slack/oauth_redirect"
NAME_LIMIT: Final = 35
"""Characters of an app's name. Source: https://docs.slack.dev/reference/app-manifest"""

ASK: Final = "ask"
ASK_ABOUT: Final = "ask_about"

SCOPES: Final[Mapping[str, str]] = {
    "app_mentions:read": "hears where it is mentioned",
    "assistant:write": "is offered as an agent, with suggestions of what to ask",
    "channels:history": "hears replies in its threads, and finds its own messages again",
    "channels:read": "sees who reads the triage channel",
    "chat:write": "writes messages and cards",
    "commands": "offers slash commands and shortcuts",
    "groups:history": "the same as channels:history, in private channels that it is in",
    "groups:read": "the same as channels:read, in private channels that it is in",
    "im:history": "hears what is written to it directly",
    "im:write": "opens direct conversations, to ask who may approve",
    "mpim:history": "hears replies in its threads in group conversations",
    "users:read": "sees whether an account is a guest’s, a stranger’s or deactivated",
    "users:read.email": "finds the person in the directory by their confirmed address",
}
"""What each permission of the bot is for."""

EVENTS: Final[Mapping[str, str]] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "assistant_thread_started": "assistant:write",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "tokens_revoked": "",
}
"""The events that are listened to, with the scope that each needs.

Source: https://docs.slack.dev/reference/events
"""

METHODS: Final[Mapping[str, str]] = {
    "apps.connections.open": "",
    "assistant.threads.setStatus": "chat:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "auth.test": "",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history,groups:history,im:history,mpim:history",
    "conversations.info": "channels:read,groups:read",
    "conversations.members": "channels:read,groups:read",
    "conversations.open": "im:write",
    "conversations.replies": "channels:history,groups:history,im:history,mpim:history",
    "oauth.v2.access": "",
    "users.info": "users:read,users:read.email",
    "users.lookupByEmail": "users:read.email",
    "views.open": "",
    "views.publish": "",
    "views.update": "",
}
"""The methods that are called, with the bot's scopes that they need for what they are called for.

`apps.connections.open` needs `connections:write` of the app-level token, which no manifest can ask for.
Source: https://docs.slack.dev/reference/methods
"""


@dataclass(frozen=True, slots=True)
class Command:
    """What people see of a slash command."""

    description: str
    usage: str


COMMANDS: Final[Mapping[str, Command]] = {
    "/request": Command("Ask IT for something with a form", "[what you need]"),
    "/policy": Command(
        "For admins: see, test and change what may run", "list | connector NAME | set | new | help"
    ),
    "/freeze": Command(
        "For admins: stop calls at once", "list | tenant | connector NAME | tool NAME | person @NAME"
    ),
    "/unfreeze": Command(
        "For admins: lift another admin’s freeze", "tenant | connector NAME | tool NAME | person @NAME"
    ),
    "/tools": Command(
        "For admins: answer new and changed tools", "changed | accept TOOL | ask TOOL | disable TOOL"
    ),
    "/approvals": Command("Show what waits for your decision", "[--page 2]"),
    "/grants": Command("See and revoke standing approvals", "list | revoke ID"),
}
"""The slash commands."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut in the menu of a message, or wherever people are."""

    kind: Literal["message", "global"]
    name: str
    description: str


SHORTCUTS: Final[Mapping[str, Shortcut]] = {
    ASK_ABOUT: Shortcut("message", "Ask IT about this", "Make a request of this message"),
    ASK: Shortcut("global", "Ask IT", "Ask IT for something with a form"),
}
"""The shortcuts by their callback ids."""

_DESCRIPTION: Final = (
    "Ask IT in plain words. Your company’s policies decide what runs, and who is asked first."
)

_AGENT: Final = "Ask for access, a new password or help. Your company’s policies decide what runs."

_PROMPTS: Final = (
    ("What can I use?", "What apps can I use?"),
    ("A new password", "Reset my password"),
    ("Locked out", "I am locked out"),
)


def manifest(*, url: str | None, name: str = "Countersign") -> JsonObject:
    """Gives the manifest to make the app from.

    New apps can have the agent view only, not the assistant view that came before it.
    Source: https://docs.slack.dev/reference/app-manifest,
    https://docs.slack.dev/ai/migrating-to-agent-messaging

    Args:
        url: where Slack sends events, signed; None for Socket Mode.
        name: what the app is called, at most `NAME_LIMIT` characters.
    """
    base = None if url is None else url.rstrip("/")
    events = {} if base is None else {"request_url": f"{base}{EVENTS_PATH}"}
    redirects: dict[str, JsonValue] = {} if base is None else {"redirect_urls": [f"{base}{REDIRECT_PATH}"]}
    menus = {} if base is None else {"message_menu_options_url": f"{base}{EVENTS_PATH}"}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": _DESCRIPTION,
            "long_description": ABOUT,
            "background_color": "#1d3557",
        },
        "features": _features(name, base),
        "oauth_config": {**redirects, "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**events, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **events, **menus},
            "org_deploy_enabled": False,
            "socket_mode_enabled": base is None,
            "token_rotation_enabled": False,
        },
    }


def _features(name: str, base: str | None) -> JsonObject:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            {
                "name": shortcut.name,
                "type": shortcut.kind,
                "callback_id": callback_id,
                "description": shortcut.description,
            }
            for callback_id, shortcut in SHORTCUTS.items()
        ],
        "slash_commands": [_command(name, base) for name in COMMANDS],
        "agent_view": {
            "agent_description": _AGENT,
            "suggested_prompts": [{"title": title, "message": message} for title, message in _PROMPTS],
        },
    }


def _command(name: str, base: str | None) -> JsonObject:
    where = {} if base is None else {"url": f"{base}{EVENTS_PATH}"}
    return {
        "command": name,
        **where,
        "description": COMMANDS[name].description,
        "usage_hint": COMMANDS[name].usage,
        "should_escape": True,
    }
