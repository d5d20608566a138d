"""The request form: opened by command, button or message extension, followed step by step, and taken in."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.dialogs.request_form import (
    note_of,
    request_errors,
    request_of,
    request_picked,
    request_view,
    tool_of,
    tool_picker_view,
)
from bot.chat.teams.dialogs.tool_picker import Picked, Wish
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.dialogs.words_form import WORDS, words_view
from bot.chat.teams.events import Kind, Turn
from bot.chat.teams.kit.actions import Press
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.listeners.outcome import Outcome, Told
from bot.chat.tool_choice import offered
from bot.domain.canonical import JsonValue, digest
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.choosable import tools_for
from bot.flow.form import Form, TakeForm
from bot.flow.intake import Intake, Message
from bot.flow.refusals import BadForm, NothingSaid, TooMuchText

SENT: Final = "Sent. I go on in our chat."
SENT_HERE: Final = "Sent."


class NotOfferedNow(Refusal):
    """This tool is not offered to you any more. Close the form and open it again."""

    kind = "conflict"


class Forms:
    """Opens the request form, follows what is picked in it, and takes it in."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._intake = Intake(front.seams)
        self._take = TakeForm(front.seams)

    async def request(self, turn: Turn, *, text: str = "") -> Outcome:
        """Gives the form's first step; with words that are passed on, only these."""
        person = await self._front.person(turn, action="request")
        key = self._front.seams.ids.new()
        if text:
            return words_view(await self._front.read(turn, text), key=key)
        return tool_picker_view(offered(await self._tools(person)), key=key)

    async def picked(self, turn: Turn, press: Press) -> Outcome:
        """Gives the step that a press in a picker leads to."""
        person = await self._front.person(turn, action="request")
        tools = {one.id: one for one in await self._tools(person)}
        found = request_picked(press, offered(tools.values()))
        if found.wish is Wish.WORDS:
            return await self._words(turn, person, press)
        if found.wish is Wish.FIELDS and found.tool is not None:
            return request_view(
                tools[found.tool], key=press.text("key"), note=note_of(press), zone=await self._zone()
            )
        return self._picker(tools, press, found)

    async def sent(self, turn: Turn, press: Press) -> Outcome:
        """Takes a filled form in."""
        person = await self._front.person(turn, action="request")
        tools = {one.id: one for one in await self._tools(person)}
        wanted = tool_of(press)
        if wanted is None:
            return await self._first_step_sent(turn, person, press, tools)
        tool = tools.get(wanted)
        if tool is None:
            raise NotOfferedNow
        zone = await self._zone()
        filled = request_of(press, tool, zone=zone)
        problems = dict(filled.problems)
        if not problems:
            try:
                await self._take(
                    Form(
                        surface=TEAMS,
                        place=await self._front.private(turn),
                        person=person.id,
                        tool=tool.id,
                        arguments=filled.arguments,
                        note=filled.note,
                        key=_key(turn, press.text("key"), [str(tool.id), filled.arguments, filled.note]),
                    )
                )
            except BadForm as refusal:
                problems = request_errors(tool, refusal.fields)
        if problems:
            key = press.text("key")
            return request_view(tool, key=key, typed=press.inputs, errors=problems, zone=zone)
        return Told(sentence=sent_words(turn), is_news=True)

    async def _first_step_sent(
        self, turn: Turn, person: Person, press: Press, tools: Mapping[ToolId, CatalogTool]
    ) -> Outcome:
        """Takes words in; a tool that was picked without its fields shows these first."""
        found = request_picked(press, offered(tools.values()))
        if found.wish is Wish.FIELDS and found.tool is not None:
            return request_view(
                tools[found.tool], key=press.text("key"), note=note_of(press), zone=await self._zone()
            )
        if found.wish is Wish.WORDS or press.text("form") == WORDS or not tools:
            return await self._words(turn, person, press)
        return self._picker(tools, press, found)

    async def _words(self, turn: Turn, person: Person, press: Press) -> Outcome:
        try:
            await self.take_words(
                turn, person, note_of(press), key=_key(turn, press.text("key"), note_of(press))
            )
        except (NothingSaid, TooMuchText) as refusal:
            return words_view(note_of(press), key=press.text("key"), problem=refusal.sentence)
        return Told(sentence=sent_words(turn), is_news=True)

    def _picker(self, tools: Mapping[ToolId, CatalogTool], press: Press, found: Picked) -> DialogView:
        listed = offered(tools.values())
        return tool_picker_view(listed, key=press.text("key"), note=note_of(press), picked=found)

    async def take_words(
        self, turn: Turn, person: Person, text: str, *, key: str, is_here: bool = False
    ) -> None:
        """Takes words in as a message to the bot.

        Args:
            turn: where they come from.
            person: whose they are.
            text: the words.
            key: for what is sent twice.
            is_here: whether they are answered where they were written; else in the private chat.

        Raises:
            Refusal: no text, or too much of it.
        """
        place = turn.place if is_here else await self._front.private(turn)
        thread = turn.thread if is_here else ""
        await self._intake(
            Message(surface=TEAMS, place=place, person=person.id, text=text, key=key, thread=thread)
        )

    async def _tools(self, person: Person) -> list[CatalogTool]:
        return await tools_for(self._front.seams, person, surface=TEAMS)

    async def _zone(self) -> tzinfo:
        seams = self._front.seams
        async with seams.store.view(seams.tenant) as view:
            return (await view.tenant()).zone


def _key(turn: Turn, key: str, content: JsonValue) -> str:
    """Gives the key of a form, which only its own sender can name; filled in otherwise it is another one."""
    return f"form/{turn.user}/{key[:200]}/{digest(content)[:16]}"


def sent_words(turn: Turn) -> str:
    """Gives what is said once a form is sent: that it goes on elsewhere, where it does."""
    return SENT_HERE if turn.kind is Kind.PERSONAL else SENT
