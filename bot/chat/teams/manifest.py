"""The manifest of the Teams app: what people find in Teams, and what the app may do there."""

from dataclasses import dataclass
from typing import Final

from bot.chat.about import ABOUT
from bot.domain.canonical import JsonObject, JsonValue
from bot.flow.commands.table import TABLE

SCHEMA: Final = "1.30"
"""The newest version of the manifest's schema.

Source: https://learn.microsoft.com/microsoft-365/extensibility/schema/
"""
NAME_LIMIT: Final = 30
DEVELOPER_LIMIT: Final = 32
COLOR: Final = "color.png"
OUTLINE: Final = "outline.png"

ASK: Final = "ask"
"""The command that opens the request form, from wherever people write."""
ASK_ABOUT: Final = "ask_about"
"""The same, from the menu of a message."""

_COMMANDS: Final = (
    "request",
    "approvals",
    "policy list",
    "policy connector",
    "policy set",
    "policy test",
    "policy history",
    "freeze connector",
    "grants list",
    "help",
)
"""What the bot's menu offers, in order; Teams shows ten.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/create-a-bot-commands-menu
"""
_SCOPES: Final = ("personal", "team", "groupChat")
_SHORT: Final = "Ask IT in plain words. Your company’s policies decide what runs."


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What is the organisation's own in the manifest."""

    app_id: str
    """The bot's app id; the Teams app has the same, so that it is found in the catalog by it."""
    domain: str
    """The host name under which Teams reaches the bot."""
    name: str = "Countersign"
    developer: str = "Your IT department"
    website: str = ""
    privacy: str = ""
    terms: str = ""
    """Addresses of pages; the website stands in for the others, and the domain's own for that."""
    version: str = "1.0.0"
    """Teams takes a changed manifest only with a higher one."""


PLACEHOLDER: Final = App(app_id="00000000-0000-0000-0000-000000000000", domain="bot.example.com")
"""What the committed manifest is made for."""


def manifest(app: App) -> JsonObject:
    """Gives the manifest.

    It asks for no resource-specific consent: an app that does cannot be installed for people through Graph.
    Source: https://learn.microsoft.com/graph/api/userteamwork-post-installedapps
    """
    website = app.website or f"https://{app.domain}"
    return {
        "$schema": f"https://developer.microsoft.com/en-us/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": app.version,
        "id": app.app_id,
        "localizationInfo": {"defaultLanguageTag": "en"},
        "developer": {
            "name": app.developer,
            "websiteUrl": website,
            "privacyUrl": app.privacy or website,
            "termsOfUseUrl": app.terms or website,
        },
        "name": {"short": app.name, "full": app.name},
        "description": {"short": _SHORT, "full": ABOUT},
        "icons": {"color": COLOR, "outline": OUTLINE},
        "accentColor": "#2b4aa8",
        "bots": [_bot(app)],
        "composeExtensions": [_extension(app)],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
        "validDomains": [app.domain],
        "webApplicationInfo": {"id": app.app_id, "resource": f"api://{app.domain}/{app.app_id}"},
    }


def _bot(app: App) -> JsonObject:
    return {
        "botId": app.app_id,
        "scopes": list(_SCOPES),
        "supportsFiles": False,
        "isNotificationOnly": False,
        "commandLists": [{"scopes": [scope], "commands": _commands()} for scope in _SCOPES],
    }


def _commands() -> list[JsonValue]:
    purposes = {
        " ".join(words): one.form.purpose for one in TABLE for words in (one.form.words, *one.form.also)
    }
    return [{"title": title, "description": purposes[title]} for title in _COMMANDS]


def _extension(app: App) -> JsonObject:
    return {
        "botId": app.app_id,
        "commands": [
            {
                "id": ASK,
                "type": "action",
                "title": "Ask IT",
                "description": "Ask IT for something with a form",
                "context": ["compose"],
                "fetchTask": True,
            },
            {
                "id": ASK_ABOUT,
                "type": "action",
                "title": "Ask IT about this",
                "description": "Make a request of this message",
                "context": ["message"],
                "fetchTask": True,
            },
        ],
    }
