"""Which tools an agent is shown: those that are not disabled whatever the arguments."""

from dataclasses import replace

from bot.domain.actions import Action
from bot.domain.conditions import all_hold, compiled
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Cause, Situation
from bot.domain.policies import Condition, Operator, Policy, Skip

_ALWAYS = frozenset({Cause.FROZEN, Cause.UNKNOWN_TOOL, Cause.CONNECTOR_OFF, Cause.TOOL_OFF})


def is_hidden(policy_set: PolicySet, situation: Situation) -> bool:
    """Whether every call of the tool in this situation is disabled, whatever its arguments.

    The situation's own arguments do not matter. A tool that is not hidden may still be refused once the
    arguments are known.
    """
    requester = situation.requester
    if requester.doubtful and is_hidden(policy_set, replace(situation, requester=requester.certain)):
        return True
    decision = decide(policy_set, situation)
    if decision.action is not Action.DISABLED:
        return False
    if decision.cause in _ALWAYS:
        return True
    rules = policy_set.rules.covering(situation.call.tool, situation.requester)
    said = [_sayings(rule.policy, situation) for rule in rules]
    if any(each == {Action.DISABLED} for each in said):
        return True
    if any(each - {None, Action.DISABLED} for each in said):
        return False
    # All of them can keep silent, and then the default speaks.
    defaults = policy_set.defaults
    return defaults.connectors.get(situation.call.tool.connector, defaults.tenant) is Action.DISABLED


def _sayings(policy: Policy, situation: Situation) -> set[Action | None]:
    """Gives everything that the policy can say, whatever the arguments; None stands for its silence."""
    if policy.ends is not None and policy.ends <= situation.now:
        return {None}
    known = [compiled(one) for one in policy.conditions if not _looks_at_arguments(one)]
    held = all_hold(known, situation) if known else True
    otherwise = None if isinstance(policy.otherwise, Skip) else policy.otherwise
    if held is False:
        return {otherwise}
    if _reads_arguments(policy):
        return {policy.action, otherwise}
    if held is True:
        return {policy.action}
    return {max(policy.action, otherwise or policy.action, key=lambda action: action.rung)}


def _reads_arguments(policy: Policy) -> bool:
    return any(_looks_at_arguments(condition) for condition in policy.conditions)


def _looks_at_arguments(condition: Condition) -> bool:
    """Whether a condition looks at the call's arguments, on either side."""
    other = condition.value if condition.operator is Operator.SAME_AS else ""
    return any(isinstance(name, str) and name.startswith("args.") for name in (condition.attribute, other))
