"""The four calls, as the SDK makes them: one try each, on the SDK's own thread."""

from collections.abc import Awaitable, Callable
from typing import Final

from botbuilder.core import BotAdapter, TurnContext
from botbuilder.schema import ChannelAccount, ConversationParameters

from bot.chat.teams.connector.adapter import Verbatim, adapter_of, reference_of
from bot.chat.teams.connector.sending import Sender
from bot.documents.json_reading import object_at, text_at
from bot.domain.canonical import JsonObject, JsonValue
from bot.outgoing.outcomes import Lost

CHANNEL: Final = "msteams"

Work = Callable[[TurnContext], Awaitable[None]]


class Turns:
    """Each call raises `Declined`, `Unsent`, `Lost`, or what there is to say where there is no token."""

    def __init__(self, sender: Sender, *, app_id: str) -> None:
        self._adapter = adapter_of(sender)
        self._app_id = app_id

    async def send(self, reference: JsonObject, activity: JsonObject) -> str:
        """Gives the id of what was posted."""
        found: list[str | None] = []

        async def work(context: TurnContext) -> None:
            sent = await self._adapter.send_activities(context, [_verbatim(reference, activity)])
            found.append(sent[0].id)

        await self._within(reference, work)
        return _there(found)

    async def update(self, reference: JsonObject, activity_id: str, activity: JsonObject) -> None:
        """Replaces an activity."""
        changed = {**activity, "id": activity_id}

        async def work(context: TurnContext) -> None:
            await self._adapter.update_activity(
                context, _verbatim(reference, changed, activity_id=activity_id)
            )

        await self._within(reference, work)

    async def member(self, reference: JsonObject, user: str) -> JsonObject:
        """Gives what the connector says of a member."""
        found: list[JsonObject] = []
        conversation = text_at(reference, "conversation", "id")

        async def work(context: TurnContext) -> None:
            client = context.turn_state[BotAdapter.BOT_CONNECTOR_CLIENT_KEY]
            answer = await client.conversations.get_conversation_member(conversation, user, raw=True)
            found.append(answer.response.found)

        await self._within(reference, work)
        return found[0]

    async def open(self, service_url: str, tenant: str, user: str) -> str:
        """Gives the id of the private conversation with the user."""
        found: list[str | None] = []
        parameters = ConversationParameters(
            bot=ChannelAccount(id=bot_id(self._app_id)),
            members=[ChannelAccount(id=user)],
            is_group=False,
            tenant_id=tenant,
            channel_data={"tenant": {"id": tenant}},
        )

        async def work(context: TurnContext) -> None:
            found.append(context.activity.conversation.id)

        try:
            await self._adapter.create_conversation(self._app_id, work, parameters, CHANNEL, service_url)
        except ValueError as error:  # an answer of another shape than the SDK knows
            raise Lost(type(error).__name__) from None
        return _there(found)

    async def _within(self, reference: JsonObject, work: Work) -> None:
        try:
            await self._adapter.continue_conversation(reference_of(reference), work, self._app_id)
        except ValueError as error:  # an answer of another shape than the SDK knows
            raise Lost(type(error).__name__) from None


def bot_id(app_id: str) -> str:
    """Gives the bot's id as Teams says it."""
    return f"28:{app_id}"


def _verbatim(reference: JsonObject, activity: JsonObject, *, activity_id: str = "") -> Verbatim:
    """Gives the activity; it says where it belongs, too."""
    said: dict[str, JsonValue] = {
        "channelId": text_at(reference, "channelId"),
        "serviceUrl": text_at(reference, "serviceUrl"),
        "conversation": object_at(reference, "conversation"),
    }
    for name, party in (("from", "bot"), ("recipient", "user")):
        if text_at(reference, party, "id"):
            said[name] = object_at(reference, party)
    return Verbatim(
        {**said, **activity}, conversation=text_at(reference, "conversation", "id"), activity_id=activity_id
    )


def _there(found: list[str | None]) -> str:
    """Gives the id in an answer; without one it cannot be known what was done."""
    if not found or not isinstance(found[0], str) or not found[0]:
        raise Lost("no id")
    return found[0]
