"""The web surface going out: cards and texts into people's chats."""

import hashlib
from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from bot.cards.model import Card
from bot.chat.web.render import card_json
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId, TenantId
from bot.domain.requests import RequestId
from bot.ports.outside import Clock, Surface
from bot.ports.store import ChatItem, ChatLog

BOT: Final = "countersign"
"""Who the bot's own texts are from."""


class WebSurface(Surface):
    """Every person of the tenant has one chat here; its place is the person's id."""

    def __init__(self, tenant: TenantId, log: ChatLog, clock: Clock) -> None:
        self._tenant = tenant
        self._log = log
        self._clock = clock

    @property
    @override
    def name(self) -> str:
        return "web"

    @override
    async def reach(self, person: Person) -> str | None:
        return person.id

    @override
    def is_private(self, place: str) -> bool:
        return True

    @override
    async def send(self, place: str, card: Card, *, key: str, thread: str = "") -> str:
        reference = f"{card.id}/{place}"
        # It stands there already when the process was killed after it was sent, and may say something old.
        await self._log.put(self._tenant, self._item(place, reference, card_json(card)))
        return reference

    @override
    async def update(self, place: str, reference: str, card: Card) -> None:
        await self._log.replace(self._tenant, self._item(place, reference, card_json(card)))

    @override
    async def say(self, place: str, text: str, *, key: str, thread: str = "") -> None:
        content = {"kind": "text", "from": BOT, "text": text}
        await self._log.append(self._tenant, self._item(place, f"{key}/{place}", content))

    @override
    async def note(
        self, request: RequestId, text: str, *, readers: Sequence[Person], hidden_from: Sequence[Person]
    ) -> None:
        content: JsonObject = {
            "kind": "text",
            "from": BOT,
            "text": text,
            "note": True,
            "request": request,
        }
        mark = hashlib.sha256(text.encode()).hexdigest()[:16]
        items = [self._item(one.id, f"note-{request}-{mark}/{one.id}", content) for one in readers]
        await self._log.append(self._tenant, *items)

    @override
    async def changed(self, persons: Sequence[Person]) -> None:
        """Does nothing: the page lists nothing but the chats themselves."""

    def _item(self, place: str, item_id: str, content: JsonObject) -> ChatItem:
        return ChatItem(id=item_id, person=PersonId(place), at=self._clock.now(), content=content)
