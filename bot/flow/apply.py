"""Apply: a policy file becomes what is stored, in one transaction, or is only tried against the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.actions import Action
from bot.domain.canonical import canonical
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.grants import Grant, GrantId
from bot.domain.people import TenantId
from bot.domain.policies import Defaults, Policy, PolicyId, PolicySource
from bot.domain.rule_changes import DefaultEdit, Edit, PolicyEdit, Rulebook
from bot.flow.foresee import Foreseen, foresee
from bot.flow.wanted import (
    NOBODY,
    TENANT_DEFAULT,
    Change,
    ChangeKind,
    Emails,
    Wanted,
    default_changes,
    grant_words,
    policy_change,
    standing,
)
from bot.flow.write_edits import Author, rulebook_of, write_edits
from bot.ports.outside import Clock, Ids
from bot.ports.store import Store, Unit


class MustEnd(Refusal):
    """The standing approval for {tool} never ends, which this tenant does not allow. Give it an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a file changed, or, in a dry run, would change."""

    changes: tuple[Change, ...]
    foreseen: Foreseen | None = None
    """What it would mean; of a dry run only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One thing to write, with the words for it."""

    change: Change
    default: tuple[str, Action | None] | None = None
    put: Policy | None = None
    remove: Policy | None = None
    give: Grant | None = None
    revoke: Grant | None = None


class Apply:
    """Brings a tenant's policies, defaults and standing approvals to what a file wants."""

    def __init__(
        self, *, store: Store, tenant: TenantId, clock: Clock, ids: Ids, emails: Emails = NOBODY
    ) -> None:
        """Takes the tenant's ports, and everybody's address, by which changes name people."""
        self._store = store
        self._tenant = tenant
        self._clock = clock
        self._ids = ids
        self._emails = emails

    async def __call__(
        self, wanted: Wanted, *, prune: bool, with_grants: bool, by: str, reason: str = ""
    ) -> Applied:
        """Replaces what the file names and keeps the rest; with `prune` the file is the whole truth.

        Standing approvals are touched `with_grants` only: new ones are given for the tools as they are now,
        and with `prune` too, those that the file does not hold are revoked. Repeating it changes nothing.

        Raises:
            MustEnd: a standing approval without an end, where the tenant wants one; nothing is changed.
            Overtaken: somebody else changed a policy at the same moment; nothing is changed.
        """
        now = self._clock.now()
        async with self._store.unit(self._tenant) as unit:
            await unit.changes.newest()
            stored = await rulebook_of(unit)
            steps = self._steps(wanted, stored, prune=prune, with_grants=with_grants, now=now, by=by)
            await _check(unit, steps)
            await write_edits(unit, _edits(steps, stored), Author(by=by), now=now, reason=reason)
            for step in steps:
                if step.give is not None or step.revoke is not None:
                    await _write_grant(unit, step, now=now, by=by)
        return Applied(changes=tuple(step.change for step in steps))

    async def rehearsed(self, wanted: Wanted, *, prune: bool, with_grants: bool) -> Applied:
        """Gives what calling it would change, and what that would have meant for the last 30 days' calls.

        Nothing is written.

        Raises:
            MustEnd: as calling it would.
        """
        now = self._clock.now()
        async with self._store.view(self._tenant) as view:
            rulebook = await rulebook_of(view)
            steps = self._steps(wanted, rulebook, prune=prune, with_grants=with_grants, now=now, by="")
            await _check(view, steps)
            foreseen = await foresee(
                view,
                rulebook,
                _edits(steps, rulebook),
                now=now,
                zone=(await view.tenant()).zone,
                grants=_grants_after(rulebook.grants, steps, now),
            )
        return Applied(changes=tuple(step.change for step in steps), foreseen=foreseen)

    def _steps(
        self, wanted: Wanted, stored: Rulebook, *, prune: bool, with_grants: bool, now: datetime, by: str
    ) -> list[_Step]:
        steps = [
            _Step(change=change, default=(change.name, wanted.defaults.get(change.name)))
            for change in default_changes(wanted.defaults, stored.defaults, prune=prune)
        ]
        steps += self._policy_steps(wanted, stored, prune=prune, now=now, by=by)
        if with_grants:
            steps += self._grant_steps(wanted, stored, prune=prune, now=now)
        return steps

    def _policy_steps(
        self, wanted: Wanted, stored: Rulebook, *, prune: bool, now: datetime, by: str
    ) -> list[_Step]:
        steps: list[_Step] = []
        here = {policy.name: policy for policy in stored.policies.values()}
        for policy in wanted.policies:
            was = here.get(policy.name)
            change = policy_change(policy, was, self._emails)
            if change is not None:
                put = replace(
                    policy,
                    id=was.id if was else PolicyId(self._ids.new()),
                    version=was.version if was else 0,
                    source=PolicySource.IMPORT,
                    owner=by,
                    created=was.created if was else now,
                    updated=now,
                )
                steps.append(_Step(change=change, put=put))
        named = {policy.name for policy in wanted.policies}
        for name, was in sorted(here.items()):
            gone = policy_change(None, was, self._emails) if prune and name not in named else None
            if gone is not None:
                steps.insert(0, _Step(change=gone, remove=was))
        return steps

    def _grant_steps(self, wanted: Wanted, stored: Rulebook, *, prune: bool, now: datetime) -> list[_Step]:
        here = {canonical(grant_words(grant)): grant for grant in standing(stored.grants, now)}
        there = {canonical(grant_words(grant)): grant for grant in wanted.grants}
        steps: list[_Step] = []
        for key, grant in there.items():
            if key in here:
                continue
            tool = stored.catalog.get(grant.tool)
            give = replace(
                grant,
                id=GrantId(self._ids.new()),
                fingerprint=tool.accepted if tool else "",
                created=now,
            )
            steps.append(_Step(change=_grant_change(ChangeKind.ADD, grant, self._emails), give=give))
        for key, grant in here.items():
            if prune and key not in there:
                steps.append(
                    _Step(change=_grant_change(ChangeKind.REMOVE, grant, self._emails), revoke=grant)
                )
        return steps


def _grant_change(kind: ChangeKind, grant: Grant, emails: Emails) -> Change:
    words = grant_words(grant, emails)
    fields = tuple(f"{key}: {word}" for key, word in words.items()) if kind is ChangeKind.ADD else ()
    return Change(
        kind=kind, thing="standing approval", name=f"{grant.tool} for {words['holder']}", fields=fields
    )


async def _check(unit: Unit, steps: Sequence[_Step]) -> None:
    endless = [step.give for step in steps if step.give is not None and step.give.ends is None]
    if endless and not (await unit.tenant()).never_ending_grants:
        raise MustEnd(tool=endless[0].tool)


def _edits(steps: Sequence[_Step], stored: Rulebook) -> list[Edit]:
    here = {policy.name: policy for policy in stored.policies.values()}
    return [edit for step in steps if (edit := _edit(step, stored, here)) is not None]


def _edit(step: _Step, stored: Rulebook, here: Mapping[str, Policy]) -> Edit | None:
    """Gives the step as an edit; None where it is about a standing approval."""
    if step.default is not None:
        name, action = step.default
        connector = "" if name == TENANT_DEFAULT else name
        before = stored.default(connector)
        after = action if connector else action or Defaults().tenant
        return DefaultEdit(connector=connector, before=before, after=after)
    if step.remove is not None:
        return PolicyEdit(before=step.remove, after=None)
    if step.put is not None:
        return PolicyEdit(before=here.get(step.put.name), after=step.put)
    return None


async def _write_grant(unit: Unit, step: _Step, *, now: datetime, by: str) -> None:
    given = step.give or step.revoke
    if given is None:
        return
    if step.give is not None:
        await unit.grants.add(step.give)
    else:
        await unit.grants.revoke(given.id, now=now, by=by)
    change = step.change
    await unit.audit.append(
        AuditEntry(
            at=now,
            kind="grant.given" if change.kind is ChangeKind.ADD else "grant.revoked",
            agent=by,
            connector=given.tool.connector,
            tool=str(given.tool),
            grants=(given.id,),
            details={"name": change.name, "changes": list(change.fields), "by": by},
        )
    )


def _grants_after(grants: Sequence[Grant], steps: Sequence[_Step], now: datetime) -> tuple[Grant, ...]:
    """Gives the standing approvals that there would be after the steps.

    One that would be given now could not have answered anything before; what is asked is what it would have.
    """
    found = {grant.id: grant for grant in grants}
    for step in steps:
        if step.give is not None:
            found[step.give.id] = step.give
        if step.revoke is not None:
            found[step.revoke.id] = replace(step.revoke, revoked=now)
    return tuple(found.values())
