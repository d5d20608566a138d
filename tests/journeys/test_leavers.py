"""Somebody leaves: what rests on them is suspended, moved or ended in the next night, and admins are told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.actions import Effect
from bot.domain.events import AuditEntry
from bot.domain.grants import GrantId
from bot.flow.commands.refusals import OnlyAdmins
from bot.flow.resume import NotSuspended, OwnResumption, ResumeGrant, StillGone, TakesTwo, ToolChanged
from bot.ports.directory import DirectoryUnreachable
from bot.storage.engine import open_engine
from tests.commanding import answer, facts, labels, person, refusal, told
from tests.journeys.arranging import (
    break_directory,
    change_person,
    entries,
    finance_decides,
    grants,
    list_tools,
    with_another_description,
)
from tests.journeys.leaving import RESET, Office, ids, leave
from tests.journeys.stage import Stage, action_ids, rows
from tests.journeys.stage import facts as shown_facts

NEXT = (
    "What is suspended counts no more; have what is still needed given anew. Look at it with: grants list. "
    "Once somebody is back: grants resume ID"
)
TIED = "The accounts let nobody in. The operator unties them with: countersign --tenant acme people unlink"
WHY = "Bob Brennan, who gave it, left the directory on 16 November 2026."


@pytest.fixture
async def office(stage: Stage, acme_database: str) -> AsyncIterator[Office]:
    engine = open_engine(acme_database)
    yield Office(stage, engine)
    await engine.close()


@pytest.fixture
async def any_office(any_stage: Stage, database: str) -> AsyncIterator[Office]:
    engine = open_engine(database)
    yield Office(any_stage, engine)
    await engine.close()


async def test_what_a_leaver_gave_or_holds_counts_no_more_and_all_else_does(any_office: Office) -> None:
    stage = any_office.stage
    await any_office.given()
    await any_office.given("bb22", giver="carol", holder="eve")
    await any_office.given("cc33", giver="carol", holder="alice")
    await any_office.given("dd44", revoked=stage.clock.now())
    await any_office.given("ee55", ends=stage.clock.now())
    await any_office.tie("bob", "carol")
    assert (await person(stage, "bob")).enabled
    leave(stage, "bob")
    change_person(stage, "eve", enabled=False)
    await any_office.night()

    assert ids(await grants(stage)) == ["ab12cd34ef", "bb22"]
    assert (await any_office.grant()).suspended_why == WHY
    assert (await any_office.grant("bb22")).suspended_why == (
        "Eve Ericsson, whom it is for, was found disabled in the directory on 16 November 2026."
    )
    assert {entry.grants for entry in await entries(stage, "grant.suspended")} == {("ab12cd34ef",), ("bb22",)}
    assert sorted(await any_office.left()) == ["p-bob", "p-eve"]
    for admin in ("ada", "ahmed"):
        assert [text.splitlines() for text in await any_office.told(admin)] == [
            [
                "2 people left the directory or were disabled.",
                "• Bob Brennan is gone: 1 standing approval suspended (ab12cd34). Still tied: slack U-bob.",
                "• Eve Ericsson is disabled: 1 standing approval suspended (bb22).",
                NEXT,
                TIED,
            ]
        ]
    assert await any_office.told("carol") == []
    assert (await stage.ends(await stage.fills("alice", "reset_password", user="alice@acme.test")))[
        "status"
    ] == "done"
    async with stage.store.unit(stage.seams.tenant) as unit:
        await unit.grants.revoke((await any_office.grant("cc33")).id, now=stage.clock.now(), by="ada")
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    await stage.comes_to(request, "waiting")


@pytest.mark.promise("STD-06")
async def test_lists_say_why_and_only_another_admin_resumes_once_the_person_is_back(office: Office) -> None:
    stage = office.stage
    await office.given()
    await office.given("cc33", giver="carol", holder="eve")
    assert isinstance(await refusal(stage, "ada", "grants resume cc33"), NotSuspended)
    change_person(stage, "bob", enabled=False)
    await office.night()
    for who, buttons in (("ada", ["Resume", "Revoke"]), ("carol", [])):
        shown = await answer(stage, who, "grants show ab12cd34")
        assert facts(shown)["State"] == "suspended"
        assert "Bob Brennan, who gave it, was found disabled" in facts(shown)["Suspended because"]
        assert [button.label for button in shown.buttons] == buttons
    assert "Suspended because: Bob Brennan, who gave it" in told(await answer(stage, "ada", "grants list"))
    assert isinstance(await refusal(stage, "carol", "grants resume ab12cd34"), OnlyAdmins)
    gone = await refusal(stage, "ada", "grants resume ab12cd34")
    assert isinstance(gone, StillGone)
    assert gone.sentence.startswith("Bob Brennan is still gone or disabled")

    change_person(stage, "bob", enabled=True, groups=["admins", "technicians"])
    await office.time_passes(days=1)
    assert (await office.grant()).suspended
    assert isinstance(await refusal(stage, "bob", "grants resume ab12cd34"), OwnResumption)
    assert [button.label for button in (await answer(stage, "bob", "grants show ab12cd34")).buttons] == [
        "Revoke"
    ]
    resume = (await answer(stage, "ada", "grants show ab12cd34")).buttons[0]
    assert resume.confirm
    assert (await answer(stage, "ada", resume.value)).title == "Resumed"
    [entry] = await entries(stage, "grant.resumed")
    assert (entry.actor, entry.grants) == ("p-ada", ("ab12cd34ef",))
    assert isinstance(await refusal(stage, "ada", resume.value), NotSuspended)
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    assert (await stage.ends(request))["status"] == "done"
    assert any(form.startswith("grants resume") for form in labels(await answer(stage, "ada", "help grants")))
    assert not any("resume" in form for form in labels(await answer(stage, "bob", "help policy")))


async def test_what_waits_for_its_tool_to_be_accepted_is_not_resumed(office: Office) -> None:
    stage = office.stage
    await office.given()
    await list_tools(stage, with_another_description("reset_password"))
    assert isinstance(await refusal(stage, "ada", "grants resume ab12cd34"), ToolChanged)
    change_person(stage, "bob", enabled=False)
    await office.night()
    change_person(stage, "bob", enabled=True)
    assert isinstance(await refusal(stage, "ada", "grants resume ab12cd34"), ToolChanged)
    await answer(stage, "ada", "tools accept acme-it:reset_password")
    assert (await office.grant()).suspended_why
    assert (await answer(stage, "ada", "grants resume ab12cd34")).title == "Resumed"


async def test_for_a_tool_that_destroys_one_admin_alone_resumes_nothing(office: Office) -> None:
    """Having it run unasked again is what takes a second admin; the operator needs nobody."""
    stage = office.stage
    await office.given()
    change_person(stage, "bob", enabled=False)
    await office.night()
    change_person(stage, "bob", enabled=True)
    async with stage.store.unit(stage.seams.tenant) as unit:
        known = (await unit.connections.catalog())[RESET]
        await unit.connections.put_tool(replace(known, effect=Effect.DESTROY))
    assert isinstance(await refusal(stage, "ada", "grants resume ab12cd34"), TakesTwo)
    assert (await office.grant()).suspended
    await ResumeGrant(stage.seams)((await office.grant()).id, by="operator")
    assert not (await office.grant()).suspended


@pytest.mark.promise("APR-05")
async def test_a_manager_who_left_is_replaced_without_anybody_looking(any_office: Office) -> None:
    stage = any_office.stage
    request = await stage.says("alice", "I need access to Zendesk")
    await stage.card("megan", request)
    change_person(stage, "megan", enabled=False)
    await any_office.night()
    card = await stage.card("grace", request)
    assert shown_facts(card)["Asked of you as"] == "Manager: Grace Goldberg"
    [moved] = await entries(stage, "approval.moved", request=request)
    assert (moved.details["from"], moved.details["to"]) == ("p-megan", "p-grace")
    [text] = await any_office.told("ada")
    assert "• Megan Moreau is disabled: 1 open approval asked of others." in text
    await stage.approves("grace", request)
    await stage.approves("bob", request)
    assert (await stage.ends(request))["status"] == "done"


async def test_in_a_group_the_card_stays_with_the_others(office: Office) -> None:
    stage = office.stage
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    leave(stage, "carol", "dan")
    await office.night()
    assert await entries(stage, "approval.approver_left") == []
    assert (await stage.presses("bob", card, "approve")).status == 200
    assert (await stage.ends(request))["status"] == "done"
    [text] = await office.told("ada")
    assert "Carol Castillo is gone: nothing was open." in text


async def test_where_nobody_of_a_group_is_left_the_fallback_group_and_the_requester_hear_it(
    office: Office,
) -> None:
    stage = office.stage
    await finance_decides(stage)
    request = await stage.says("alice", "I forgot my password")
    await stage.card("eve", request)
    leave(stage, "eve")
    await office.night()
    await office.time_passes(days=0)
    words = "The group finance has not enough people who may approve this. An admin has to add somebody."
    assert await office.told("ada", words) == [f"A request waits. {words}"]
    assert await office.told("alice", words) == [f"{words} I have told them."]
    assert (await stage.request(request))["status"] == "waiting"
    assert (
        await stage.presses("bob", str(rows((await stage.request(request))["approvals"])[0]["id"]), "approve")
    ).status == 404
    [entry] = await entries(stage, "approval.approver_left")
    assert (entry.request, entry.details["told"]) == (request, ["p-ada", "p-ahmed"])
    [text] = await office.told("ada")
    assert "• Eve Ericsson is gone: 1 open approval asked of others." in text


async def test_who_came_into_the_group_since_gets_the_card_that_others_left(office: Office) -> None:
    stage = office.stage
    await finance_decides(stage)
    request = await stage.says("alice", "I forgot my password")
    await stage.card("eve", request)
    leave(stage, "eve")
    change_person(stage, "grace", groups=["all-staff", "finance"])
    await office.night()
    assert await office.told("alice", "not enough people") == []
    assert (await stage.approves("grace", request)).status == 200
    assert (await stage.ends(request))["status"] == "done"


async def test_the_requests_of_a_leaver_end_and_those_who_asked_for_the_same_go_on(
    any_office: Office,
) -> None:
    stage = any_office.stage
    arguments = {"user": "alice@acme.test"}
    request = await stage.fills("alice", "reset_password", **arguments)
    card = await stage.card("bob", request)
    joined = await stage.fills("megan", "reset_password", **arguments)
    await stage.comes_to(joined, "waiting")
    other = await stage.says("eve", "I need access to Zendesk")
    await stage.comes_to(other, "waiting")
    change_person(stage, "alice", enabled=False)
    await any_office.night()

    over = await stage.ends(request)
    assert over["status"] == "failed"
    assert over["outcome"] == (
        "Alice Archer’s account is disabled, so nothing can be asked or decided with it. Nothing was done."
    )
    assert (await stage.presses("bob", card, "approve")).status == 409
    shown = next(one for one in await stage.cards("bob", request) if one["card"] == card["card"])
    assert action_ids(shown) == []
    assert (await stage.comes_to(joined, "waiting"))["status"] == "waiting"
    await stage.approves("bob", joined)
    assert (await stage.ends(joined))["status"] == "done"
    assert (await stage.request(other))["status"] == "waiting"
    [entry] = await entries(stage, "request.requester_left")
    assert entry.request == request
    [text] = await any_office.told("ada")
    assert "• Alice Archer is disabled: 1 open request ended." in text


@pytest.mark.promise("IDP-03")
async def test_while_the_directory_is_away_nothing_changes_and_later_the_round_is_made(
    office: Office,
) -> None:
    stage = office.stage
    await office.given()
    await office.given("cc33", suspended=True, suspended_why=WHY)
    leave(stage, "bob")
    back = break_directory(stage)
    await office.night()
    with pytest.raises(DirectoryUnreachable):
        await ResumeGrant(stage.seams)(GrantId("cc33"), by="operator")
    back()
    await office.time_passes(minutes=10)
    assert ids(await grants(stage)) == ["cc33"]
    assert await entries(stage, "admins.alerted") == await entries(stage, "person.left") == []
    await office.time_passes(minutes=5)
    assert ids(await grants(stage)) == ["ab12cd34ef", "cc33"]
    assert len(await office.told("ada")) == 1


async def test_a_round_is_made_once_a_night_and_nobody_is_reported_twice(office: Office) -> None:
    stage = office.stage
    await stage.tenant(zone=ZoneInfo("Europe/Berlin"))
    await office.night()
    await office.given()
    await office.tie("bob", "carol")
    leave(stage, "bob")
    await office.time_passes(hours=15.9)
    assert not (await office.grant()).suspended
    await office.time_passes(hours=0.1)
    assert (await office.grant()).suspended
    await office.time_passes(days=1)
    await office.time_passes(days=3)
    leave(stage, "carol")
    await office.time_passes(days=1)
    assert await office.left() == ["p-bob", "p-carol"]
    first, second = await office.told("ada")
    assert "p-bob is gone" in first
    assert second.startswith("1 person left the directory or was disabled.\n• ")
    assert "Still tied: slack U-carol." in second
    assert "bob" not in second


async def test_who_came_back_and_leaves_again_is_reported_again(office: Office) -> None:
    stage = office.stage
    await office.tie("bob")
    for is_there in (False, False, True, True, True, False):
        change_person(stage, "bob", enabled=is_there)
        await office.time_passes(days=1)
    assert len(await office.told("ada")) == 2


async def test_a_leaver_who_was_only_suspended_before_a_kill_is_reported_by_the_next_try(
    office: Office,
) -> None:
    stage = office.stage
    await office.given()
    leave(stage, "bob")
    async with stage.store.unit(stage.seams.tenant) as unit:
        await unit.grants.suspend((await office.grant()).id, why=WHY)
        entry = AuditEntry(
            at=stage.clock.now() - timedelta(hours=30),
            kind="grant.suspended",
            grants=("ab12cd34ef",),
            details={"person": "p-bob"},
        )
        await unit.audit.append(entry)
    await office.night()
    [text] = await office.told("ada")
    assert "1 standing approval suspended (ab12cd34)" in text


async def test_nothing_is_said_where_nobody_left(office: Office) -> None:
    await office.given()
    await office.tie("bob", "carol", "alice")
    await office.night()
    assert await office.told("ada") == []
    assert await entries(office.stage, "leavers.reported") == []
