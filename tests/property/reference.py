"""The policy's semantics once more: slow, without any index, and as close to the words as it can be."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonValue, canonical
from bot.domain.decisions import Situation
from bot.domain.grants import (
    AnyArguments,
    ExactArguments,
    Grant,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
    Seat,
    SeatKind,
)
from bot.domain.policies import (
    AllTools,
    Chosen,
    Condition,
    Defaults,
    Freeze,
    Operator,
    Policy,
    Skip,
    Standing,
)

LADDER = (Action.AUTO, Action.STEP_UP, Action.APPROVAL_NEEDED, Action.DISABLED)


@dataclass(frozen=True)
class Expected:
    """What must come out, whatever the way there."""

    action: Action
    said: frozenset[tuple[str, Action, bool]]
    seats: frozenset[Seat]
    filled: frozenset[Seat]


def decide(
    policies: Sequence[Policy],
    defaults: Defaults,
    grants: Sequence[Grant],
    freezes: Sequence[Freeze],
    situation: Situation,
) -> Expected:
    """Gives what the semantics say, step by step."""
    tool = situation.tool
    frozen = any(freeze.covers(situation.call.tool, situation.requester.id) for freeze in freezes)
    if frozen or tool is None or not (tool.present and tool.connector_on and tool.enabled):
        return Expected(Action.DISABLED, frozenset(), frozenset(), frozenset())

    said = [(policy, action) for policy in policies if (action := says(policy, situation)) is not None]
    if said:
        action = max((action for _, action in said), key=LADDER.index)
    else:
        action = defaults.connectors.get(situation.call.tool.connector, defaults.tenant)
    winners = [policy for policy, each in said if each is action]

    drifted = tool.fingerprint != tool.accepted
    wanted: dict[str, int] = {}
    if action is Action.APPROVAL_NEEDED:
        for policy in winners:
            for group, quorum in policy.requirement.groups.items():
                wanted[group] = max(quorum, wanted.get(group, 1))
    manager = action is Action.APPROVAL_NEEDED and any(policy.requirement.manager for policy in winners)
    if drifted and action is not Action.DISABLED:
        action = Action.APPROVAL_NEEDED
        wanted.setdefault("technicians", 1)
    if action is Action.APPROVAL_NEEDED and not wanted:
        wanted["technicians"] = 1
    seats = [Seat(SeatKind.TECHNICIAN, group, quorum) for group, quorum in wanted.items()]
    if manager:
        seats.append(Seat(SeatKind.MANAGER))

    standings = {policy.standing for policy in winners}
    allowed = Standing.ALLOWED in standings or tool.effect is not Effect.DESTROY
    if drifted or Standing.FORBIDDEN in standings:
        allowed = False
    covering = [grant for grant in grants if allowed and covers(grant, situation)]
    return Expected(
        action,
        frozenset((policy.name, each, each is action) for policy, each in said),
        frozenset(seats),
        frozenset(fillable(seats, covering, situation)),
    )


def says(policy: Policy, situation: Situation) -> Action | None:
    """Gives what one policy says; None where it does not speak."""
    tool, requester = situation.call.tool, situation.requester
    if not policy.enabled or (policy.ends is not None and policy.ends <= situation.now):
        return None
    if policy.connector != tool.connector:
        return None
    if isinstance(policy.tools, AllTools):
        if tool.name in policy.tools.excluded:
            return None
    elif tool.name not in policy.tools.names:
        return None
    if isinstance(policy.subjects, Chosen):
        in_group = any(group in policy.subjects.groups for group in requester.groups)
        if requester.id not in policy.subjects.persons and not in_group:
            return None
    answers = [holds(condition, situation) for condition in policy.conditions]
    otherwise = None if isinstance(policy.otherwise, Skip) else policy.otherwise
    if False in answers:
        return otherwise
    if None in answers and otherwise is not None:
        return max(policy.action, otherwise, key=LADDER.index)
    return policy.action


def covers(grant: Grant, situation: Situation) -> bool:
    """Whether a grant stands for its giver's approval of the call."""
    tool, requester, call = situation.tool, situation.requester, situation.call
    today = situation.now.astimezone(situation.zone).date()
    used_today = grant.uses_today if grant.used_on == today else 0
    reasons_against = [
        grant.tool != call.tool,
        grant.revoked is not None,
        grant.suspended,
        grant.ends is not None and grant.ends <= situation.now,
        tool is None or grant.fingerprint != tool.fingerprint or grant.fingerprint != tool.accepted,
        grant.agent is not None and grant.agent != situation.agent,
        grant.giver == requester.id,
        grant.id in situation.spent,
        grant.uses_limit is not None and grant.uses >= grant.uses_limit,
        grant.daily_limit is not None and used_today >= grant.daily_limit,
        isinstance(grant.holder, HolderPerson) and grant.holder.person != requester.id,
        isinstance(grant.holder, HolderGroup) and grant.holder.group not in requester.groups,
    ]
    if any(reasons_against):
        return False
    if isinstance(grant.arguments, ExactArguments):
        return canonical(grant.arguments.arguments) == canonical(call.arguments)
    if isinstance(grant.arguments, PinnedArguments):
        pins = grant.arguments.paths
        return bool(pins) and all(pinned(path, value, situation) for path, value in pins.items())
    return isinstance(grant.arguments, AnyArguments)


def pinned(path: str, value: JsonValue, situation: Situation) -> bool:
    """Whether the path leads to one value, which is the pinned one."""
    found = list(lookups(situation.call.arguments, path))
    if len(found) != 1:
        return False
    if isinstance(value, str) and ("*" in value or "?" in value):
        return isinstance(found[0], str) and globbed(value, found[0])
    return found[0] is value is None or equal(found[0], value) is True


def fillable(seats: Sequence[Seat], grants: Sequence[Grant], situation: Situation) -> list[Seat]:
    """Gives the seats that can be filled together: the manager's first, then by group, the last one first."""
    filled: list[Seat] = []
    for seat in sorted(seats, key=lambda seat: (seat.kind is SeatKind.MANAGER, seat.group), reverse=True):
        slots = [each for each in (*filled, seat) for _ in range(each.quorum)]
        givers = sorted({grant.giver for grant in grants})
        if any(
            all(
                any(grant.giver == giver and fits(grant, slot, situation) for grant in grants)
                for slot, giver in zip(slots, order, strict=True)
            )
            for order in permutations(givers, len(slots))
        ):
            filled.append(seat)
    return filled


def fits(grant: Grant, seat: Seat, situation: Situation) -> bool:
    """Whether this grant may fill this seat."""
    if seat.kind is SeatKind.MANAGER:
        return grant.manager and grant.giver == situation.requester.manager
    return seat.group in grant.technician_groups


def holds(condition: Condition, situation: Situation) -> bool | None:
    """Gives a condition's answer, None where it cannot be evaluated."""
    found = list(attribute(condition.attribute, situation))
    if condition.operator is Operator.EXISTS:
        return any(each is not None for each in found) is condition.value
    if len(found) != 1 or found[0] is None:
        return None
    value = condition.value
    if condition.operator is Operator.SAME_AS:
        other = list(attribute(str(value), situation))
        return equal(found[0], other[0]) if len(other) == 1 else None
    return OPERATORS[condition.operator](found[0], value)


def attribute(name: str, situation: Situation) -> Iterable[JsonValue]:
    """Gives every reading of an attribute."""
    if name.startswith("args."):
        return lookups(situation.call.arguments, name[len("args.") :])
    requester, tool = situation.requester, situation.tool
    return [
        {
            "agent": situation.agent,
            "surface": situation.surface,
            "effect": tool.effect.value if tool else None,
            "requester.department": requester.department or None,
            "requester.groups": list(requester.groups),
            "time.weekday": situation.now.astimezone(situation.zone).isoweekday(),
        }[name]
    ]


def lookups(value: JsonValue, path: str) -> Iterable[JsonValue]:
    """Gives every value that the path can mean, by trying every split."""
    cuts = [place for place, letter in enumerate(path) if letter == "."]
    for cut in (*cuts, len(path)):
        first, rest = path[:cut], path[cut + 1 :]
        inner: list[JsonValue] = []
        if isinstance(value, dict) and first in value:
            inner = [value[first]]
        elif isinstance(value, list) and re.fullmatch("0|[1-9][0-9]*", first) and int(first) < len(value):
            inner = [value[int(first)]]
        for each in inner:
            if cut == len(path):
                yield each
            else:
                yield from lookups(each, rest)


def equal(left: JsonValue, right: JsonValue) -> bool | None:
    """Whether two values are equal; None where they are no pair."""
    for kinds in (str, bool):
        if isinstance(left, kinds) or isinstance(right, kinds):
            return left == right if isinstance(left, kinds) and isinstance(right, kinds) else None
    return left == right if is_number(left) and is_number(right) else None


def is_number(value: JsonValue) -> bool:
    """Whether the value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def among(value: JsonValue, members: JsonValue) -> bool | None:
    """Whether one of the members is equal, None where that is open."""
    if not isinstance(members, list) or not (isinstance(value, str | bool) or is_number(value)):
        return None
    answers = [equal(value, member) for member in members]
    return True if True in answers else None if None in answers else False


def opposite(answer: bool | None) -> bool | None:  # noqa: FBT001 - the answer is what the function is about
    """Gives the contrary; what is open stays open."""
    return None if answer is None else not answer


def globbed(pattern: str, text: str) -> bool:
    """Whether a glob matches, by way of a regular expression."""
    steps = {"*": ".*", "?": "."}
    return bool(re.fullmatch("".join(steps.get(c, re.escape(c)) for c in pattern), text, re.DOTALL))


def contains(whole: JsonValue, part: JsonValue) -> bool | None:
    """Whether a text or a list holds a value."""
    if isinstance(whole, str):
        return part in whole if isinstance(part, str) else None
    return among(part, whole)


def ordered(test: Callable[[int], bool]) -> Callable[[JsonValue, JsonValue], bool | None]:
    """Gives the test of two texts or two numbers by which is larger."""

    def compare(left: JsonValue, right: JsonValue) -> bool | None:
        if isinstance(left, str) and isinstance(right, str):
            return test(0 if left == right else 1 if left > right else -1)
        if isinstance(left, bool) or isinstance(right, bool):
            return None
        if isinstance(left, int | float) and isinstance(right, int | float):
            return test(0 if left == right else 1 if left > right else -1)
        return None

    return compare


OPERATORS: dict[Operator, Callable[[JsonValue, JsonValue], bool | None]] = {
    Operator.IS: equal,
    Operator.IS_NOT: lambda left, right: opposite(equal(left, right)),
    Operator.IN: among,
    Operator.NOT_IN: lambda left, right: opposite(among(left, right)),
    Operator.MATCHES: lambda left, right: (
        globbed(right, left) if isinstance(left, str) and isinstance(right, str) else None
    ),
    Operator.CONTAINS: contains,
    Operator.LESS: ordered(lambda sign: sign < 0),
    Operator.AT_MOST: ordered(lambda sign: sign <= 0),
    Operator.MORE: ordered(lambda sign: sign > 0),
    Operator.AT_LEAST: ordered(lambda sign: sign >= 0),
}
