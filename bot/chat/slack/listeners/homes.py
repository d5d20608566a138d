"""Publishes App Homes: when they are opened, and again when what they show has changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.cards.model import Card
from bot.chat.background import Background
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
from bot.flow.queue import MyQueue
from bot.flow.recent import recent_items
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser, Homes

OPEN_FOR: Final = timedelta(hours=1)
"""How long a page is taken to be open; Slack does not say when one is left."""
LOOKED_AT: Final = timedelta(minutes=10)
"""How long after it was opened a page is looked at by itself, without anything that its person is told."""
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
        self._background = Background()
        self._drawing = asyncio.Lock()

    async def opened(self, who: Who) -> None:
        """Publishes the page of somebody who just opened it."""
        try:
            person = await self._people.person(who.workspace, who.user)
        except Refusal as refusal:
            await self._publish(who.workspace, who.user, refused_view(refusal.sentence))
            return
        user, now = who.workspace.user(who.user), self._seams.clock.now()
        if (await self._people.account(who.workspace, who.user)).is_guest:
            # Guests decide nothing, so they see what they asked for and nothing that is asked of them.
            queue = replace(await self._queue(person), approvals=(), approvals_left=0, glance=None)
            view = home_view(queue, {}, await recent_items(self._seams, person))
            await self._publish(who.workspace, who.user, view)
            return
        await self._homes.opened(self._seams.tenant, user, person.id, now=now)
        await self._draw(who.workspace, user, person, known="")

    async def changed(self, persons: Sequence[Person]) -> None:
        """Begins to publish the pages of these persons anew, if they may be open and show something else."""
        self._background.start(self._redraw({person.id for person in persons}, OPEN_FOR), "homes")

    def look(self) -> None:
        """Begins to publish open pages anew that show something else now; at most every 20 seconds."""
        now = self._seams.clock.now()
        if self._looked is not None and now < self._looked + EVERY:
            return
        if self._drawing.locked():
            return
        self._looked = now
        self._background.start(self._redraw(None, LOOKED_AT), "homes")

    async def close(self) -> None:
        """Waits until everything that was begun is published."""
        await self._background.drain()

    async def _redraw(self, wanted: set[PersonId] | None, lately: timedelta) -> None:
        async with self._drawing:
            await self._redrawn(wanted, self._seams.clock.now() - lately)

    async def _redrawn(self, wanted: set[PersonId] | None, since: datetime) -> None:
        for page in await self._homes.since(self._seams.tenant, SLACK, since):
            if wanted is not None and page.person not in wanted:
                continue
            try:
                workspace = await self._workspaces.of_scope(page.user.team)
                person = await self._seams.directory.person(page.person)
                if workspace is not None and person is not None and person.enabled:
                    await self._draw(workspace, page.user, person, known=page.drawn)
            except Refusal as refusal:
                log.info("home.stale", why=type(refusal).__name__)

    async def _draw(self, workspace: Workspace, user: ChatUser, person: Person, *, known: str) -> None:
        queue = await self._queue(person)
        present = Present(self._seams)
        cards: dict[str, Card] = {}
        for item in queue.approvals[:_WHOLE]:
            card = await present(item.card, person, about=item.request)
            if card is not None:
                cards[item.card] = card
        view = home_view(queue, cards, await recent_items(self._seams, person))
        mark = digest(view)
        if mark != known:
            await self._publish(workspace, user.id, view)
            await self._homes.drawn(self._seams.tenant, user, mark=mark)

    async def _publish(self, workspace: Workspace, user: str, view: Block) -> None:
        await answer("views.publish", lambda: workspace.client.views_publish(user_id=user, view=view))
