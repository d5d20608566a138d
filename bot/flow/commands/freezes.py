"""`freeze list`: what is frozen, by whom, since when and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.frozen import freezers
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.people import Person, PersonId, Role
from bot.domain.policies import Freeze, FreezeScope
from bot.flow.commands.form import Asker, Command, EmailRef, Flag, Form, Given, PersonRef, entry
from bot.flow.commands.freezing import freezing_text
from bot.flow.commands.pages import counted, page_of, paged_answer
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import on_page, spelled
from bot.flow.freeze import target_words
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezesCommand(Command):
    """Which page of what is frozen is wanted."""

    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled("freeze list", on_page(self.page))


class ListFreezes:
    """Lists what is frozen."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: FreezesCommand, asker: Asker) -> Answer:
        """Gives one page of it, the oldest first, with a button to lift what others froze."""
        async with self._seams.store.view(self._seams.tenant) as view:
            freezes = await view.policies.freezes()
            zone = (await view.tenant()).zone
        page = page_of(freezes, command.page)
        people = await people_of(self._seams.directory, freezers(page.items))
        return paged_answer(
            f"{counted(len(freezes), 'thing')} frozen" if freezes else "Nothing is frozen",
            page,
            (_row(freeze, people, zone, asker) for freeze in page.items),
            command=lambda number: FreezesCommand(page=number).text,
            note="Who froze something cannot lift it; any other admin can." if freezes else "",
        )


def _row(freeze: Freeze, people: Mapping[PersonId, Person], zone: tzinfo, asker: Asker) -> AnswerRow:
    known = people.get(PersonId(freeze.target)) if freeze.scope is FreezeScope.PERSON else None
    target: PersonRef | str = EmailRef(known.email) if known else freeze.target
    facts = [Fact("By", shown_name(people, freeze.by)), Fact("Since", moment(freeze.at, zone))]
    if freeze.reason:
        facts.append(Fact("Reason", visible(freeze.reason, set())))
    what = target_words(freeze, name=known.name if known else "")
    button = AnswerButton(
        label="Unfreeze",
        press=Press.RUN,
        value=freezing_text("unfreeze", freeze.scope, target, ""),
        confirm=f"{what} can run again as policies say.",
    )
    may_lift = asker.is_operator or freeze.by != asker.person.id
    return AnswerRow(
        label=what, badge=freeze.scope.value, facts=tuple(facts), button=button if may_lift else None
    )


def _read(given: Given) -> FreezesCommand:
    return FreezesCommand(page=given.page())


ENTRY: Final = entry(
    Form(
        words=("freeze", "list"),
        also=(("freezes",),),
        flags=(Flag(name="page", takes="N"),),
        needs=Role.ADMIN,
        may="see what is frozen",
        purpose="List what is frozen, by whom and why.",
        examples=("freeze list",),
        read=_read,
    ),
    FreezesCommand,
    ListFreezes,
)
