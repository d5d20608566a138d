"""What holds for every set of policies and every call."""

from dataclasses import replace
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Situation
from bot.domain.grants import Grant, SeatKind
from bot.domain.policies import Defaults, Freeze, FreezeScope, Policy
from tests.builders import a_freeze, a_policy_set, a_situation
from tests.property import reference
from tests.property.strategies import (
    defaults,
    freeze_lists,
    grant_lists,
    json_values,
    policy_lists,
    situations,
)


def restrictiveness(action: Action) -> int:
    return reference.LADDER.index(action)


@settings(max_examples=150)
@given(policy_lists, defaults, grant_lists(), freeze_lists, situations())
def test_the_index_decides_as_walking_through_all_policies_does(
    policies: list[Policy],
    preset: Defaults,
    grants: list[Grant],
    freezes: list[Freeze],
    situation: Situation,
) -> None:
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=freezes)
    decision = decide(policy_set, situation)
    expected = reference.decide(policies, preset, grants, freezes, situation)
    assert decision.action is expected.action
    assert {(each.policy.name, each.said, each.won) for each in decision.spoke} == expected.said
    assert set(decision.seats) == expected.seats
    assert set(decision.filled_seats) == expected.filled
    assert not set(decision.open_seats) & set(decision.filled_seats)


@given(policy_lists, policy_lists, situations())
def test_a_set_that_is_made_like_another_one_decides_as_if_made_anew(
    earlier: list[Policy], policies: list[Policy], situation: Situation
) -> None:
    like = a_policy_set(policies=earlier)
    # Some are the same objects, some are others of the same id.
    mixed = [*earlier[:1], *policies[1:]]
    made = {
        one: PolicySet.of(policies=mixed, defaults=Defaults(), grants=(), freezes=(), like=one)
        for one in (like, None)
    }
    assert decide(made[like], situation) == decide(made[None], situation)


@settings(max_examples=150)
@given(policy_lists, defaults, grant_lists(), situations())
def test_every_filled_seat_is_filled_by_as_many_different_givers_as_it_wants(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation
) -> None:
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=())
    decision = decide(policy_set, situation)
    by_id = {grant.id: grant for grant in grants}
    givers = [by_id[grant].giver for grant in decision.grants]
    assert len(set(givers)) == len(givers) == sum(seat.quorum for seat in decision.filled_seats)
    for seat, used in decision.filled_seats.items():
        for grant in (by_id[each] for each in used):
            assert reference.fits(grant, seat, situation)
            assert grant.giver != situation.requester.id
            assert seat.kind is SeatKind.TECHNICIAN or grant.giver == situation.requester.manager


@given(policy_lists, defaults, grant_lists(), freeze_lists, situations(), st.randoms(use_true_random=False))
def test_the_order_of_policies_grants_and_freezes_never_matters(
    policies: list[Policy],
    preset: Defaults,
    grants: list[Grant],
    freezes: list[Freeze],
    situation: Situation,
    order: Random,
) -> None:
    before = decide(
        PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=freezes), situation
    )
    for things in (policies, grants, freezes):
        order.shuffle(things)
    after = decide(
        PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=freezes), situation
    )
    assert after == before


@given(policy_lists, policy_lists, defaults, situations())
def test_adding_a_policy_never_loosens_what_explicit_policies_say(
    policies: list[Policy], more: list[Policy], preset: Defaults, situation: Situation
) -> None:
    before = decide(PolicySet.of(policies=policies, defaults=preset, grants=(), freezes=()), situation)
    added = [replace(policy, name=f"Added {policy.name}") for policy in more]
    after = decide(
        PolicySet.of(policies=[*policies, *added], defaults=preset, grants=(), freezes=()), situation
    )
    if before.spoke or not after.spoke:
        assert restrictiveness(after.action) >= restrictiveness(before.action)
        if after.action is before.action:
            quorums = {seat.key: seat.quorum for seat in after.seats}
            assert all(quorums.get(seat.key, 0) >= seat.quorum for seat in before.seats)


@given(policy_lists, defaults, grant_lists(), situations())
def test_grants_change_neither_the_action_nor_the_seats(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation
) -> None:
    without = decide(PolicySet.of(policies=policies, defaults=preset, grants=(), freezes=()), situation)
    granted = decide(PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=()), situation)
    assert granted.action is without.action
    assert granted.seats == without.seats
    if without.action in (Action.DISABLED, Action.STEP_UP):
        assert not granted.runs
        assert not granted.grants


@given(policy_lists, defaults, grant_lists(), situations())
def test_one_more_grant_never_stops_a_call_that_would_run(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation
) -> None:
    fewer = decide(PolicySet.of(policies=policies, defaults=preset, grants=grants[1:], freezes=()), situation)
    more = decide(PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=()), situation)
    assert more.runs or not fewer.runs


@given(policy_lists, defaults, grant_lists(), situations(), st.sampled_from(FreezeScope))
def test_what_is_frozen_is_disabled_whatever_else_is_laid_down(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation, scope: FreezeScope
) -> None:
    target = {
        FreezeScope.TENANT: "",
        FreezeScope.CONNECTOR: situation.call.tool.connector,
        FreezeScope.TOOL: str(situation.call.tool),
        FreezeScope.PERSON: situation.requester.id,
    }[scope]
    freezes = [a_freeze(scope, target)]
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=freezes)
    decision = decide(policy_set, situation)
    assert decision.action is Action.DISABLED
    assert not decision.runs


@given(policy_lists, defaults, grant_lists(), situations())
def test_the_order_of_argument_names_never_matters(
    policies: list[Policy], preset: Defaults, grants: list[Grant], situation: Situation
) -> None:
    policy_set = PolicySet.of(policies=policies, defaults=preset, grants=grants, freezes=())
    call = situation.call
    turned = replace(call, arguments=dict(reversed(list(call.arguments.items()))))
    other = replace(situation, call=turned, digest=turned.digest)
    assert decide(policy_set, other) == decide(policy_set, situation)


@given(policy_lists, grant_lists(), st.dictionaries(st.text(max_size=6), json_values, max_size=4))
@example([], [], {"": {"": [None]}})
def test_deciding_never_fails_on_any_arguments(
    policies: list[Policy], grants: list[Grant], arguments: dict[str, JsonValue]
) -> None:
    decision = decide(a_policy_set(policies=policies, grants=grants), a_situation(arguments=arguments))
    assert decision.reason.endswith(".")
    assert "\n" not in decision.reason
