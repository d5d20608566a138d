"""The Teams surface going out: cards and texts into private chats, threads and the channel for notes."""

import hashlib
from collections.abc import Sequence
from typing import Final

import structlog
from typing_extensions import override

from bot.cards.model import Card
from bot.chat.private_notes import note_each
from bot.chat.teams.connector.calls import Connector, NotAccepted, NotHere
from bot.chat.teams.conversations import TEAMS, KnownConversations, is_private
from bot.chat.teams.graph import NotPermitted
from bot.chat.teams.kit.dialogless import without_dialogs
from bot.chat.teams.people import Lookup, TeamsPeople
from bot.chat.teams.posting import Poster, card_activity, text_activity
from bot.chat.teams.shown.card import render
from bot.chat.teams.shown.says import notified, reads_alike, spoken, told_card, unshown
from bot.domain.canonical import JsonObject
from bot.domain.people import Person
from bot.domain.requests import RequestId
from bot.flow.seams import Seams
from bot.flow.tell_once import TellOnce
from bot.ports.chat import ChatUser, Postings
from bot.ports.outside import Gone, Surface

NOT_TAKEN: Final = (
    "Microsoft Teams does not take my answer as it is. Ask for less at once; if that is of no use, "
    "IT finds the reason in the log."
)

log = structlog.get_logger()


class TeamsSurface(Surface):
    """Every person has a private chat with the bot; in a channel a request lives in its thread."""

    def __init__(
        self,
        *,
        seams: Seams,
        connector: Connector,
        conversations: KnownConversations,
        people: TeamsPeople,
        poster: Poster,
        postings: Postings,
        lookup: Lookup | None,
        triage: str,
        has_dialogs: bool,
    ) -> None:
        """Takes what it works with.

        Args:
            seams: the tenant's, without its surfaces.
            connector: the way out.
            conversations: where the bot is.
            people: who is behind which account.
            poster: posts messages once.
            postings: what was posted.
            lookup: has the bot installed for people; None where that is not to be had.
            triage: the channel for internal notes, unless the tenant names one; empty for none.
            has_dialogs: whether the clients open dialogs; Teams' own do.
        """
        self._has_dialogs = has_dialogs
        self._seams = seams
        self._connector = connector
        self._conversations = conversations
        self._people = people
        self._poster = poster
        self._postings = postings
        self._lookup = lookup
        self._triage = triage
        self._tell = TellOnce(seams, postings)

    @property
    @override
    def name(self) -> str:
        return TEAMS

    @override
    async def reach(self, person: Person) -> str | None:
        accounts = await self._accounts_of(person)
        return await self.opened(accounts[0], person.name) if accounts else None

    async def _accounts_of(self, person: Person) -> tuple[ChatUser, ...]:
        """Gives the person's accounts as far as they can be found out; admins are told where they cannot."""
        try:
            return await self._people.accounts_of(person)
        except NotPermitted as refusal:
            await self._tell.admins("teams/lookup", refusal.sentence)
            return ()

    async def opened(self, user: ChatUser, name: str) -> str:
        """Gives the place of the bot's chat with a user, for whom it is installed if need be.

        Raises:
            NotHere: it is not installed for them, and cannot be.
            Unreachable: Teams does not answer, or does not let the bot in.
        """
        try:
            return await self._conversations.open(user)
        except NotHere as refusal:
            if self._lookup is None:
                raise _not_here(name) from refusal
        try:
            await self._lookup.install_for(user.id)
        except NotPermitted as refusal:
            await self._tell.admins("teams/install", refusal.sentence)
            raise _not_here(name) from refusal
        try:
            return await self._conversations.open(user)
        except NotHere as refusal:
            raise _not_here(name) from refusal

    @override
    def is_private(self, place: str) -> bool:
        return is_private(place)

    @override
    async def send(self, place: str, card: Card, *, key: str, thread: str = "") -> str:
        try:
            posted, is_old = await self._posted(place, card, key=key, thread=thread)
        except Gone:
            if is_private(place):
                await self._conversations.forget(place)
            raise
        if not is_old:
            return posted
        try:
            # An earlier try posted it, and what it says may be older than the card.
            await self.update(place, posted, card)
        except Gone:
            await self._postings.forget(self._seams.tenant, TEAMS, key)
            raise
        return posted

    async def _posted(self, place: str, card: Card, *, key: str, thread: str) -> tuple[str, bool]:
        try:
            return await self._poster(place, self._whole(card), key=key, thread=thread)
        except NotAccepted:
            log.exception("card.unshown", card=card.id)
            return await self._poster(place, self._instead(card), key=key, thread=thread)

    @override
    async def update(self, place: str, reference: str, card: Card) -> None:
        try:
            await self._poster.update(place, reference, self._whole(card))
        except NotAccepted:
            log.exception("card.unshown", card=card.id)
            await self._poster.update(place, reference, self._instead(card))

    @override
    async def say(self, place: str, text: str, *, key: str, thread: str = "") -> None:
        for number, words in enumerate(spoken(text)):
            part = f"{key}/{number}" if number else key
            await self._poster(place, self._said(words), key=f"{part}@{place}", thread=thread)

    async def show(self, place: str, card: JsonObject, *, summary: str, key: str, thread: str = "") -> None:
        """Posts a card that is no copy of a request's card, such as an answer or a form."""
        try:
            await self._poster(place, self._activity(card, notified(summary)), key=key, thread=thread)
        except NotAccepted:
            log.exception("answer.unshown")
            await self.say(place, NOT_TAKEN, key=f"{key}/unshown", thread=thread)

    async def post(self, reference: JsonObject, activity: JsonObject) -> None:
        """Posts something that nobody keeps; for when nothing can be stored."""
        await self._connector.send(reference, activity)

    async def replace(self, place: str, message: str, card: JsonObject, *, summary: str) -> None:
        """Replaces a card that `show` posted."""
        try:
            await self._poster.update(place, message, self._activity(card, notified(summary)))
        except NotAccepted:
            log.exception("answer.unshown")
            await self.say(place, NOT_TAKEN, key=f"{message}/unshown")

    def fitted(self, card: JsonObject) -> JsonObject:
        """Gives a card as this surface's clients can use it."""
        return card if self._has_dialogs else without_dialogs(card)

    def _activity(self, card: JsonObject, summary: str) -> JsonObject:
        return card_activity(self.fitted(card), summary)

    def _said(self, words: str) -> JsonObject:
        """Gives the activity that says something, in a card where a client could read it otherwise."""
        if reads_alike(words):
            return text_activity(words)
        return self._activity(told_card("", words), notified(words))

    def _whole(self, card: Card) -> JsonObject:
        rendered = render(card)
        return self._activity(rendered.card, rendered.summary)

    def _instead(self, card: Card) -> JsonObject:
        return self._activity(unshown(card), notified(card.title))

    @override
    async def note(
        self, request: RequestId, text: str, *, readers: Sequence[Person], hidden_from: Sequence[Person]
    ) -> None:
        channel = await self._triage_channel()
        if channel:
            try:
                if await self._noted_in(channel, request, text, hidden_from):
                    return
            except Gone as refusal:
                log.warning("triage.unreached", why=refusal.sentence)

        async def bring(reader: Person) -> None:
            place = await self.reach(reader)
            if place is not None:
                await self.say(place, text, key=_note_key(request, text))

        await note_each(readers, bring)

    async def _triage_channel(self) -> str:
        seams = self._seams
        async with seams.store.view(seams.tenant) as view:
            return (await view.tenant()).teams_triage_channel or self._triage

    async def _noted_in(
        self, channel: str, request: RequestId, text: str, hidden_from: Sequence[Person]
    ) -> bool:
        """Posts the note in the channel if none of these persons reads it; gives whether it did."""
        place = await self._conversations.channel(channel)
        if place is None:
            return False
        reference = await self._conversations.reference(place)
        for person in hidden_from:
            accounts = await self._accounts_of(person)
            if not accounts:
                # Whether somebody without a known account reads it cannot be found out.
                return False
            for user in accounts:
                if await self._connector.member(reference, user.id) is not None:
                    log.warning("triage.read_by_requester")
                    return False
        await self._in_thread_of(request, place, text)
        return True

    async def _in_thread_of(self, request: RequestId, place: str, text: str) -> None:
        """Posts the note: the first one of a request begins a thread, the others go into it."""
        seams, root = self._seams, f"note/{request}@{place}"
        for number, words in enumerate(spoken(text)):
            first = await self._postings.get(seams.tenant, TEAMS, root)
            posted, _ = await self._poster(
                place,
                self._said(words),
                key=f"{_note_key(request, text)}/{number}@{place}",
                thread=first.reference if first else "",
            )
            if first is None:
                await self._postings.begin(seams.tenant, TEAMS, root, place=place, now=seams.clock.now())
                await self._postings.done(seams.tenant, TEAMS, root, reference=posted)

    @override
    async def changed(self, persons: Sequence[Person]) -> None:
        """Does nothing: no list stays open in Teams; `approvals` draws one whenever it is asked for."""


def _not_here(name: str) -> NotHere:
    return NotHere(name=name, surface="Microsoft Teams", why="the bot is not installed for them")


def _note_key(request: RequestId, text: str) -> str:
    return f"note/{request}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"
