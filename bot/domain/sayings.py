"""What policies say about the calls of a tool, whoever makes them: surely, or perhaps."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.actions import Action
from bot.domain.policies import EVERYONE, TECHNICIAN_ONLY, NamedTools, Policy, Skip, Standing
from bot.domain.tools import ToolId


@dataclass(frozen=True, slots=True)
class Says:
    """One thing that a policy or a default can say about a call."""

    action: Action
    groups: frozenset[tuple[str, int]] = frozenset(TECHNICIAN_ONLY.groups.items())
    """The groups whose technicians it asks, each with its quorum."""
    manager: bool = TECHNICIAN_ONLY.manager
    standing: Standing = Standing.UNSAID

    def covers(self, other: "Says") -> bool:
        """Whether a call that gets this is at least as restricted as one that gets the other."""
        if self.action is not other.action:
            return self.action.rung > other.action.rung
        if self.action is not Action.APPROVAL_NEEDED:
            return True
        quorums = dict(self.groups)
        asks = all(quorums.get(group, 0) >= quorum for group, quorum in other.groups)
        allows_more = self.standing is Standing.ALLOWED and other.standing is not Standing.ALLOWED
        forbids_less = other.standing is Standing.FORBIDDEN and self.standing is not Standing.FORBIDDEN
        return asks and (self.manager or not other.manager) and not (allows_more or forbids_less)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What some policies say about every call of a tool, and what they can say about one."""

    always: frozenset[Says] = frozenset()
    can: frozenset[Says] = frozenset()

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> "Spoken":
        """Gives what these policies say, each thing once."""
        always, can = set[Says](), set[Says]()
        for policy in policies:
            always.update(always_says(policy))
            can.update(can_say(policy))
        return cls(frozenset(always), frozenset(can))

    def joined(self, other: "Spoken") -> "Spoken":
        """Gives what these policies and the others say."""
        return Spoken(self.always | other.always, self.can | other.can)


class Filed:
    """Policies by the tools that they are for; of those that are switched off, nothing is heard."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._named: dict[ToolId, list[Policy]] = defaultdict(list)
        self._wide: dict[str, list[Policy]] = defaultdict(list)
        self._everywhere: dict[str, Spoken] = {}
        self._excluded: set[ToolId] = set()
        for policy in policies:
            if not policy.enabled:
                continue
            connector = policy.connector
            if isinstance(policy.tools, NamedTools):
                for name in policy.tools.names:
                    self._named[ToolId(connector, name)].append(policy)
            else:
                self._wide[connector].append(policy)
                self._excluded |= {ToolId(connector, name) for name in policy.tools.excluded}

    def about(self, tool: ToolId) -> Spoken:
        """Gives what they say about the tool; what all tools of a connector share is worked out once."""
        named, wide = self._named.get(tool, []), self._wide.get(tool.connector, [])
        if tool in self._excluded:
            return Spoken.of([*named, *(policy for policy in wide if policy.tools.covers(tool.name))])
        if tool.connector not in self._everywhere:
            self._everywhere[tool.connector] = Spoken.of(wide)
        return self._everywhere[tool.connector].joined(Spoken.of(named))


def says(policy: Policy, action: Action) -> Says:
    """Gives the policy's saying of this action."""
    requirement = policy.requirement
    return Says(action, frozenset(requirement.groups.items()), requirement.manager, policy.standing)


def can_say(policy: Policy) -> list[Says]:
    """Gives all that the policy can say about a call."""
    said = [says(policy, policy.action)]
    if policy.conditions and not isinstance(policy.otherwise, Skip):
        said.append(says(policy, policy.otherwise))
    return said


def always_says(policy: Policy) -> list[Says]:
    """Gives the least that the policy says about every call of its tools; nothing where it may be silent."""
    if policy.subjects != EVERYONE or policy.ends is not None:
        return []
    if not policy.conditions:
        return [says(policy, policy.action)]
    if isinstance(policy.otherwise, Skip):
        return []
    return [says(policy, min(policy.action, policy.otherwise, key=lambda action: action.rung))]
