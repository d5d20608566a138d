"""Apply: a policy file becomes what is stored, all of it or nothing, or is only tried against the past."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import Refusal
from bot.domain.grants import Grant
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, SwitchEdit
from bot.flow.change_rules import ChangeRules, Draft
from bot.flow.drafts.file import Scope, from_file
from bot.flow.drafts.setting import Stamp
from bot.flow.edit_words import change_of, persons_in
from bot.flow.foresee import Foreseen
from bot.flow.seams import Seams
from bot.flow.shown_people import shown_people
from bot.flow.wanted import Change, ChangeKind, grant_words, policy_change
from bot.flow.write_edits import Author
from bot.ports.policy_files import TENANT_DEFAULT, Emails, Wanted


class MustEnd(Refusal):
    """The standing approval for {tool} never ends, which this tenant does not allow. Give it an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a file changed, or, in a dry run, would change."""

    changes: tuple[Change, ...]
    foreseen: Foreseen | None = None
    """What it would mean; of a dry run only."""


class Apply:
    """Brings a tenant's policies, defaults and standing approvals to what a file wants, for the operator."""

    def __init__(self, seams: Seams, *, by: str) -> None:
        """Takes the tenant's ports and the operator's name."""
        self._seams = seams
        self._rules = ChangeRules(seams)
        self._author = Author(by=by)

    async def __call__(self, wanted: Wanted, scope: Scope, *, reason: str = "") -> Applied:
        """Replaces what the file names and keeps the rest; with `prune` the file is the whole truth.

        Repeating it changes nothing.

        Raises:
            MustEnd: a standing approval without an end, where the tenant wants one; nothing is changed.
            Overtaken: somebody else changed a policy at the same moment; nothing is changed.
        """
        saved = await self._rules.at_once(await self._draft(wanted, scope), self._author, reason=reason)
        return Applied(changes=await self._words(saved.change.edits if saved.change else ()))

    async def rehearsed(self, wanted: Wanted, scope: Scope) -> Applied:
        """Gives what calling it would change, and what that would have meant for the last 30 days' calls.

        Nothing is written.

        Raises:
            MustEnd: as calling it would.
        """
        forecast = await self._rules.preview(await self._draft(wanted, scope), self._author)
        return Applied(changes=await self._words(forecast.edits), foreseen=forecast.foreseen)

    async def _draft(self, wanted: Wanted, scope: Scope) -> Draft:
        async with self._seams.store.view(self._seams.tenant) as view:
            never_ending = (await view.tenant()).never_ending_grants

        def may_give(grant: Grant, _: int) -> None:
            if grant.ends is None and not never_ending:
                raise MustEnd(tool=grant.tool)

        stamp = Stamp(now=self._seams.clock.now(), by=self._author.by, ids=self._seams.ids)
        return from_file(wanted, scope, stamp, may_give)

    async def _words(self, edits: Sequence[Edit]) -> tuple[Change, ...]:
        """Gives the differences in the words of the file."""
        people = (await shown_people(self._seams.directory, persons_in(edits))).people
        emails = {person.id: person.email for person in people.values()}
        return tuple(_change(edit, emails) for edit in edits)


def _change(edit: Edit, emails: Emails) -> Change:
    change = change_of(edit, emails)
    match edit:
        case PolicyEdit(before=was, after=policy):
            return policy_change(policy, was, emails) or change
        case DefaultEdit(connector=connector, before=before, after=after):
            kind = change.kind
            words = {
                ChangeKind.ADD: (f"action: {after}",),
                ChangeKind.REPLACE: (f"action: {before} → {after}",),
                ChangeKind.REMOVE: (),
            }
            return Change(kind=kind, thing=change.thing, name=connector or TENANT_DEFAULT, fields=words[kind])
        case GrantEdit(grant=grant):
            words_of = grant_words(grant, emails)
            fields = tuple(f"{key}: {word}" for key, word in words_of.items())
            return Change(
                kind=change.kind,
                thing=change.thing,
                name=f"{grant.tool} for {words_of['holder']}",
                fields=fields if change.kind is ChangeKind.ADD else (),
            )
        case SwitchEdit():
            return change
