"""The decision on a tool call, from everything that was laid down about it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from operator import attrgetter
from typing import NamedTuple, Self

from bot.domain import reasons
from bot.domain.actions import Action, Effect
from bot.domain.coverage import GrantIndex
from bot.domain.decisions import Cause, Decision, Situation, Spoke
from bot.domain.grants import Grant, GrantId, HolderGroup, Seat
from bot.domain.people import PersonId
from bot.domain.policies import TECHNICIAN_ONLY, Chosen, Defaults, Freeze, FreezeScope, Policy, Standing
from bot.domain.rules import RuleIndex, Said, joined_seats
from bot.domain.seating import both_of, filled_by, seats_of, with_technicians
from bot.domain.tools import CatalogTool, ToolId


class PolicySet:
    """All that a tenant has laid down, filed for quick decisions; it never changes once it is built."""

    __slots__ = ("_groups", "defaults", "freezes", "grants", "policies", "rules")

    def __init__(
        self,
        *,
        policies: tuple[Policy, ...],
        rules: RuleIndex,
        defaults: Defaults,
        grants: GrantIndex,
        freezes: "FreezeIndex",
    ) -> None:
        self.policies = policies
        self.rules = rules
        self.defaults = defaults
        self.grants = grants
        self.freezes = freezes
        self._groups: frozenset[str] | None = None

    @property
    def groups(self) -> frozenset[str]:
        """The names of the groups that its policies and grants look at."""
        if self._groups is None:
            enabled = (policy for policy in self.policies if policy.enabled)
            self._groups = frozenset(self.grants.groups.union(*map(_groups_of, enabled)))
        return self._groups

    @classmethod
    def of(
        cls,
        *,
        policies: Iterable[Policy],
        defaults: Defaults,
        grants: Iterable[Grant],
        freezes: Iterable[Freeze],
        like: "PolicySet | None" = None,
    ) -> Self:
        """Gives the policy set of these policies, grants and freezes, whatever their order.

        It is made quicker where most policies are the very same objects as those of `like`.
        """
        kept = tuple(sorted(policies, key=attrgetter("name")))
        return cls(
            policies=kept,
            rules=RuleIndex(kept, like=None if like is None else like.rules),
            defaults=defaults,
            grants=GrantIndex(grants),
            freezes=FreezeIndex(freezes),
        )


def _groups_of(policy: Policy) -> set[str]:
    """Gives the names of the groups that a policy is for, or that its conditions name."""
    named = set(policy.subjects.groups) if isinstance(policy.subjects, Chosen) else set[str]()
    for condition in policy.conditions:
        if condition.attribute == "requester.groups" and isinstance(condition.value, str):
            named.add(condition.value)
    return named


class FreezeIndex:
    """The freezes in force, by what they cover."""

    __slots__ = ("_found",)

    def __init__(self, freezes: Iterable[Freeze]) -> None:
        self._found: dict[tuple[FreezeScope, str], Freeze] = {}
        for freeze in sorted(freezes, key=lambda freeze: (freeze.at, freeze.by, freeze.reason)):
            target = "" if freeze.scope is FreezeScope.TENANT else freeze.target
            self._found.setdefault((freeze.scope, target), freeze)

    def targets(self, scope: FreezeScope) -> frozenset[str]:
        """Gives what freezes of this scope are on."""
        return frozenset(target for found, target in self._found if found is scope)

    def over(self, tool: ToolId, requester: PersonId) -> Freeze | None:
        """Gives the widest freeze that covers the call, of equals the oldest; None when nothing is frozen."""
        if not self._found:
            return None
        scopes = (
            (FreezeScope.TENANT, ""),
            (FreezeScope.CONNECTOR, tool.connector),
            (FreezeScope.TOOL, str(tool)),
            (FreezeScope.PERSON, requester),
        )
        return next((self._found[scope] for scope in scopes if scope in self._found), None)


class _Ruling(NamedTuple):
    """What policies and defaults say, before drift and grants."""

    action: Action
    cause: Cause
    seats: tuple[Seat, ...]
    spoke: tuple[Spoke, ...]
    standing_allowed: bool
    reason: str


def decide(policy_set: PolicySet, situation: Situation) -> Decision:
    """Gives the decision on a call at this moment; equal situations get equal decisions.

    The policies that spoke are given winners first, then by name. Groups in doubt loosen nothing: of what
    would be decided with and without them, the stricter holds.
    """
    call = situation.call
    freeze = policy_set.freezes.over(call.tool, situation.requester.id)
    if freeze is not None:
        return _barred(Cause.FROZEN, reasons.of_freeze(freeze))
    tool = situation.tool
    if tool is None or not tool.present or tool.id != call.tool:
        return _barred(Cause.UNKNOWN_TOOL, reasons.of_unavailable(Cause.UNKNOWN_TOOL, call.tool))
    if not tool.connector_on:
        return _barred(Cause.CONNECTOR_OFF, reasons.of_unavailable(Cause.CONNECTOR_OFF, call.tool))
    if not tool.enabled:
        return _barred(Cause.TOOL_OFF, reasons.of_unavailable(Cause.TOOL_OFF, call.tool))
    said = policy_set.rules.said(situation)
    ruling = _of_policies(said, tool) if said else _of_defaults(policy_set.defaults, tool)
    if situation.requester.doubtful and not policy_set.groups.isdisjoint(situation.requester.doubtful):
        ruling = _doubted(policy_set, situation, tool, ruling)
    if tool.drifted:
        ruling = _drifted(ruling, said)
    return _answered(policy_set, situation, ruling)


def _barred(cause: Cause, reason: str) -> Decision:
    return Decision(
        action=Action.DISABLED, cause=cause, filled_seats={}, standing_allowed=False, reason=reason
    )


def _of_policies(said: Sequence[Said], tool: CatalogTool) -> _Ruling:
    rung = max([each.rung for each in said])
    winners = [each for each in said if each.rung == rung]
    spoke = [each.spoke_won for each in winners]
    if len(winners) < len(said):
        spoke += [each.spoke_lost for each in said if each.rung != rung]
    first = winners[0]
    asks = first.action is Action.APPROVAL_NEEDED
    return _Ruling(
        action=first.action,
        cause=Cause.POLICY,
        seats=joined_seats(winners) if asks else (),
        spoke=tuple(spoke),
        standing_allowed=asks and _standing_allowed(winners, tool),
        reason=first.reason,
    )


def _standing_allowed(winners: Iterable[Said], tool: CatalogTool) -> bool:
    """One policy that forbids is enough; for a tool that destroys, it takes one that allows."""
    allowed = tool.effect is not Effect.DESTROY
    for said in winners:
        if said.policy.standing is Standing.FORBIDDEN:
            return False
        allowed = allowed or said.policy.standing is Standing.ALLOWED
    return allowed


def _of_defaults(defaults: Defaults, tool: CatalogTool) -> _Ruling:
    action = defaults.connectors.get(tool.id.connector)
    cause = Cause.TENANT_DEFAULT if action is None else Cause.CONNECTOR_DEFAULT
    action = defaults.tenant if action is None else action
    asks = action is Action.APPROVAL_NEEDED
    return _Ruling(
        action=action,
        cause=cause,
        seats=_DEFAULT_SEATS if asks else (),
        spoke=(),
        standing_allowed=asks and _standing_allowed((), tool),
        reason=reasons.of_default(cause, tool.id, action),
    )


def _doubted(policy_set: PolicySet, situation: Situation, tool: CatalogTool, seen: _Ruling) -> _Ruling:
    """Gives the strictest of the rulings that there can be, whichever groups the requester really is in."""
    requester, rulings = situation.requester, [seen]
    believed = replace(situation, requester=replace(requester, doubtful=frozenset()))
    # Conditions that name such groups are left open in `seen`; here all of them hold, and then none.
    for one in (believed, replace(situation, requester=requester.certain)):
        said = policy_set.rules.said(one)
        rulings.append(_of_policies(said, tool) if said else _of_defaults(policy_set.defaults, tool))
    ruling = reduce(_stricter, rulings)
    grants = policy_set.grants
    if any(one != seen for one in rulings) or grants.covering(believed) != grants.covering(situation):
        groups = requester.doubtful & _looked_at(policy_set, believed)
        ruling = ruling._replace(reason=reasons.with_doubt(ruling.reason, groups))
    return ruling


def _looked_at(policy_set: PolicySet, situation: Situation) -> set[str]:
    """Gives the groups that policies and grants name that are about this call."""
    tool = situation.call.tool
    found = {one.holder.group for one in policy_set.grants.about(tool) if isinstance(one.holder, HolderGroup)}
    rules = policy_set.rules.covering(tool, situation.requester)
    return found.union(*(_groups_of(rule.policy) for rule in rules))


def _stricter(one: _Ruling, other: _Ruling) -> _Ruling:
    """Gives what loosens neither: of two that ask, every seat; grants fill them only if they may for both."""
    first, second = (other, one) if other.action.rung > one.action.rung else (one, other)
    known = {spoke.policy.id for spoke in first.spoke}
    lost = [replace(spoke, won=False) for spoke in second.spoke if spoke.policy.id not in known]
    return first._replace(
        seats=both_of(first.seats, second.seats) if first.action is second.action else first.seats,
        spoke=(*first.spoke, *lost),
        standing_allowed=first.standing_allowed and (second.standing_allowed or second.action is Action.AUTO),
    )


def _drifted(ruling: _Ruling, said: Iterable[Said]) -> _Ruling:
    """A changed tool is asked about at least; no policy won where that is more than the policies said."""
    if ruling.action is Action.DISABLED:
        return ruling
    asked = ruling.action is Action.APPROVAL_NEEDED
    return _Ruling(
        action=Action.APPROVAL_NEEDED,
        cause=Cause.DRIFTED,
        seats=with_technicians(ruling.seats),
        spoke=ruling.spoke if asked else tuple([each.spoke_lost for each in said]),
        standing_allowed=False,
        reason=reasons.of_drift(),
    )


def _answered(policy_set: PolicySet, situation: Situation, ruling: _Ruling) -> Decision:
    """Fills the seats that standing approvals fill, and gives the decision."""
    filled: dict[Seat, tuple[GrantId, ...]] = {}
    if ruling.standing_allowed:
        covering = policy_set.grants.covering(situation)
        filled = filled_by(ruling.seats, covering, situation.requester) if covering else {}
    reason, still_open = ruling.reason, ruling.seats
    if filled:
        still_open = tuple(seat for seat in ruling.seats if seat not in filled)
        used = [grant for ids in filled.values() for grant in ids]
        reason = reasons.with_grants(reason, used, complete=not still_open)
    return Decision(
        action=ruling.action,
        cause=ruling.cause,
        open_seats=still_open,
        filled_seats=filled,
        spoke=ruling.spoke,
        standing_allowed=ruling.standing_allowed,
        reason=reason,
    )


_DEFAULT_SEATS = seats_of(TECHNICIAN_ONLY)
