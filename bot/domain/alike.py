"""Which calls are alike: all that decides them is the same, so one decision is enough."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.domain.arguments import ArgumentTest, pinned_test
from bot.domain.canonical import NotJson, TooDeep
from bot.domain.conditions import ConditionTest, compiled
from bot.domain.decide import PolicySet
from bot.domain.decisions import Situation
from bot.domain.grants import ExactArguments, Grant, HolderGroup, HolderPerson, PinnedArguments
from bot.domain.plans import ToolCall
from bot.domain.policies import Chosen, FreezeScope, NamedTools, Policy
from bot.domain.tools import ToolId

_Look: TypeAlias = Callable[[Situation], Hashable]


class Likeness:
    """Tells which situations are alike for several policy sets; the tools stay as the catalog has them."""

    def __init__(self, *sets: PolicySet) -> None:
        self._sets = sets
        self._named: dict[ToolId, list[Policy]] = {}
        self._wide: dict[str, list[Policy]] = {}
        self._frozen: frozenset[str] = frozenset()
        self._looks: dict[ToolId, _Look] = {}
        # Most policies are in both sets, and the same there.
        for policy in {id(one): one for each in sets for one in each.policies}.values():
            if policy.enabled:
                self._file(policy)
        for each in sets:
            self._frozen |= each.freezes.targets(FreezeScope.PERSON)

    def key(self, situation: Situation) -> Hashable:
        """Gives a key; situations with equal keys get the same action and seats from each of the sets."""
        tool = situation.call.tool
        look = self._looks.get(tool)
        if look is None:
            look = self._looks[tool] = self._look(tool)
        return tool, look(situation)

    def _file(self, policy: Policy) -> None:
        if isinstance(policy.tools, NamedTools):
            for name in policy.tools.names:
                self._named.setdefault(ToolId(policy.connector, name), []).append(policy)
        else:
            self._wide.setdefault(policy.connector, []).append(policy)

    def _look(self, tool: ToolId) -> _Look:
        wide = [one for one in self._wide.get(tool.connector, ()) if one.tools.covers(tool.name)]
        policies = [*self._named.get(tool, ()), *wide]
        grants = [grant for each in self._sets for grant in each.grants.about(tool)]
        return _Seen.of(policies, grants, self._frozen).of_situation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What policies and standing approvals for one tool can see of a call."""

    persons: frozenset[str]
    groups: frozenset[str]
    conditions: tuple[ConditionTest, ...]
    pins: tuple[ArgumentTest, ...]
    digests: frozenset[str]
    moments: Sequence[datetime]
    by_day: bool
    by_manager: bool

    @classmethod
    def of(cls, policies: Sequence[Policy], grants: Sequence[Grant], frozen: frozenset[str]) -> "_Seen":
        persons, groups = set(frozen), set[str]()
        for subjects in (policy.subjects for policy in policies):
            if isinstance(subjects, Chosen):
                persons |= subjects.persons
                groups |= subjects.groups
        for grant in grants:
            persons.add(grant.giver)
            if isinstance(grant.holder, HolderPerson):
                persons.add(grant.holder.person)
            elif isinstance(grant.holder, HolderGroup):
                groups.add(grant.holder.group)
        conditions = {repr(one): one for policy in policies for one in policy.conditions}
        scopes = {repr(grant.arguments): grant.arguments for grant in grants}.values()
        moments = {*(one.ends for one in policies), *(one.ends for one in grants)}
        return cls(
            persons=frozenset(persons),
            groups=frozenset(groups),
            conditions=tuple(map(compiled, conditions.values())),
            pins=tuple(pinned_test(scope) for scope in scopes if isinstance(scope, PinnedArguments)),
            digests=frozenset(_digests(grants)),
            moments=sorted(moment for moment in moments if moment is not None),
            by_day=any(grant.daily_limit is not None for grant in grants),
            by_manager=any(grant.manager for grant in grants),
        )

    def of_situation(self, situation: Situation) -> Hashable:
        """Gives what they see of this one."""
        requester, arguments = situation.requester, situation.call.arguments
        return (
            requester.id if requester.id in self.persons else None,
            requester.groups & self.groups,
            requester.doubtful & self.groups,
            requester.manager if self.by_manager else None,
            situation.agent,
            tuple([holds(situation) for holds in self.conditions]),
            tuple([fits(arguments) for fits in self.pins]),
            self._digest(situation) if self.digests else None,
            bisect_right(self.moments, situation.now),
            situation.now.astimezone(situation.zone).date() if self.by_day else None,
        )

    def _digest(self, situation: Situation) -> str | None:
        digest = situation.call.digest
        return digest if digest in self.digests else None


def _digests(grants: Iterable[Grant]) -> Iterable[str]:
    """Gives the digests of the calls that grants for exact arguments are for, where there can be such."""
    for grant in grants:
        if isinstance(grant.arguments, ExactArguments):
            with suppress(NotJson, TooDeep):
                yield ToolCall(tool=grant.tool, arguments=grant.arguments.arguments).digest
