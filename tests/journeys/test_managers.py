"""The manager seat goes to the right person, and moves when the directory changes."""

import pytest

from tests.journeys.arranging import break_directory, change_person, entries
from tests.journeys.stage import Stage, facts, rows


@pytest.mark.promise("APR-05")
async def test_without_a_manager_the_fallback_group_is_asked_and_the_card_says_so(stage: Stage) -> None:
    request = await stage.says("eve", "I need access to Zendesk")
    found = await stage.comes_to(request, "waiting")
    _, manager = rows(found["approvals"])
    assert (manager["asked"], manager["group"]) == (None, "admins")
    card = next(one for one in await stage.cards("ada", request) if one["card"] == manager["id"])
    assert facts(card)["Why not somebody else"] == (
        "Eve Ericsson has no manager in the directory, so the group admins is asked instead."
    )
    assert facts(card)["Their manager"] == "none in the directory"
    await stage.presses("bob", str(rows(found["approvals"])[0]["id"]), "approve")
    assert (await stage.presses("ada", card, "approve")).status == 200
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-04", "APR-05")
async def test_one_admin_does_not_fill_both_seats(stage: Stage) -> None:
    request = await stage.says("eve", "I need access to Zendesk")
    found = await stage.comes_to(request, "waiting")
    technician, manager = (str(row["id"]) for row in rows(found["approvals"]))
    assert (await stage.presses("ada", technician, "approve")).status == 200
    assert (await stage.presses("ada", manager, "approve")).status == 403
    assert (await stage.presses("ahmed", manager, "approve")).status == 200
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-05")
async def test_a_disabled_manager_is_passed_over(stage: Stage) -> None:
    change_person(stage, "megan", enabled=False)
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.comes_to(request, "waiting")
    card = await stage.card("grace", request)
    assert facts(card)["Why not somebody else"] == (
        "Megan Moreau’s account is disabled, so Grace Goldberg is asked instead."
    )


@pytest.mark.promise("APR-05")
async def test_a_manager_who_is_disabled_while_asked_is_replaced(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    old = await stage.card("megan", request)
    change_person(stage, "megan", enabled=False)
    assert (await stage.presses("megan", old, "approve")).status == 403
    await stage.hours_pass(0.1)
    card = await stage.card("grace", request)
    assert card["card"] == old["card"]
    await stage.approves("bob", request)
    await stage.presses("grace", card, "approve")
    assert (await stage.ends(request))["status"] == "done"
    [moved] = await entries(stage, "approval.moved", request=request)
    assert (moved.details["from"], moved.details["to"]) == ("p-megan", "p-grace")


@pytest.mark.promise("APR-05", "APR-11")
async def test_a_former_manager_decides_nothing_and_the_new_one_is_asked(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    card = await stage.card("megan", request)
    change_person(stage, "alice", manager="p-grace")
    late = await stage.presses("megan", card, "approve")
    assert late.status == 403
    assert "the manager whom the directory names now" in late.error
    assert (await stage.card("megan", request))["actions"] == []
    assert facts(await stage.card("grace", request))["Asked of you as"] == "Manager: Grace Goldberg"
    await stage.approves("grace", request)
    await stage.approves("bob", request)
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-05")
async def test_a_circle_of_managers_ends_at_the_fallback_group(stage: Stage) -> None:
    change_person(stage, "alice", manager="p-alice")
    request = await stage.says("alice", "I need access to Zendesk")
    found = await stage.comes_to(request, "waiting")
    manager = rows(found["approvals"])[1]
    assert (manager["asked"], manager["group"]) == (None, "admins")
    assert "circle" in str(manager["explanation"])


@pytest.mark.promise("APR-05")
async def test_while_the_directory_is_away_nothing_gets_wider(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    back = break_directory(stage)
    away = await stage.presses("bob", card, "approve")
    assert away.status == 503
    back()
    assert (await stage.request(request))["status"] == "waiting"
    assert (await stage.approves("bob", request)).status == 200
    assert (await stage.ends(request))["status"] == "done"
