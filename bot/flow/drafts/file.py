"""Brings what is laid down to what a policy file wants."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.actions import Action
from bot.domain.canonical import canonical
from bot.domain.grants import Grant, GrantId
from bot.domain.policies import Defaults, PolicyId, PolicySource
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, Rulebook
from bot.flow.change_rules import Draft
from bot.flow.drafts.setting import Stamp
from bot.flow.wanted import bare, grant_words, standing
from bot.ports.policy_files import TENANT_DEFAULT, Wanted

MayGive = Callable[[Grant, int], None]
"""Passes if this standing approval may be given, with its place among the file's; else raises a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How much of what is laid down a file speaks for."""

    prune: bool = False
    """Whether what it does not name is removed."""
    with_grants: bool = False
    """Whether it speaks for standing approvals, too."""


def from_file(wanted: Wanted, scope: Scope, stamp: Stamp, may_give: MayGive) -> Draft:
    """Gives the draft; what the file says and is so already has no edits.

    New standing approvals are given for the tools as they are at that moment. What `may_give` raises, the
    draft raises.
    """

    def draft(rulebook: Rulebook) -> Sequence[Edit]:
        edits: list[Edit] = [*_defaults(wanted, rulebook, scope), *_policies(wanted, rulebook, scope, stamp)]
        if scope.with_grants:
            edits += _grants(wanted, rulebook, scope, stamp, may_give)
        return edits

    return draft


def _defaults(wanted: Wanted, stored: Rulebook, scope: Scope) -> Iterator[Edit]:
    now: dict[str, Action] = {**stored.defaults.connectors, TENANT_DEFAULT: stored.defaults.tenant}
    then: Mapping[str, Action] = {**now, **wanted.defaults}
    if scope.prune:
        then = {TENANT_DEFAULT: Defaults().tenant, **wanted.defaults}
    for name in sorted({*now, *then}):
        if now.get(name) is not then.get(name):
            connector = "" if name == TENANT_DEFAULT else name
            yield DefaultEdit(connector=connector, before=now.get(name), after=then.get(name))


def _policies(wanted: Wanted, stored: Rulebook, scope: Scope, stamp: Stamp) -> Iterator[Edit]:
    here = {policy.name: policy for policy in stored.policies.values()}
    named = {policy.name for policy in wanted.policies}
    if scope.prune:
        yield from (
            PolicyEdit(before=was, after=None) for name, was in sorted(here.items()) if name not in named
        )
    for policy in wanted.policies:
        was = here.get(policy.name)
        if was is not None and bare(policy) == bare(was):
            continue
        after = replace(
            policy,
            id=was.id if was else PolicyId(stamp.ids.new()),
            version=was.version if was else 0,
            source=PolicySource.IMPORT,
            owner=stamp.by,
            created=was.created if was else stamp.now,
            updated=stamp.now,
        )
        yield PolicyEdit(before=was, after=after)


def _grants(
    wanted: Wanted, stored: Rulebook, scope: Scope, stamp: Stamp, may_give: MayGive
) -> Iterator[Edit]:
    here = {_words(grant): grant for grant in standing(stored.grants, stamp.now)}
    there = {_words(grant): (number, grant) for number, grant in enumerate(wanted.grants)}
    for words, (number, grant) in there.items():
        if words not in here:
            given = _given(grant, stored, stamp.now, GrantId(stamp.ids.new()))
            may_give(given, number)
            yield GrantEdit(before=None, after=given)
    if scope.prune:
        yield from (
            GrantEdit(before=grant, after=None) for words, grant in here.items() if words not in there
        )


def _words(grant: Grant) -> str:
    return canonical(grant_words(grant))


def _given(grant: Grant, stored: Rulebook, now: datetime, grant_id: GrantId) -> Grant:
    tool = stored.catalog.get(grant.tool)
    return replace(grant, id=grant_id, fingerprint=tool.accepted if tool else "", created=now)
