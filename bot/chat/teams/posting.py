"""Posts each message once, under a key of our own."""

import asyncio
from weakref import WeakValueDictionary

from bot.chat.teams.connector.calls import Connector, NotAccepted, TeamsAway
from bot.chat.teams.conversations import TEAMS, KnownConversations
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import TenantId
from bot.ports.chat import Postings
from bot.ports.outside import Busy, Clock, Gone, Unreachable

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


class Poster:
    """Posts messages; what is stored as posted is never posted again.

    Teams has no way to look for a message of ours. So what was certainly not posted is forgotten; a try whose
    end is unknown is made again, since a card twice does less harm than a card that never comes: whoever
    presses the copy that is not known any more is answered with how things stand.
    """

    def __init__(
        self,
        *,
        tenant: TenantId,
        connector: Connector,
        conversations: KnownConversations,
        postings: Postings,
        clock: Clock,
    ) -> None:
        self._tenant = tenant
        self._connector = connector
        self._conversations = conversations
        self._postings = postings
        self._clock = clock
        self._under_way: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(
        self, place: str, activity: JsonObject, *, key: str, thread: str = ""
    ) -> tuple[str, bool]:
        """Gives the message's id, and whether an earlier try had posted it already.

        Raises:
            Unreachable: it is not posted, or it is not known; the same key tries again.
        """
        async with self._under_way.setdefault(key, asyncio.Lock()):
            return await self._posted(place, activity, key=key, thread=thread)

    async def _posted(self, place: str, activity: JsonObject, *, key: str, thread: str) -> tuple[str, bool]:
        known = await self._postings.get(self._tenant, TEAMS, key)
        if known is not None and known.reference:
            return known.reference, True
        reference = await self._conversations.reference(place, thread=thread)
        await self._postings.begin(self._tenant, TEAMS, key, place=place, now=self._clock.now())
        try:
            posted = await self._connector.send(reference, activity)
        except TeamsAway:
            raise
        except (Busy, Gone, NotAccepted, Unreachable):
            await self._postings.forget(self._tenant, TEAMS, key)
            raise
        await self._postings.done(self._tenant, TEAMS, key, reference=posted)
        return posted, False

    async def update(self, place: str, message: str, activity: JsonObject, *, thread: str = "") -> None:
        """Replaces a message in place.

        Raises:
            Gone: it is not there any more.
            Unreachable: Teams does not take it now.
        """
        reference = await self._conversations.reference(place, thread=thread)
        await self._connector.update(reference, message, activity)


def card_activity(card: JsonObject, summary: str) -> JsonObject:
    """Gives the activity that shows a card; the summary is what notifications say."""
    attachment: dict[str, JsonValue] = {"contentType": CARD_TYPE, "content": card}
    return {"type": "message", "summary": summary, "attachments": [attachment]}


def text_activity(text: str) -> JsonObject:
    """Gives the activity that says plain text, in which nothing is markup."""
    return {"type": "message", "textFormat": "plain", "text": text}
