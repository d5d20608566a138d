"""Standing approvals, sentence by sentence: which calls they cover, and which seats they fill."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.coverage import covers, in_scope
from bot.domain.decide import decide
from bot.domain.decisions import Decision, Situation
from bot.domain.grants import (
    MANAGER_SEAT,
    AnyArguments,
    ExactArguments,
    Grant,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
    Seat,
    SeatKind,
)
from bot.domain.people import PersonId
from bot.domain.policies import EVERYONE, Requirement
from bot.domain.tools import ToolId
from tests.builders import (
    NOW,
    TECHNICIAN_SEAT,
    a_call,
    a_definition,
    a_grant,
    a_person,
    a_policy,
    a_policy_set,
    a_situation,
    a_tool,
)

SECURITY_SEAT = Seat(SeatKind.TECHNICIAN, "security")


def decision_with(
    grants: Iterable[Grant], *, requirement: Requirement | None = None, situation: Situation | None = None
) -> Decision:
    """Gives the decision where one policy asks for approval."""
    policy = a_policy(Action.APPROVAL_NEEDED, requirement=requirement or Requirement())
    return decide(a_policy_set(policies=[policy], grants=grants), situation or a_situation())


def test_a_covered_call_runs_and_the_decision_names_the_grant() -> None:
    decision = decision_with([a_grant()])
    assert decision.runs
    assert decision.action is Action.APPROVAL_NEEDED
    assert decision.grants == ("grant-1",)
    assert decision.reason == "Standing approval grant-1 covers this call."


def test_a_default_that_asks_is_answered_by_a_grant_too() -> None:
    assert decide(a_policy_set(grants=[a_grant()]), a_situation()).runs


# Whom, which tool, which agent.


@pytest.mark.parametrize(
    ("grant", "covered"),
    [
        (a_grant(holder=HolderPerson(PersonId("alice"))), True),
        (a_grant(holder=HolderPerson(PersonId("carol"))), False),
        (a_grant(holder=HolderPerson(PersonId("Alice"))), False),
        (a_grant(holder=HolderGroup("staff")), True),
        (a_grant(holder=HolderGroup("contractors")), False),
        (a_grant(holder=EVERYONE), True),
        (a_grant(tool=ToolId("acme-it", "delete_user")), False),
        (a_grant(tool=ToolId("crm", "reset_password")), False),
        (a_grant(agent=None), True),
        (a_grant(agent="countersign"), True),
        (a_grant(agent="chatgpt"), False),
    ],
)
def test_a_grant_is_for_its_holder_tool_and_agent_only(*, grant: Grant, covered: bool) -> None:
    situation = a_situation(requester=a_person(groups=["staff"]))
    assert covers(grant, situation) is covered
    assert decision_with([grant], situation=situation).runs is covered


# Arguments.


@pytest.mark.parametrize(
    ("granted", "called", "covered"),
    [
        ({"user": "x", "amount": 1}, {"amount": 1, "user": "x"}, True),
        ({"user": "x"}, {"user": "X"}, False),
        ({"user": "x"}, {"user": "x", "amount": 1}, False),
        ({"user": "x", "amount": 1}, {"user": "x"}, False),
        ({"amount": 1}, {"amount": 1.0}, False),
        ({"amount": 1}, {"amount": True}, False),
        ({"user": "*"}, {"user": "x"}, False),
        ({}, {}, True),
    ],
)
def test_exact_arguments_are_compared_in_canonical_form(
    *, granted: JsonObject, called: JsonObject, covered: bool
) -> None:
    grant, situation = a_grant(arguments=ExactArguments(granted)), a_situation(arguments=called)
    assert covers(grant, situation) is covered
    assert decision_with([grant], situation=situation).runs is covered


@pytest.mark.parametrize(
    ("pins", "called", "covered"),
    [
        ({"user": "x"}, {"user": "x", "anything": "else"}, True),
        ({"user": "x"}, {"user": "y"}, False),
        ({"user": "x"}, {}, False),
        ({"user": "*@acme.test"}, {"user": "a@acme.test"}, True),
        ({"user": "*@acme.test"}, {"user": "a@acme.test.evil.test"}, False),
        ({"user": "a*"}, {"user": "Ab"}, False),
        ({"user": "?"}, {"user": "x"}, True),
        ({"user": "*"}, {"user": 5}, False),
        ({"user": "*"}, {"user": ["x"]}, False),
        ({"amount": 1}, {"amount": 1}, True),
        ({"amount": 1}, {"amount": 1.0}, True),
        ({"amount": 1}, {"amount": True}, False),
        ({"amount": 1}, {"amount": "1"}, False),
        ({"flag": True}, {"flag": True}, True),
        ({"flag": False}, {"flag": 0}, False),
        ({"user": None}, {"user": None}, True),
        ({"user": None}, {}, False),
        ({"user": "x"}, {"user": None}, False),
        ({"ids": [1, {"a": 2}]}, {"ids": [1.0, {"a": 2}]}, True),
        ({"ids": [1, {"a": 2}]}, {"ids": [1, {"a": True}]}, False),
        ({"ids": [1]}, {"ids": [1, 2]}, False),
        ({"ids": {"a": 1}}, {"ids": [1]}, False),
        ({"ids": {"a": 1}}, {"ids": {"a": 1, "b": 2}}, False),
        ({"a.b": "x"}, {"a": {"b": "x"}}, True),
        ({"a.b": "x"}, {"a.b": "x"}, True),
        ({"a.b": "x"}, {"a": {"b": "x"}, "a.b": "y"}, False),
        ({"a.b": "x"}, {"a": {"b": "x"}, "a.b": "x"}, False),
        ({"ids.0": "x"}, {"ids": ["x", "y"]}, True),
        ({"user": "x", "amount": 1}, {"user": "x", "amount": 2}, False),
        ({}, {"user": "x"}, False),
        ({}, {}, False),
    ],
)
def test_pinned_arguments_must_be_there_at_their_value_or_match_their_glob(
    *, pins: JsonObject, called: JsonObject, covered: bool
) -> None:
    grant, situation = a_grant(arguments=PinnedArguments(pins)), a_situation(arguments=called)
    assert covers(grant, situation) is covered
    assert decision_with([grant], situation=situation).runs is covered


@pytest.mark.parametrize("value", [None, "x", 5, [1, [2]]])
def test_any_arguments_are_any(value: JsonValue) -> None:
    situation = a_situation(arguments={"user": value})
    assert decision_with([a_grant(arguments=AnyArguments())], situation=situation).runs


def test_exact_arguments_that_no_call_can_have_do_no_harm() -> None:
    grants = [a_grant("odd", arguments=ExactArguments({"user": float("nan")})), a_grant()]
    assert decision_with(grants).grants == ("grant-1",)


# When it may be used.


@pytest.mark.parametrize(
    ("grant", "covered"),
    [
        (a_grant(ends=None), True),
        (a_grant(ends=NOW + timedelta(microseconds=1)), True),
        (a_grant(ends=NOW), False),
        (a_grant(ends=NOW - timedelta(days=1)), False),
        (a_grant(revoked=NOW), False),
        (a_grant(suspended=True), False),
        (a_grant(fingerprint="of an older definition"), False),
        (a_grant(uses_limit=2, uses=1), True),
        (a_grant(uses_limit=2, uses=2), False),
        (a_grant(uses_limit=0), False),
        (a_grant(daily_limit=1, uses_today=1, used_on=NOW.date()), False),
        (a_grant(daily_limit=2, uses_today=1, used_on=NOW.date()), True),
        (a_grant(daily_limit=1, uses_today=1, used_on=NOW.date() - timedelta(days=1)), True),
        (a_grant(daily_limit=1), True),
        (a_grant(daily_limit=0), False),
        (a_grant(uses_limit=5, uses=5, daily_limit=1), False),
        (a_grant(giver="alice"), False),
        (a_grant(giver="alice", holder=EVERYONE), False),
        (a_grant(giver="alice", holder=HolderGroup("staff")), False),
    ],
)
def test_a_grant_works_until_it_ends_is_used_up_revoked_or_suspended_and_never_for_its_giver(
    *, grant: Grant, covered: bool
) -> None:
    situation = a_situation(requester=a_person(groups=["staff"]))
    assert covers(grant, situation) is covered
    assert decision_with([grant], situation=situation).runs is covered


def test_a_grant_found_used_up_since_is_left_out() -> None:
    assert not decision_with([a_grant()], situation=a_situation(spent=["grant-1"])).runs


def test_the_day_of_a_daily_limit_is_the_tenants() -> None:
    grant = a_grant(daily_limit=1, uses_today=1, used_on=date(2026, 11, 20))
    assert not covers(grant, a_situation(now=NOW, zone=ZoneInfo("Europe/Berlin")))
    assert covers(grant, a_situation(now=NOW + timedelta(hours=1), zone=ZoneInfo("Asia/Tokyo")))


def test_a_grant_for_another_definition_is_suspended_until_that_one_is_accepted() -> None:
    changed = a_definition(description="Now does something else.")
    drifted = replace(a_tool(drifted=True), definition=changed, fingerprint=changed.fingerprint)
    accepted = replace(drifted, accepted=changed.fingerprint)
    old, new = a_grant(), a_grant(fingerprint=changed.fingerprint)
    assert not covers(old, a_situation(tool=drifted))
    assert not covers(new, a_situation(tool=drifted))
    assert not covers(old, a_situation(tool=accepted))
    assert covers(new, a_situation(tool=accepted))
    assert not covers(old, replace(a_situation(), tool=None))


def test_the_scope_alone_asks_nothing_of_the_grants_state() -> None:
    grant = a_grant(revoked=NOW, suspended=True, ends=NOW, uses_limit=0, fingerprint="old")
    assert in_scope(grant, a_situation())
    assert not in_scope(grant, a_situation(arguments={"user": "x"}))
    assert not in_scope(grant, a_situation(requester=a_person("carol")))
    assert not in_scope(grant, a_situation(call=a_call(ToolId("acme-it", "get_user"))))


# Seats.


def test_the_manager_seat_takes_a_grant_of_the_direct_manager_only() -> None:
    requirement = Requirement(manager=True)
    technicians = a_grant("of-bob")
    for giver, filled in (("megan", True), ("dora", False), ("bob", False)):
        manager = a_grant("as-manager", giver=giver, technician_groups=(), manager=True)
        decision = decision_with([technicians, manager], requirement=requirement)
        assert decision.runs is filled
        assert decision.open_seats == (() if filled else (MANAGER_SEAT,))


def test_the_manager_is_looked_at_when_the_grant_is_used() -> None:
    grants = [a_grant("of-bob"), a_grant("of-megan", giver="megan", technician_groups=(), manager=True)]
    for manager in ("mona", None):
        situation = a_situation(requester=a_person(manager=manager))
        decision = decision_with(grants, requirement=Requirement(manager=True), situation=situation)
        assert decision.open_seats == (MANAGER_SEAT,)


def test_a_managers_grant_fills_no_technician_seat_and_the_other_way_round() -> None:
    managers = a_grant("of-megan", giver="megan", technician_groups=(), manager=True)
    assert decision_with([managers]).open_seats == (TECHNICIAN_SEAT,)
    technicians = a_grant("of-megan", giver="megan")
    decision = decision_with([technicians], requirement=Requirement(manager=True))
    assert decision.open_seats == (MANAGER_SEAT,)


def test_nobody_fills_two_seats_in_advance() -> None:
    both = a_grant("of-megan", giver="megan", manager=True)
    decision = decision_with([both], requirement=Requirement(manager=True))
    assert decision.filled_seats == {MANAGER_SEAT: ("of-megan",)}
    assert decision.open_seats == (TECHNICIAN_SEAT,)
    two = Requirement(groups={"security": 1, "technicians": 1})
    everywhere = a_grant(technician_groups=["security", "technicians"])
    assert len(decision_with([everywhere], requirement=two).open_seats) == 1


def test_givers_are_seated_so_that_all_seats_are_filled_if_they_can_be() -> None:
    requirement = Requirement(groups={"security": 1, "technicians": 1}, manager=True)
    grants = [
        a_grant("1", giver="megan", technician_groups=["security", "technicians"], manager=True),
        a_grant("2", giver="bob", technician_groups=["security", "technicians"]),
        a_grant("3", giver="tom", technician_groups=["technicians"]),
    ]
    decision = decision_with(grants, requirement=requirement)
    assert decision.filled_seats == {SECURITY_SEAT: ("2",), TECHNICIAN_SEAT: ("3",), MANAGER_SEAT: ("1",)}
    assert decision.reason == "Standing approvals 2, 3, 1 cover this call."


def test_a_seat_takes_grants_of_its_group_only() -> None:
    requirement = Requirement(groups={"security": 1})
    assert not decision_with([a_grant()], requirement=requirement).runs
    assert decision_with([a_grant(technician_groups=["security"])], requirement=requirement).runs


@pytest.mark.parametrize(
    ("givers", "runs"),
    [(["bob"], False), (["bob", "bob"], False), (["bob", "tom"], True), (["bob", "alice"], False)],
)
def test_a_quorum_of_two_takes_grants_of_two_givers(*, givers: list[str], runs: bool) -> None:
    grants = [a_grant(f"grant-{number}", giver=giver) for number, giver in enumerate(givers)]
    decision = decision_with(grants, requirement=Requirement(groups={"technicians": 2}))
    assert decision.runs is runs
    assert decision.open_seats == (() if runs else (Seat(SeatKind.TECHNICIAN, "technicians", 2),))


def test_no_more_grants_are_used_than_are_needed_and_limited_ones_last() -> None:
    grants = [
        a_grant("1", uses_limit=5),
        a_grant("2", giver="tom", daily_limit=5),
        a_grant("4", giver="tom"),
        a_grant("3", giver="una"),
    ]
    assert decision_with(grants).grants == ("3",)
    two = Requirement(groups={"technicians": 2})
    assert decision_with(grants, requirement=two).grants == ("3", "4")
    four = Requirement(groups={"technicians": 3})
    assert decision_with(grants, requirement=four).grants == ("1", "3", "4")


def test_revoking_a_grant_takes_effect_on_the_next_decision() -> None:
    grant = a_grant()
    assert decision_with([grant]).runs
    assert not decision_with([replace(grant, revoked=NOW)]).runs


@pytest.mark.parametrize("action", [Action.DISABLED, Action.STEP_UP])
def test_a_grant_never_loosens_disabled_or_step_up(action: Action) -> None:
    grants = [a_grant(arguments=AnyArguments(), holder=EVERYONE, manager=True)]
    decision = decide(a_policy_set(policies=[a_policy(action)], grants=grants), a_situation())
    assert (decision.action, decision.runs, decision.grants) == (action, False, ())
