"""Always allow: what it offers, stores, settles, and lets through."""

import pytest

from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.grants import ExactArguments, HolderPerson
from bot.domain.people import PersonId
from tests.journeys.arranging import (
    dialog_of,
    entries,
    grants,
    options_of,
    revoke,
    set_tool,
    tried_in_vain,
)
from tests.journeys.stage import Json, Stage, action_ids, facts, rows


async def allow(stage: Stage, who: str, request: str, **values: JsonValue) -> str:
    """Presses Always allow on the person's card, and gives the answer's sentence."""
    card = await stage.card(who, request)
    answer = await stage.presses(who, card, "always_allow", **values)
    assert answer.status == 200, answer.body
    return str(answer.json["message"])


async def asks(stage: Stage, who: str = "alice", user: str = "alice") -> str:
    """Asks for a new password by form."""
    return await stage.fills(who, "reset_password", user=f"{user}@acme.test")


@pytest.mark.promise("STD-01", "STD-04")
async def test_always_allow_approves_this_one_and_lets_the_next_through(any_stage: Stage) -> None:
    first = await asks(any_stage)
    said = await allow(any_stage, "bob", first, reason="She forgets it every Monday.")
    assert said.startswith("Approved and saved. Alice Archer may use acme-it:reset_password")
    assert (await any_stage.ends(first))["status"] == "done"
    [grant] = await grants(any_stage)
    assert (grant.holder, grant.giver) == (HolderPerson(PersonId("p-alice")), PersonId("p-bob"))
    assert grant.arguments == ExactArguments({"user": "alice@acme.test"})
    assert (grant.uses, grant.reason) == (0, "She forgets it every Monday.")
    second = await asks(any_stage)
    found = await any_stage.comes_to(second, "done")
    assert rows(found["approvals"]) == []
    assert rows(found["calls"])[0]["grants"] == [grant.id]
    assert len(any_stage.connectors.called("reset_password")) == 2
    assert (await grants(any_stage))[0].uses == 1


@pytest.mark.promise("STD-04")
async def test_requester_and_audit_log_see_which_standing_approval(stage: Stage) -> None:
    await allow(stage, "bob", await asks(stage))
    [grant] = await grants(stage)
    request = await asks(stage)
    found = await stage.comes_to(request, "done")
    seen = str(found["outcome"]) + str(facts(await stage.status_card("alice", request)))
    assert grant.id in seen
    for kind in ("call.decided", "call.started", "call.returned"):
        assert all(entry.grants == (grant.id,) for entry in await entries(stage, kind, request=request))
    started = await entries(stage, "call.started", request=request)
    assert [entry.decision for entry in started] == ["approved_by_user"]


@pytest.mark.promise("STD-02")
async def test_the_narrowest_scope_is_preselected_and_stated(stage: Stage) -> None:
    request = await asks(stage)
    dialog = dialog_of(await stage.card("bob", request), "always_allow")
    chosen = {str(one["name"]): one["value"] for one in rows(dialog["fields"])}
    assert (chosen["holder"], chosen["arguments"], chosen["ends_in_days"]) == ("person", "exact", 30)
    assert dialog["summary"] == (
        "Alice Archer may use acme-it:reset_password with exactly user = alice@acme.test, "
        "through countersign, without asking a technician, until 16 December 2026."
    )
    assert options_of(dialog, "holder") == ["person"]
    assert options_of(dialog, "arguments") == ["exact", "pinned"]
    wide = dialog_of(await stage.card("ada", request), "always_allow")
    assert options_of(wide, "holder") == ["person", "group", "everyone"]
    assert options_of(wide, "arguments") == ["exact", "pinned", "any"]
    assert options_of(wide, "group") == ["all-staff", "sales", "vpn-users"]


@pytest.mark.promise("STD-02")
async def test_a_preview_shows_the_rule_its_history_and_what_it_settles_and_stores_nothing(
    stage: Stage,
) -> None:
    for verdict in ("approve", "deny"):
        request = await asks(stage)
        await stage.presses("bob", await stage.card("bob", request), verdict)
        await stage.ends(request)
    other = await asks(stage, "alice", "eve")
    await stage.comes_to(other, "waiting")
    request = await asks(stage)
    card = str((await stage.card("ada", request))["card"])
    exact = await stage.post("/api/previews", {"as": "ada@acme.test", "card": card, "values": {}})
    assert exact.json["history"] == "Matches 2 of the last 3 requests for this tool; 1 of these was denied."
    assert exact.json["settles"] == []
    values: Json = {"holder": "everyone", "arguments": "any", "uses": 3}
    wide = await stage.post("/api/previews", {"as": "ada@acme.test", "card": card, "values": values})
    assert str(wide.json["sentence"]).startswith("Everyone may use acme-it:reset_password with any arguments")
    assert "at most 3 times" in str(wide.json["sentence"])
    assert wide.json["settles"] == ["Alice Archer: a request by form"]
    assert await grants(stage) == ()
    assert (await stage.request(other))["status"] == "waiting"
    stranger = await stage.post("/api/previews", {"as": "eve@acme.test", "card": card, "values": {}})
    assert stranger.status == 404


@pytest.mark.promise("STD-05")
async def test_other_requests_that_it_covers_are_settled_and_named(stage: Stage) -> None:
    first = await stage.says("alice", "I forgot my password")
    await stage.comes_to(first, "waiting")
    second = await stage.says("megan", "I forgot my password")
    await stage.comes_to(second, "waiting")
    outside = await stage.says("eve", "I forgot my password")
    await stage.comes_to(outside, "waiting")
    said = await allow(stage, "ada", first, holder="group", group="sales", arguments="any")
    assert "It also settles 1 other request" in said
    assert "Megan Moreau: “I forgot my password”" in said
    assert {(await stage.ends(one))["status"] for one in (first, second)} == {"done"}
    found = await stage.request(second)
    [approval] = rows(found["approvals"])
    assert (approval["status"], approval["by"]) == ("approved", "ada@acme.test")
    assert approval["grant"] == (await grants(stage))[0].id
    decided = facts(await stage.card("bob", second))["Decision"]
    assert "approved by Ada Adeyemi through a standing approval" in decided
    assert (await stage.request(outside))["status"] == "waiting"


@pytest.mark.promise("STD-01", "APR-03")
async def test_a_technicians_standing_approval_leaves_the_manager_seat_open(stage: Stage) -> None:
    first = await stage.says("alice", "I need access to Zendesk")
    said = await allow(stage, "bob", first)
    assert "This request still waits for: Manager: Megan Moreau." in said
    assert (await stage.request(first))["status"] == "waiting"
    await stage.approves("megan", first)
    await stage.comes_to(first, "done")
    second = await stage.fills(
        "alice", "grant_app_access", user="alice@acme.test", app="Zendesk", level="member"
    )
    found = await stage.comes_to(second, "waiting")
    assert [row["seat"] for row in rows(found["approvals"])] == ["manager"]


@pytest.mark.promise("STD-01", "APR-04")
async def test_who_gave_the_standing_approval_is_not_asked_as_the_manager_too(stage: Stage) -> None:
    arguments = {"user": "dan@acme.test", "app": "Zendesk", "level": "member"}
    first = await stage.fills("dan", "grant_app_access", "", **arguments)
    found = await stage.comes_to(first, "waiting")
    technician = str(rows(found["approvals"])[0]["id"])
    assert (await stage.presses("bob", technician, "always_allow")).status == 200
    await stage.approves("grace", first)
    await stage.ends(first)
    second = await stage.fills("dan", "grant_app_access", "", **arguments)
    again = await stage.comes_to(second, "waiting", "failed", "done")
    assert [row["asked"] for row in rows(again["approvals"])] == ["grace@acme.test"]


@pytest.mark.promise("STD-01", "APR-04")
async def test_what_somebody_gives_for_others_does_not_serve_themselves(stage: Stage) -> None:
    await allow(stage, "ada", await asks(stage), holder="everyone", arguments="any")
    served = await asks(stage, "eve", "eve")
    assert (await stage.comes_to(served, "done", "waiting"))["status"] == "done"
    own = await asks(stage, "ada", "ada")
    assert (await stage.comes_to(own, "done", "waiting"))["status"] == "waiting"


@pytest.mark.promise("STD-05", "APR-04")
async def test_a_standing_approval_does_not_settle_what_its_giver_asks_for_with_others(stage: Stage) -> None:
    shared = await asks(stage, "eve", "eve")
    await stage.comes_to(shared, "waiting")
    joined = await asks(stage, "ada", "eve")
    assert (await stage.comes_to(joined, "waiting"))["joined"] == shared
    said = await allow(stage, "ada", await asks(stage), holder="everyone", arguments="any")
    assert "settles" not in said
    assert (await stage.request(shared))["status"] == "waiting"


@pytest.mark.promise("STD-01")
async def test_a_revoked_standing_approval_lets_nothing_through_any_more(stage: Stage) -> None:
    await allow(stage, "bob", await asks(stage))
    [grant] = await grants(stage)
    stage.connectors.away = True
    queued = await asks(stage)
    await tried_in_vain(stage, queued)
    await revoke(stage, grant.id)
    stage.connectors.away = False
    await stage.hours_pass(0.01)
    assert (await stage.comes_to(queued, "waiting", "done"))["status"] == "waiting"
    assert action_ids(await stage.card("bob", queued)) == ["approve", "deny", "always_allow"]
    later = await asks(stage, "alice", "eve")
    assert (await stage.comes_to(later, "waiting", "done"))["status"] == "waiting"
    await stage.approves("bob", queued)
    assert (await stage.ends(queued))["status"] == "done"


@pytest.mark.promise("STD-01", "POL-05")
async def test_a_standing_approval_never_loosens_disabled(stage: Stage) -> None:
    await allow(stage, "bob", await asks(stage))
    for action in (Action.DISABLED, Action.STEP_UP):
        await set_tool(stage, "reset_password", action)
        assert (await stage.ends(await asks(stage)))["status"] == "denied"
