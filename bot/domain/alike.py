"""Which calls are alike: all that decides them is the same, so one decision is enough."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, TypeAlias

from bot.domain.arguments import readings
from bot.domain.attributes import ARGUMENTS, reader
from bot.domain.canonical import JsonObject
from bot.domain.decide import PolicySet
from bot.domain.decisions import Situation
from bot.domain.grants import ExactArguments, Grant, HolderGroup, HolderPerson, PinnedArguments
from bot.domain.policies import Chosen, Condition, FreezeScope, NamedTools, Operator, Policy
from bot.domain.tools import ToolId

_Look: TypeAlias = Callable[[Situation], Hashable]
_GROUPS: Final = "requester.groups"
_TIME: Final = "time."


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
    attributes: tuple[_Look, ...]
    paths: tuple[tuple[str, ...], ...]
    moments: Sequence[datetime]
    by_hour: bool
    by_digest: bool
    by_manager: bool

    @classmethod
    def of(cls, policies: Iterable[Policy], grants: Sequence[Grant], frozen: frozenset[str]) -> "_Seen":
        persons, groups, names = set(frozen), set[str](), set[str]()
        moments = {grant.ends for grant in grants}
        for policy in policies:
            moments.add(policy.ends)
            if isinstance(policy.subjects, Chosen):
                persons |= policy.subjects.persons
                groups |= policy.subjects.groups
            for condition in policy.conditions:
                group = _group_of(condition)
                if group is None:
                    names |= _attributes_of(condition)
                else:
                    groups.add(group)
        for grant in grants:
            persons.add(grant.giver)
            if isinstance(grant.holder, HolderPerson):
                persons.add(grant.holder.person)
            elif isinstance(grant.holder, HolderGroup):
                groups.add(grant.holder.group)
            if isinstance(grant.arguments, PinnedArguments):
                names |= {ARGUMENTS + path for path in grant.arguments.paths}
        named = sorted(name for name in names if not name.startswith((ARGUMENTS, _TIME)))
        return cls(
            persons=frozenset(persons),
            groups=frozenset(groups),
            attributes=tuple(_look_at(name) for name in named),
            paths=tuple(
                tuple(name.removeprefix(ARGUMENTS).split("."))
                for name in sorted(names)
                if name.startswith(ARGUMENTS)
            ),
            moments=sorted(moment for moment in moments if moment is not None),
            by_hour=any(name.startswith(_TIME) for name in names)
            or any(grant.daily_limit is not None for grant in grants),
            by_digest=any(isinstance(grant.arguments, ExactArguments) for grant in grants),
            by_manager=any(grant.manager for grant in grants),
        )

    def of_situation(self, situation: Situation) -> Hashable:
        """Gives what they see of this one."""
        requester, arguments = situation.requester, situation.call.arguments
        return (
            requester.id if requester.id in self.persons else None,
            requester.groups & self.groups,
            requester.manager if self.by_manager else None,
            situation.agent,
            situation.surface,
            tuple([look(situation) for look in self.attributes]),
            tuple([_read(arguments, path) for path in self.paths]),
            bisect_right(self.moments, situation.now),
            _hour(situation.now, situation.zone) if self.by_hour else None,
            situation.call.digest if self.by_digest else None,
        )


def _group_of(condition: Condition) -> str | None:
    """Gives the group whose members alone the condition tells from others; None where it looks at more."""
    is_member = condition.attribute == _GROUPS and condition.operator is Operator.CONTAINS
    return condition.value if is_member and isinstance(condition.value, str) else None


def _attributes_of(condition: Condition) -> set[str]:
    names = {condition.attribute}
    if condition.operator is Operator.SAME_AS and isinstance(condition.value, str):
        names.add(condition.value)
    return names


def _look_at(attribute: str) -> _Look:
    read = reader(attribute)
    return lambda situation: repr(read(situation))


def _read(arguments: JsonObject, path: tuple[str, ...]) -> str:
    """Gives what stands at the path, spelled so that 1, 1.0, true and "1" stay apart."""
    return repr(readings(arguments, path))


def _hour(now: datetime, zone: tzinfo) -> Hashable:
    local = now.astimezone(zone)
    return local.date(), local.hour
