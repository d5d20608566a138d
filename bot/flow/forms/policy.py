"""The form of a scoped policy: which calls, whose and when, what happens, then what it means."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import Dialog, Option
from bot.domain.canonical import JsonObject
from bot.domain.people import TECHNICIANS, PersonId
from bot.domain.policies import PolicySource
from bot.domain.tools import shortened
from bot.flow.change_rules import ChangeRules
from bot.flow.commands.finding import policy_named
from bot.flow.commands.form import Asker
from bot.flow.commands.pages import hint
from bot.flow.commands.people import people_of
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.drafts.scoped import lay_down
from bot.flow.forms.condition_rows import FURTHER, MOST, in_rows, rows_for
from bot.flow.forms.filled import Filled
from bot.flow.forms.kept_policy import Kept, PageState, Step, blank, keep, kept_at
from bot.flow.forms.lookups import find_connectors, find_groups, find_people, find_tools, fitting
from bot.flow.forms.page import last_page
from bot.flow.forms.policy_fields import Seen, read_calls, read_outcome, read_whose
from bot.flow.forms.policy_pages import (
    Drawing,
    calls_dialog,
    calls_values,
    outcome_dialog,
    outcome_values,
    whose_dialog,
    whose_values,
)
from bot.flow.seams import Seams
from bot.flow.write_edits import Author

NAME: Final = "policy"
_FINE: Final[Mapping[str, str]] = {}


class PolicyForm:
    """Takes a whole policy, in three pages and a preview."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._rules = ChangeRules(seams)

    async def begin(self, target: str) -> FormPage:
        """Gives the first page of a new policy, for a connector where one is named.

        Raises:
            NoSuchThing: there is no such connector.
        """
        seen = await self._seen()
        if target and target not in seen.connectors:
            known = hint(target, seen.connectors)
            raise NoSuchThing(what="connector", name=shortened(target), hint=known)
        only = next(iter(seen.connectors)) if len(seen.connectors) == 1 else ""
        kept = Kept(policy=blank(target or only, seen.now))
        return _calls(PageState(step=Step.CALLS, connector=target or only), kept, seen)

    async def edit(self, name: str, asker: Asker) -> FormPage:
        """Gives the first page of a policy that there is, and keeps how it is now.

        Raises:
            NoSuchThing: no policy is called so; it names the nearest.
        """
        seen = await self._seen()
        known = policy_named(seen.policies, name)
        kept = Kept(policy=known, before=known)
        draft = await keep(self._seams, kept, asker.person.id)
        return _calls(PageState(step=Step.CALLS, draft=draft, connector=known.connector), kept, seen)

    async def sent(self, state: str, values: JsonObject, asker: Asker) -> FormPage | Answer:
        """Gives the page after this one, or this one with what is wrong with it.

        Raises:
            FormTooOld: what was filled in before is not kept any more, or is another person's.
            DirectoryUnreachable: persons or groups cannot be looked up.
            NameTaken: another policy got the name meanwhile.
        """
        at = PageState.read(state)
        kept, seen = await kept_at(self._seams, at, asker.person.id), await self._seen()
        filled = Filled(values)
        match at.step:
            case Step.CALLS:
                return await self._calls_sent(at, kept, filled, asker, seen)
            case Step.WHOSE:
                return await self._whose_sent(at, kept, filled, asker, seen)
            case Step.OUTCOME:
                return await self._outcome_sent(at, kept, filled, asker, seen)

    async def look_up(self, state: str, field: str, typed: str) -> tuple[Option, ...]:
        """Gives connectors, tools of the connector so far, persons or groups."""
        match field:
            case "connector":
                return await find_connectors(self._seams, typed)
            case "tools":
                connector = PageState.read(state).connector
                found = await find_tools(self._seams, typed, connector=connector)
                prefix = f"{connector}:" if connector else ""
                return tuple(Option(prefix + option.value, option.label) for option in found)
            case "persons":
                return await find_people(self._seams, typed)
            case "groups":
                return await find_groups(self._seams, typed)
            case "group":
                groups = await find_groups(self._seams, typed)
                own = fitting([Option(TECHNICIANS, TECHNICIANS)], typed)
                return (*own, *(option for option in groups if option.value != TECHNICIANS))
            case _:
                return ()

    async def _calls_sent(
        self, at: PageState, kept: Kept, filled: Filled, asker: Asker, seen: Seen
    ) -> FormPage:
        policy = read_calls(filled, kept.policy, kept.before, seen)
        if filled.problems:
            chosen = filled.text("connector")
            again = replace(at, connector=chosen if chosen in seen.connectors else at.connector)
            return _calls(again, kept, seen, filled)
        kept = replace(kept, policy=policy)
        draft = await keep(self._seams, kept, asker.person.id)
        rows = rows_for(len(in_rows(policy.conditions)[0]))
        after = PageState(step=Step.WHOSE, draft=draft, connector=policy.connector, rows=rows)
        return await self._whose(after, kept)

    async def _whose_sent(
        self, at: PageState, kept: Kept, filled: Filled, asker: Asker, seen: Seen
    ) -> FormPage:
        rows, directory = min(MOST, at.rows), self._seams.directory
        policy = await read_whose(filled, kept.policy, kept.before, rows=rows, directory=directory)
        if filled.problems:
            return await self._whose(at, kept, filled)
        kept = replace(kept, policy=policy)
        draft = await keep(self._seams, kept, asker.person.id)
        if filled.ticked("more") and rows < MOST:
            return await self._whose(replace(at, draft=draft, rows=min(MOST, rows + FURTHER)), kept)
        after = PageState(step=Step.OUTCOME, draft=draft, connector=policy.connector)
        return _outcome(after, kept, seen)

    async def _outcome_sent(
        self, at: PageState, kept: Kept, filled: Filled, asker: Asker, seen: Seen
    ) -> FormPage | Answer:
        before, directory = kept.before, self._seams.directory
        policy = await read_outcome(filled, kept.policy, before, seen, directory=directory)
        if filled.problems:
            return _outcome(at, kept, seen, filled)
        policy = replace(
            policy,
            source=PolicySource.ADMIN,
            owner=asker.person.id,
            created=before.created if before is not None else seen.now,
            updated=seen.now,
        )
        draft, reason = lay_down(policy, before), filled.text("reason")
        forecast = await self._rules.preview(draft, Author.of(asker.person), reason=reason)
        return await last_page(self._seams, NAME, forecast)

    async def _whose(self, at: PageState, kept: Kept, filled: Filled | None = None) -> FormPage:
        values = whose_values(kept.policy) if filled is None else filled.values
        named = values.get("persons")
        wanted = [one for one in named if isinstance(one, str)] if isinstance(named, list | tuple) else []
        people = await people_of(self._seams.directory, map(PersonId, wanted))
        drawn = Drawing(policy=kept.policy, is_new=kept.is_new, values=values)
        return _page(at, whose_dialog(drawn, people, rows=min(MOST, at.rows)), filled)

    async def _seen(self) -> Seen:
        async with self._seams.store.view(self._seams.tenant) as view:
            return Seen(
                policies=await view.policies.all(),
                catalog=await view.connections.catalog(),
                connectors=frozenset(one.name for one in await view.connections.all()),
                zone=(await view.tenant()).zone,
                now=self._seams.clock.now(),
            )


def _calls(at: PageState, kept: Kept, seen: Seen, filled: Filled | None = None) -> FormPage:
    values = calls_values(kept.policy, is_new=kept.is_new) if filled is None else filled.values
    drawn = Drawing(policy=kept.policy, is_new=kept.is_new, values=values)
    return _page(at, calls_dialog(drawn, seen.catalog), filled)


def _outcome(at: PageState, kept: Kept, seen: Seen, filled: Filled | None = None) -> FormPage:
    values = outcome_values(kept.policy, kept.before, seen.zone) if filled is None else filled.values
    drawn = Drawing(policy=kept.policy, is_new=kept.is_new, values=values)
    return _page(at, outcome_dialog(drawn), filled)


def _page(at: PageState, dialog: Dialog, filled: Filled | None) -> FormPage:
    problems = _FINE if filled is None else filled.problems
    return FormPage(form=NAME, state=at.text, dialog=dialog, problems=problems)
