"""What holds while it is not certain which groups somebody is in."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.actions import Action, Effect
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Decision, Situation
from bot.domain.grants import Grant, HolderGroup
from bot.domain.policies import Chosen, Defaults, NamedTools, Policy, PolicyId, Skip, Standing
from bot.domain.visibility import is_hidden
from tests.builders import RESET, a_call, a_condition, a_grant, a_policy, a_tool
from tests.property import reference
from tests.property.strategies import (
    GROUPS,
    defaults,
    grant_lists,
    holders,
    policy_lists,
    requirements,
    situations,
    subject_choices,
)

in_a_group = st.builds(a_condition, st.just("requester.groups"), st.just("contains"), st.sampled_from(GROUPS))
about_groups = st.lists(
    st.builds(
        a_policy,
        st.sampled_from(Action),
        connector=st.just(RESET.connector),
        tools=st.just(NamedTools(frozenset({RESET.name}))),
        subjects=subject_choices,
        conditions=st.lists(in_a_group, max_size=2),
        requirement=requirements.filter(lambda one: bool(one.groups)),
        otherwise=st.sampled_from((*Action, Skip.SKIP)),
        standing=st.sampled_from(Standing),
    ),
    max_size=4,
).map(
    lambda policies: [
        replace(policy, name=f"Policy {number}", id=PolicyId(f"policy-{number}"))
        for number, policy in enumerate(policies)
    ]
)
grants_for_anything = st.lists(
    st.builds(
        a_grant,
        st.sampled_from([f"grant-{number}" for number in range(6)]),
        holder=holders,
        technician_groups=st.just({"technicians", "security"}),
        giver=st.sampled_from(("bob", "dora", "carla")),
    ),
    max_size=4,
    unique_by=lambda grant: grant.id,
)


@st.composite
def doubted(draw: st.DrawFn) -> Situation:
    """A call of one tool, whose requester is in groups of which some are in doubt."""
    found = draw(situations())
    groups = draw(st.frozensets(st.sampled_from(GROUPS), min_size=1))
    doubtful = draw(st.frozensets(st.sampled_from(sorted(groups))))
    requester = replace(found.requester, groups=groups, doubtful=doubtful)
    call = a_call()
    tool = a_tool(effect=draw(st.sampled_from(Effect)))
    return replace(found, call=call, digest=call.digest, tool=tool, requester=requester)


def possible(situation: Situation) -> Iterator[Situation]:
    """Gives the situation for every choice of groups that the requester may really be in."""
    requester = situation.requester
    names = sorted(requester.doubtful)
    for count in range(len(names) + 1):
        for wrong in combinations(names, count):
            real = replace(requester, groups=requester.groups - set(wrong), doubtful=frozenset())
            yield replace(situation, requester=real)


def asks_no_less(decision: Decision, other: Decision) -> bool:
    ladder = reference.LADDER
    if decision.action is not other.action:
        return ladder.index(decision.action) > ladder.index(other.action)
    quorums = {seat.key: seat.quorum for seat in decision.seats}
    return all(quorums.get(seat.key, 0) >= seat.quorum for seat in other.seats)


@settings(max_examples=150)
@given(about_groups, defaults, doubted())
def test_doubt_asks_for_no_less_than_whatever_may_be_so(
    policies: list[Policy], preset: Defaults, situation: Situation
) -> None:
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=(), freezes=())
    decision = decide(policy_set, situation)
    for one in possible(situation):
        assert asks_no_less(decision, decide(policy_set, one))


@settings(max_examples=150)
@given(about_groups, defaults, grants_for_anything, doubted())
def test_what_runs_in_doubt_runs_with_those_groups_and_without_them(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation
) -> None:
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=())
    decision = decide(policy_set, situation)
    for requester in (replace(situation.requester, doubtful=frozenset()), situation.requester.certain):
        other = decide(policy_set, replace(situation, requester=requester))
        assert other.runs or not decision.runs
        if other.action is Action.APPROVAL_NEEDED is decision.action:
            assert other.standing_allowed or not decision.standing_allowed


@given(about_groups | policy_lists, defaults, grants_for_anything | grant_lists(), doubted())
def test_what_a_group_in_doubt_holds_fills_no_seat(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation
) -> None:
    decision = decide(PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=()), situation)
    holds = {grant.id: grant.holder for grant in grants}
    used = [holds[grant] for grant in decision.grants]
    groups = {holder.group for holder in used if isinstance(holder, HolderGroup)}
    assert not groups & situation.requester.doubtful


@given(about_groups | policy_lists, defaults, grant_lists(), doubted())
def test_groups_in_doubt_that_nothing_names_change_nothing(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation
) -> None:
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=())
    requester = situation.requester
    sure = replace(requester, groups=requester.groups - requester.doubtful, doubtful=frozenset())
    more = replace(sure, groups=sure.groups | {"book-club"}, doubtful=frozenset({"book-club"}))
    assert decide(policy_set, replace(situation, requester=more)) == decide(
        policy_set, replace(situation, requester=sure)
    )


@given(about_groups, defaults, doubted())
def test_a_tool_that_is_hidden_in_doubt_is_disabled(
    policies: list[Policy], preset: Defaults, situation: Situation
) -> None:
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=(), freezes=())
    is_disabled = decide(policy_set, situation).action is Action.DISABLED
    # None of these policies looks at arguments.
    assert is_hidden(policy_set, situation) is is_disabled


@given(about_groups | policy_lists, grant_lists())
def test_every_group_that_something_is_for_is_named(policies: list[Policy], grants: list[Grant]) -> None:
    named = PolicySet.of(policies=policies, defaults=Defaults(), grants=grants, freezes=()).groups
    for policy in policies:
        subjects = policy.subjects.groups if isinstance(policy.subjects, Chosen) else frozenset[str]()
        assert not policy.enabled or subjects <= named
    for grant in grants:
        is_off = grant.revoked is not None or grant.suspended
        assert is_off or not isinstance(grant.holder, HolderGroup) or grant.holder.group in named
