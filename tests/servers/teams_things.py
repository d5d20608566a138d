"""The things of a Teams for tests: accounts, messages, dialogs and conversations, as they are now."""

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object

Json: TypeAlias = dict[str, JsonValue]
Kind = Literal["personal", "groupChat", "channel"]

ADAPTIVE: Final = "application/vnd.microsoft.card.adaptive"
"""The content type of an Adaptive Card."""
THREAD_MARK: Final = ";messageid="
"""What parts a channel's id from the id of a thread's root message."""


class NotPossible(AssertionError):
    """Teams’ own client would not let a person do this."""


class ConnectorError(Exception):
    """What the Bot Connector answers instead of doing what it was asked."""

    def __init__(self, status: int, code: str, message: str, *, after_s: int = 0) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.after_s = after_s


@dataclass(kw_only=True)
class Client:
    """What a person's Teams can do."""

    executes: bool = True
    """Whether it knows `Action.Execute`; otherwise it takes the fallback."""
    opens_dialogs: bool = True
    """Whether it asks for dialogs; otherwise such a press comes as a message with a value."""
    sends_empty: bool = False
    """Whether it sends empty inputs as empty texts; otherwise it leaves them out."""
    theme: str = "default"
    locale: str = "en-GB"


@dataclass(kw_only=True)
class TeamsUser:
    """Someone with an account; a test may change what it likes."""

    id: str
    """The bot's own id of them, such as `29:…`."""
    object_id: str
    tenant: str
    """The organisation in which they meet the bot."""
    name: str
    principal_name: str
    is_guest: bool = False
    is_old: bool = False
    """Whether their account is from before accounts had a type."""
    home_tenant: str = ""
    """Where a guest's account lives; empty for the same organisation."""
    is_gone: bool = False
    """Whether Graph and rosters do not know them any more."""
    is_disabled: bool = False
    """Whether they may not sign in any more."""
    blocks_bot: bool = False
    client: Client = field(default_factory=Client)

    def account(self) -> Json:
        """Gives what activities say of them in `from`."""
        return {"id": self.id, "name": self.name, "aadObjectId": self.object_id}

    def member(self) -> Json:
        """Gives what a roster says of them.

        Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
        """
        given, _, surname = self.name.partition(" ")
        return {
            **self.account(),
            "objectId": self.object_id,
            "givenName": given,
            "surname": surname,
            "email": self.principal_name,
            "userPrincipalName": self.principal_name,
            "tenantId": self.home_tenant or self.tenant,
            "userRole": "guest" if self.is_guest else "user",
        }


@dataclass(kw_only=True)
class Message:
    """A message as it is now; `activity` is what its sender gave last."""

    id: str
    conversation: str
    by: str
    """The bot's or the person's id."""
    activity: Json
    thread: str = ""
    """In a channel the root message's id, its own for the root itself."""
    updates: int = 0
    is_deleted: bool = False
    history: list[Json] = field(default_factory=list)
    """What it was before, oldest first."""
    shown: dict[str, JsonObject] = field(default_factory=dict)
    """The card that an answer put in its place for one person alone, by their id; an update ends that."""

    @property
    def text(self) -> str:
        """The plain part."""
        found = self.activity.get("text")
        return found if isinstance(found, str) else ""

    @property
    def card(self) -> JsonObject | None:
        """The card that everybody sees."""
        attachments = self.activity.get("attachments")
        for one in attachments if is_list(attachments) else []:
            if is_object(one) and one.get("contentType") == ADAPTIVE and is_object(one.get("content")):
                content = one["content"]
                assert is_object(content)
                return content
        return None

    def card_for(self, user: TeamsUser | None) -> JsonObject | None:
        """Gives the card that this person sees."""
        return self.shown.get(user.id, self.card) if user else self.card

    def change(self, activity: Json) -> None:
        """Puts another activity in its place."""
        self.history.append(self.activity)
        self.activity = activity
        self.shown.clear()
        self.updates += 1


@dataclass(kw_only=True)
class Dialog:
    """A dialog that is open to a person, and what they have put into it."""

    user: str
    title: str
    card: JsonObject
    conversation: str
    thread: str = ""
    replies_to: str = ""
    """The message whose button opened it; empty for a message extension."""
    command: Json = field(default_factory=dict)
    """What the message extension was asked with; empty for a button's dialog."""
    put: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Conversation:
    """A conversation and everything said in it, oldest first."""

    id: str
    kind: Kind
    tenant: str
    members: list[str]
    """The people's ids."""
    name: str = ""
    team: str = ""
    """The id of the team that a channel is in."""
    team_name: str = ""
    chat_id: str = ""
    """How Microsoft Graph calls a personal chat; the connector takes it, too."""
    has_bot: bool = True
    is_gone: bool = False
    typing: int = 0
    """How often the bot said that it types."""
    messages: list[Message] = field(default_factory=list)

    def find(self, message_id: str) -> Message | None:
        """Gives the message unless it was deleted."""
        return next((one for one in self.messages if one.id == message_id and not one.is_deleted), None)
