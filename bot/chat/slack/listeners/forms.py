"""The forms with which people ask for something, opened by command, shortcut or button."""

from typing import Final

from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.listeners.front import Front, Who
from bot.chat.slack.listeners.submissions import Outcome
from bot.chat.slack.manifest import ASK_ABOUT
from bot.chat.slack.modals.ask import TEXT, ask_view, asked_text
from bot.chat.slack.modals.request_form import (
    NOTE,
    Origin,
    note_of,
    origin_of,
    request_errors,
    request_of,
    request_view,
    tool_picker_view,
)
from bot.chat.slack.modals.tool_picker import picked_tool, tool_options
from bot.chat.slack.workspaces import SLACK
from bot.chat.tool_choice import offered
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.tools import CatalogTool
from bot.flow.choosable import tools_for
from bot.flow.form import Form, TakeForm
from bot.flow.intake import Intake, Message
from bot.flow.refusals import BadForm, NothingSaid, TooMuchText

FILL_IN: Final = "Nothing is sent yet: open the form again and fill in the fields of what you picked."
SENT: Final = "Sent. I go on in our direct message."


class NotOfferedNow(Refusal):
    """This tool is not offered to you any more. Close the form and open it again."""

    kind = "conflict"


class Forms:
    """Opens forms, follows what is picked in them, and takes them in."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._intake = Intake(front.seams)
        self._take = TakeForm(front.seams)

    async def shortcut(self, who: Who, body: JsonObject) -> None:
        """Opens what a shortcut is for."""
        trigger = text_at(body, "trigger_id")
        if text_at(body, "callback_id") == ASK_ABOUT:

            async def draw() -> Block:
                await self._front.person(who, action="ask")
                text = await self._front.read(who.workspace, text_at(body, "message", "text"))
                return ask_view(text, metadata={})

            await self._front.in_modal(who, trigger, draw)
        else:
            await self.open_request(who, trigger)

    async def open_request(self, who: Who, trigger: str) -> None:
        """Opens the request form."""

        async def draw() -> Block:
            person = await self._front.person(who, action="request")
            return tool_picker_view(offered(await self._tools(person)), origin=Origin())

        await self._front.in_modal(who, trigger, draw)

    async def changed(self, who: Who, view: JsonObject, action: JsonObject) -> None:
        """Shows the fields of the tool that was picked."""
        if text_at(action, "action_id") != "tool":
            return

        async def draw() -> Block:
            person = await self._front.person(who, action="request")
            tools = {one.id: one for one in await self._tools(person)}
            listed = offered(tools.values())
            picked = picked_tool(view, listed)
            if picked is None:
                return tool_picker_view(listed, origin=origin_of(view), note=note_of(view))
            return request_view(tools[picked], listed, origin=origin_of(view), note=note_of(view))

        await self._front.into(who, text_at(view, "id"), draw)

    async def options(self, who: Who, body: JsonObject) -> dict[str, list[Block]]:
        """Gives the tools that a search in a form's picker finds."""
        try:
            tools = offered(await self._tools(await self._front.person(who, action="request")))
        except Refusal:
            return {"options": []}
        return tool_options(tools, text_at(body, "value"))

    async def request(self, who: Who, view: JsonObject) -> Outcome:
        """Takes a filled request form in."""
        person = await self._front.person(who, action="request")
        tools = {one.id: one for one in await self._tools(person)}
        wanted, listed = origin_of(view).tool, offered(tools.values())
        picked = picked_tool(view, listed)
        if picked is not None and picked != wanted:
            # Sent before the fields of what was picked were there.
            shown = request_view(tools[picked], listed, origin=origin_of(view), note=note_of(view))
            return Outcome(view=shown, sentence=FILL_IN)
        tool = tools.get(wanted) if wanted else None
        if wanted is not None and tool is None:
            raise NotOfferedNow
        filled = request_of(view, tool)
        if filled.problems:
            return Outcome(errors=filled.problems)
        if tool is None:
            return await self._asked(who, person, filled.note, view, block=NOTE)
        form = Form(
            surface=SLACK,
            place=await self._front.surface.private(who.workspace, who.user),
            person=person.id,
            tool=tool.id,
            arguments=filled.arguments,
            note=filled.note,
            key=_key(view),
        )
        try:
            await self._take(form)
        except BadForm as refusal:
            return Outcome(errors=request_errors(tool, refusal.fields, view=view), sentence=refusal.sentence)
        return Outcome(sentence=SENT)

    async def ask(self, who: Who, view: JsonObject) -> Outcome:
        """Takes the words of a shortcut in."""
        person = await self._front.person(who, action="ask")
        return await self._asked(who, person, asked_text(view), view, block=TEXT)

    async def _asked(self, who: Who, person: Person, text: str, view: JsonObject, *, block: str) -> Outcome:
        try:
            await self.take_words(who, person, text, key=_key(view))
        except (NothingSaid, TooMuchText) as refusal:
            return Outcome(errors={block: refusal.sentence}, sentence=refusal.sentence)
        return Outcome(sentence=SENT)

    async def take_words(self, who: Who, person: Person, text: str, *, key: str) -> None:
        """Takes words in as a direct message to the bot.

        Raises:
            Refusal: no text, or too much of it.
        """
        place = await self._front.surface.private(who.workspace, who.user)
        await self._intake(Message(surface=SLACK, place=place, person=person.id, text=text, key=key))

    async def _tools(self, person: Person) -> list[CatalogTool]:
        return await tools_for(self._front.seams, person, surface=SLACK)


def _key(view: JsonObject) -> str:
    return f"view/{text_at(view, 'id')}"
