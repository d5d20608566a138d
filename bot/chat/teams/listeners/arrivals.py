"""Messages come in: stored before Teams is answered, taken up once, and never lost."""

import hashlib
from collections.abc import Mapping
from typing import Final

from bot.chat.arriving import LINE, Arriving, WordsDoNotDecide, answered
from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.events import Kind, Said, Turn
from bot.chat.teams.listeners.commands import Commands
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.listeners.proofs import Proofs
from bot.documents.json_reading import object_at, text_at
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import Person
from bot.domain.requests import RequestId
from bot.flow.intake import Intake, Message

POINTER: Final = "This belongs to a request of yours that is open already. I go on where you asked first."
_TURN: Final = ("id", "conversation", "thread", "tenant", "user", "account", "reply_to")


class Arrivals:
    """Takes messages in."""

    def __init__(self, front: Front, commands: Commands, *, worker: str) -> None:
        self._front = front
        self._seams = front.seams
        self._commands = commands
        self._intake = Intake(front.seams)
        self._proofs = Proofs(front)
        self._arriving = Arriving(
            seams=front.seams,
            inbox=front.inbox,
            surface=TEAMS,
            background=front.background,
            worker=worker,
            take_up=self._take_up,
        )

    async def keep(self, said: Said) -> bool:
        """Stores a message; False for what is not for the bot, or came before.

        Raises:
            StoreUnreachable: it is not stored, so Teams must not be told that it was taken.
        """
        if not said.is_for_bot and not await self._is_ours(said.turn):
            return False
        return await self._arriving.keep(_key(said.turn), _content(said))

    async def take(self) -> None:
        """Begins to take up all that is due; what came in one conversation in the order in which it came."""
        await self._arriving.take()

    async def _is_ours(self, turn: Turn) -> bool:
        """Whether a message without a mention is a reply in the thread of the writer's own request."""
        if turn.kind is not Kind.CHANNEL or not turn.thread or not turn.user:
            return False
        async with self._seams.store.view(self._seams.tenant) as view:
            link = await view.links.of_user(self._front.people.user_of(turn))
            if link is None:
                return False
            found = await view.requests.in_thread(link.person, TEAMS, turn.place, turn.thread)
        return found is not None

    async def _take_up(self, content: JsonObject, *, last: bool) -> None:
        turn, text = _turn(content), text_at(content, "text")

        async def take_in() -> None:
            if await self._proofs.took_code(turn, text, key=_key(turn)):
                return
            person = await self._proofs.person(turn, key=_key(turn))
            if person is not None and not await self._commands.written(turn, person, text, key=_key(turn)):
                await self._request(turn, person, text)

        async def say(sentence: str) -> None:
            mark = hashlib.sha256(sentence.encode()).hexdigest()[:16]
            await self._front.surface.say(
                turn.place, sentence, key=f"refused/{_key(turn)}/{mark}", thread=turn.thread
            )

        await answered(take_in, say, last=last)

    async def _request(self, turn: Turn, person: Person, text: str) -> None:
        is_reply = bool(turn.thread) and turn.thread != turn.id
        about = await self._answered_card(turn, person) if is_reply else None
        request_id = await self._intake(
            Message(
                surface=TEAMS,
                place=turn.place,
                person=person.id,
                text=await self._front.read(turn, text),
                key=_key(turn),
                thread=turn.thread,
                is_reply=is_reply,
                about=about,
            )
        )
        async with self._seams.store.view(self._seams.tenant) as view:
            request = await view.requests.get(request_id)
        if request is not None and (request.place, request.thread) != (turn.place, turn.thread):
            await self._front.surface.say(
                turn.place, POINTER, key=f"pointer/{_key(turn)}", thread=turn.thread
            )

    async def _answered_card(self, turn: Turn, person: Person) -> RequestId | None:
        """Gives the request whose card the message answers; None where its thread begins with no card.

        Raises:
            WordsDoNotDecide: the card asks somebody for a decision, which words never are.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            copy = await view.outbox.copy_at(TEAMS, turn.place, turn.thread)
        if copy is None:
            return None
        if copy.card.startswith("status-") and copy.person == person.id:
            return RequestId(copy.card.removeprefix("status-"))
        raise WordsDoNotDecide


def _key(turn: Turn) -> str:
    return f"{turn.place}/{turn.thread}/{turn.id}"


def _content(said: Said) -> JsonObject:
    """Gives what is kept of a message until it is taken up."""
    turn: dict[str, JsonValue] = {name: getattr(said.turn, name) for name in _TURN}
    turn |= {"kind": said.turn.kind.value, "reference": said.turn.reference}
    return {LINE: said.turn.place, "turn": turn, "text": said.text}


def _turn(content: JsonObject) -> Turn:
    kept: Mapping[str, JsonValue] = object_at(content, "turn")
    return Turn(
        id=text_at(kept, "id"),
        kind=Kind(text_at(kept, "kind")),
        conversation=text_at(kept, "conversation"),
        thread=text_at(kept, "thread"),
        tenant=text_at(kept, "tenant"),
        user=text_at(kept, "user"),
        account=text_at(kept, "account"),
        reply_to=text_at(kept, "reply_to"),
        reference=object_at(kept, "reference"),
    )
