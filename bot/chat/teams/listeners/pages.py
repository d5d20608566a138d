"""Forms of several pages: shown, sent on, and searched while one types."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import structlog

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import Option
from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.dialogs.fields import said
from bot.chat.teams.dialogs.lookups import MOST, Dataset, fits
from bot.chat.teams.dialogs.pages import names_in, page_values, page_view, written_in
from bot.chat.teams.events import Searched, Turn
from bot.chat.teams.kit.actions import Press
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.listeners.outcome import Outcome, Shown, Told
from bot.chat.teams.shown.answer import answer_cards
from bot.chat.texts import name_words
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker, MentionRef
from bot.flow.forms.page import SAVE

SAVED_ALREADY: Final = (
    "This is saved already. Write “policy history” to see it, and “policy show” what holds now."
)
NOT_FOUND: Final = "“{text}” is nothing that I can find. Write the exact name, e-mail address or id."
TOO_MANY: Final = "Write at most 50 here. Choose a group where there is one."
_TEXTS: Final = 50
"""Texts of one field that are looked up; each may ask the directory."""
_WORDS: Final = 100

log = structlog.get_logger()


class Pages:
    """Takes pages."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._dispatch = Dispatch(front.seams)

    def shown(self, page: FormPage) -> Outcome:
        """Gives a page that nobody has filled in."""
        return page_view(page)

    async def sent(self, turn: Turn, press: Press) -> Outcome:
        """Gives what comes after a page: the same with its problems, the next one, or an answer."""
        person = await self._front.person(turn, action="form", deciding=True)
        asker = self._asker(turn, person)
        form, state, values = press.text("form"), press.text("state"), page_values(press)
        if state.startswith(SAVE):
            return await self._saved(turn, form, state, asker)
        found, problems = await self._found(press, asker)
        outcome = await self._dispatch.submit(form, state, {**values, **found}, asker)
        if isinstance(outcome, FormPage):
            is_same = outcome.form == form and names_in(press) <= {one.name for one in outcome.dialog.fields}
            if problems and not is_same:
                return Told(sentence=_told(problems), is_refusal=True)
            page = replace(outcome, problems={**outcome.problems, **problems}) if is_same else outcome
            starts = {one.name: one.value for one in page.dialog.fields}
            return page_view(page, values={**starts, **values} if page.problems and is_same else None)
        if problems:
            return Told(sentence=_told(problems), is_refusal=True)
        return _answered(outcome)

    async def search(self, event: Searched) -> tuple[Option, ...]:
        """Gives what fits the text that is typed into a field, at most 15; nothing where that is refused."""
        dataset = Dataset.parse(event.dataset)
        try:
            person = await self._front.people.person(event.turn, deciding=True)
            asker = self._asker(event.turn, person)
            found = await self._dispatch.look_up(
                dataset.form, dataset.state, dataset.field, event.typed, asker
            )
        except Refusal as refusal:
            log.info("search.refused", why=type(refusal).__name__)
            return ()
        return found[:MOST]

    async def _saved(self, turn: Turn, form: str, state: str, asker: Asker) -> Outcome:
        """Saves what a last page showed; what is sent again is not saved again."""
        key = f"save/{turn.place}/{turn.id}"
        if not await self._front.is_first(turn, key):
            return Told(sentence=SAVED_ALREADY, is_news=True)
        try:
            outcome = await self._dispatch.submit(form, state, {}, asker)
        except Exception:
            await self._front.forget(key)
            raise
        return page_view(outcome) if isinstance(outcome, FormPage) else _answered(outcome)

    async def _found(self, press: Press, asker: Asker) -> tuple[Mapping[str, JsonValue], Mapping[str, str]]:
        """Gives the values of what was written to be looked up, and what is wrong with the others."""
        form, state, values = press.text("form"), press.text("state"), page_values(press)
        found, problems = dict[str, JsonValue](), dict[str, str]()
        for name, texts in written_in(press).items():
            if len(texts) > _TEXTS:
                found[name], problems[name] = [*texts], TOO_MANY
                continue
            named = []
            for text in texts:
                one = fits(await self._dispatch.look_up(form, state, name, text, asker), text)
                if one is None and name not in problems:
                    problems[name] = NOT_FOUND.format(text=said(text, _WORDS))
                named.append(one.value if one else text)
            found[name] = named if isinstance(values.get(name), list) else named[0]
        return found, problems

    def _asker(self, turn: Turn, person: Person) -> Asker:
        async def find(mention: MentionRef) -> Person | None:
            return await self._front.people.mentioned(turn, mention.surface_id)

        return Asker(person=person, surface=TEAMS, find=find)


def _told(problems: Mapping[str, str]) -> str:
    return " ".join(f"{name_words(name).capitalize()}: {sentence}" for name, sentence in problems.items())


def _answered(answer: Answer) -> Outcome:
    return Shown(title=answer.title, cards=tuple(answer_cards(answer)))
