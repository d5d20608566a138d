"""The agent looks, proposes and notes; it changes nothing."""

import pytest

from bot.domain.actions import Action
from bot.domain.tenants import Mode
from tests.builders import a_policy
from tests.journeys.arranging import entries, put_policy, set_tool
from tests.journeys.stage import Stage, rows


@pytest.mark.promise("PLN-01")
async def test_the_agent_reads_before_it_proposes_and_the_employee_sees_none_of_it(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    found = await stage.comes_to(request, "waiting")
    reads = [str(row["tool"]) for row in rows(found["reads"])]
    assert "acme-it:list_app_access" in reads
    assert {row["status"] for row in rows(found["reads"])} == {"succeeded"}
    assert {call.tool.name for call in stage.connectors.calls} == {tool.partition(":")[2] for tool in reads}
    seen = str(await stage.items("alice"))
    for secret in ("list_app_access", "licences are free", "search_users"):
        assert secret not in seen


@pytest.mark.promise("PLN-01")
async def test_a_read_that_the_policy_asks_for_is_not_made(stage: Stage) -> None:
    await put_policy(stage, a_policy(Action.APPROVAL_NEEDED, name="Ask for reads"))
    request = await stage.says("alice", "I forgot my password")
    await stage.comes_to(request, "waiting", "answered")
    assert stage.connectors.calls == []


@pytest.mark.promise("PLN-02")
async def test_diagnosis_and_plan_are_noted_for_technicians_and_nobody_else(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.comes_to(request, "waiting")
    for who in ("bob", "carol", "dan", "ada", "ahmed"):
        [note] = await stage.notes(who)
        assert "Diagnosis: Alice Archer asks for member access to Zendesk" in note
        assert "1. acme-it:grant_app_access" in note
        assert "approval_needed" in note
        assert "\n" in note
    for who in ("alice", "megan", "eve", "grace"):
        assert await stage.notes(who) == []


@pytest.mark.promise("PLN-02")
async def test_a_technician_sees_no_note_on_their_own_request(stage: Stage) -> None:
    request = await stage.says("dan", "I forgot my password")
    await stage.comes_to(request, "waiting")
    assert len(await stage.notes("bob")) == 1
    assert await stage.notes("dan") == []


@pytest.mark.promise("PLN-02", "PLN-05")
async def test_what_is_not_recognised_is_said_noted_and_offered_as_a_form(stage: Stage) -> None:
    request = await stage.says("alice", "the coffee machine hums in B flat")
    found = await stage.ends(request)
    assert found["status"] == "answered"
    assert "I can’t place this" in (await stage.texts("alice"))[-1]
    assert "the form" in (await stage.texts("alice"))[-1]
    [note] = await stage.notes("bob")
    assert "the coffee machine hums in B flat" in note
    assert "nothing to run" in note


@pytest.mark.promise("PLN-05")
async def test_the_same_words_give_the_same_plan(stage: Stage) -> None:
    plans = []
    for _ in range(2):
        request = await stage.says("alice", "Can I get admin access to Jira?")
        found = await stage.comes_to(request, "waiting")
        plans.append([(row["tool"], row["arguments"]) for row in rows(found["calls"])])
        await stage.presses("alice", f"status-{request}", "withdraw")
    assert plans[0] == plans[1]
    assert plans[0][-1][1] == {"user": "alice@acme.test", "app": "Jira", "level": "admin"}


@pytest.mark.promise("PLN-03", "POL-01")
async def test_a_disabled_tool_is_offered_to_nobody_and_refused_when_it_is_named(stage: Stage) -> None:
    offered = await stage.get("/api/tools?as=ada@acme.test")
    names = [row["tool"] for row in rows(offered.body)]
    assert "acme-it:delete_user" not in names
    assert "acme-it:reset_password" in names
    request = await stage.fills("ada", "delete_user", user="eve@acme.test")
    found = await stage.ends(request)
    assert found["status"] == "denied"
    assert [row["status"] for row in rows(found["calls"])] == ["refused"]
    assert "acme-it:delete_user is not allowed" in (await stage.texts("ada"))[-1]
    assert stage.connectors.called("delete_user") == []
    [entry] = await entries(stage, "call.decided", request=request)
    assert entry.decision == "block"


@pytest.mark.promise("PLN-03")
async def test_a_plan_never_holds_a_disabled_tool(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.DISABLED)
    request = await stage.says("alice", "I forgot my password")
    found = await stage.ends(request)
    assert found["status"] in ("answered", "denied")
    assert stage.connectors.called("reset_password") == []
    assert rows(found["approvals"]) == []


@pytest.mark.promise("PLN-04")
async def test_in_plan_mode_only_reads_run_and_the_note_says_what_would_happen(stage: Stage) -> None:
    await stage.tenant(mode=Mode.PLAN)
    request = await stage.says("alice", "I need access to Zendesk")
    found = await stage.ends(request)
    assert found["status"] == "noted"
    assert rows(found["approvals"]) == []
    assert stage.changes() == []
    [note] = await stage.notes("bob")
    assert "1. acme-it:grant_app_access" in note
    assert "approval_needed" in note
    assert "plan mode" in note
    assert [card for card in await stage.cards("bob") if card["request"] == request] == []
    assert "passed this to IT" in (await stage.texts("alice"))[-1]


@pytest.mark.promise("PLN-04")
async def test_in_plan_mode_not_even_an_auto_write_runs(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.AUTO)
    await stage.tenant(mode=Mode.PLAN)
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    assert (await stage.ends(request))["status"] == "noted"
    assert stage.connectors.called("reset_password") == []


@pytest.mark.promise("PLN-04")
async def test_what_was_asked_before_plan_mode_does_not_run_in_it(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    await stage.tenant(mode=Mode.PLAN)
    await stage.presses("bob", card, "approve")
    found = await stage.ends(request)
    assert found["status"] == "denied"
    assert "only plans at the moment" in str(found["outcome"])
    assert stage.connectors.called("reset_password") == []


@pytest.mark.promise("PLN-08")
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"user": "alice@acme.test", "app": "Zendesk", "level": "owner"}, "level"),
        ({"user": "alice@acme.test", "app": "Zendesk"}, "level"),
        ({"user": 7, "app": "Zendesk", "level": "member"}, "user"),
        ({"user": "alice@acme.test", "app": "Zendesk", "level": "member", "sudo": True}, "sudo"),
    ],
)
async def test_arguments_that_do_not_fit_ask_nobody(
    stage: Stage, arguments: dict[str, object], field: str
) -> None:
    answer = await stage.post(
        "/api/requests",
        {"as": "alice@acme.test", "tool": "acme-it:grant_app_access", "arguments": arguments},  # type: ignore[dict-item]  # JSON
    )
    assert answer.status == 422
    problems = answer.json["fields"]
    assert isinstance(problems, dict)
    assert field in "".join([*problems.keys(), *(str(why) for why in problems.values())])
    assert await stage.items("bob") == []
    assert await stage.items("alice") == []
