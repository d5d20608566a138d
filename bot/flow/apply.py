"""Apply: a policy file becomes what is stored, in one transaction, or is only tried against the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.actions import Action
from bot.domain.canonical import canonical
from bot.domain.decide import PolicySet
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.grants import Grant, GrantId
from bot.domain.people import TenantId
from bot.domain.policies import Defaults, Freeze, Policy, PolicyId, PolicySource
from bot.domain.tools import Catalog, ToolId
from bot.flow.rehearse import Rehearsal, rehearse
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
from bot.ports.outside import Clock, Ids
from bot.ports.store import Store, Unit

HORIZON: Final = timedelta(days=30)
"""How far back a dry run decides again."""


class MustEnd(Refusal):
    """The standing approval for {tool} never ends, which this tenant does not allow. Give it an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a file changed, or, in a dry run, would change."""

    changes: tuple[Change, ...]
    rehearsal: Rehearsal | None = None
    """The effect on recent calls; of a dry run only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One thing to write, with the words for it."""

    change: Change
    default: tuple[str, Action | None] | None = None
    put: Policy | None = None
    remove: Policy | None = None
    give: Grant | None = None
    revoke: Grant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What is stored at the moment."""

    defaults: Defaults
    policies: Mapping[str, Policy]
    grants: tuple[Grant, ...]
    freezes: tuple[Freeze, ...]
    catalog: Catalog


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

    async def __call__(self, wanted: Wanted, *, prune: bool, with_grants: bool, by: str) -> Applied:
        """Replaces what the file names and keeps the rest; with `prune` the file is the whole truth.

        Standing approvals are touched `with_grants` only: new ones are given for the tools as they are now,
        and with `prune` too, those that the file does not hold are revoked. Repeating it changes nothing.

        Raises:
            MustEnd: a standing approval without an end, where the tenant wants one; nothing is changed.
            Overtaken: somebody else changed a policy at the same moment; nothing is changed.
        """
        now = self._clock.now()
        async with self._store.unit(self._tenant) as unit:
            stored = await _read(unit)
            steps = self._steps(wanted, stored, prune=prune, with_grants=with_grants, now=now, by=by)
            await _check(unit, steps)
            for step in steps:
                await _write(unit, step, now=now, by=by)
        return Applied(changes=tuple(step.change for step in steps))

    async def rehearsed(self, wanted: Wanted, *, prune: bool, with_grants: bool) -> Applied:
        """Gives what calling it would change, and what that would have meant for the last 30 days' calls.

        Nothing is written.

        Raises:
            MustEnd: as calling it would.
        """
        now = self._clock.now()
        async with self._store.view(self._tenant) as view:
            stored = await _read(view)
            records = await view.audit.decisions(now - HORIZON)
            zone = (await view.tenant()).zone
            steps = self._steps(wanted, stored, prune=prune, with_grants=with_grants, now=now, by="")
            await _check(view, steps)
        rehearsal = rehearse(
            records,
            now=_policy_set(stored),
            then=_policy_set(_after(stored, steps, now)),
            catalog=stored.catalog,
            zone=zone,
        )
        return Applied(changes=tuple(step.change for step in steps), rehearsal=rehearsal)

    def _steps(
        self, wanted: Wanted, stored: _Stored, *, prune: bool, with_grants: bool, now: datetime, by: str
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
        self, wanted: Wanted, stored: _Stored, *, prune: bool, now: datetime, by: str
    ) -> list[_Step]:
        steps: list[_Step] = []
        for policy in wanted.policies:
            was = stored.policies.get(policy.name)
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
        for name, was in sorted(stored.policies.items()):
            gone = policy_change(None, was, self._emails) if prune and name not in named else None
            if gone is not None:
                steps.insert(0, _Step(change=gone, remove=was))
        return steps

    def _grant_steps(self, wanted: Wanted, stored: _Stored, *, prune: bool, now: datetime) -> list[_Step]:
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


async def _read(unit: Unit) -> _Stored:
    return _Stored(
        defaults=await unit.policies.defaults(),
        policies={policy.name: policy for policy in await unit.policies.all()},
        grants=await unit.grants.all(),
        freezes=await unit.policies.freezes(),
        catalog=await unit.connections.catalog(),
    )


async def _check(unit: Unit, steps: Sequence[_Step]) -> None:
    endless = [step.give for step in steps if step.give is not None and step.give.ends is None]
    if endless and not (await unit.tenant()).never_ending_grants:
        raise MustEnd(tool=endless[0].tool)


async def _write(unit: Unit, step: _Step, *, now: datetime, by: str) -> None:
    tool: ToolId | None = None
    if step.default is not None:
        name, action = step.default
        await unit.policies.put_default(None if name == TENANT_DEFAULT else name, action, by=by)
    if step.remove is not None:
        await unit.policies.remove(step.remove.id, by=by)
    if step.put is not None:
        await unit.policies.put(step.put, by=by)
    if step.give is not None:
        tool = step.give.tool
        await unit.grants.add(step.give)
    if step.revoke is not None:
        tool = step.revoke.tool
        await unit.grants.revoke(step.revoke.id, now=now, by=by)
    change = step.change
    named = step.put or step.remove
    given = step.give or step.revoke
    await unit.audit.append(
        AuditEntry(
            at=now,
            kind=_kind(change),
            agent=by,
            connector=named.connector if named else (tool.connector if tool else ""),
            tool=str(tool or ""),
            policies=(named.name,) if named else (),
            grants=(given.id,) if given else (),
            details={"name": change.name, "changes": list(change.fields), "by": by},
        )
    )


def _kind(change: Change) -> str:
    if change.thing == "standing approval":
        return "grant.given" if change.kind is ChangeKind.ADD else "grant.revoked"
    return f"{change.thing}.{_VERBS[change.kind]}"


_VERBS: Final = {ChangeKind.ADD: "added", ChangeKind.REPLACE: "changed", ChangeKind.REMOVE: "removed"}


def _after(stored: _Stored, steps: Sequence[_Step], now: datetime) -> _Stored:
    """Gives what would be stored after the steps."""
    tenant, connectors = stored.defaults.tenant, dict(stored.defaults.connectors)
    policies, grants = dict(stored.policies), {grant.id: grant for grant in stored.grants}
    for step in steps:
        if step.default is not None:
            name, action = step.default
            if name == TENANT_DEFAULT:
                tenant = action or Defaults().tenant
            elif action is None:
                connectors.pop(name, None)
            else:
                connectors[name] = action
        if step.remove is not None:
            del policies[step.remove.name]
        if step.put is not None:
            policies[step.put.name] = step.put
        if step.give is not None:
            # Given now, it could not have answered anything before; a rehearsal asks what it would have done.
            grants[step.give.id] = step.give
        if step.revoke is not None:
            grants[step.revoke.id] = replace(step.revoke, revoked=now)
    return replace(
        stored,
        defaults=Defaults(tenant=tenant, connectors=connectors),
        policies=policies,
        grants=tuple(grants.values()),
    )


def _policy_set(stored: _Stored) -> PolicySet:
    return PolicySet.of(
        policies=stored.policies.values(),
        defaults=stored.defaults,
        grants=stored.grants,
        freezes=stored.freezes,
    )
