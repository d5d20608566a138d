"""The decision, sentence by sentence of its semantics."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.actions import Action, Effect
from bot.domain.decide import decide
from bot.domain.decisions import Cause
from bot.domain.grants import MANAGER_SEAT, Seat, SeatKind
from bot.domain.policies import (
    Condition,
    Everyone,
    FreezeScope,
    Otherwise,
    Policy,
    Requirement,
    Skip,
    Standing,
)
from bot.domain.tools import CatalogTool, ToolId
from tests.builders import (
    NOW,
    RESET,
    TECHNICIAN_SEAT,
    a_call,
    a_condition,
    a_freeze,
    a_grant,
    a_person,
    a_policy,
    a_policy_set,
    a_situation,
    a_tool,
    all_tools,
    chosen,
    tools_named,
)

AUTO, STEP_UP, ASK, DISABLED = Action.AUTO, Action.STEP_UP, Action.APPROVAL_NEEDED, Action.DISABLED
WITH_MANAGER = Requirement(manager=True)
FALSE = a_condition("agent", "is", "another agent")
TRUE = a_condition("agent", "is", "countersign")
UNKNOWN = a_condition("args.absent", "is", "x")


def tool_policy(action: Action | None) -> list[Policy]:
    return [] if action is None else [a_policy(action, name="T", tools=tools_named(RESET.name))]


def scoped_policy(action: Action, requirement: Requirement | None = None) -> Policy:
    return a_policy(
        action, name="S", subjects=chosen(persons=["alice"]), requirement=requirement or Requirement()
    )


@pytest.mark.parametrize(
    ("action", "scoped", "connector_default", "covered", "expected", "runs"),
    [
        (None, None, None, False, ASK, False),
        (None, None, AUTO, False, AUTO, True),
        (ASK, None, AUTO, False, ASK, False),
        (AUTO, None, DISABLED, False, AUTO, True),
        (AUTO, scoped_policy(DISABLED), AUTO, True, DISABLED, False),
        (AUTO, scoped_policy(ASK, WITH_MANAGER), None, True, ASK, False),
        (ASK, scoped_policy(AUTO), None, False, ASK, False),
        (ASK, scoped_policy(STEP_UP), None, False, ASK, False),
        (STEP_UP, None, None, True, STEP_UP, False),
        (ASK, None, None, True, ASK, True),
        (AUTO, a_policy(DISABLED, conditions=[FALSE], otherwise=Skip.SKIP), None, False, AUTO, True),
        (AUTO, a_policy(AUTO, conditions=[FALSE]), None, False, DISABLED, False),
    ],
)
def test_the_truth_table_holds(
    *,
    action: Action | None,
    scoped: Policy | None,
    connector_default: Action | None,
    covered: bool,
    expected: Action,
    runs: bool,
) -> None:
    policy_set = a_policy_set(
        policies=tool_policy(action) + ([scoped] if scoped else []),
        connector_defaults={} if connector_default is None else {RESET.connector: connector_default},
        grants=[a_grant()] if covered else [],
    )
    decision = decide(policy_set, a_situation())
    assert (decision.action, decision.runs) == (expected, runs)


def test_the_truth_tables_manager_seat_stays_open_when_a_grant_fills_the_technicians() -> None:
    policies = [*tool_policy(AUTO), scoped_policy(ASK, WITH_MANAGER)]
    decision = decide(a_policy_set(policies=policies, grants=[a_grant()]), a_situation())
    assert decision.open_seats == (MANAGER_SEAT,)
    assert decision.filled_seats == {TECHNICIAN_SEAT: ("grant-1",)}
    assert decision.reason == (
        "Policy “S” (version 1) says approval_needed, and standing approval grant-1 fills a part of that."
    )


def test_the_truth_tables_drifted_tool_is_asked_about_though_a_grant_covers_the_call() -> None:
    policy_set = a_policy_set(policies=tool_policy(ASK), grants=[a_grant()])
    decision = decide(policy_set, a_situation(tool=a_tool(drifted=True)))
    assert (decision.action, decision.cause, decision.runs) == (ASK, Cause.DRIFTED, False)
    assert decision.reason == "The tool changed since it was accepted, so a person must look at it."


# Step 1: what goes before every policy.


@pytest.mark.parametrize(
    ("scope", "target", "what"),
    [
        (FreezeScope.TENANT, "", "Everything is"),
        (FreezeScope.CONNECTOR, "acme-it", "acme-it is"),
        (FreezeScope.TOOL, "acme-it:reset_password", "acme-it:reset_password is"),
        (FreezeScope.PERSON, "alice", "This person's requests are"),
    ],
)
def test_what_is_frozen_is_disabled_and_the_reason_is_given(
    scope: FreezeScope, target: str, what: str
) -> None:
    policy_set = a_policy_set(
        policies=tool_policy(AUTO), grants=[a_grant()], freezes=[a_freeze(scope, target)]
    )
    decision = decide(policy_set, a_situation())
    assert (decision.action, decision.cause) == (DISABLED, Cause.FROZEN)
    assert decision.reason == f"{what} frozen by an admin: An incident is under way."
    assert not decision.spoke


def test_a_freeze_of_something_else_changes_nothing() -> None:
    freezes = [
        a_freeze(FreezeScope.CONNECTOR, "acme"),
        a_freeze(FreezeScope.TOOL, "acme-it:reset"),
        a_freeze(FreezeScope.PERSON, "carol"),
    ]
    decision = decide(a_policy_set(policies=tool_policy(AUTO), freezes=freezes), a_situation())
    assert decision.action is AUTO


@pytest.mark.parametrize(
    ("tool", "cause", "reason"),
    [
        (
            a_tool(present=False),
            Cause.UNKNOWN_TOOL,
            "acme-it:reset_password is not a tool",
        ),
        (a_tool(ToolId("acme-it", "other")), Cause.UNKNOWN_TOOL, "acme-it:reset_password is not a tool"),
        (a_tool(connector_on=False), Cause.CONNECTOR_OFF, "acme-it is switched off"),
        (a_tool(enabled=False), Cause.TOOL_OFF, "acme-it:reset_password is switched off."),
        (a_tool(enabled=False, drifted=True), Cause.TOOL_OFF, "acme-it:reset_password is switched off."),
    ],
)
def test_a_tool_that_is_gone_or_off_is_disabled_whatever_the_policies_say(
    tool: CatalogTool, cause: Cause, reason: str
) -> None:
    policy_set = a_policy_set(policies=tool_policy(AUTO), grants=[a_grant()])
    decision = decide(policy_set, a_situation(tool=tool))
    assert (decision.action, decision.cause) == (DISABLED, cause)
    assert decision.reason.startswith(reason)


def test_a_tool_that_the_catalog_does_not_know_is_disabled() -> None:
    situation = replace(a_situation(), tool=None)
    decision = decide(a_policy_set(policies=tool_policy(AUTO)), situation)
    assert (decision.action, decision.cause) == (DISABLED, Cause.UNKNOWN_TOOL)


@pytest.mark.parametrize(
    ("said", "action", "cause"),
    [
        (AUTO, ASK, Cause.DRIFTED),
        (STEP_UP, ASK, Cause.DRIFTED),
        (ASK, ASK, Cause.DRIFTED),
        (DISABLED, DISABLED, Cause.POLICY),
    ],
)
def test_a_drifted_tool_is_asked_about_at_least(said: Action, action: Action, cause: Cause) -> None:
    decision = decide(a_policy_set(policies=tool_policy(said)), a_situation(tool=a_tool(drifted=True)))
    assert (decision.action, decision.cause) == (action, cause)
    assert decision.open_seats == ((TECHNICIAN_SEAT,) if action is ASK else ())
    assert [each.won for each in decision.spoke] == [said is action]
    assert not decision.standing_allowed


def test_a_drifted_tool_needs_a_technician_and_whatever_the_policies_ask_for() -> None:
    policy = a_policy(ASK, requirement=Requirement(groups={"security": 2}, manager=True))
    decision = decide(a_policy_set(policies=[policy]), a_situation(tool=a_tool(drifted=True)))
    assert decision.open_seats == (Seat(SeatKind.TECHNICIAN, "security", 2), TECHNICIAN_SEAT, MANAGER_SEAT)


def test_a_drifted_tool_is_not_opened_by_a_default() -> None:
    decision = decide(a_policy_set(tenant_default=AUTO), a_situation(tool=a_tool(drifted=True)))
    assert (decision.action, decision.cause) == (ASK, Cause.DRIFTED)


# Step 2: which policies speak, and what they say.


@pytest.mark.parametrize(
    "policy",
    [
        a_policy(DISABLED, enabled=False),
        a_policy(DISABLED, ends=NOW),
        a_policy(DISABLED, ends=NOW - timedelta(days=1)),
        a_policy(DISABLED, connector="crm"),
        a_policy(DISABLED, connector="ACME-IT"),
        a_policy(DISABLED, tools=tools_named("delete_user")),
        a_policy(DISABLED, tools=tools_named("Reset_Password", "reset_password ")),
        a_policy(DISABLED, tools=tools_named()),
        a_policy(DISABLED, tools=all_tools(excluded=["reset_password"])),
        a_policy(DISABLED, subjects=chosen(persons=["carol"], groups=["contractors"])),
        a_policy(DISABLED, subjects=chosen()),
    ],
)
def test_a_policy_that_is_off_ended_or_about_others_does_not_speak(policy: Policy) -> None:
    policy_set = a_policy_set(policies=[policy], tenant_default=AUTO)
    decision = decide(policy_set, a_situation(requester=a_person(groups=["staff"])))
    assert (decision.action, decision.spoke) == (AUTO, ())


@pytest.mark.parametrize(
    "policy",
    [
        a_policy(DISABLED, ends=NOW + timedelta(microseconds=1)),
        a_policy(DISABLED, tools=tools_named("reset_password", "delete_user")),
        a_policy(DISABLED, tools=all_tools(excluded=["delete_user"])),
        a_policy(DISABLED, subjects=Everyone()),
        a_policy(DISABLED, subjects=chosen(persons=["alice"])),
        a_policy(DISABLED, subjects=chosen(groups=["contractors", "staff"])),
        a_policy(DISABLED, subjects=chosen(persons=["alice"], groups=["staff", "paris"])),
    ],
)
def test_a_policy_that_covers_tool_and_requester_speaks_once(policy: Policy) -> None:
    policy_set = a_policy_set(policies=[policy], tenant_default=AUTO)
    decision = decide(policy_set, a_situation(requester=a_person(groups=["staff", "paris"])))
    assert decision.action is DISABLED
    assert [each.policy for each in decision.spoke] == [policy]


@pytest.mark.parametrize(
    ("conditions", "otherwise", "said"),
    [
        ([TRUE], DISABLED, STEP_UP),
        ([TRUE, TRUE], Skip.SKIP, STEP_UP),
        ([FALSE], AUTO, AUTO),
        ([FALSE], ASK, ASK),
        ([TRUE, FALSE], DISABLED, DISABLED),
        ([FALSE], Skip.SKIP, None),
        ([UNKNOWN, FALSE], AUTO, AUTO),
        ([FALSE, UNKNOWN], Skip.SKIP, None),
        ([UNKNOWN], AUTO, STEP_UP),
        ([UNKNOWN, TRUE], DISABLED, DISABLED),
        ([TRUE, UNKNOWN], Skip.SKIP, STEP_UP),
    ],
)
def test_conditions_lead_to_the_action_the_else_action_or_the_stricter_of_both(
    conditions: list[Condition], otherwise: Otherwise, said: Action | None
) -> None:
    policy = a_policy(STEP_UP, conditions=conditions, otherwise=otherwise)
    decision = decide(a_policy_set(policies=[policy]), a_situation())
    assert [each.said for each in decision.spoke] == ([] if said is None else [said])


def test_a_policy_that_names_no_else_action_disables_what_its_conditions_do_not_cover() -> None:
    decision = decide(a_policy_set(policies=[a_policy(AUTO, conditions=[FALSE])]), a_situation())
    assert decision.action is DISABLED
    assert decision.reason == (
        "Policy “Ask first” (version 1) says disabled, because its conditions are not met."
    )


def test_a_policy_that_cannot_be_evaluated_says_so() -> None:
    decision = decide(a_policy_set(policies=[a_policy(AUTO, conditions=[UNKNOWN])]), a_situation())
    assert decision.reason == (
        "Policy “Ask first” (version 1) says disabled, "
        "because its conditions cannot be checked for this call."
    )


# Step 3: the most restrictive policy wins, and requirements are joined.


@pytest.mark.parametrize("strict", Action)
@pytest.mark.parametrize("lenient", Action)
def test_the_most_restrictive_of_two_policies_wins(strict: Action, lenient: Action) -> None:
    policies = [a_policy(strict, name="One"), a_policy(lenient, name="Two")]
    decision = decide(a_policy_set(policies=policies), a_situation())
    assert decision.action is max(strict, lenient, key=list(Action).index)


def test_requirements_of_all_winners_are_joined_by_the_largest_quorum_of_each_group() -> None:
    policies = [
        a_policy(ASK, name="A", requirement=Requirement(groups={"security": 2, "technicians": 1})),
        a_policy(ASK, name="B", requirement=Requirement(groups={"security": 1, "network": 3})),
        a_policy(AUTO, conditions=[FALSE], otherwise=ASK, name="C", requirement=WITH_MANAGER),
        a_policy(AUTO, name="D", requirement=Requirement(groups={"nobody": 9})),
    ]
    decision = decide(a_policy_set(policies=policies), a_situation())
    assert decision.open_seats == (
        Seat(SeatKind.TECHNICIAN, "network", 3),
        Seat(SeatKind.TECHNICIAN, "security", 2),
        TECHNICIAN_SEAT,
        MANAGER_SEAT,
    )


@pytest.mark.parametrize("requirement", [Requirement(groups={}), Requirement(groups={"technicians": 0})])
def test_there_is_always_a_technician_seat_for_one_at_least(requirement: Requirement) -> None:
    decision = decide(a_policy_set(policies=[a_policy(ASK, requirement=requirement)]), a_situation())
    assert decision.open_seats == (TECHNICIAN_SEAT,)


@pytest.mark.parametrize("action", [AUTO, STEP_UP, DISABLED])
def test_only_what_needs_approval_has_seats(action: Action) -> None:
    policies = [a_policy(action, requirement=WITH_MANAGER)]
    assert decide(a_policy_set(policies=policies), a_situation()).seats == ()


# Step 4: defaults.


@pytest.mark.parametrize("action", Action)
def test_where_no_policy_spoke_the_connectors_default_holds(action: Action) -> None:
    policy_set = a_policy_set(connector_defaults={"acme-it": action}, tenant_default=DISABLED)
    decision = decide(policy_set, a_situation())
    assert (decision.action, decision.cause) == (action, Cause.CONNECTOR_DEFAULT)
    assert decision.seats == ((TECHNICIAN_SEAT,) if action is ASK else ())
    assert decision.reason == (
        f"No policy covers acme-it:reset_password, and the connector's default is {action}."
    )


@pytest.mark.parametrize("action", Action)
def test_without_a_connectors_default_the_tenants_holds(action: Action) -> None:
    policy_set = a_policy_set(connector_defaults={"crm": AUTO}, tenant_default=action)
    decision = decide(policy_set, a_situation())
    assert (decision.action, decision.cause) == (action, Cause.TENANT_DEFAULT)
    assert decision.reason == (
        f"No policy covers acme-it:reset_password, and the company-wide default is {action}."
    )


def test_nothing_laid_down_at_all_means_asking_a_technician() -> None:
    decision = decide(a_policy_set(), a_situation())
    assert (decision.action, decision.open_seats) == (ASK, (TECHNICIAN_SEAT,))


# Step 6: what a decision carries.


def test_a_decision_tells_which_policies_spoke_winners_first_and_then_by_name() -> None:
    policies = [
        a_policy(AUTO, name="D"),
        a_policy(DISABLED, name="C", version=3),
        a_policy(DISABLED, name="B", version=2),
        a_policy(STEP_UP, name="A"),
        a_policy(DISABLED, name="E", enabled=False),
    ]
    decision = decide(a_policy_set(policies=policies), a_situation())
    assert [(each.policy.name, each.said, each.won) for each in decision.spoke] == [
        ("B", DISABLED, True),
        ("C", DISABLED, True),
        ("A", STEP_UP, False),
        ("D", AUTO, False),
    ]
    assert decision.reason == "Policy “B” (version 2) says disabled."


def test_white_space_and_order_of_arguments_do_not_matter_but_the_arguments_do() -> None:
    policy = a_policy(DISABLED, conditions=[a_condition("args.amount", ">", 5)], otherwise=Skip.SKIP)
    policy_set = a_policy_set(policies=[policy], tenant_default=AUTO)
    assert decide(policy_set, a_situation(arguments={"user": "x", "amount": 6})).action is DISABLED
    assert decide(policy_set, a_situation(arguments={"amount": 6, "user": "x"})).action is DISABLED
    assert decide(policy_set, a_situation(arguments={"amount": 5, "user": "x"})).action is AUTO


def test_the_surface_matters_only_where_a_condition_names_it() -> None:
    everywhere = a_policy_set(policies=[a_policy(STEP_UP)])
    only_slack = a_policy_set(policies=[a_policy(AUTO, conditions=[a_condition("surface", "is", "slack")])])
    slack, teams = a_situation(surface="slack"), a_situation(surface="teams")
    assert decide(everywhere, slack) == decide(everywhere, teams)
    assert (decide(only_slack, slack).action, decide(only_slack, teams).action) == (AUTO, DISABLED)


def test_two_tools_whose_names_run_together_the_same_way_are_two_tools() -> None:
    policy = a_policy(DISABLED, connector="acme-it", tools=tools_named("a:b"))
    policy_set = a_policy_set(policies=[policy], tenant_default=AUTO)
    assert decide(policy_set, a_situation(call=a_call(ToolId("acme-it", "a:b")))).action is DISABLED
    assert decide(policy_set, a_situation(call=a_call(ToolId("acme-it", "a")))).action is AUTO


# What decides whether standing approvals may answer.


@pytest.mark.parametrize(
    ("effect", "standings", "allowed"),
    [
        (Effect.READ, [Standing.UNSAID], True),
        (Effect.WRITE, [Standing.UNSAID], True),
        (Effect.WRITE, [Standing.ALLOWED, Standing.FORBIDDEN], False),
        (Effect.WRITE, [Standing.FORBIDDEN, Standing.UNSAID], False),
        (Effect.DESTROY, [Standing.UNSAID], False),
        (Effect.DESTROY, [Standing.UNSAID, Standing.ALLOWED], True),
        (Effect.DESTROY, [Standing.ALLOWED, Standing.FORBIDDEN], False),
        (Effect.DESTROY, [], False),
        (Effect.WRITE, [], True),
    ],
)
def test_a_policy_can_forbid_standing_approvals_and_what_destroys_forbids_them_unless_one_allows(
    *, effect: Effect, standings: list[Standing], allowed: bool
) -> None:
    policies = [
        a_policy(ASK, name=f"Policy {number}", standing=standing) for number, standing in enumerate(standings)
    ]
    situation = a_situation(tool=a_tool(effect=effect))
    decision = decide(a_policy_set(policies=policies, grants=[a_grant()]), situation)
    assert (decision.standing_allowed, decision.runs) == (allowed, allowed)


def test_a_policy_that_did_not_win_has_no_say_about_standing_approvals() -> None:
    policies = [
        a_policy(ASK, name="Winner"),
        a_policy(AUTO, name="Loser", standing=Standing.FORBIDDEN),
    ]
    assert decide(a_policy_set(policies=policies, grants=[a_grant()]), a_situation()).runs
