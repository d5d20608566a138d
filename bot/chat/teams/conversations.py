"""Where the bot can write in Teams: nothing tells it but what comes from there, so that is kept."""

from datetime import datetime, timedelta
from typing import Final

from bot.chat.teams.access import Access
from bot.chat.teams.connector.calls import Connector, NotHere, TeamsGone
from bot.chat.teams.events import Kind, Turn
from bot.documents.json_reading import object_at, text_at
from bot.domain.canonical import JsonObject, JsonValue, digest
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser, Conversation, Conversations

TEAMS: Final = "teams"
REFRESHED: Final = timedelta(hours=12)
"""How often an unchanged conversation is noted as heard of."""


class NoSuchPlace(TeamsGone):
    """The bot was removed from this conversation in Teams."""


class KnownConversations:
    """The conversations of one tenant."""

    def __init__(self, *, seams: Seams, access: Access, stored: Conversations, connector: Connector) -> None:
        self._seams = seams
        self._access = access
        self._stored = stored
        self._connector = connector

    async def heard(self, turn: Turn, scope: str) -> None:
        """Keeps the conversation of something that came in; what is known already is not written again."""
        user = turn.user if turn.kind is Kind.PERSONAL else ""
        now = self._seams.clock.now()
        known = await self._stored.get(self._seams.tenant, TEAMS, turn.place)
        is_same = (
            known is not None
            and (known.team, known.user) == (scope, user)
            and digest(known.reference) == digest(turn.reference)
        )
        if known is None or not is_same or now >= known.at + REFRESHED:
            await self._keep(turn.place, scope, user, turn.reference, now)

    async def _keep(self, place: str, scope: str, user: str, reference: JsonObject, now: datetime) -> None:
        conversation = Conversation(
            surface=TEAMS, place=place, team=scope, user=user, reference=reference, at=now
        )
        await self._stored.put(self._seams.tenant, conversation)

    async def left(self, turn: Turn) -> None:
        """Forgets a conversation from which the bot was removed."""
        await self._stored.remove(self._seams.tenant, TEAMS, turn.place)

    async def forget(self, place: str) -> None:
        """Forgets a conversation that is not there any more."""
        await self._stored.remove(self._seams.tenant, TEAMS, place)

    async def reference(self, place: str, *, thread: str = "") -> JsonObject:
        """Gives the reference of a place, in a thread of it where one is named.

        Raises:
            NoSuchPlace: the bot is not there any more.
        """
        found = await self._stored.get(self._seams.tenant, TEAMS, place)
        if found is None:
            raise NoSuchPlace(name="This conversation", surface="Microsoft Teams", why="the bot is not in it")
        return in_thread(found.reference, thread)

    async def private(self, user: ChatUser) -> str | None:
        """Gives the place of the bot's chat with a user, as far as it is known."""
        found = await self._stored.of_user(self._seams.tenant, TEAMS, team=user.team, user=user.id)
        return found[0].place if found else None

    async def open(self, user: ChatUser) -> str:
        """Gives the place of the bot's chat with a user, which is opened if need be.

        Raises:
            NotHere: the bot is not installed for the user.
            Unreachable: Teams does not answer, or does not let the bot in.
        """
        known = await self.private(user)
        if known is not None:
            return known
        if self._access.is_open:
            # Stand-ins for Teams, one per person, know nobody else's chats.
            raise NotHere(
                name="This person", surface="Microsoft Teams", why="they have not written to it yet"
            )
        newest = await self._stored.newest(self._seams.tenant, TEAMS, team=user.team)
        service_url = text_at(newest.reference, "serviceUrl") if newest else ""
        reference = await self._connector.open_personal(
            service_url=service_url or self._access.service_url, tenant=user.team, user=user.id
        )
        place = f"{Kind.PERSONAL.value}/{text_at(reference, 'conversation', 'id')}"
        await self._keep(place, user.team, user.id, reference, self._seams.clock.now())
        return place

    async def channel(self, channel: str) -> str | None:
        """Gives the place of a channel by its id; None while nothing was ever heard from Teams."""
        place = f"{Kind.CHANNEL.value}/{channel}"
        if await self._stored.get(self._seams.tenant, TEAMS, place) is not None:
            return place
        for team in sorted(self._access.tenants):
            newest = await self._stored.newest(self._seams.tenant, TEAMS, team=team)
            if newest is not None:
                conversation: dict[str, JsonValue] = {
                    "id": channel,
                    "conversationType": "channel",
                    "isGroup": True,
                    "tenantId": text_at(newest.reference, "tenantId"),
                }
                known = {name: value for name, value in newest.reference.items() if name != "user"}
                reference: JsonObject = {**known, "conversation": conversation}
                await self._keep(place, team, "", reference, self._seams.clock.now())
                return place
        return None


def in_thread(reference: JsonObject, thread: str) -> JsonObject:
    """Gives the reference of a thread of a channel; the reference itself for no thread."""
    if not thread:
        return reference
    conversation = object_at(reference, "conversation")
    return {
        **reference,
        "conversation": {**conversation, "id": f"{text_at(conversation, 'id')};messageid={thread}"},
    }


def is_private(place: str) -> bool:
    """Whether only one person reads the place."""
    return place.startswith(f"{Kind.PERSONAL.value}/")
