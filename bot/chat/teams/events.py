"""What people do in Teams, as events of our own: plain data that knows no SDK."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.chat.teams.kit.actions import Press
from bot.domain.canonical import JsonObject


class Kind(StrEnum):
    """Who reads a conversation."""

    PERSONAL = "personal"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who did something, where; every event has one."""

    id: str
    """The activity's id; empty where Teams gives none."""
    kind: Kind
    conversation: str
    """The conversation's id, without the thread."""
    thread: str
    """The first message of the channel's thread; empty outside of channels."""
    tenant: str
    """The Entra tenant."""
    user: str
    """The sender's `aadObjectId`; empty for whoever has none."""
    account: str
    """The bot's own id of the sender."""
    reply_to: str
    """The message that it was done on; empty for none."""
    reference: JsonObject = field(repr=False)
    """The conversation reference, as the Bot Framework spells it."""

    @property
    def place(self) -> str:
        """The conversation's name on this surface."""
        return f"{self.kind.value}/{self.conversation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message; who is mentioned stands in it as `<@id|name>`, but for the bot itself."""

    turn: Turn
    text: str = field(repr=False)
    is_for_bot: bool
    """Whether the bot is meant: it is mentioned, or nobody else reads the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A press of a button that came as a message."""

    turn: Turn
    press: Press | None
    """None for a button that is none of ours any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """A press of a button that is answered where it stands."""

    turn: Turn
    press: Press | None
    """None for a button that is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogWanted:
    """A dialog is to be opened: by a button, or by a command of the message extension."""

    turn: Turn
    press: Press | None
    is_extension: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogSent:
    """A dialog was sent."""

    turn: Turn
    press: Press | None
    is_extension: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Something is typed into a field in which things are found while one types."""

    turn: Turn
    dataset: str
    """What is searched, as the field says it."""
    typed: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The bot was added to the conversation, or to the team that it is in."""

    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The bot was removed from the conversation."""

    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something that has no meaning here."""

    turn: Turn
    is_invoke: bool


Event = Said | Pressed | Executed | DialogWanted | DialogSent | Searched | Added | Removed | Unknown
