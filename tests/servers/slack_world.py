"""What is in a workspace of the test server: people, channels, messages, and what the app may do there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Final, Literal, TypeAlias

from bot.domain.canonical import JsonObject, JsonValue
from bot.ports.outside import Clock
from tests.servers.slack_shapes import is_object

Json: TypeAlias = dict[str, JsonValue]
Kind = Literal["im", "mpim", "channel", "group"]

FAMILIES: Final[dict[Kind, str]] = {"im": "im", "mpim": "mpim", "channel": "channels", "group": "groups"}
"""How scopes and events call a kind of conversation."""


class SlackError(Exception):
    """What Slack answers in `error`, with what it says about it."""

    def __init__(self, code: str, messages: Sequence[str] = (), **more: JsonValue) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.more = more


class Numbers:
    """Ids and times that never come twice on one server."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._next = count(1)

    def id(self, prefix: str) -> str:
        """Gives a fresh id, such as U00000007."""
        return f"{prefix}{next(self._next):08d}"

    def ts(self) -> str:
        """Gives a fresh time of a message; later ones are greater."""
        return f"{int(self.clock.now().timestamp())}.{next(self._next):06d}"


@dataclass(kw_only=True)
class SlackUser:
    """Someone with an account; a test may change what it likes."""

    id: str
    team_id: str
    name: str
    real_name: str
    email: str
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_email_confirmed: bool = True
    enterprise_user: JsonObject | None = None

    def as_json(self, *, with_email: bool) -> Json:
        """Gives what `users.info` says; deactivated people, bots and strangers show less, as in Slack."""
        profile: Json = {"real_name": self.real_name, "display_name": self.name, "team": self.team_id}
        if with_email and self.email and not self.is_stranger:
            profile["email"] = self.email
        found: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1763715600,
        }
        if not self.deleted:
            found |= {
                "real_name": self.real_name,
                "tz": "Europe/London",
                "is_admin": False,
                "is_owner": False,
                "is_primary_owner": False,
                "is_restricted": self.is_restricted,
                "is_ultra_restricted": self.is_ultra_restricted,
            }
        if not self.is_bot and not self.deleted:
            found["is_email_confirmed"] = self.is_email_confirmed
        if self.is_stranger:
            found["is_stranger"] = True
        if self.enterprise_user is not None:
            found["enterprise_user"] = self.enterprise_user
        return found


@dataclass(kw_only=True)
class Message:
    """A message as it is now."""

    channel: str
    ts: str
    user: str
    text: str
    team: str
    blocks: list[JsonValue] = field(default_factory=list)
    bot_id: str | None = None
    app_id: str | None = None
    thread_ts: str | None = None
    metadata: JsonObject | None = None
    edited: str | None = None
    only_for: str | None = None
    """Who alone sees it, when it is ephemeral."""
    unfurl: tuple[bool, bool] = (True, True)
    """Whether links and media in it are shown."""

    def as_json(self, *, with_metadata: bool = False) -> Json:
        """Gives what `conversations.history` says of it."""
        found: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        found["team"] = self.team
        if self.bot_id is not None:
            found |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.blocks:
            found["blocks"] = self.blocks
        if self.thread_ts is not None:
            found["thread_ts"] = self.thread_ts
        if self.edited is not None:
            found["edited"] = {"user": self.user, "ts": self.edited}
        if self.metadata is not None and with_metadata:
            found["metadata"] = self.metadata
        return found


@dataclass(kw_only=True)
class Channel:
    """A conversation and everything said in it, oldest first."""

    id: str
    name: str
    kind: Kind
    members: list[str]
    is_archived: bool = False
    is_ext_shared: bool = False
    messages: list[Message] = field(default_factory=list)

    def as_json(self, seen_by: str) -> Json:
        """Gives what `conversations.info` says to a member."""
        found: Json = {
            "id": self.id,
            "created": 1763715600,
            "is_archived": self.is_archived,
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_private": self.kind != "channel",
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_member": seen_by in self.members,
        }
        if self.kind == "im":
            found["user"] = next(one for one in self.members if one != seen_by)
        else:
            found |= {"name": self.name, "name_normalized": self.name, "num_members": len(self.members)}
        return found


@dataclass(kw_only=True)
class World:
    """One workspace with the app in it."""

    numbers: Numbers
    team_id: str
    name: str
    app_id: str
    bot: SlackUser
    bot_id: str
    bot_token: str
    scopes: set[str]
    grace: timedelta = timedelta(0)
    """How much longer than in Slack a trigger lives, for machines that have other things to do."""
    enterprise_id: str | None = None
    app_is: Literal["installed", "removed", "deactivated"] = "installed"
    users: dict[str, SlackUser] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    statuses: dict[tuple[str, str], str] = field(default_factory=dict)
    """What the assistant says it does, by channel and thread."""
    prompts: dict[tuple[str, str], list[JsonValue]] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return self.name.lower()

    def user(self, user: str) -> SlackUser:
        """Gives who has the id.

        Raises:
            SlackError: `user_not_found`.
        """
        if user not in self.users:
            raise SlackError("user_not_found")
        return self.users[user]

    def channel(self, channel: str) -> Channel:
        """Gives the channel as the app sees it: private ones only when it is a member.

        Raises:
            SlackError: `channel_not_found`.
        """
        found = self.channels.get(channel)
        if found is None or (found.kind != "channel" and self.bot.id not in found.members):
            raise SlackError("channel_not_found")
        return found

    def dm(self, people: Iterable[str]) -> Channel:
        """Gives the direct conversation of the app with these people; it is made when there is none."""
        members = [self.bot.id, *people]
        kind: Kind = "im" if len(members) == 2 else "mpim"
        for found in self.channels.values():
            if found.kind == kind and sorted(found.members) == sorted(members):
                return found
        return self.add_channel("directmessage" if kind == "im" else "mpdm", kind, members)

    def add_channel(self, name: str, kind: Kind, members: Iterable[str], *, shared: bool = False) -> Channel:
        """Makes a conversation."""
        id_ = self.numbers.id("D" if kind == "im" else "C")
        made = Channel(id=id_, name=name, kind=kind, members=list(members), is_ext_shared=shared)
        self.channels[made.id] = made
        return made

    def message(self, channel: Channel, ts: str) -> Message:
        """Gives what everybody sees there.

        Raises:
            SlackError: `message_not_found`.
        """
        for found in channel.messages:
            if found.ts == ts and found.only_for is None:
                return found
        raise SlackError("message_not_found")

    def thread(self, channel: Channel, ts: str) -> list[Message]:
        """Gives a message and the answers to it, oldest first.

        Raises:
            SlackError: `thread_not_found`.
        """
        found = [one for one in channel.messages if ts in {one.ts, one.thread_ts} and one.only_for is None]
        if not found:
            raise SlackError("thread_not_found")
        return found

    def block_ids(self, blocks: Iterable[JsonValue]) -> list[JsonValue]:
        """Gives the blocks, each with an id, as Slack stores them."""
        return [
            block
            if not is_object(block) or "block_id" in block
            else {**block, "block_id": self.numbers.id("b")}
            for block in blocks
        ]

    def team_json(self) -> Json:
        """Gives the team as interactions name it."""
        found: Json = {"id": self.team_id, "domain": self.domain}
        if self.enterprise_id is not None:
            found |= {"enterprise_id": self.enterprise_id, "enterprise_name": f"{self.name} Group"}
        return found

    def enterprise_json(self) -> JsonValue:
        """Gives the enterprise as interactions name it; null where there is none."""
        return {"id": self.enterprise_id, "name": f"{self.name} Group"} if self.enterprise_id else None
