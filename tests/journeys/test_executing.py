"""Approved calls run: at most once, as approved, in order."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from bot.directory.file import FileDirectory
from bot.directory.recent import RecentDirectory, each_time
from bot.domain.actions import Action
from bot.domain.people import Person, PersonId
from bot.domain.requests import RequestId
from bot.flow.execute import Execute
from bot.ports.records import Overtaken
from tests.journeys.arranging import (
    change_estate,
    list_tools,
    set_tool,
    tamper,
    tried_in_vain,
    with_another_description,
)
from tests.journeys.stage import Stage, action_ids, another_process, facts, rows

NEW_HIRE = "New starter: Jane Doe, jane.doe@acme.test, Account Executive, Sales"


async def approved_while_away(stage: Stage) -> str:
    """Gives a request that is approved, while its connector is away."""
    stage.connectors.away = False
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    stage.connectors.away = True
    await stage.presses("bob", card, "approve")
    await stage.comes_to(request, "executing")

    await tried_in_vain(stage, request)
    return request


@pytest.mark.promise("EXE-01")
async def test_an_unknown_outcome_is_put_to_technicians_and_never_sent_again(any_stage: Stage) -> None:
    any_stage.connectors.silent.add("reset_password")
    request = await any_stage.says("alice", "I forgot my password")
    await any_stage.approves("bob", request)
    await any_stage.comes_to(request, "attention")
    assert "do not know whether it worked" in (await any_stage.texts("alice"))[-1]
    card = next(one for one in await any_stage.cards("carol", request) if "attention" in str(one["card"]))
    assert [row["label"] for row in rows(card["actions"])] == ["It was done", "It was not done"]
    await any_stage.hours_pass(48)
    assert len(any_stage.connectors.called("reset_password")) == 1
    for who, status in (("alice", 403), ("megan", 404), ("eve", 404)):
        assert (await any_stage.presses(who, card, "it_ran")).status == status
    assert (await any_stage.presses("carol", card, "it_ran")).status == 200
    done = await any_stage.ends(request)
    assert done["status"] == "done"
    assert "Carol Castillo looked: it was done" in str(done["outcome"])
    late = await any_stage.presses("bob", card, "it_did_not_run")
    assert late.status == 409
    assert len(any_stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("EXE-01", "EXE-03")
async def test_what_a_technician_found_undone_stops_the_rest(stage: Stage) -> None:
    stage.connectors.silent.add("add_user_to_group")
    request = await stage.says("megan", NEW_HIRE)
    await stage.approves("bob", request)
    await stage.approves("grace", request)
    await stage.comes_to(request, "attention")
    await stage.presses("bob", f"attention-{request}", "it_did_not_run")
    found = await stage.ends(request)
    assert found["status"] == "failed"
    assert [row["status"] for row in rows(found["calls"])] == ["succeeded", "failed", "skipped", "skipped"]
    assert "was not done" in str(found["outcome"])


@pytest.mark.promise("EXE-01", "EXE-04")
async def test_a_connector_that_is_away_is_tried_again_and_nothing_is_lost(stage: Stage) -> None:
    request = await approved_while_away(stage)
    stage.connectors.away = False
    await stage.hours_pass(0.01)
    assert (await stage.ends(request))["status"] == "done"
    assert len(stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("EXE-01")
async def test_a_connector_that_stays_away_fails_the_request_and_nothing_ran(stage: Stage) -> None:
    request = await approved_while_away(stage)
    await stage.hours_pass(0.1)
    found = await stage.ends(request)
    assert found["status"] == "failed"
    assert "cannot be reached" in (await stage.texts("alice"))[-1]
    assert stage.connectors.called("reset_password") == []


@pytest.mark.promise("EXE-02")
@pytest.mark.parametrize("also_digest", [False, True])
async def test_arguments_changed_after_the_approval_never_run(stage: Stage, also_digest: bool) -> None:  # noqa: FBT001 - a parameter of the test
    request = await approved_while_away(stage)
    other = '{"user":"grace@acme.test"}'
    assert await tamper(
        stage, "UPDATE calls SET arguments = ? WHERE request = ? AND position >= 0", other, request
    )
    if also_digest:
        digest = "6" * 64
        await tamper(
            stage, "UPDATE calls SET digest = ? WHERE request = ? AND position >= 0", digest, request
        )
    stage.connectors.away = False
    await stage.hours_pass(0.01)
    found = await stage.ends(request)
    assert found["status"] == "denied"
    assert "is not what was approved" in str(found["outcome"])
    assert stage.connectors.called("reset_password") == []


@pytest.mark.promise("EXE-02")
async def test_arguments_changed_before_the_approval_cannot_be_approved(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    card = await stage.card("bob", request)
    other = '{"user":"grace@acme.test"}'
    assert await tamper(
        stage, "UPDATE calls SET arguments = ? WHERE request = ? AND position >= 0", other, request
    )
    assert (await stage.presses("bob", card, "approve")).status == 409
    assert stage.connectors.called("reset_password") == []


@pytest.mark.promise("EXE-02")
async def test_a_tool_that_changes_between_approval_and_run_is_asked_about_again(stage: Stage) -> None:
    request = await approved_while_away(stage)
    old = await stage.card("bob", request)
    await list_tools(stage, with_another_description("reset_password"))
    stage.connectors.away = False
    await stage.hours_pass(0.01)
    found = await stage.comes_to(request, "waiting")
    assert [row["status"] for row in rows(found["approvals"])] == ["void", "pending"]
    assert "a tool changed in the meantime" in (await stage.texts("alice"))[-1]
    card = await stage.card("bob", request)
    assert card["card"] != old["card"]
    assert "is not the tool it was" in str(card["warnings"])
    assert (await stage.presses("bob", old, "approve")).status == 409
    assert (await stage.presses("bob", card, "approve")).status == 200
    assert (await stage.ends(request))["status"] == "done"
    assert len(stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("EXE-02")
async def test_what_runs_is_byte_for_byte_what_was_approved(stage: Stage) -> None:
    odd = "  \uff21cme ⟨b⟩ \u202e*_`<script>\u200b é e\u0301  "
    request = await stage.fills("alice", "lock_device", device="ACME-LT-1001", message=odd)
    card = await stage.card("bob", request)
    assert rows(card["calls"])[0]["arguments"] != {"device": "ACME-LT-1001", "message": odd}
    assert card["warnings"]
    await stage.presses("bob", card, "approve")
    await stage.ends(request)
    assert stage.connectors.called("lock_device") == [{"device": "ACME-LT-1001", "message": odd}]


@pytest.mark.promise("EXE-03", "RPY-01")
async def test_a_plan_runs_in_order_to_its_end(stage: Stage) -> None:
    request = await stage.says("megan", NEW_HIRE)
    card = await stage.card("bob", request)
    tools = [str(row["tool"]) for row in rows(card["calls"])]
    await stage.presses("bob", card, "approve")
    await stage.approves("grace", request)
    found = await stage.ends(request)
    assert found["status"] == "done"
    ran = [f"acme-it:{change.tool}" for change in reversed(stage.changes())]
    assert ran == tools == [
        "acme-it:create_user",
        "acme-it:add_user_to_group",
        "acme-it:grant_app_access",
        "acme-it:grant_app_access",
    ]  # fmt: skip
    assert "4 of 4." in (await stage.texts("megan"))[-1]


@pytest.mark.promise("EXE-03", "RPY-01")
async def test_the_first_failure_stops_the_rest_and_everyone_sees_where(stage: Stage) -> None:
    request = await stage.says("megan", NEW_HIRE)
    await stage.approves("bob", request)
    await change_estate(stage, "UPDATE apps SET licences = 5 WHERE id = 'zoom'")
    await stage.approves("grace", request)
    found = await stage.ends(request)
    assert found["status"] == "failed"
    statuses = ["succeeded", "succeeded", "failed", "skipped"]
    assert [row["status"] for row in rows(found["calls"])] == statuses
    told = (await stage.texts("megan"))[-1]
    assert told.startswith("It stopped before the end. What was done stays done.")
    assert "3 of 4. Give someone access to an app failed: All 5 licences of Zoom are in use." in told
    assert "4 of 4. Give someone access to an app: not done." in told
    for card in (await stage.card("bob", request), await stage.status_card("megan", request)):
        assert [row["status"] for row in rows(card["calls"])] == statuses
    assert facts(await stage.card("bob", request))["The request"] == "It did not work."


@pytest.mark.promise("EXE-03", "POL-02")
async def test_a_step_that_gets_disabled_stops_the_whole_plan_before_it_begins(stage: Stage) -> None:
    request = await stage.says("megan", NEW_HIRE)
    await stage.approves("bob", request)
    await set_tool(stage, "add_user_to_group", Action.DISABLED)
    await stage.approves("grace", request)
    found = await stage.ends(request)
    assert found["status"] == "denied"
    assert [row["status"] for row in rows(found["calls"])] == ["skipped", "refused", "skipped", "skipped"]
    assert stage.changes() == []


@pytest.mark.promise("EXE-04", "OPS-01")
async def test_another_process_goes_on_where_the_first_one_stopped(any_stage: Stage, database: str) -> None:
    request = await any_stage.says("alice", "I forgot my password")
    card = await any_stage.card("bob", request)
    any_stage.worker.stop()
    assert (await any_stage.presses("bob", card, "approve")).status == 200
    async with another_process(any_stage, database):
        await any_stage.comes_to(request, "done")
    assert (await any_stage.texts("alice"))[-1].startswith("Done.")
    assert len(any_stage.connectors.called("reset_password")) == 1


class MeetingDirectory(FileDirectory):
    """Says who the first one is when two have asked."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._meeting = asyncio.Barrier(2)
        self._met = False

    @override
    async def person(self, person: PersonId) -> Person | None:
        if not self._met:
            await self._meeting.wait()
            self._met = True
        return await super().person(person)


@pytest.mark.promise("EXE-01")
async def test_two_workers_that_hold_one_request_run_its_call_once(any_stage: Stage, tmp_path: Path) -> None:
    """The first one was silent for longer than its lease, and goes on when the second one has taken over."""
    request = await any_stage.says("alice", "I forgot my password")
    card = await any_stage.card("bob", request)
    any_stage.worker.stop()
    assert (await any_stage.presses("bob", card, "approve")).status == 200
    seams, meeting = any_stage.seams, MeetingDirectory(tmp_path / "people.yaml")
    workers = [
        replace(seams, directory=RecentDirectory(meeting, clock=seams.clock, limit=each_time))
        for _ in range(2)
    ]
    async with any_stage.store.view(seams.tenant) as view:
        stored = await view.requests.get(RequestId(request))
    assert stored is not None
    ended = await asyncio.gather(*(Execute(one)(stored) for one in workers), return_exceptions=True)
    assert [type(one) for one in ended if one is not None] == [Overtaken]
    assert len(any_stage.changes()) == 1


@pytest.mark.promise("RPY-01")
async def test_only_the_requester_is_answered_in_their_own_chat(stage: Stage) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.approves("bob", request)
    await stage.ends(request)
    for who in ("megan", "eve", "grace"):
        assert await stage.items(who) == []
    assert await stage.texts("bob") == []
    assert action_ids(await stage.status_card("alice", request)) == []
