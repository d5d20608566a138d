"""Forms of several pages: opens them, finds what is typed in them, and takes each page in."""

import asyncio
from typing import Final

import structlog

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.listeners.front import IN_TIME_S, Front, Who
from bot.chat.slack.listeners.submissions import Outcome, told
from bot.chat.slack.modals.dialog import block_id, dialog_errors
from bot.chat.slack.modals.form_page import Filled, Picked, can_say, filled_page, form_view, page_of
from bot.chat.slack.modals.inputs import code
from bot.chat.slack.modals.lookup import found_options
from bot.chat.slack.shown.answer import answer_words
from bot.chat.slack.workspaces import SLACK
from bot.documents.json_reading import object_of, text_at
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker

ACTION: Final = "form"
"""What the audit log calls it, where somebody may use no form."""
CAME_OF_IT: Final = "What came of it"
DETAILS: Final = "You find more of it in our direct message."
CLOSED: Final = "The form was closed before its next page came. Open it again."
UNKNOWN: Final = "I cannot tell any more which one “{label}” is. Search for it and choose it once more."

log = structlog.get_logger()


class Pages:
    """Opens forms, finds what people search in them, and takes their pages in."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._dispatch = Dispatch(front.seams)

    async def opened(self, who: Who, trigger: str, page: FormPage) -> None:
        """Opens a form at this page."""

        async def draw() -> Block:
            return form_view(page)

        await self._front.in_modal(who, trigger, draw)

    async def options(self, who: Who, body: JsonObject) -> dict[str, list[Block]]:
        """Gives what a search in a field finds; nothing where it takes longer than Slack waits."""
        form, state = page_of(object_of(body.get("view")))
        field = text_at(body, "block_id").removeprefix(block_id(""))
        try:
            async with asyncio.timeout(IN_TIME_S):
                asker = _asker(await self._person(who))
                found = await self._dispatch.look_up(form, state, field, text_at(body, "value"), asker)
        except (Refusal, TimeoutError) as error:
            log.info("form.unsearched", why=type(error).__name__)
            return {"options": []}
        return {"options": found_options(found)}

    async def sent(self, who: Who, view: JsonObject) -> Outcome:
        """Takes a page in: gives the next one, what is wrong with this one, or what came of the form."""
        asker = _asker(await self._person(who))
        filled = filled_page(view)
        values = dict(filled.values)
        for picked in filled.picked:
            value = await self._found(filled, picked, asker)
            if value is None:
                problems = {picked.field: UNKNOWN.format(label=picked.label)}
                return Outcome(errors=dialog_errors(problems, view))
            values[picked.field] = _with(values[picked.field], picked.code, value)
        outcome = await self._dispatch.submit(filled.form, filled.state, values, asker)
        if isinstance(outcome, Answer):
            return self._answered(who, outcome)
        is_same = (outcome.form, outcome.state) == (filled.form, filled.state)
        errors = dialog_errors(outcome.problems, view) if is_same and can_say(view, outcome.problems) else {}
        return Outcome(errors=errors, view=form_view(outcome), sentence=CLOSED)

    def _answered(self, who: Who, answer: Answer) -> Outcome:
        """Says what came of it, and sends what cannot be pressed or read in a closing modal."""
        said = [f"{answer.title}."]
        said += [f"{fact.label}: {fact.value}" if fact.label else fact.value for fact in answer.facts]
        said += [answer.note] if answer.note else []
        if answer.lines or answer.buttons:
            self._front.background.start(self._sent_answer(who, answer), "form-answer")
            said.append(DETAILS)
        return told(CAME_OF_IT, "\n".join(said))

    async def _sent_answer(self, who: Who, answer: Answer) -> None:
        directly = Who(workspace=who.workspace, user=who.user)
        for words in answer_words(answer):
            await self._front.show(directly, words)

    async def _found(self, filled: Filled, picked: Picked, asker: Asker) -> str | None:
        """Gives the value of what was picked: of all that reads so, the very one whose hash it is."""
        label = picked.label.removesuffix("…")
        found = await self._dispatch.look_up(filled.form, filled.state, picked.field, label, asker)
        return next((one.value for one in found if code(one.value) == picked.code), None)

    async def _person(self, who: Who) -> Person:
        return await self._front.person(who, action=ACTION, deciding=True)


def _asker(person: Person) -> Asker:
    return Asker(person=person, surface=SLACK)


def _with(held: JsonValue, code_: str, value: str) -> JsonValue:
    return [value if one == code_ else one for one in held] if isinstance(held, list) else value
