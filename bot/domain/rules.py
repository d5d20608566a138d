"""Policies made ready to be asked, and what each says about a situation."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from bot.domain.actions import Action
from bot.domain.audience import Audience, Key
from bot.domain.conditions import all_hold, compiled
from bot.domain.decisions import Situation, Spoke
from bot.domain.grants import Seat
from bot.domain.people import Person
from bot.domain.policies import AllTools, Chosen, NamedTools, Policy, PolicyId, Skip
from bot.domain.seating import seats_of
from bot.domain.tools import ToolId


class Said:
    """What a policy says on one way through its conditions, with all that a decision tells of it."""

    __slots__ = ("action", "order", "policy", "reason", "rung", "seats", "spoke_lost", "spoke_won")

    def __init__(self, policy: Policy, action: Action, why: str) -> None:
        self.policy = policy
        self.action = action
        self.rung = action.rung
        self.order = (policy.name, policy.id)
        self.seats = seats_of(policy.requirement) if action is Action.APPROVAL_NEEDED else ()
        self.spoke_won = Spoke(policy, action, True)  # noqa: FBT003 - the field is named `won`
        self.spoke_lost = Spoke(policy, action, False)  # noqa: FBT003 - the field is named `won`
        self.reason = f"Policy “{policy.name}” (version {policy.version}) says {action}{why}."


class Rule:
    """An enabled policy, made ready; two rules are never equal."""

    __slots__ = ("_ends", "_met", "_tests", "_unmet", "_unsure", "excluded", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.excluded = policy.tools.excluded if isinstance(policy.tools, AllTools) else frozenset()
        self._ends = policy.ends
        self._tests = tuple(compiled(condition) for condition in policy.conditions)
        self._met = Said(policy, policy.action, "")
        self._unmet = self._unsure = None
        if not self._tests:
            return
        stricter = policy.action
        if not isinstance(policy.otherwise, Skip):
            self._unmet = Said(policy, policy.otherwise, ", because its conditions are not met")
            stricter = max(policy.action, policy.otherwise, key=lambda action: action.rung)
        self._unsure = Said(policy, stricter, ", because its conditions cannot be checked for this call")

    def says(self, situation: Situation) -> Said | None:
        """Gives what the policy says; None where it is as if it did not exist."""
        if self._ends is not None and self._ends <= situation.now:
            return None
        if not self._tests:
            return self._met
        answer = all_hold(self._tests, situation)
        if answer is None:
            return self._unsure
        return self._met if answer else self._unmet


class RuleIndex:
    """A tenant's enabled policies, filed by tool and by whom they are for."""

    __slots__ = ("_all", "_named", "ready")

    def __init__(self, policies: Iterable[Policy], *, like: "RuleIndex | None" = None) -> None:
        """Files the policies; those that are the same objects as in `like` are not made ready again."""
        known = {} if like is None else like.ready
        self.ready: dict[PolicyId, Rule] = {}
        """The rules by their policies."""
        self._named: Audience[tuple[str, str], Rule] = Audience()
        self._all: Audience[str, Rule] = Audience()
        for policy in policies:
            if policy.enabled:
                rule = known.get(policy.id)
                self._file(rule if rule is not None and rule.policy is policy else Rule(policy))

    def said(self, situation: Situation) -> list[Said]:
        """Gives what every policy that speaks says, by the policies' names."""
        found = []
        for rule in self.covering(situation.call.tool, situation.requester):
            said = rule.says(situation)
            if said is not None:
                found.append(said)
        if len(found) > 1:
            found.sort(key=_order)
        return found

    def covering(self, tool: ToolId, requester: Person) -> Sequence[Rule]:
        """Gives the policies whose tools and subjects cover a call, whatever their conditions say."""
        named = self._named.meant_for(tool, requester)
        wide = self._all.meant_for(tool.connector, requester)
        if not wide:
            return named
        return [*named, *[rule for rule in wide if tool.name not in rule.excluded]]

    def _file(self, rule: Rule) -> None:
        policy = rule.policy
        self.ready[policy.id] = rule
        if isinstance(policy.tools, NamedTools):
            for name in policy.tools.names:
                _file_under(self._named, (policy.connector, name), rule)
        else:
            _file_under(self._all, policy.connector, rule)


def _file_under(audience: Audience[Key, Rule], key: Key, rule: Rule) -> None:
    subjects = rule.policy.subjects
    if isinstance(subjects, Chosen):
        audience.add(key, rule, persons=subjects.persons, groups=subjects.groups)
    else:
        audience.add_for_everyone(key, rule)


def joined_seats(winners: Sequence[Said]) -> tuple[Seat, ...]:
    """Gives the seats that satisfy all of these policies together."""
    if len(winners) == 1:
        return winners[0].seats
    requirement = winners[0].policy.requirement
    for said in winners[1:]:
        requirement = requirement.joined(said.policy.requirement)
    return seats_of(requirement)


_order = attrgetter("order")
