"""Whether a change may let a tool of effect destroy do more, or ask fewer, than before.

The answer is careful: where it depends on who asks for what, a change counts as loosening. A change that is
said to loosen nothing never makes a decision about such a tool less strict.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.actions import Action, Effect
from bot.domain.policies import (
    Chosen,
    NamedTools,
    Policy,
    PolicyId,
    Skip,
    Standing,
    Subjects,
)
from bot.domain.reach import Reach
from bot.domain.rule_changes import Edit, GrantEdit, PolicyEdit, Rulebook, SwitchEdit
from bot.domain.sayings import Filed, Says, Spoken, always_says, can_say, says
from bot.domain.tools import ToolId


def loosened(before: Rulebook, edits: Sequence[Edit]) -> tuple[ToolId, ...]:
    """Gives the tools of effect destroy that the edits may loosen, in order; none where surely none is."""
    after, reach = before.after(edits), Reach.of(edits)
    near = [
        tool.id for tool in after.catalog.values() if tool.effect is Effect.DESTROY and reach.holds(tool.id)
    ]
    if not near:
        return ()
    changes = _Changes(edits)
    kept = Filed(policy for policy in after.policies.values() if policy.id not in changes.policies)
    cases = (_Case.of(before, after, changes, kept, tool) for tool in sorted(near))
    return tuple(case.tool for case in cases if case.may_loosen)


class _Changes:
    """The edits, by the tools that they are for."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.policies: set[PolicyId] = set()
        """The policies that any of them is of."""
        self._edits = [edit for edit in edits if isinstance(edit, PolicyEdit)]
        self._named: dict[ToolId, set[int]] = defaultdict(set)
        self._wide: dict[str, set[int]] = defaultdict(set)
        self._switched_on = {
            (edit.connector, edit.tool)
            for edit in edits
            if isinstance(edit, SwitchEdit) and edit.after and not edit.before
        }
        self._given = {
            edit.after.tool for edit in edits if isinstance(edit, GrantEdit) and edit.after is not None
        }
        for place, edit in enumerate(self._edits):
            for policy in (edit.before, edit.after):
                if policy is not None:
                    self._file(policy, place)

    def _file(self, policy: Policy, place: int) -> None:
        self.policies.add(policy.id)
        if isinstance(policy.tools, NamedTools):
            for name in policy.tools.names:
                self._named[ToolId(policy.connector, name)].add(place)
        else:
            self._wide[policy.connector].add(place)

    def about(self, tool: ToolId) -> tuple["_Pair", ...]:
        """Gives what changes among the policies that are for the tool; None where one is not for it."""
        places = self._named.get(tool, set()) | self._wide.get(tool.connector, set())
        edits = (self._edits[place] for place in sorted(places))
        pairs = ((_for(edit.before, tool), _for(edit.after, tool)) for edit in edits)
        return tuple(pair for pair in pairs if pair != (None, None))

    def switch_on(self, tool: ToolId) -> bool:
        """Whether the tool, or its connector, is switched on."""
        return bool(self._switched_on & {(tool.connector, ""), tuple(tool)})

    def gives(self, tool: ToolId) -> bool:
        """Whether a standing approval for the tool is given."""
        return tool in self._given


_Pair: TypeAlias = tuple[Policy | None, Policy | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One tool, what speaks about it before and after, and what does so in both."""

    tool: ToolId
    pairs: tuple[_Pair, ...]
    kept: Spoken
    after: Spoken
    """What is said after the change, by what is kept and by what is new."""
    default_before: Says
    default_after: Says
    is_switched_on: bool
    is_given: bool
    """Whether a standing approval for it is given."""

    @classmethod
    def of(cls, before: Rulebook, after: Rulebook, changes: _Changes, kept: Filed, tool: ToolId) -> "_Case":
        """Gives the case of this tool."""
        pairs, spoken = changes.about(tool), kept.about(tool)
        return cls(
            tool=tool,
            pairs=pairs,
            kept=spoken,
            after=spoken.joined(Spoken.of(one for _, one in pairs if one is not None)),
            default_before=_default(before, tool),
            default_after=_default(after, tool),
            is_switched_on=changes.switch_on(tool),
            is_given=changes.gives(tool),
        )

    @property
    def may_loosen(self) -> bool:
        """Whether some call may get a less strict decision after than before."""
        if self.is_given:
            return True
        if self.is_switched_on:
            return not any(said.action is Action.DISABLED for said in self.after.always)
        return (
            any(_allows_more_standing(before, after) for before, after in self.pairs)
            or self._undercuts()
            or self._loosens_silence()
        )

    def _undercuts(self) -> bool:
        """Whether something that was said about a call may be missing, and nothing says as much."""
        return any(not self._is_kept_up(said, by) for said, by in set(self._said_before()))

    def _said_before(self) -> Iterable[tuple[Says, Says | None]]:
        """Gives what a changing policy may say about a call, with what its successor says about the same."""
        for before, after in self.pairs:
            if before is None:
                continue
            follows = after is not None and _speaks_where(after, before)
            yield says(before, before.action), says(after, after.action) if after and follows else None
            if before.conditions and not isinstance(before.otherwise, Skip):
                has_else = after is not None and follows and not isinstance(after.otherwise, Skip)
                becomes = _else_of(after) if after and has_else else None
                yield says(before, before.otherwise), becomes

    def _is_kept_up(self, said: Says, by: Says | None) -> bool:
        """Whether what a call got before is not undercut: something surely says as much of the same call."""
        if (by is not None and by.covers(said)) or any(one.covers(said) for one in self.after.always):
            return True
        return self.default_after.covers(said) and all(one.covers(said) for one in self.after.can)

    def _loosens_silence(self) -> bool:
        """Whether a call that no policy spoke of may get less than the default that it got."""
        befores = (before for before, _ in self.pairs if before is not None)
        if self.kept.always or any(always_says(policy) for policy in befores):
            return False
        if any(not said.covers(self.default_before) for said in self._news()):
            return True
        return not self.after.always and not self.default_after.covers(self.default_before)

    def _news(self) -> Iterable[Says]:
        """Gives what may be said about calls that the same policy did not speak of before."""
        for before, after in self.pairs:
            if after is None:
                continue
            if before is None or not _speaks_where(before, after):
                yield from can_say(after)
                continue
            becomes = _else_of(after)
            if after.conditions and isinstance(before.otherwise, Skip) and becomes is not None:
                yield becomes


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


def _else_of(policy: Policy) -> Says | None:
    return None if isinstance(policy.otherwise, Skip) else says(policy, policy.otherwise)


def _default(rulebook: Rulebook, tool: ToolId) -> Says:
    return Says(rulebook.defaults.connectors.get(tool.connector, rulebook.defaults.tenant))
