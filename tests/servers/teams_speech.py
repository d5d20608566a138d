"""What people say, and how the bot comes and goes; each method returns when the bot has taken it."""

from bot.domain.canonical import JsonObject
from tests.servers.teams_activities import activity, channel_data, said
from tests.servers.teams_delivery import Answer
from tests.servers.teams_sight import Place, Sight
from tests.servers.teams_things import Conversation, Json, Message, NotPossible, TeamsUser


class Speech(Sight):
    """People write, mention, install and remove.

    Raises:
        Unanswered: the bot answered with an error, or not in time.
        NotPossible: Teams’ own client would not let them.
    """

    async def says(
        self, user: TeamsUser, text: str, place: Place | None = None, *, thread: Message | str | None = None
    ) -> Message:
        """Writes to the bot in their own chat, or anywhere; the bot hears of a channel or a group not at all.

        Teams tells a bot only of what mentions it there.
        """
        conversation = self._conversation(place or user)
        message = self.writes(user, text, conversation, thread=thread)
        if conversation.kind == "personal":
            if not conversation.has_bot:
                await self.installs(user)
            await self.deliveries.tells(said(self.world, user, conversation, message, mentions=False))
        return message

    async def mentions(
        self, user: TeamsUser, place: Conversation, text: str, *, thread: Message | str | None = None
    ) -> Message:
        """Writes a message that begins with the bot's name; in a channel a new thread unless one is given."""
        if place.kind == "personal" or not place.has_bot:
            raise NotPossible("the bot cannot be mentioned there")
        message = self.writes(user, text, place, thread=thread)
        await self.deliveries.tells(said(self.world, user, place, message, mentions=True))
        return message

    def writes(
        self, user: TeamsUser, text: str, place: Conversation, *, thread: Message | str | None = None
    ) -> Message:
        """Writes a message that nobody tells the bot of."""
        if user.id not in place.members:
            raise NotPossible(f"{user.name} is no member there")
        root = thread.thread if isinstance(thread, Message) else thread or ""
        if root and (place.kind != "channel" or place.find(root) is None):
            raise NotPossible("there is no such thread")
        given: Json = {"type": "message", "text": text, "textFormat": "plain"}
        return self.world.post(place, user.id, given, root)

    async def installs(self, user: TeamsUser, place: Conversation | None = None) -> None:
        """Installs the bot for themselves, or in a group chat or channel; doing it again tells nothing."""
        conversation = place or self.chat(user)
        if not conversation.has_bot:
            conversation.has_bot = True
            for one in self.of_installing(user, conversation, is_added=True):
                await self.deliveries.tells(one)

    async def uninstalls(self, user: TeamsUser, place: Conversation | None = None) -> None:
        """Removes the bot; what is in the conversation stays readable."""
        conversation = place or self.chat(user)
        if conversation.has_bot:
            conversation.has_bot = False
            for one in self.of_installing(user, conversation, is_added=False):
                await self.deliveries.tells(one)

    async def joins(self, user: TeamsUser, place: Conversation) -> None:
        """Becomes a member of a group chat or a team."""
        place.members.append(user.id)
        await self.deliveries.tells(
            self._membership(user, place, "membersAdded", "teamMemberAdded", user.account())
        )

    async def leaves(self, user: TeamsUser, place: Conversation) -> None:
        """Is a member no more."""
        place.members.remove(user.id)
        await self.deliveries.tells(
            self._membership(user, place, "membersRemoved", "teamMemberRemoved", user.account())
        )

    def of_installing(self, user: TeamsUser, place: Conversation, *, is_added: bool) -> list[Json]:
        """Gives the activities that tell of the bot's coming or going.

        Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
        """
        update = activity(
            self.world, user, place, "installationUpdate", action="add" if is_added else "remove"
        )
        update["channelData"] = {
            **channel_data(place, "message"),
            "settings": {"selectedChannel": {"id": place.id}},
        }
        field = "membersAdded" if is_added else "membersRemoved"
        event = "teamMemberAdded" if is_added else "teamMemberRemoved"
        bot: Json = {"id": self.world.bot_id}
        return [self._membership(user, place, field, event, bot), update]

    def drafts(
        self, user: TeamsUser, text: str, place: Conversation | None = None, *, mentions: bool = False
    ) -> Json:
        """Gives the activity of a message that is not sent, for tests that change it first."""
        conversation = place or self.chat(user)
        given: Json = {"type": "message", "text": text}
        message = Message(
            id=self.world.numbers.message(), conversation=conversation.id, by=user.id, activity=given
        )
        message.thread = message.id if conversation.kind == "channel" else ""
        return said(self.world, user, conversation, message, mentions=mentions)

    async def sends(self, given: JsonObject, *, authorization: str | None = "") -> Answer:
        """Sends any activity with any `Authorization` header; gives the bot's answer, whatever it is."""
        return await self.deliveries.sends(given, authorization=authorization)

    def _membership(
        self, user: TeamsUser, place: Conversation, name: str, event: str, who: JsonObject
    ) -> Json:
        made = activity(self.world, user, place, "conversationUpdate")
        made[name] = [who]
        if place.kind == "channel":
            made["channelData"] = {**channel_data(place), "eventType": event}
        return made
