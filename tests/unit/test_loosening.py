"""What needs a second admin: whatever may let a tool that destroys do more, or ask fewer."""

from dataclasses import replace

from bot.domain.actions import Action, Effect
from bot.domain.loosening import loosened
from bot.domain.policies import EVERYONE, Defaults, Policy, Standing
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, Rulebook, SwitchEdit
from bot.domain.tools import ToolId
from tests.builders import RESET, a_condition, a_grant, a_policy, a_tool, all_tools, chosen

WIPE = ToolId("acme-it", "wipe")
T = a_policy(name="T")


def a_rulebook(*policies: Policy, tenant: Action = Action.APPROVAL_NEEDED) -> Rulebook:
    tool = a_tool(WIPE, effect=Effect.DESTROY)
    return Rulebook(
        policies={policy.id: policy for policy in policies},
        defaults=Defaults(tenant=tenant),
        catalog={WIPE: tool},
        connectors={"acme-it": True, "zendesk": True},
    )


def needs_second(edit: Edit, *others: Policy, tenant: Action = Action.APPROVAL_NEEDED) -> bool:
    before = edit.before if isinstance(edit, PolicyEdit) else None
    policies = (*others, *([before] if before is not None else []))
    return loosened(a_rulebook(*policies, tenant=tenant), [edit]) == (WIPE,)


def test_a_stricter_action_needs_nobody_and_a_laxer_one_a_second_admin() -> None:
    assert not needs_second(PolicyEdit(before=T, after=replace(T, action=Action.DISABLED)))
    assert needs_second(PolicyEdit(before=T, after=replace(T, action=Action.AUTO)))
    assert needs_second(PolicyEdit(before=replace(T, action=Action.DISABLED), after=T))


def test_what_another_policy_keeps_up_may_go() -> None:
    other = a_policy(Action.DISABLED, name="Never", tools=all_tools())
    assert not needs_second(PolicyEdit(before=T, after=None), other)
    assert not needs_second(PolicyEdit(before=T, after=None))
    assert needs_second(PolicyEdit(before=T, after=None), tenant=Action.AUTO)


def test_moving_a_policy_to_another_connector_frees_the_tools_of_the_first() -> None:
    never = a_policy(Action.DISABLED, name="Never", tools=all_tools())
    moved = replace(never, connector="zendesk")
    assert needs_second(PolicyEdit(before=never, after=moved))
    assert not needs_second(PolicyEdit(before=moved, after=never))


def test_letting_standing_approvals_answer_more_needs_a_second_admin() -> None:
    allowed = replace(a_policy(name="P"), standing=Standing.ALLOWED)
    sleeping = replace(allowed, action=Action.AUTO)
    assert needs_second(PolicyEdit(before=sleeping, after=allowed), T)
    stepping = replace(allowed, action=Action.STEP_UP)
    assert needs_second(PolicyEdit(before=stepping, after=allowed), T)
    narrow = replace(allowed, subjects=chosen(persons=["alice"]))
    assert needs_second(PolicyEdit(before=narrow, after=replace(narrow, subjects=EVERYONE)), T)
    conditioned = replace(allowed, conditions=(a_condition("agent", "is", "chatgpt"),))
    assert needs_second(PolicyEdit(before=conditioned, after=allowed), T)
    assert not needs_second(PolicyEdit(before=allowed, after=replace(allowed, description="New words.")), T)


def test_defaults_and_switches_count_where_no_policy_speaks() -> None:
    lower = DefaultEdit(connector="", before=Action.APPROVAL_NEEDED, after=Action.AUTO)
    assert needs_second(lower)
    assert not needs_second(lower, a_policy(name="All", tools=all_tools()))
    on = SwitchEdit(connector="acme-it", tool="wipe", before=False, after=True)
    assert needs_second(on)
    assert not needs_second(on, a_policy(Action.DISABLED, name="Never", tools=all_tools()))


def test_a_standing_approval_counts_when_it_is_given_and_not_when_it_is_revoked() -> None:
    given = a_grant(tool=WIPE)
    assert needs_second(GrantEdit(before=None, after=given))
    assert not needs_second(GrantEdit(before=given, after=None))
    assert not needs_second(GrantEdit(before=None, after=a_grant(tool=RESET)))
