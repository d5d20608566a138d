"""The form that takes a policy file: its text in a few fields, then what it means."""

from typing import Final

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import Option
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.granting import check_may_give
from bot.domain.grants import MANAGER_SEAT, Grant, Seat, SeatKind
from bot.domain.people import Person
from bot.domain.terminal import in_terminal
from bot.flow.change_rules import ChangeRules
from bot.flow.commands.form import Asker
from bot.flow.commands.previewing import preview_answer
from bot.flow.drafts.file import MayGive, Scope, from_file
from bot.flow.drafts.setting import Stamp
from bot.flow.forms.file_fields import FIRST, LONGEST, NAME, file_page, parts_of, told_at
from bot.flow.forms.filled import Filled
from bot.flow.forms.page import last_page
from bot.flow.seams import Seams
from bot.flow.terms import REASON_LIMIT
from bot.flow.vouched import vouched
from bot.flow.write_edits import Author
from bot.ports.policy_files import BadPolicyFile, Mistake, Wanted

_LOOK: Final = "look"
"""The state of a form that saves nothing."""
_TOO_LONG: Final = "It has {count} characters; {most} is the most here. Use the terminal: {terminal}"


class FileForm:
    """Takes a policy file, in one page and a preview."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._rules = ChangeRules(seams)

    def opened(self, scope: Scope, *, reason: str = "", only_looks: bool = False) -> FormPage:
        """Gives the page as it is opened; a form that `only_looks` ends with what the file would change."""
        values: JsonObject = {"prune": scope.prune, "with_grants": scope.with_grants, "reason": reason}
        return file_page(_LOOK if only_looks else "", values, {})

    async def begin(self, _: str) -> FormPage:
        """Gives the page with nothing filled in."""
        return self.opened(Scope())

    async def sent(self, state: str, values: JsonObject, asker: Asker) -> FormPage | Answer:
        """Gives what the file would change, or the page with what is wrong in which line.

        Raises:
            DirectoryUnreachable: persons and groups cannot be looked up.
        """
        filled = Filled(values)
        parts = parts_of(values)
        scope = Scope(prune=filled.ticked("prune"), with_grants=filled.ticked("with_grants"))
        reason = filled.text("reason", longest=REASON_LIMIT)
        text = "".join(one.text for one in parts)
        if not text.strip():
            filled.wrong(FIRST, "Paste the policy file here.")
        elif len(text) > LONGEST:
            terminal = in_terminal("policy apply FILE", self._seams.tenant)
            filled.wrong(FIRST, _TOO_LONG.format(count=len(text), most=LONGEST, terminal=terminal))
        if filled.problems:
            return file_page(state, values, filled.problems)
        only_looks = state == _LOOK
        try:
            wanted = await self._read(text, scope)
            stamp = Stamp(now=self._seams.clock.now(), by=asker.person.id, ids=self._seams.ids)
            forecast = await self._rules.preview(
                from_file(wanted, scope, stamp, await self._may_give(wanted, asker.person)),
                Author.of(asker.person),
                reason=reason,
                only_looks=only_looks,
            )
        except BadPolicyFile as refusal:
            return file_page(state, values, told_at(refusal.mistakes, parts))
        if only_looks:
            return await preview_answer(self._seams, "What this policy file would change", forecast)
        return await last_page(self._seams, NAME, forecast)

    async def look_up(self, state: str, field: str, typed: str) -> tuple[Option, ...]:
        """Gives nothing; there is nothing to look up."""
        del state, field, typed
        return ()

    async def _read(self, text: str, scope: Scope) -> Wanted:
        async with self._seams.store.view(self._seams.tenant) as view:
            catalog = await view.connections.catalog()
            connectors = [one.name for one in await view.connections.all()]
        return await self._seams.policy_files.read(
            text,
            catalog=catalog,
            connectors=connectors,
            directory=self._seams.directory,
            with_grants=scope.with_grants,
        )

    async def _may_give(self, wanted: Wanted, giver: Person) -> MayGive:
        """Gives what passes if the person may give it in their own name, as from a suggestion."""
        async with self._seams.store.view(self._seams.tenant) as view:
            never_ends_allowed = (await view.tenant()).never_ending_grants
        seats = {group for grant in wanted.grants for group in grant.technician_groups}
        giver = await vouched(self._seams.directory, giver, seats)

        def may_give(grant: Grant, number: int) -> None:
            groups = sorted(grant.technician_groups)
            try:
                check_may_give(
                    giver=giver,
                    seat=Seat(SeatKind.TECHNICIAN, groups[0]) if groups else MANAGER_SEAT,
                    grant=grant,
                    requester=None,
                    never_ends_allowed=never_ends_allowed,
                    now=grant.created,
                )
            except Refusal as refusal:
                raise BadPolicyFile([Mistake(wanted.grant_lines[number], refusal.sentence)]) from None

        return may_give
