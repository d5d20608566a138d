"""The Slack surface going out: cards and texts into direct messages, threads and the triage channel."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog
from typing_extensions import override

from bot.cards.model import ALWAYS_ALLOW, APPROVE, IT_DID_NOT_RUN, IT_RAN, Card
from bot.chat.private_notes import note_each
from bot.chat.slack.api import NotAccepted, answer
from bot.chat.slack.kit.blocks import linked, paragraph, rich, section
from bot.chat.slack.people import SlackPeople
from bot.chat.slack.posting import Poster, Words
from bot.chat.slack.shown.card import render
from bot.chat.slack.shown.says import notified, spoken, unshown
from bot.chat.slack.workspaces import SLACK, Workspace, Workspaces, parts_of, place_of
from bot.documents.json_reading import object_at, text_at
from bot.domain.people import Person
from bot.domain.requests import RequestId
from bot.flow.seams import Seams
from bot.ports.chat import Postings
from bot.ports.outside import Gone, Surface, Unreachable

_DECIDING = frozenset({APPROVE, ALWAYS_ALLOW, IT_RAN, IT_DID_NOT_RUN})

log = structlog.get_logger()


class NoSuchWorkspace(Gone):
    """{name} is on a Slack workspace from which the app was removed."""


class NotInstalled(Unreachable):
    """{name} cannot be reached on Slack: the app is in no workspace at the moment."""


class SlackSurface(Surface):
    """Every person has a direct message with the bot; a request lives in the thread of its first message."""

    def __init__(
        self,
        *,
        seams: Seams,
        workspaces: Workspaces,
        people: SlackPeople,
        poster: Poster,
        postings: Postings,
        triage: str,
        draw: Callable[[Sequence[Person]], Awaitable[None]],
    ) -> None:
        """Takes what it works with.

        Args:
            seams: the tenant's, without its surfaces.
            workspaces: where the bot is.
            people: who is behind which account.
            poster: posts messages once.
            postings: what was posted.
            triage: the channel for internal notes, unless the tenant names one; empty for none.
            draw: draws the App Homes of these persons anew.
        """
        self._seams = seams
        self._workspaces = workspaces
        self._people = people
        self._poster = poster
        self._postings = postings
        self._triage = triage
        self._draw = draw
        self._channels: dict[tuple[str, str], str] = {}
        self._guests: set[str] = set()

    @property
    @override
    def name(self) -> str:
        return SLACK

    @override
    async def reach(self, person: Person) -> str | None:
        gone: list[Gone] = []
        workspaces = await self._workspaces.all()
        if not workspaces:
            raise NotInstalled(name=person.name, surface="Slack")
        for workspace in workspaces:
            try:
                account = await self._people.account_of(workspace, person)
                if account is None:
                    continue
                place = place_of(workspace, await self._direct(workspace, account.id))
            except Gone as refusal:
                gone.append(refusal)
                continue
            (self._guests.add if account.is_guest else self._guests.discard)(place)
            return place
        if gone:
            raise gone[0]
        return None

    async def private(self, workspace: Workspace, user: str) -> str:
        """Gives the place of the bot's direct message with a user.

        Raises:
            Unreachable: there is none, or Slack does not answer.
        """
        return place_of(workspace, await self._direct(workspace, user))

    async def _direct(self, workspace: Workspace, user: str) -> str:
        """Gives the channel of the bot's direct message with the user."""
        known = self._channels.get((workspace.scope, user))
        if known is None:
            told = await answer("conversations.open", lambda: workspace.client.conversations_open(users=user))
            known = self._channels[workspace.scope, user] = text_at(told, "channel", "id")
        return known

    @override
    def is_private(self, place: str) -> bool:
        _, _, channel = parts_of(place)
        return channel.startswith("D")

    @override
    async def send(self, place: str, card: Card, *, key: str, thread: str = "") -> str:
        if place in self._guests and any(action.id in _DECIDING for action in card.actions):
            raise Gone(name="A guest", surface="Slack", why="guests decide nothing here")
        workspace, channel = await self._at(place)
        try:
            reference, is_old = await self._poster(
                workspace, channel, _card_words(card), key=key, thread=thread
            )
        except NotAccepted:
            log.exception("card.unshown", card=card.id)
            reference, is_old = await self._poster(workspace, channel, unshown(card), key=key, thread=thread)
        except Gone:
            self._channels = {known: found for known, found in self._channels.items() if found != channel}
            raise
        if not is_old:
            return reference
        try:
            # An earlier try posted it, and what it says may be older than the card.
            await self.update(place, reference, card)
        except Gone:
            await self._postings.forget(self._seams.tenant, SLACK, key)
            raise
        return reference

    @override
    async def update(self, place: str, reference: str, card: Card) -> None:
        workspace, channel = await self._at(place)
        try:
            await self._poster.update(workspace, channel, reference, _card_words(card))
        except NotAccepted:
            log.exception("card.unshown", card=card.id)
            await self._poster.update(workspace, channel, reference, unshown(card))

    @override
    async def say(self, place: str, text: str, *, key: str, thread: str = "") -> None:
        workspace, channel = await self._at(place)
        for number, words in enumerate(spoken(text)):
            part = f"{key}/{number}" if number else key
            await self._poster(workspace, channel, words, key=f"{part}@{place}", thread=thread)

    async def say_link(self, place: str, text: str, link: str, *, key: str, thread: str = "") -> None:
        """Says a text and a link of ours, which can be followed; the same key again says nothing.

        Raises:
            Unreachable: it is not said.
        """
        workspace, channel = await self._at(place)
        words = Words(text=notified(text), blocks=[section(text), rich(paragraph(linked(link)))])
        await self._poster(workspace, channel, words, key=f"{key}@{place}", thread=thread)

    @override
    async def note(
        self, request: RequestId, text: str, *, readers: Sequence[Person], hidden_from: Sequence[Person]
    ) -> None:
        channel = await self._triage_channel()
        for workspace in await self._workspaces.all() if channel else ():
            try:
                if await self._is_safe(workspace, channel, hidden_from):
                    await self._noted(workspace, channel, request, text)
                    return
            except Gone as refusal:
                log.warning("triage.unreached", channel=channel, why=refusal.sentence)

        async def bring(reader: Person) -> None:
            place = await self.reach(reader)
            if place is not None:
                workspace, direct = await self._at(place)
                await self._noted(workspace, direct, request, text)

        await note_each(readers, bring)

    async def _triage_channel(self) -> str:
        seams = self._seams
        async with seams.store.view(seams.tenant) as view:
            return (await view.tenant()).slack_triage_channel or self._triage

    async def _is_safe(self, workspace: Workspace, channel: str, hidden_from: Sequence[Person]) -> bool:
        """Whether the channel is our own organisation's alone, and none of these persons reads it."""
        client = workspace.client
        told = await answer("conversations.info", lambda: client.conversations_info(channel=channel))
        shown = object_at(told, "channel")
        if shown.get("is_ext_shared") is True or shown.get("is_pending_ext_shared") is True:
            log.warning("triage.shared", channel=channel)
            return False
        hidden = [
            account.id
            for person in hidden_from
            if (account := await self._people.account_of(workspace, person)) is not None
        ]
        return not set(hidden) & await self._members(workspace, channel)

    async def _members(self, workspace: Workspace, channel: str) -> set[str]:
        members: set[str] = set()
        cursor = ""
        while True:
            page = partial(workspace.client.conversations_members, channel=channel, limit=200, cursor=cursor)
            told = await answer("conversations.members", page)
            found = told.get("members")
            members.update(str(one) for one in found if one) if isinstance(found, list) else None
            cursor = text_at(told, "response_metadata", "next_cursor")
            if not cursor:
                return members

    async def _noted(self, workspace: Workspace, channel: str, request: RequestId, text: str) -> None:
        """Posts the note: the first one of a request begins a thread, the others go into it."""
        seams = self._seams
        mark = hashlib.sha256(text.encode()).hexdigest()[:16]
        place = place_of(workspace, channel)
        root = f"note/{request}@{place}"
        first = await self._postings.get(seams.tenant, SLACK, f"{root}/first")
        if first is None:
            first = await self._postings.begin(
                seams.tenant, SLACK, f"{root}/first", place=mark, now=seams.clock.now()
            )
        thread = ""
        for number, words in enumerate(spoken(text)):
            if first.place == mark and number == 0:
                thread, _ = await self._poster(workspace, channel, words, key=root)
                continue
            if not thread:
                known = await self._postings.get(seams.tenant, SLACK, root)
                thread = known.reference if known else ""
            await self._poster(workspace, channel, words, key=f"{root}/{mark}/{number}", thread=thread)

    @override
    async def changed(self, persons: Sequence[Person]) -> None:
        await self._draw(persons)

    async def _at(self, place: str) -> tuple[Workspace, str]:
        """Gives the workspace and the channel of a place.

        Raises:
            NoSuchWorkspace: the app was removed from it.
        """
        team, enterprise, channel = parts_of(place)
        found = await self._workspaces.find(team=team, enterprise=enterprise)
        if found is None:
            raise NoSuchWorkspace(name="This conversation")
        return found, channel


def _card_words(card: Card) -> Words:
    rendered = render(card)
    return Words(text=rendered.text, blocks=rendered.blocks)
