"""The forms that people open by command, shortcut or button: ask for something, set a policy."""

from collections.abc import Sequence
from typing import Final

from bot.cards.answer import Answer
from bot.chat.slack.api import object_of, text_at
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.listeners.front import Front, Who
from bot.chat.slack.listeners.submissions import Outcome, told
from bot.chat.slack.manifest import ASK_ABOUT
from bot.chat.slack.modals.ask import TEXT, ask_view, asked_text
from bot.chat.slack.modals.policy_form import POLICY, policy_setting, policy_view
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
from bot.chat.slack.modals.tool_picker import OfferedTool, offered, picked_tool, tool_options
from bot.chat.slack.workspaces import SLACK
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.tools import CatalogTool, NotATool, ToolId
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker
from bot.flow.commands.policy_set import DEFAULT, PolicySetCommand
from bot.flow.form import Form, TakeForm
from bot.flow.intake import Intake, Message
from bot.flow.judge import bench_of
from bot.flow.plan import visible_tools
from bot.flow.refusals import BadForm, NothingSaid, TooMuchText
from bot.flow.seams import AGENT

FILL_IN: Final = "Nothing is sent yet: open the form again and fill in the fields of what you picked."
SENT: Final = "Sent. I go on in our direct message."


class NotOfferedNow(Refusal):
    """This tool is not offered to you any more. Close the form and open it again."""

    kind = "conflict"


class NotForYou(Refusal):
    """Only admins change policies. Ask one of them if something should be different."""

    kind = "forbidden"


class Forms:
    """Opens forms, follows what is picked in them, and takes them in."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._intake = Intake(front.seams)
        self._take = TakeForm(front.seams)
        self._dispatch = Dispatch(front.seams)

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

    async def open_policy(self, who: Who, trigger: str, target: str) -> None:
        """Opens the form that sets a tool's policy; the target is preselected if it is a tool."""

        async def draw() -> Block:
            await self._admin(who)
            try:
                chosen = ToolId.parse(target) if target else None
            except NotATool:
                chosen = None
            return await self._policy_view(chosen)

        await self._front.in_modal(who, trigger, draw)

    async def changed(self, who: Who, view: JsonObject, action: JsonObject) -> None:
        """Shows the fields of the tool that was picked."""
        if text_at(action, "action_id") != "tool":
            return
        is_policy = text_at(view, "callback_id") == POLICY

        async def draw() -> Block:
            if is_policy:
                await self._admin(who)
                return await self._policy_view(picked_tool(view, await self._all_tools()))
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
        view = object_of(body.get("view"))
        try:
            if text_at(view, "callback_id") == POLICY:
                await self._admin(who)
                tools: Sequence[OfferedTool] = await self._all_tools()
            else:
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

    async def policy(self, who: Who, view: JsonObject) -> Outcome:
        """Sets the policy that was chosen."""
        person = await self._admin(who)
        chosen = policy_setting(view, await self._all_tools())
        if chosen.problems:
            return Outcome(errors=chosen.problems)
        setting = chosen.setting
        command = PolicySetCommand(
            target=chosen.target,
            action=setting.action.value if setting.action else DEFAULT,
            manager=setting.manager,
            reason=setting.reason,
        )
        return told("Saved", await self._set(command, person))

    async def _set(self, command: PolicySetCommand, person: Person) -> str:
        outcome = await self._dispatch(command, Asker(person=person, surface=SLACK))
        return f"{outcome.title}. {outcome.note}" if isinstance(outcome, Answer) else ""

    async def _admin(self, who: Who) -> Person:
        person = await self._front.person(who, action="policy", deciding=True)
        if not person.is_admin:
            raise NotForYou
        return person

    async def _tools(self, person: Person) -> list[CatalogTool]:
        """Gives the tools that the person may ask for."""
        seams = self._front.seams
        async with seams.store.view(seams.tenant) as view:
            bench = await bench_of(view)
        found = visible_tools(bench, person, agent=AGENT, surface=SLACK, now=seams.clock.now())
        return [tool for tool, _ in found.values()]

    async def _all_tools(self) -> list[OfferedTool]:
        seams = self._front.seams
        async with seams.store.view(seams.tenant) as view:
            catalog = await view.connections.catalog()
        return offered(tool for tool in catalog.values() if tool.present)

    async def _policy_view(self, chosen: ToolId | None) -> Block:
        seams = self._front.seams
        async with seams.store.view(seams.tenant) as view:
            policies = await view.policies.all()
        own = next((one for one in policies if chosen is not None and one.name == str(chosen)), None)
        return policy_view(
            await self._all_tools(),
            chosen=chosen,
            current=own.action.value if own else "no policy of its own",
            action=own.action if own else None,
            manager=bool(own and own.requirement.manager),
        )


def _key(view: JsonObject) -> str:
    return f"view/{text_at(view, 'id')}"
