"""What policies, subjects and conditions come to, against Cedar, an independent policy engine.

Cedar says allow or deny, and any `forbid` wins. So each policy forbids, by the action that it says, all rungs
up to that one, and the highest rung that Cedar denies must be the action that won. What Cedar cannot say
(conditions that cannot be evaluated, grants) stays out.
"""

from collections.abc import Sequence
from dataclasses import replace

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Situation
from bot.domain.policies import (
    AllTools,
    Chosen,
    Condition,
    Defaults,
    Operator,
    Otherwise,
    Policy,
    PolicyId,
    Skip,
    Subjects,
)
from tests.builders import a_call, a_person, a_policy, a_situation
from tests.property.strategies import (
    CONNECTORS,
    GROUPS,
    PERSONS,
    defaults,
    subject_choices,
    tool_ids,
    tool_scopes,
)

TEXTS = ("slack", "teams", "chatgpt", "sla", "x")
TEXT_ATTRIBUTES = ("agent", "surface", "args.user")
SIGNS = {Operator.LESS: "<", Operator.AT_MOST: "<=", Operator.MORE: ">", Operator.AT_LEAST: ">="}

text_conditions = st.one_of(
    st.builds(
        Condition,
        attribute=st.sampled_from(TEXT_ATTRIBUTES),
        operator=st.sampled_from((Operator.IS, Operator.IS_NOT)),
        value=st.sampled_from(TEXTS),
    ),
    st.builds(
        Condition,
        attribute=st.sampled_from(TEXT_ATTRIBUTES),
        operator=st.sampled_from((Operator.IN, Operator.NOT_IN)),
        value=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3),
    ),
    st.builds(
        Condition,
        attribute=st.sampled_from(TEXT_ATTRIBUTES),
        operator=st.just(Operator.MATCHES),
        value=st.sampled_from(("*", "s*", "*s", "*la*", "s*l*k", "slack", "t*m*x")),
    ),
)
number_conditions = st.one_of(
    st.builds(
        Condition,
        attribute=st.just("args.amount"),
        operator=st.sampled_from((Operator.IS, Operator.IS_NOT, *SIGNS)),
        value=st.integers(-3, 3),
    ),
    st.builds(
        Condition,
        attribute=st.just("args.amount"),
        operator=st.sampled_from((Operator.IN, Operator.NOT_IN)),
        value=st.lists(st.integers(-3, 3), min_size=1, max_size=3),
    ),
)
list_conditions = st.builds(
    Condition,
    attribute=st.just("args.ids"),
    operator=st.just(Operator.CONTAINS),
    value=st.integers(-3, 3),
)
same_conditions = st.builds(
    Condition,
    attribute=st.sampled_from(TEXT_ATTRIBUTES),
    operator=st.just(Operator.SAME_AS),
    value=st.sampled_from(TEXT_ATTRIBUTES),
)

policies = st.lists(
    st.builds(
        a_policy,
        st.sampled_from(Action),
        connector=st.sampled_from(CONNECTORS),
        tools=tool_scopes,
        subjects=subject_choices,
        conditions=st.lists(
            text_conditions | number_conditions | list_conditions | same_conditions, max_size=2
        ),
        otherwise=st.sampled_from((*Action, Skip.SKIP)),
    ),
    max_size=6,
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    arguments: JsonObject = {
        "amount": draw(st.integers(-3, 3)),
        "user": draw(st.sampled_from(TEXTS)),
        "ids": draw(st.lists(st.integers(-3, 3), max_size=3)),
    }
    return a_situation(
        call=a_call(draw(tool_ids), arguments),
        requester=a_person(draw(st.sampled_from(PERSONS[:2])), groups=draw(st.sets(st.sampled_from(GROUPS)))),
        agent=draw(st.sampled_from(("chatgpt", "x"))),
        surface=draw(st.sampled_from(("slack", "teams"))),
    )


@settings(max_examples=150)
@given(policies, defaults, situations())
def test_cedar_comes_to_the_same_action(
    policies: list[Policy], preset: Defaults, situation: Situation
) -> None:
    named = [
        replace(policy, name=f"Policy {number}", id=PolicyId(str(number)))
        for number, policy in enumerate(policies)
    ]
    decision = decide(PolicySet.of(policies=named, defaults=preset, grants=(), freezes=()), situation)
    denied = [action for action in Action if cedar_denies(named, situation, action)]
    connector = situation.call.tool.connector
    expected = denied[-1] if denied else preset.connectors.get(connector, preset.tenant)
    assert decision.action is expected
    assert bool(decision.spoke) is bool(denied)


def cedar_denies(policies: Sequence[Policy], situation: Situation, action: Action) -> bool:
    texts = ["permit(principal, action, resource);"]
    for policy in policies:
        texts += forbids(policy)
    requester, tool = situation.requester, situation.call.tool
    entities = [
        {
            "uid": {"type": "User", "id": requester.id},
            "attrs": {},
            "parents": [{"type": "Group", "id": group} for group in sorted(requester.groups)],
        },
        {
            "uid": {"type": "Tool", "id": str(tool)},
            "attrs": {},
            "parents": [{"type": "Connector", "id": tool.connector}],
        },
    ]
    request = {
        "principal": {"type": "User", "id": requester.id},
        "action": {"type": "Action", "id": action.value},
        "resource": {"type": "Tool", "id": str(tool)},
        "context": {
            "agent": situation.agent,
            "surface": situation.surface,
            "args": dict(situation.call.arguments),
        },
    }
    result = cedarpy.is_authorized(request, "\n".join(texts), entities)
    assert not result.diagnostics.errors
    return not result.allowed


def forbids(policy: Policy) -> list[str]:
    """Gives Cedar's policies for one of ours: one for each way through the conditions and each subject."""
    conditions = [f"({cedar_condition(condition)})" for condition in policy.conditions]
    holds = " && ".join(conditions) or "true"
    scope = f'resource in Connector::"{policy.connector}" && {tool_condition(policy)}'
    ways: list[tuple[Otherwise, str]] = [(policy.action, holds), (policy.otherwise, f"!({holds})")]
    return [
        f"forbid(principal, action in [{rungs(said)}], resource) when {{ {scope} && {who} && {when} }};"
        for said, when in ways
        if not isinstance(said, Skip)
        for who in principals(policy.subjects)
    ]


def rungs(said: Action) -> str:
    return ", ".join(f'Action::"{action}"' for action in Action if action.rung <= said.rung)


def principals(subjects: Subjects) -> list[str]:
    if not isinstance(subjects, Chosen):
        return ["true"]
    persons = [f'principal == User::"{person}"' for person in sorted(subjects.persons)]
    return persons + [f'principal in Group::"{group}"' for group in sorted(subjects.groups)]


def tool_condition(policy: Policy) -> str:
    everything = isinstance(policy.tools, AllTools)
    names = policy.tools.excluded if isinstance(policy.tools, AllTools) else policy.tools.names
    listed = ", ".join(f'Tool::"{policy.connector}:{name}"' for name in sorted(names))
    within = f"([{listed}].contains(resource))" if names else "false"
    return f"!{within}" if everything else within


def cedar_condition(condition: Condition) -> str:
    left, value = f"context.{condition.attribute}", condition.value
    match condition.operator:
        case Operator.IS:
            return f"{left} == {literal(value)}"
        case Operator.IS_NOT:
            return f"{left} != {literal(value)}"
        case Operator.IN:
            return f"{literal(value)}.contains({left})"
        case Operator.NOT_IN:
            return f"!({literal(value)}.contains({left}))"
        case Operator.MATCHES:
            return f"{left} like {literal(value)}"
        case Operator.CONTAINS:
            return f"{left}.contains({literal(value)})"
        case Operator.SAME_AS:
            return f"{left} == context.{value}"
        case sign:
            return f"{left} {SIGNS[sign]} {literal(value)}"


def literal(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"[{', '.join(literal(each) for each in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
