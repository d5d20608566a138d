"""What the listeners of Teams work with: the seams, the people, and the ways of answering somebody."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.cards.answer import Answer
from bot.chat.background import Background
from bot.chat.proving import Proving
from bot.chat.refusing import note_refused
from bot.chat.teams.conversations import TEAMS, KnownConversations
from bot.chat.teams.events import Kind, Turn
from bot.chat.teams.people import TeamsPeople
from bot.chat.teams.shown.answer import answer_cards
from bot.chat.teams.surface import TeamsSurface
from bot.domain.errors import Refusal
from bot.domain.events import Notice, NoticeKind
from bot.domain.people import Person
from bot.flow.seams import Seams
from bot.ports.chat import Inbox, Postings
from bot.ports.outside import Gone, Unreachable

MENTIONS: Final = 20
"""Persons whom one text may name by their addresses."""
BROKEN: Final = "Something went wrong here, and it is in the log. Look at the card whether it was done."
IN_OUR_CHAT: Final = "I have answered you in our own chat, because others can read this."
_MENTION: Final = re.compile(r"<@([^<>|]{1,400})(?:\|([^<>]{0,400}))?>")

log = structlog.get_logger()


class NoChatWithYou(Refusal):
    """I cannot write to you alone: I am not installed for you. Add me under Apps in Teams, then try again."""

    kind = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Everything that the listeners of one process share."""

    seams: Seams
    people: TeamsPeople
    conversations: KnownConversations
    surface: TeamsSurface
    inbox: Inbox
    postings: Postings
    proving: Proving | None = None
    """Has accounts prove who they are by signing in; None where nobody can sign in."""
    background: Background = field(default_factory=Background)

    async def person(self, turn: Turn, *, action: str, deciding: bool = False) -> Person:
        """Gives who it is; somebody who may not do it is noted in the audit log.

        Raises:
            Refusal: nobody known, or an account that may not.
        """
        try:
            return await self.people.person(turn, deciding=deciding)
        except Unreachable:
            raise
        except Refusal as refusal:
            if refusal.kind == "unavailable":
                raise
            await note_refused(self.seams, refusal, surface=TEAMS, user=turn.user, action=action)
            raise

    async def is_first(self, turn: Turn, key: str) -> bool:
        """Whether something is done for the first time; it is noted as done, for what Teams tells twice.

        Raises:
            StoreUnreachable: it cannot be noted.
        """
        seams = self.seams
        begun = await self.postings.begin(seams.tenant, TEAMS, key, place=turn.place, now=seams.clock.now())
        return begun.is_new

    async def forget(self, key: str) -> None:
        """Forgets that something was done."""
        await self.postings.forget(self.seams.tenant, TEAMS, key)

    async def read(self, turn: Turn, text: str) -> str:
        """Gives a text as people read it, with those whom it mentions by their addresses.

        Raises:
            Unreachable, DirectoryUnreachable: who is named cannot be found out at the moment.
        """
        names: dict[str, str] = {}
        for account in list(dict.fromkeys(one[1] for one in _MENTION.finditer(text)))[:MENTIONS]:
            person = await self.people.mentioned(turn, account)
            if person is not None:
                names[account] = person.email
        return _MENTION.sub(lambda one: names.get(one[1]) or f"@{one[2] or one[1]}", text)

    async def private(self, turn: Turn) -> str:
        """Gives the place of the bot's chat with whoever did something; it is opened if need be.

        Raises:
            NoChatWithYou: there is none, and none can be opened.
            Unreachable: it cannot be found out at the moment.
        """
        if turn.kind is Kind.PERSONAL:
            return turn.place
        try:
            return await self.surface.opened(self.people.user_of(turn), "you")
        except Gone as refusal:
            raise NoChatWithYou from refusal

    async def tell(self, turn: Turn, text: str, *, key: str = "") -> None:
        """Says something to whoever did something, in their chat with the bot."""
        place = await self.private(turn)
        await self.surface.say(place, text, key=key or fresh(self.seams, turn, text))

    async def tell_later(self, turn: Turn, text: str) -> None:
        """Has something said to somebody as soon as they can be reached; nothing to strangers."""
        person = await self.people.known(turn)
        if person is None:
            return
        async with self.seams.store.unit(self.seams.tenant) as unit:
            await unit.outbox.add(Notice(kind=NoticeKind.SAY, person=person.id, text=text))
        self.seams.bell.ring()

    async def show_answer(self, turn: Turn, answer: Answer, *, key: str = "") -> None:
        """Shows the answer to a command to its writer alone; elsewhere it only stands that it was given."""
        place = await self.private(turn)
        base = key or fresh(self.seams, turn, answer.title)
        for number, card in enumerate(answer_cards(answer)):
            await self.surface.show(place, card, summary=answer.title, key=f"{base}/{number}")
        if place != turn.place:
            await self.point(turn, IN_OUR_CHAT, key=f"{base}/pointer")

    async def point(self, turn: Turn, text: str, *, key: str) -> None:
        """Says where something was done that others must not read; where it cannot be said, nothing."""
        try:
            await self.surface.say(turn.place, text, key=key, thread=turn.thread)
        except Gone as refusal:
            log.info("teams.unpointed", why=type(refusal).__name__)


def fresh(seams: Seams, turn: Turn, text: str) -> str:
    """Gives a key for an answer that is given once, whatever was answered before."""
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"answer/{turn.place}/{turn.id or seams.ids.new()}/{mark}"
