"""What happens in a workspace that the app only hears of: messages, mentions, Home, leaving."""

from dataclasses import replace

from bot.domain.canonical import JsonObject
from tests.servers.slack_delivery import Answer, Envelope
from tests.servers.slack_payloads import event, message_event
from tests.servers.slack_sight import Sight
from tests.servers.slack_state import NotPossible
from tests.servers.slack_typing import as_sent
from tests.servers.slack_world import FAMILIES, Channel, Json, Message, SlackUser


class Events(Sight):
    """People write, open and leave; each method returns when the app has acknowledged, or was told often.

    `deliveries.all` says what the app acknowledged, and after how many attempts.
    """

    async def says(
        self, user: SlackUser, text: str, channel: Channel | None = None, thread_ts: str | None = None
    ) -> str:
        """Writes a message, to the app itself unless a channel is given; gives its ts."""
        place = channel or self.dm(user)
        message = self.writes(user, text, place, thread_ts)
        await self._heard(place, message, user)
        return message.ts

    async def mentions(
        self, user: SlackUser, channel: Channel, text: str, thread_ts: str | None = None
    ) -> str:
        """Writes a message that begins with the app's name; it comes as a message and as a mention."""
        if channel.kind == "im":
            raise NotPossible("a direct message to the app makes no mention")
        name = f"<@{self.bot.id}>"
        message = self.writes(user, text if name in text else f"{name} {text}", channel, thread_ts)
        await self._heard(channel, message, user)
        await self.happens(message_event(channel, message, user, "app_mention"), channel=channel)
        return message.ts

    async def happens(self, inner: JsonObject, *, channel: Channel | None = None) -> Answer | None:
        """Tells the app of an event if it asked for such; None when it did not."""
        kind = str(inner["type"])
        if kind == "message" and channel is not None:
            kind = f"message.{FAMILIES[channel.kind]}"
        if self.subscribed is not None and kind not in self.subscribed:
            return None
        payload = event(self.world, inner, shared=channel is not None and channel.is_ext_shared)
        return await self.deliveries.tell(Envelope(kind="events_api", payload=payload))

    async def resends(self) -> Answer:
        """Sends again what the app was told last: an event as a retry, anything else unchanged."""
        last = self.deliveries.all[-1].envelope
        if last.kind == "events_api":
            again = replace(last, retry=last.retry + 1, reason="http_timeout")
            return await self.deliveries.tell(again)
        return await self.deliveries.ask(last)

    async def echoes(self, message: Message) -> None:
        """Tells the app of a message that it wrote itself, as Slack does."""
        channel = self.world.channels[message.channel]
        await self.happens(message_event(channel, message, self.bot), channel=channel)

    async def deletes_message(self, user: SlackUser, channel: Channel, ts: str) -> None:
        """Takes back a message; who may, is the test's affair."""
        gone = self.world.message(channel, ts)
        channel.messages.remove(gone)
        inner: Json = {"type": "message", "subtype": "message_deleted", "channel": channel.id, "hidden": True}
        more: Json = {"deleted_ts": ts, "previous_message": gone.as_json(), "channel_type": channel.kind}
        await self.happens({**inner, **more, "user": user.id, "ts": self.world.numbers.ts()}, channel=channel)

    async def opens_home(self, user: SlackUser) -> None:
        """Looks at the app's Home."""
        home = self.home(user)
        shown: Json = {"view": self.views.as_json(home)} if home else {}
        inner = {"type": "app_home_opened", "user": user.id, "channel": self.dm(user).id, "tab": "home"}
        await self.happens({**inner, **shown})

    async def starts_assistant(self, user: SlackUser) -> str:
        """Opens a new conversation with the app as an assistant; gives the ts of its thread."""
        channel = self.dm(user)
        root = Message(
            channel=channel.id,
            ts=self.world.numbers.ts(),
            user=self.bot.id,
            text="New Assistant Thread",
            team=self.team_id,
            bot_id=self.world.bot_id,
            app_id=self.world.app_id,
        )
        root.thread_ts = root.ts
        channel.messages.append(root)
        thread: Json = {"user_id": user.id, "channel_id": channel.id, "thread_ts": root.ts, "context": {}}
        await self.happens({"type": "assistant_thread_started", "assistant_thread": thread})
        return root.ts

    async def joins(self, user: SlackUser, channel: Channel) -> None:
        """Comes into a channel; the app itself is invited the same way."""
        channel.members.append(user.id)
        await self._membership("member_joined_channel", user, channel)

    async def leaves(self, user: SlackUser, channel: Channel) -> None:
        """Leaves a channel; the app itself is removed the same way."""
        channel.members.remove(user.id)
        await self._membership("member_left_channel", user, channel)

    async def kicks_bot(self, channel: Channel) -> None:
        """Removes the app from a channel."""
        await self.leaves(self.bot, channel)

    async def archives(self, user: SlackUser, channel: Channel) -> None:
        """Archives a channel."""
        channel.is_archived = True
        await self.happens({"type": "channel_archive", "channel": channel.id, "user": user.id})

    async def uninstalls(self) -> None:
        """Removes the app from the workspace: its token is worth nothing from now on."""
        self.world.app_is = "removed"
        await self.happens({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot.id]}})
        await self.happens({"type": "app_uninstalled"})

    async def _membership(self, kind: str, user: SlackUser, channel: Channel) -> None:
        letter = "G" if channel.kind == "group" else "C"
        inner = {"type": kind, "user": user.id, "channel": channel.id, "channel_type": letter}
        if self.bot.id in channel.members or user is self.bot:
            await self.happens({**inner, "team": self.team_id})

    def writes(self, user: SlackUser, text: str, channel: Channel, thread_ts: str | None = None) -> Message:
        """Writes a message of which the app is not told, as when it is away."""
        if user.deleted or user.id not in channel.members:
            raise NotPossible(f"{user.name} cannot write there")
        if channel.is_archived:
            raise NotPossible("the channel is archived")
        said, blocks = as_sent(text)
        message = Message(
            channel=channel.id,
            ts=self.world.numbers.ts(),
            user=user.id,
            text=said,
            team=user.team_id,
            blocks=blocks,
            thread_ts=thread_ts,
        )
        channel.messages.append(message)
        return message

    async def _heard(self, channel: Channel, message: Message, user: SlackUser) -> None:
        if self.bot.id in channel.members:
            await self.happens(message_event(channel, message, user), channel=channel)
