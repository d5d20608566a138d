"""Dispatch: a command goes to its stage if the person may use it; what is refused stands in the log."""

from bot.cards.answer import Answer, Outcome
from bot.cards.form import FormPage
from bot.cards.model import Option
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.tools import shortened
from bot.flow.commands.form import Asker, Command, Entry
from bot.flow.commands.policy_save import PolicySaveCommand, SavePolicy
from bot.flow.commands.rights import check_may_use, may_use
from bot.flow.commands.table import TABLE
from bot.flow.forms.page import SAVE, FormStage, UnknownForm
from bot.flow.forms.table import FORMS
from bot.flow.seams import Seams


class Dispatch:
    """Takes commands."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._entries = {one.kind: one for one in TABLE}

    async def __call__(self, command: Command, asker: Asker) -> Outcome:
        """Gives what comes of the command.

        Raises:
            Refusal: it may not or cannot be done; nothing changed, and it is in the audit log.
        """
        found = self._entry_of(command)
        try:
            check_may_use(found.form, asker.person)
            return await found.run(self._seams, command, asker)
        except Refusal as refusal:
            if refusal.kind != "unavailable":
                await self._refused(found, asker, refusal, about=command.about)
            raise

    def _entry_of(self, command: Command) -> Entry:
        """Gives the command's line of the table; of several for its kind the one that it is spelled like."""
        mine = [one for one in TABLE if one.kind is type(command)]
        return next((one for one in mine if f"{command.text} ".startswith(f"{one.form.name} ")), mine[0])

    async def check(self, kind: type[Command], asker: Asker) -> None:
        """Passes if the person may use such a command; for forms, before they show or take anything.

        Raises:
            DisabledPerson: their account is disabled; it is in the audit log.
            OnlyAdmins, OnlyTechnicians: they have not the role for it; it is in the audit log.
        """
        found = self._entries[kind]
        try:
            check_may_use(found.form, asker.person)
        except Refusal as refusal:
            await self._refused(found, asker, refusal)
            raise

    async def submit(self, form: str, state: str, values: JsonObject, asker: Asker) -> FormPage | Answer:
        """Gives what comes after a page of a form: the same with its problems, the next one, or an answer.

        Raises:
            Refusal: it cannot be gone on with; it is in the audit log.
        """
        found = self._entries[PolicySaveCommand]
        try:
            check_may_use(found.form, asker.person)
            if state.startswith(SAVE):
                return await SavePolicy(self._seams)(PolicySaveCommand(draft=state.removeprefix(SAVE)), asker)
            return await self._form(form).sent(state, values, asker)
        except Refusal as refusal:
            if refusal.kind != "unavailable":
                await self._refused(found, asker, refusal, about=f"form {form}")
            raise

    async def look_up(
        self, form: str, state: str, field: str, typed: str, asker: Asker
    ) -> tuple[Option, ...]:
        """Gives what fits the text that is typed into a page's field; nothing for who is no admin."""
        if not may_use(self._entries[PolicySaveCommand].form, asker.person):
            return ()
        return await self._form(form).look_up(state, field, shortened(typed, 100))

    def _form(self, name: str) -> FormStage:
        made = FORMS.get(name)
        if made is None:
            raise UnknownForm
        return made(self._seams)

    async def _refused(self, found: Entry, asker: Asker, refusal: Refusal, *, about: str = "") -> None:
        entry = AuditEntry(
            at=self._seams.clock.now(),
            kind="command.refused",
            actor=None if asker.is_operator else asker.person.id,
            agent=asker.person.id if asker.is_operator else "",
            status=type(refusal).__name__,
            details={
                "command": found.form.name,
                "about": shortened(about),
                "surface": asker.surface,
            },
        )
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(entry)
