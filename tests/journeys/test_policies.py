"""What policies say holds, from the next decision on."""

import pytest

from bot.domain.actions import Action
from bot.domain.policies import FreezeScope, Skip, Subjects
from bot.storage.engine import open_engine
from bot.storage.store import SqlStore
from tests.builders import a_condition, a_policy, chosen, tools_named
from tests.databases import KEY
from tests.journeys.arranging import (
    decisions,
    entries,
    freeze,
    put_policy,
    remove_policies,
    set_default,
    set_tool,
    switch_connector,
    switch_tool,
    thaw,
)
from tests.journeys.stage import TENANT, Stage, facts, rows


async def outcome(stage: Stage, who: str, tool: str, **arguments: str) -> str:
    """Has a person ask by form, and gives where the request comes to."""
    request = await stage.fills(who, tool, **arguments)
    found = await stage.comes_to(request, "waiting", "done", "denied", "failed")
    return str(found["status"])


@pytest.mark.promise("POL-01", "POL-02")
async def test_auto_runs_approval_needed_waits_disabled_never_runs(any_stage: Stage) -> None:
    for action, status, times in (
        (Action.AUTO, "done", 1),
        (Action.APPROVAL_NEEDED, "waiting", 1),
        (Action.DISABLED, "denied", 1),
        (Action.STEP_UP, "denied", 1),
        (Action.AUTO, "done", 2),
    ):
        await set_tool(any_stage, "reset_password", action)
        request = await any_stage.fills("eve", "reset_password", user="eve@acme.test")
        found = await any_stage.comes_to(request, "waiting", "done", "denied")
        assert (found["status"], len(any_stage.connectors.called("reset_password"))) == (status, times)
        await any_stage.presses("eve", f"status-{request}", "withdraw")


@pytest.mark.promise("POL-01", "POL-05")
async def test_a_sign_in_that_is_not_possible_refuses_and_says_so(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.STEP_UP)
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    found = await stage.ends(request)
    assert found["status"] == "denied"
    assert "sign in again" in (await stage.texts("alice"))[-1]
    [entry] = await entries(stage, "call.decided", request=request)
    assert entry.decision == "step_up"


@pytest.mark.promise("POL-02")
async def test_a_policy_that_another_process_changes_holds_at_once(any_stage: Stage, database: str) -> None:
    assert await outcome(any_stage, "alice", "reset_password", user="alice@acme.test") == "waiting"
    other = SqlStore(open_engine(database), key=KEY)
    async with other.unit(TENANT) as unit:
        strict = a_policy(Action.DISABLED, name="Closed today", tools=tools_named("reset_password"))
        await unit.policies.put(strict, by="ahmed")
    await other.close()
    assert await outcome(any_stage, "eve", "reset_password", user="eve@acme.test") == "denied"


@pytest.mark.promise("POL-03")
async def test_connecting_gives_every_tool_a_policy_that_says_why(stage: Stage) -> None:
    async with stage.store.view(TENANT) as view:
        policies = {policy.name: policy for policy in await view.policies.all()}
        catalog = await view.connections.catalog()
    assert len(catalog) == 20
    assert policies.keys() == {str(tool) for tool in catalog}
    seeds = [policy for policy in policies.values() if policy.source == "seed"]
    assert len(seeds) == 15
    for policy in seeds:
        assert policy.description
    actions = {name.partition(":")[2]: policy.action for name, policy in policies.items()}
    assert actions["list_devices"] is Action.AUTO
    assert actions["wipe_device"] is Action.APPROVAL_NEEDED
    assert actions["get_recovery_key"] is Action.APPROVAL_NEEDED
    assert actions["delete_user"] is Action.DISABLED, "what an admin has set stays"


@pytest.mark.promise("POL-04")
@pytest.mark.parametrize(
    ("subjects", "covered", "free"),
    [
        (chosen(persons=["p-alice"]), "alice", "megan"),
        (chosen(groups=["contractors"]), "eve", "alice"),
        (chosen(persons=["p-megan"], groups=["contractors"]), "eve", "alice"),
    ],
)
async def test_a_policy_is_for_its_persons_and_groups_only(
    stage: Stage, subjects: Subjects, covered: str, free: str
) -> None:
    closed = a_policy(Action.DISABLED, name="Closed", tools=tools_named("reset_password"), subjects=subjects)
    await put_policy(stage, closed)
    assert await outcome(stage, covered, "reset_password", user=f"{covered}@acme.test") == "denied"
    assert await outcome(stage, free, "reset_password", user=f"{free}@acme.test") == "waiting"
    assert await outcome(stage, covered, "unlock_account", user=f"{covered}@acme.test") == "waiting"


@pytest.mark.promise("POL-04", "POL-05")
async def test_a_policy_for_a_whole_connector_covers_every_tool_of_it(stage: Stage) -> None:
    await put_policy(stage, a_policy(Action.DISABLED, name="Audit week"))
    for tool in ("reset_password", "unlock_account"):
        assert await outcome(stage, "alice", tool, user="alice@acme.test") == "denied"
    assert (await stage.get("/api/tools?as=alice@acme.test")).body == []


@pytest.mark.promise("POL-05", "POL-12")
async def test_the_most_restrictive_policy_wins_and_the_decision_names_all_that_spoke(stage: Stage) -> None:
    await put_policy(stage, a_policy(Action.AUTO, name="Trusted Alice", subjects=chosen(persons=["p-alice"])))
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    found = await stage.comes_to(request, "waiting")
    [call] = rows(found["calls"])
    assert (call["decision"], call["policies"]) == ("approval_needed", ["acme-it:reset_password"])
    [record] = await decisions(stage, request)
    assert [name for name, _ in record.policies] == ["acme-it:reset_password", "Trusted Alice"]
    assert "acme-it:reset_password" in record.reason
    card = await stage.card("bob", request)
    assert facts(card)["Why you are asked"] == call["reason"]
    assert str(call["reason"]).startswith(record.reason)
    [entry] = await entries(stage, "call.decided", request=request)
    assert (entry.decision, entry.policies) == ("review", ("acme-it:reset_password",))
    assert entry.details["reason"] == record.reason


@pytest.mark.promise("POL-06", "POL-07")
async def test_a_condition_on_an_argument_decides_and_its_else_is_disabled(stage: Stage) -> None:
    await remove_policies(stage, "add_licences")
    cheap = a_policy(
        Action.AUTO,
        name="A few licences",
        tools=tools_named("add_licences"),
        conditions=[a_condition("args.count", "<=", 5), a_condition("requester.department", "is", "Sales")],
    )
    await put_policy(stage, cheap)
    for who, count, status in (("alice", 5, "done"), ("alice", 6, "denied"), ("eve", 1, "denied")):
        request = await stage.fills(who, "add_licences", app="Zendesk", count=count)
        assert (await stage.comes_to(request, "done", "denied", "waiting"))["status"] == status
    assert [call["count"] for call in stage.connectors.called("add_licences")] == [5]


@pytest.mark.promise("POL-06", "POL-07")
async def test_a_policy_whose_else_is_skip_keeps_silent(stage: Stage) -> None:
    own = a_policy(
        Action.DISABLED,
        name="Not for others",
        tools=tools_named("reset_password"),
        conditions=[a_condition("args.user", "is", "grace@acme.test")],
        otherwise=Skip.SKIP,
    )
    await put_policy(stage, own)
    assert await outcome(stage, "alice", "reset_password", user="grace@acme.test") == "denied"
    assert await outcome(stage, "alice", "reset_password", user="alice@acme.test") == "waiting"


@pytest.mark.promise("POL-07")
async def test_an_argument_can_be_compared_with_the_requester(stage: Stage) -> None:
    await remove_policies(stage, "unlock_account")
    own = a_policy(
        Action.AUTO,
        name="Your own account",
        tools=tools_named("unlock_account"),
        conditions=[a_condition("args.user", "same_as", "requester.email")],
        otherwise=Action.APPROVAL_NEEDED,
    )
    await put_policy(stage, own)
    assert await outcome(stage, "eve", "unlock_account", user="eve@acme.test") == "done"
    assert await outcome(stage, "alice", "unlock_account", user="eve@acme.test") == "waiting"


@pytest.mark.promise("POL-08", "POL-09", "POL-12")
async def test_policy_then_connector_default_then_company_wide_default(stage: Stage) -> None:
    await remove_policies(stage, "unlock_account")
    request = await stage.fills("alice", "unlock_account", user="eve@acme.test")
    [call] = rows((await stage.comes_to(request, "waiting"))["calls"])
    assert "company-wide default is approval_needed" in str(call["reason"])
    assert call["policies"] == []
    await set_default(stage, Action.DISABLED)
    refused = await stage.fills("megan", "unlock_account", user="eve@acme.test")
    assert "company-wide default is disabled" in str((await stage.comes_to(refused, "denied"))["outcome"])
    await set_default(stage, Action.AUTO, connector=True)
    assert await outcome(stage, "grace", "unlock_account", user="eve@acme.test") == "done"
    await set_tool(stage, "unlock_account", Action.DISABLED)
    assert await outcome(stage, "grace", "unlock_account", user="eve@acme.test") == "denied"


@pytest.mark.promise("POL-11")
async def test_a_switched_off_tool_or_connector_beats_every_policy(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.AUTO)
    await switch_tool(stage, "reset_password", on=False)
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    assert "is switched off" in str((await stage.comes_to(request, "denied"))["outcome"])
    await switch_tool(stage, "reset_password", on=True)
    assert await outcome(stage, "alice", "reset_password", user="alice@acme.test") == "done"
    await switch_connector(stage, on=False)
    assert await outcome(stage, "eve", "reset_password", user="eve@acme.test") == "denied"
    assert (await stage.get("/api/tools?as=alice@acme.test")).body == []


@pytest.mark.promise("POL-11")
@pytest.mark.parametrize(
    ("scope", "target"),
    [
        (FreezeScope.TENANT, ""),
        (FreezeScope.CONNECTOR, "acme-it"),
        (FreezeScope.TOOL, "acme-it:reset_password"),
        (FreezeScope.PERSON, "p-alice"),
    ],
)
async def test_a_freeze_stops_what_waits_and_lifting_it_lets_go_on(
    stage: Stage, scope: FreezeScope, target: str
) -> None:
    waiting = await stage.fills("alice", "reset_password", user="alice@acme.test")
    await stage.comes_to(waiting, "waiting")
    made = await freeze(stage, scope, target)
    assert "An incident is under way" in (await stage.approves("bob", waiting)).error
    refused = await stage.fills("alice", "reset_password", user="eve@acme.test")
    found = await stage.ends(refused)
    assert found["status"] == "denied"
    assert "An incident is under way" in str(found["outcome"])
    assert stage.connectors.called("reset_password") == []
    await thaw(stage, made)
    await stage.approves("bob", waiting)
    assert (await stage.ends(waiting))["status"] == "done"


@pytest.mark.promise("POL-02", "APR-03")
async def test_a_policy_that_gets_stricter_while_a_request_waits_asks_for_more(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.comes_to(request, "waiting")
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    await stage.approves("bob", request)
    await stage.card("megan", request)
    found = await stage.request(request)
    assert found["status"] == "waiting"
    assert [row["status"] for row in rows(found["approvals"])] == ["approved", "pending"]
    assert "needs another approval" in (await stage.texts("alice"))[-1]
    await stage.approves("megan", request)
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("POL-02")
async def test_a_tool_that_gets_disabled_while_a_request_waits_never_runs(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.comes_to(request, "waiting")
    await set_tool(stage, "reset_password", Action.DISABLED)
    await stage.approves("bob", request)
    found = await stage.ends(request)
    assert found["status"] == "denied"
    assert "is not allowed" in (await stage.texts("alice"))[-1]
    assert stage.connectors.called("reset_password") == []
    assert (await stage.card("bob", request))["actions"] == []


@pytest.mark.promise("POL-02")
async def test_approvals_stand_when_the_policy_gets_looser(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.approves("bob", request)
    await set_tool(stage, "grant_app_access", Action.APPROVAL_NEEDED, manager=False)
    await stage.approves("megan", request)
    assert (await stage.ends(request))["status"] == "done"
