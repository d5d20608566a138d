"""What is in the Teams of the test server: its people and conversations, and where the bot may speak."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Final

from typing_extensions import override

from bot.domain.canonical import JsonObject
from bot.ports.outside import Clock
from tests.servers.teams_things import (
    THREAD_MARK,
    ConnectorError,
    Conversation,
    Dialog,
    Json,
    Kind,
    Message,
    TeamsUser,
)

_NAMESPACE: Final = uuid.UUID("6f0e2b0a-7f3c-4a53-9d0e-6d2a4f5b7c81")


class RealClock(Clock):
    """The time of this machine."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  # tokens are checked against it where no other clock is given


def stable_guid(name: str) -> str:
    """Gives the same GUID for the same name, in every run."""
    return str(uuid.uuid5(_NAMESPACE, name))


class Numbers:
    """Ids that never come twice on one server."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._next = count(1)

    def id(self, prefix: str) -> str:
        """Gives a fresh id."""
        return f"{prefix}{next(self._next):08d}"

    def guid(self) -> str:
        """Gives a fresh GUID."""
        return stable_guid(str(next(self._next)))

    def message(self) -> str:
        """Gives the id of a fresh message: milliseconds, greater than all before."""
        return str(int(self.clock.now().timestamp()) * 1_000_000 + next(self._next))


@dataclass(kw_only=True)
class World:
    """Everything that the bot's registration can meet."""

    numbers: Numbers
    app_id: str
    bot_name: str
    service_url: str = ""
    users: dict[str, TeamsUser] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    dialogs: dict[str, Dialog] = field(default_factory=dict)
    """The dialog that is open to each person, by their id."""
    put: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """What a person has put into the inputs of a message, by person and message."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)
    """What was last found while a person typed, by person and input: title and value of each."""
    notices: dict[str, list[str]] = field(default_factory=dict)
    """What a client showed to one person alone, for a press or a dialog, by their id."""
    disabled_in: set[str] = field(default_factory=set)
    """The organisations whose admin blocks the bot."""

    @property
    def bot_id(self) -> str:
        """The bot's id as Teams says it."""
        return f"28:{self.app_id}"

    def bot(self) -> Json:
        """Gives what activities say of the bot in `recipient`."""
        return {"id": self.bot_id, "name": self.bot_name}

    def user(self, name: str, tenant: str) -> TeamsUser | None:
        """Gives who has the bot's own id or the object id in the organisation; None when there is nobody."""
        for one in self.users.values():
            if one.tenant == tenant and name in {one.id, one.object_id} and not one.is_gone:
                return one
        return None

    def add_user(self, user: TeamsUser, *, installed: bool) -> TeamsUser:
        """Takes somebody in, with their personal chat."""
        self.users[user.id] = user
        key = f"{user.tenant} {user.object_id}"
        chat = Conversation(
            id=f"a:1{stable_guid(f'personal {key}').replace('-', '')}",
            kind="personal",
            tenant=user.tenant,
            members=[user.id],
            chat_id=f"19:{user.object_id}_{self.app_id}@unq.gbl.spaces",
            has_bot=installed,
        )
        self.conversations[chat.id] = chat
        return user

    def personal(self, user: TeamsUser) -> Conversation:
        """Gives the person's chat with the bot."""
        found = self.conversations.values()
        return next(one for one in found if one.kind == "personal" and one.members == [user.id])

    def conversations_of(self, user: TeamsUser) -> list[Conversation]:
        """Gives where the person is a member."""
        return [one for one in self.conversations.values() if user.id in one.members and not one.is_gone]

    def add_conversation(
        self, kind: Kind, tenant: str, members: Iterable[str], *, has_bot: bool, name: str
    ) -> Conversation:
        """Makes a group chat or a channel; a channel's team is for the caller to say."""
        ending = "thread.tacv2" if kind == "channel" else "thread.v2"
        made = Conversation(
            id=f"19:{self.numbers.guid().replace('-', '')}@{ending}",
            kind=kind,
            tenant=tenant,
            members=list(members),
            has_bot=has_bot,
            name=name,
        )
        self.conversations[made.id] = made
        return made

    def find(self, conversation_id: str) -> tuple[Conversation, str]:
        """Gives the conversation, and the thread that the id names.

        Raises:
            ConnectorError: there is none, or the bot may not speak there.
        """
        plain, _, thread = conversation_id.partition(THREAD_MARK)
        every = self.conversations.values()
        found = next((one for one in every if plain in {one.id, one.chat_id} and not one.is_gone), None)
        if found is None:
            raise ConnectorError(404, "ConversationNotFound", "Conversation not found.")
        self._check(found)
        if thread and found.find(thread) is None:
            raise ConnectorError(404, "ActivityNotFoundInConversation", "Conversation not found.")
        return found, thread

    def post(self, conversation: Conversation, by: str, activity: JsonObject, thread: str = "") -> Message:
        """Adds a message; without a thread it begins one in a channel."""
        made = Message(
            id=self.numbers.message(), conversation=conversation.id, by=by, activity=dict(activity)
        )
        made.thread = (thread or made.id) if conversation.kind == "channel" else ""
        conversation.messages.append(made)
        return made

    def _check(self, conversation: Conversation) -> None:
        if conversation.tenant in self.disabled_in:
            raise ConnectorError(403, "BotDisabledByAdmin", "The tenant admin disabled this bot.")
        if not conversation.has_bot:
            raise ConnectorError(
                403, "BotNotInConversationRoster", "The bot is not part of the conversation roster."
            )
        blocked = conversation.kind == "personal" and self.users[conversation.members[0]].blocks_bot
        if blocked:
            raise ConnectorError(
                403, "ConversationBlockedByUser", "User blocked the conversation with the bot."
            )
