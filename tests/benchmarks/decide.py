"""Prints how long a decision takes with 10 to 10,000 policies, beside two general policy engines.

`python -m tests.benchmarks.decide`
"""

import random
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter, perf_counter_ns

import casbin
import cedarpy

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Situation
from bot.domain.grants import AnyArguments, ExactArguments, Grant, HolderGroup, HolderPerson, PinnedArguments
from bot.domain.people import PersonId
from bot.domain.policies import EVERYONE, Chosen, Defaults, NamedTools, Policy, Skip, Subjects
from bot.domain.tools import ToolId
from tests import builders

SIZES = (10, 1_000, 10_000)
SITUATIONS = 512
ROUNDS = 20
TURNS = 4


def tool_of(number: int) -> ToolId:
    """Gives a tool's identity; a connector has a hundred tools."""
    return ToolId(f"connector-{number // 100}", f"tool_{number}")


ACTIONS = (Action.APPROVAL_NEEDED, Action.AUTO, Action.APPROVAL_NEEDED, Action.AUTO, Action.DISABLED)


def policies_of(size: int) -> list[Policy]:
    """Gives five policies per tool: two for everyone, two for a group, one for a person; two have conditions.

    So as many policies matter to a call at every size, and only what does not matter grows.
    """
    conditions = [
        builders.a_condition("agent", "is", "chatgpt"),
        builders.a_condition("args.amount", ">", 500),
    ]
    made = []
    for number in range(size):
        tool, kind = number // 5, number % 5
        subjects: Subjects = EVERYONE
        if kind in (2, 3):
            subjects = builders.chosen(groups=[f"group-{tool}"])
        elif kind == 4:
            subjects = builders.chosen(persons=[f"person-{tool}"])
        made.append(
            builders.a_policy(
                ACTIONS[kind],
                name=f"Policy {number}",
                connector=tool_of(tool).connector,
                tools=NamedTools(frozenset({tool_of(tool).name})),
                subjects=subjects,
                conditions=conditions if kind in (1, 2) else (),
                otherwise=Skip.SKIP,
            )
        )
    return made


def grants_of(size: int) -> list[Grant]:
    """Gives five grants per tool: two exact, two pinned, one for a group and any arguments."""
    made = []
    for number in range(size):
        tool, shape = number // 5, number % 5
        holder = HolderPerson(PersonId(f"person-{tool}"))
        made.append(
            builders.a_grant(
                f"grant-{number}",
                tool=tool_of(tool),
                holder=HolderGroup(f"group-{tool}") if shape == 4 else holder,
                arguments=(
                    ExactArguments({"user": "a@acme.test", "amount": 600}),
                    ExactArguments({"user": "b@acme.test", "amount": 600}),
                    PinnedArguments({"user": "*@acme.test", "amount": 600}),
                    PinnedArguments({"user": "a@acme.test"}),
                    AnyArguments(),
                )[shape],
            )
        )
    return made


def situations_of(rng: random.Random, size: int) -> list[Situation]:
    """Gives calls by members of five groups; the digest is known, as it is when a call is decided."""
    made = []
    for _ in range(SITUATIONS):
        tool = rng.randrange(size // 5)
        arguments: JsonObject = {"user": "a@acme.test", "amount": rng.choice((20, 600))}
        requester = builders.a_person(
            f"person-{tool}" if rng.random() < 0.3 else "someone",
            groups=["finance", "paris", "staff", "vpn", f"group-{tool}" if rng.random() < 0.5 else "sales"],
        )
        agent = rng.choice(("chatgpt", "countersign"))
        call = builders.a_call(tool_of(tool), arguments)
        made.append(builders.a_situation(call=call, requester=requester, agent=agent))
    return made


def median_us(ask: Callable[[Situation], object], situations: Sequence[Situation], rounds: int) -> float:
    """Gives the median of single decisions, in microseconds."""
    return median(time for _ in range(rounds) for time in times_of(ask, situations))


def times_of(ask: Callable[[Situation], object], situations: Sequence[Situation]) -> list[float]:
    """Gives the time of each decision, in microseconds."""
    times = []
    for situation in situations:
        start = perf_counter_ns()
        ask(situation)
        times.append((perf_counter_ns() - start) / 1000)
    return times


def with_cedar(policies: Sequence[Policy]) -> Callable[[Situation], object]:
    """Gives Cedar's allow or deny on the same tools, subjects and conditions; what is not auto is denied."""
    text = ["permit(principal, action, resource);"]
    for policy in policies:
        if policy.action is Action.AUTO or not isinstance(policy.tools, NamedTools):
            continue
        (name,) = policy.tools.names
        when = 'when { context.agent == "chatgpt" && context.amount > 500 }' if policy.conditions else ""
        tool = f'action, resource == Tool::"{policy.connector}:{name}"'
        text.extend(f"forbid({principal}, {tool}) {when};" for principal in principals_of(policy.subjects))
    handle = cedarpy.PolicySet.from_str("\n".join(text))

    def ask(situation: Situation) -> object:
        requester = situation.requester
        parents = [{"type": "Group", "id": group} for group in requester.groups]
        entities = [{"uid": {"type": "User", "id": requester.id}, "attrs": {}, "parents": parents}]
        request = {
            "principal": {"type": "User", "id": requester.id},
            "action": 'Action::"call"',
            "resource": {"type": "Tool", "id": str(situation.call.tool)},
            "context": {"agent": situation.agent, "amount": situation.call.arguments["amount"]},
        }
        return cedarpy.is_authorized(request, handle, entities)

    return ask


def principals_of(subjects: Subjects) -> list[str]:
    if not isinstance(subjects, Chosen):
        return ["principal"]
    persons = [f'principal == User::"{person}"' for person in sorted(subjects.persons)]
    return persons + [f'principal in Group::"{group}"' for group in sorted(subjects.groups)]


CASBIN_MODEL = """
[request_definition]
r = sub, obj, agent, amount
[policy_definition]
p = sub, obj, conditional, eft
[role_definition]
g = _, _
[policy_effect]
e = !some(where (p.eft == deny))
[matchers]
m = r.obj == p.obj && g(r.sub, p.sub) && (p.conditional == "no" || (r.agent == "chatgpt" && r.amount > 500))
"""


def with_casbin(policies: Sequence[Policy], situations: Sequence[Situation]) -> Callable[[Situation], object]:
    """Gives Casbin's allow or deny on the same tools, subjects and conditions; what is not auto is denied."""
    model = casbin.Model()
    model.load_model_from_text(CASBIN_MODEL)
    enforcer = casbin.Enforcer(model)
    rules = set()
    for policy in policies:
        if policy.action is Action.AUTO or not isinstance(policy.tools, NamedTools):
            continue
        (name,) = policy.tools.names
        conditional = "yes" if policy.conditions else "no"
        for subject in subjects_of(policy.subjects):
            rules.add((subject, f"{policy.connector}:{name}", conditional, "deny"))
    enforcer.add_policies(sorted(rules))
    for situation in situations:
        requester = situation.requester
        for role in ("everyone", *requester.groups):
            enforcer.add_grouping_policy(requester.id, role)

    def ask(situation: Situation) -> object:
        amount = situation.call.arguments["amount"]
        return enforcer.enforce(situation.requester.id, str(situation.call.tool), situation.agent, amount)

    return ask


def subjects_of(subjects: Subjects) -> list[str]:
    if isinstance(subjects, Chosen):
        return [*sorted(subjects.persons), *sorted(subjects.groups)]
    return ["everyone"]


class Company:
    """Policies, grants and calls of one size, and the times that deciding them took."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.policies = policies_of(size)
        self.situations = situations_of(random.Random(20_261_120), size)  # noqa: S311 - nothing is secret here
        grants = grants_of(size)
        start = perf_counter()
        self.policy_set = PolicySet.of(policies=self.policies, defaults=Defaults(), grants=grants, freezes=())
        self.built_s = perf_counter() - start
        self.times: list[float] = []

    def decide_all(self) -> None:
        """Decides every situation once."""
        self.times += times_of(lambda situation: decide(self.policy_set, situation), self.situations)

    def print_and_compare(self) -> tuple[float, float, float]:
        """Prints the results; gives the medians of Countersign, Cedar and Casbin, in microseconds."""
        ours = median(self.times)
        few = self.situations[: max(4, 4_000 // self.size)]
        cedar = median_us(with_cedar(self.policies), few, 3)
        casbin_us = median_us(with_casbin(self.policies, few), few, 1)
        print(f"{self.size:,} policies and {self.size:,} grants, built in {self.built_s:.2f} s")
        print(f"    countersign {ours:9.1f} µs median, {1e6 / ours:,.0f} decisions/s")
        print(f"    cedarpy     {cedar:9.1f} µs = {cedar / ours:7.1f} × ours (allow or deny only)")
        print(f"    pycasbin    {casbin_us:9.1f} µs = {casbin_us / ours:7.1f} × ours (allow or deny only)")
        return ours, cedar, casbin_us


def main() -> None:
    """Prints all sizes and how the time grows; the sizes take turns, so that all share the noise."""
    companies = [Company(size) for size in SIZES]
    for _ in range(TURNS):
        for company in companies:
            for _ in range(ROUNDS):
                company.decide_all()
    results = [company.print_and_compare() for company in companies]
    for name, fewest, most in zip(
        ("countersign", "cedarpy", "pycasbin"), results[0], results[-1], strict=True
    ):
        print(f"{name}: {SIZES[-1]:,} policies take {most / fewest:.2f} × the time of {SIZES[0]}")


if __name__ == "__main__":
    main()
