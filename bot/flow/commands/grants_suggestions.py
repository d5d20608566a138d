"""`grants suggestions`: what could be allowed in advance, since it is approved again and again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact, Style
from bot.domain.errors import Refusal
from bot.domain.grants import GrantId
from bot.domain.people import Person, Role
from bot.domain.suggesting import WINDOW, Suggestion
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, entry
from bot.flow.commands.grant_words import People, in_words
from bot.flow.commands.pages import counted, page_of, paged_answer
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import on_page, spelled
from bot.flow.judge import Bench
from bot.flow.seams import Seams
from bot.flow.suggestions import Suggestions, draft

APPROVERS: Final = 3
"""Approvers whom a line names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsSuggestionsCommand(Command):
    """Which page of the suggestions is wanted."""

    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled("grants suggestions", on_page(self.page))


class ListSuggestions:
    """Lists suggestions; nothing is given."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._suggestions = Suggestions(seams)

    async def __call__(self, command: GrantsSuggestionsCommand, asker: Asker) -> Answer:
        """Gives one page of them, with a button for those that the person may give."""
        found = await self._suggestions()
        page = page_of(found.suggestions, command.page)
        wanted = {person for rule in page.items for person, _ in rule.approvers}
        wanted |= {call.requester.id for rule in page.items for call in rule.calls}
        people = await people_of(self._seams.directory, wanted)
        now = self._seams.clock.now()
        return paged_answer(
            counted(len(found.suggestions), "suggestion"),
            page,
            (_row(rule, found.bench, asker.person, people, now) for rule in page.items),
            command=lambda number: replace(command, page=number).text,
            note=_NOTE if found.suggestions else _NONE,
        )


_NOTE: Final = (
    f"Each was approved 5 times or more in {WINDOW.days} days, and never denied. Nothing is given by itself."
)
_NONE: Final = (
    f"Nothing that could be allowed in advance was approved 5 times in {WINDOW.days} days and never denied."
)


def _row(rule: Suggestion, bench: Bench, viewer: Person, people: People, now: datetime) -> AnswerRow:
    zone = bench.tenant.zone
    grant = rule.grant(GrantId(""), giver=viewer.id, fingerprint="", now=now)
    approvers = [f"{shown_name(people, person)} ({count})" for person, count in rule.approvers[:APPROVERS]]
    more = len(rule.approvers) - APPROVERS
    by = ", ".join([*approvers, *([f"{more} more"] if more > 0 else [])])
    facts = [
        Fact("Approved", f"{rule.count} times, last on {moment(rule.calls[-1].at, zone)}"),
        Fact("By", by),
    ]
    why_not = _why_not(rule, bench, viewer, now)
    if why_not:
        facts.append(Fact("Not yours to give", why_not))
    facts.append(Fact("Id", rule.id))
    return AnswerRow(
        label=in_words(grant, people, bench.catalog, zone),
        facts=tuple(facts),
        button=None if why_not else give_button(rule),
    )


def _why_not(rule: Suggestion, bench: Bench, viewer: Person, now: datetime) -> str:
    try:
        draft(rule, bench, giver=viewer, grant_id=GrantId(""), now=now)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def give_button(rule: Suggestion) -> AnswerButton:
    """Gives the button that gives it."""
    return AnswerButton(
        label="Give it",
        press=Press.RUN,
        value=spelled("grants give", rule.id),
        style=Style.PRIMARY,
        confirm="Give this standing approval in your name? For 30 days such calls run without asking.",
    )


def _read(given: Given) -> GrantsSuggestionsCommand:
    return GrantsSuggestionsCommand(page=given.page())


ENTRY: Final = entry(
    Form(
        words=("grants", "suggestions"),
        flags=(Flag(name="page", takes="N"),),
        needs=Role.TECHNICIAN,
        may="see what could be allowed in advance",
        purpose="List what is approved again and again, and could be allowed in advance.",
        examples=("grants suggestions",),
        read=_read,
    ),
    GrantsSuggestionsCommand,
    ListSuggestions,
)
