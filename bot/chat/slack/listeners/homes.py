"""Publishes App Homes: when they are opened, and again when what they show has changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.cards.model import Card
from bot.chat.slack.api import answer
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.listeners.front import Who
from bot.chat.slack.people import SlackPeople
from bot.chat.slack.shown.home import home_view, refused_view
from bot.chat.slack.workspaces import SLACK, Workspace, Workspaces
from bot.domain.canonical import digest
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.flow.present import Present
from bot.flow.queue import MyQueue, QueueItem
from bot.flow.recent import recent_items
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser, Homes
from bot.ports.outside import Unreachable

OPEN_FOR: Final = timedelta(hours=1)
"""How long a page is taken to be open; Slack does not say when one is left."""
EVERY: Final = timedelta(seconds=20)
"""How often open pages are looked at for what nobody is told of, such as a connector that went away."""
_WHOLE: Final = 8
"""Approvals that are shown whole at most; the others are listed."""

log = structlog.get_logger()


class HomePages:
    """Draws App Homes."""

    def __init__(self, *, seams: Seams, workspaces: Workspaces, people: SlackPeople, homes: Homes) -> None:
        self._seams = seams
        self._workspaces = workspaces
        self._people = people
        self._homes = homes
        self._queue = MyQueue(seams)
        self._looked: datetime | None = None

    async def opened(self, who: Who) -> None:
        """Publishes the page of somebody who just opened it."""
        try:
            person = await self._people.person(who.workspace, who.user)
        except Refusal as refusal:
            await self._publish(who.workspace, who.user, refused_view(refusal.sentence))
            return
        user, now = who.workspace.user(who.user), self._seams.clock.now()
        await self._homes.opened(self._seams.tenant, user, person.id, now=now)
        await self._draw(who.workspace, user, person, known="")

    async def changed(self, persons: Sequence[Person]) -> None:
        """Publishes the pages of these persons anew, if they may be open and show something else now."""
        await self._redraw({person.id for person in persons})

    async def look(self) -> None:
        """Publishes open pages anew that show something else now; at most every 20 seconds."""
        now = self._seams.clock.now()
        if self._looked is not None and now < self._looked + EVERY:
            return
        self._looked = now
        await self._redraw(None)

    async def _redraw(self, wanted: set[PersonId] | None) -> None:
        since = self._seams.clock.now() - OPEN_FOR
        for page in await self._homes.since(self._seams.tenant, SLACK, since):
            if wanted is not None and page.person not in wanted:
                continue
            try:
                workspace = await self._workspaces.of_scope(page.user.team)
                person = await self._seams.directory.person(page.person)
                if workspace is not None and person is not None and person.enabled:
                    await self._draw(workspace, page.user, person, known=page.drawn)
            except Unreachable as refusal:
                log.info("home.stale", why=type(refusal).__name__)

    async def _draw(self, workspace: Workspace, user: ChatUser, person: Person, *, known: str) -> None:
        queue = await self._queue(person)
        present = Present(self._seams)
        cards: dict[str, Card] = {}
        for item in queue.approvals[:_WHOLE]:
            card = await present(item.card, person, about=item.request)
            if card is not None:
                cards[item.card] = card
        view = home_view(queue, cards, await self._recent(person))
        mark = digest(view)
        if mark != known:
            await self._publish(workspace, user.id, view)
            await self._homes.drawn(self._seams.tenant, user, mark=mark)

    async def _recent(self, person: Person) -> Sequence[QueueItem]:
        return await recent_items(self._seams, person)

    async def _publish(self, workspace: Workspace, user: str, view: Block) -> None:
        await answer("views.publish", lambda: workspace.client.views_publish(user_id=user, view=view))
