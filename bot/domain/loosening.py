"""Whether a change may let a tool of effect destroy do more, or ask fewer, than before.

The answer is careful: where it depends on who asks for what, a change counts as loosening. A change that is
said to loosen nothing never makes a decision about such a tool less strict.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.actions import Action, Effect
from bot.domain.policies import (
    EVERYONE,
    TECHNICIAN_ONLY,
    Chosen,
    Policy,
    Requirement,
    Skip,
    Standing,
    Subjects,
)
from bot.domain.rule_changes import Edit, PolicyEdit, Rulebook, SwitchEdit
from bot.domain.tools import CatalogTool, ToolId


def loosened(before: Rulebook, edits: Sequence[Edit]) -> tuple[ToolId, ...]:
    """Gives the tools of effect destroy that the edits may loosen, in order; none where surely none is."""
    after = before.after(edits)
    touched = {connector for edit in edits for connector in _connectors(edit)}
    policies = _by_connector(after)
    destroying = (tool for tool in after.catalog.values() if tool.effect is Effect.DESTROY)
    near = (tool for tool in destroying if {"", tool.id.connector} & touched)
    return tuple(
        sorted(
            tool.id
            for tool in near
            if _Case.of(before, after, edits, tool, policies[tool.id.connector]).may_loosen
        )
    )


@dataclass(frozen=True, slots=True)
class _Says:
    """One thing that a policy or a default can say about a call."""

    action: Action
    requirement: Requirement = TECHNICIAN_ONLY
    standing: Standing = Standing.UNSAID

    def covers(self, other: "_Says") -> bool:
        """Whether a call that gets this is at least as restricted as one that gets the other."""
        if self.action is not other.action:
            return self.action.rung > other.action.rung
        if self.action is not Action.APPROVAL_NEEDED:
            return True
        mine, theirs = self.requirement, other.requirement
        asks = all(mine.groups.get(group, 0) >= quorum for group, quorum in theirs.groups.items())
        allows_more = self.standing is Standing.ALLOWED and other.standing is not Standing.ALLOWED
        forbids_less = other.standing is Standing.FORBIDDEN and self.standing is not Standing.FORBIDDEN
        return asks and (mine.manager or not theirs.manager) and not (allows_more or forbids_less)


@dataclass(frozen=True, slots=True)
class _Case:
    """One tool, what speaks about it before and after, and what does so in both."""

    pairs: tuple[tuple[Policy | None, Policy | None], ...]
    """What changes among the policies that are for the tool; None where one is not for it."""
    kept: tuple[Policy, ...]
    default_before: _Says
    default_after: _Says
    is_switched_on: bool

    @classmethod
    def of(
        cls,
        before: Rulebook,
        after: Rulebook,
        edits: Sequence[Edit],
        tool: CatalogTool,
        policies: Sequence[Policy],
    ) -> "_Case":
        """Gives the case of this tool."""
        changes = [edit for edit in edits if isinstance(edit, PolicyEdit)]
        changed = {one.id for edit in changes for one in (edit.before, edit.after) if one is not None}
        pairs = [(_for(edit.before, tool.id), _for(edit.after, tool.id)) for edit in changes]
        kept = [one for one in policies if one.id not in changed and _for(one, tool.id)]
        return cls(
            pairs=tuple(pair for pair in pairs if pair != (None, None)),
            kept=tuple(kept),
            default_before=_default(before, tool.id),
            default_after=_default(after, tool.id),
            is_switched_on=any(
                edit.after and not edit.before and edit.tool in {"", tool.id.name}
                for edit in edits
                if isinstance(edit, SwitchEdit) and edit.connector == tool.id.connector
            ),
        )

    @property
    def may_loosen(self) -> bool:
        """Whether some call may get a less strict decision after than before."""
        if self.is_switched_on:
            return not any(said.action is Action.DISABLED for said in self._floor)
        return (
            any(_allows_more_standing(before, after) for before, after in self.pairs)
            or self._undercuts(self._floor)
            or self._loosens_silence()
        )

    @property
    def _floor(self) -> list[_Says]:
        """What is said about every call of the tool after the change."""
        after = [one for _, one in self.pairs if one is not None]
        return [said for policy in (*self.kept, *after) for said in _always_says(policy)]

    def _undercuts(self, floor: Sequence[_Says]) -> bool:
        """Whether something that was said about a call may be missing, and nothing says as much."""
        return any(not self._is_kept_up(said, by, floor) for said, by in self._said_before())

    def _said_before(self) -> Iterable[tuple[_Says, _Says | None]]:
        """Gives what a changing policy may say about a call, with what its successor says about the same."""
        for before, after in self.pairs:
            if before is None:
                continue
            follows = after is not None and _speaks_where(after, before)
            yield _says(before, before.action), _says(after, after.action) if after and follows else None
            if before.conditions and not isinstance(before.otherwise, Skip):
                has_else = after is not None and follows and not isinstance(after.otherwise, Skip)
                becomes = _else_of(after) if after and has_else else None
                yield _says(before, before.otherwise), becomes

    def _is_kept_up(self, said: _Says, by: _Says | None, floor: Sequence[_Says]) -> bool:
        """Whether what a call got before is not undercut: something surely says as much of the same call."""
        if (by is not None and by.covers(said)) or any(one.covers(said) for one in floor):
            return True
        others = [*self.kept, *(after for _, after in self.pairs if after is not None)]
        return self.default_after.covers(said) and all(
            one.covers(said) for policy in others for one in _can_say(policy)
        )

    def _loosens_silence(self) -> bool:
        """Whether a call that no policy spoke of may get less than the default that it got."""
        befores = [before for before, _ in self.pairs if before is not None]
        if any(_always_says(policy) for policy in (*self.kept, *befores)):
            return False
        if any(not said.covers(self.default_before) for said in self._news()):
            return True
        return not self._floor and not self.default_after.covers(self.default_before)

    def _news(self) -> Iterable[_Says]:
        """Gives what may be said about calls that the same policy did not speak of before."""
        for before, after in self.pairs:
            if after is None:
                continue
            if before is None or not _speaks_where(before, after):
                yield from _can_say(after)
                continue
            becomes = _else_of(after)
            if after.conditions and isinstance(before.otherwise, Skip) and becomes is not None:
                yield becomes


def _connectors(edit: Edit) -> set[str]:
    if isinstance(edit, PolicyEdit):
        return {one.connector for one in (edit.before, edit.after) if one is not None}
    return {edit.connector}


def _by_connector(rulebook: Rulebook) -> Mapping[str, list[Policy]]:
    found: dict[str, list[Policy]] = defaultdict(list)
    for policy in rulebook.policies.values():
        found[policy.connector].append(policy)
    return found


def _for(policy: Policy | None, tool: ToolId) -> Policy | None:
    """Gives the policy if it is for the tool, whoever calls it."""
    if policy is None or not policy.enabled or policy.connector != tool.connector:
        return None
    return policy if policy.tools.covers(tool.name) else None


def _speaks_where(policy: Policy, other: Policy) -> bool:
    """Whether the policy looks at every call that the other looks at, by the same conditions."""
    lasts = policy.ends is None or (other.ends is not None and policy.ends >= other.ends)
    return lasts and policy.conditions == other.conditions and _holds(policy.subjects, other.subjects)


def _holds(subjects: Subjects, others: Subjects) -> bool:
    if not isinstance(subjects, Chosen):
        return True
    if not isinstance(others, Chosen):
        return False
    return subjects.persons >= others.persons and subjects.groups >= others.groups


def _can_say(policy: Policy) -> list[_Says]:
    said = [_says(policy, policy.action)]
    if policy.conditions and not isinstance(policy.otherwise, Skip):
        said.append(_says(policy, policy.otherwise))
    return said


def _always_says(policy: Policy) -> list[_Says]:
    """Gives the least that the policy says about every call of its tools; nothing where it may be silent."""
    if policy.subjects != EVERYONE or policy.ends is not None:
        return []
    if not policy.conditions:
        return [_says(policy, policy.action)]
    if isinstance(policy.otherwise, Skip):
        return []
    return [_says(policy, min(policy.action, policy.otherwise, key=lambda action: action.rung))]


def _allows_more_standing(before: Policy | None, after: Policy | None) -> bool:
    """Whether standing approvals may answer calls that they could not answer before."""
    if after is None or after.standing is not Standing.ALLOWED:
        return False
    asking = _asking(after)
    if not asking:
        return False
    if before is None or before.standing is not Standing.ALLOWED:
        return True
    return not (asking <= _asking(before) and _speaks_where(before, after))


def _asking(policy: Policy) -> set[str]:
    """Gives the ways through the policy's conditions that ask."""
    ways = {"met"} if policy.action is Action.APPROVAL_NEEDED else set()
    if policy.conditions and policy.otherwise is Action.APPROVAL_NEEDED:
        ways.add("else")
    return ways


def _else_of(policy: Policy) -> _Says | None:
    return None if isinstance(policy.otherwise, Skip) else _says(policy, policy.otherwise)


def _says(policy: Policy, action: Action) -> _Says:
    return _Says(action, policy.requirement, policy.standing)


def _default(rulebook: Rulebook, tool: ToolId) -> _Says:
    return _Says(rulebook.defaults.connectors.get(tool.connector, rulebook.defaults.tenant))
