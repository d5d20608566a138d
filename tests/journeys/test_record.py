"""The audit log tells everything, and the program says what is missing."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.domain.actions import Action
from tests.journeys.arranging import entries, set_tool, tamper
from tests.journeys.stage import TENANT, Stage, another_process, rows
from tests.journeys.test_standing import allow, asks


@pytest.mark.promise("AUD-01")
async def test_a_call_leaves_entries_from_its_decision_to_its_answer(any_stage: Stage) -> None:
    request = await any_stage.says("alice", "I forgot my password")
    await any_stage.approves("bob", request)
    await any_stage.ends(request)
    told = [
        entry for entry in await entries(any_stage, request=request) if entry.tool.endswith("reset_password")
    ]
    kinds = ["call.decided", "call.decided", "call.started", "call.returned"]
    assert [entry.kind for entry in told] == kinds
    for entry in told:
        assert (entry.agent, entry.actor, entry.connector, entry.method) == (
            "countersign",
            "p-alice",
            "acme-it",
            "tools/call",
        )
        assert entry.connector_id
        assert len(entry.digest) == 64
        assert entry.policies == ("acme-it:reset_password",)
    started, returned = told[-2:]
    assert started.decision == "approved_by_user"
    assert (returned.status, returned.duration_s) == ("succeeded", 0.0)
    [approved] = await entries(any_stage, "approval.approved", request=request)
    assert (approved.actor, approved.decision) == ("p-bob", "approved_by_user")
    assert (await any_stage.store.verify_audit(TENANT)).fault == ""


@pytest.mark.promise("AUD-01")
async def test_reads_refusals_and_unasked_calls_are_in_the_log_too(stage: Stage) -> None:
    request = await stage.says("alice", "I need access to Zendesk")
    found = await stage.comes_to(request, "waiting")
    reads = await entries(stage, "call.returned", request=request)
    assert len(reads) == len(rows(found["reads"])) > 0
    await stage.presses("eve", await stage.card("bob", request), "approve")
    [refused] = await entries(stage, "action.refused")
    assert (refused.actor, refused.status) == ("p-eve", "UnknownCard")
    await set_tool(stage, "reset_password", Action.AUTO)
    free = await asks(stage)
    await stage.ends(free)
    [started] = await entries(stage, "call.started", request=free)
    assert started.decision == "allow"


@pytest.mark.promise("AUD-01")
async def test_the_log_never_holds_an_argument(stage: Stage) -> None:
    request = await stage.fills(
        "alice", "lock_device", "my words", device="ACME-LT-1001", message="in-the-taxi"
    )
    await stage.approves("bob", request)
    await stage.ends(request)
    log = str(await entries(stage))
    for text in ("in-the-taxi", "ACME-LT-1001", "my words"):
        assert text not in log


@pytest.mark.promise("AUD-01", "STD-01")
async def test_giving_a_standing_approval_is_in_the_log(stage: Stage) -> None:
    request = await asks(stage)
    await allow(stage, "bob", request, reason="Every Monday.")
    [entry] = await entries(stage, "grant.given")
    assert (entry.actor, entry.request, entry.tool) == ("p-bob", request, "acme-it:reset_password")
    assert entry.details["reason"] == "Every Monday."
    assert len(entry.grants) == 1


@pytest.mark.promise("AUD-02")
@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        (
            "UPDATE audit_entries SET line = replace(line, 'p-bob', 'p-dan') WHERE line LIKE '%p-bob%'",
            "as it was written",
        ),
        ("DELETE FROM audit_entries WHERE sequence = 5", "Entry 5 is missing"),
        ("DELETE FROM audit_entries WHERE sequence = (SELECT max(sequence) FROM audit_entries)", "missing"),
    ],
)
async def test_verifying_names_the_first_entry_that_is_wrong(stage: Stage, statement: str, bad: str) -> None:
    request = await stage.says("alice", "I forgot my password")
    await stage.approves("bob", request)
    await stage.ends(request)
    stage.worker.stop()
    whole = await stage.store.verify_audit(TENANT)
    assert (whole.fault, whole.entries > 20) == ("", True)
    assert await tamper(stage, statement)
    broken = await stage.store.verify_audit(TENANT)
    assert bad in broken.fault
    assert broken.entries < whole.entries


@pytest.mark.promise("OPS-01")
async def test_two_processes_share_the_work_of_one_database(any_stage: Stage, database: str) -> None:
    people = ("alice", "megan", "eve", "dan")
    async with another_process(any_stage, database):
        requests = [await any_stage.says(who, "I forgot my password") for who in people]
        for request in requests:
            await any_stage.approves("ada", request)
        for request in requests:
            assert (await any_stage.ends(request))["status"] == "done"
    users = sorted(str(one["user"]) for one in any_stage.connectors.called("reset_password"))
    assert users == sorted(f"{who}@acme.test" for who in people)


@pytest.mark.promise("OPS-02")
def test_check_says_what_is_missing_and_how_to_mend_it(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["check", "--json", "--data", str(tmp_path)])
    assert ran.exit_code == 1
    [wrong] = [one for one in json.loads(ran.stdout)["findings"] if one["level"] == "wrong"]
    assert wrong["about"] == "people"
    assert "Write one there" in wrong["sentence"]


@pytest.mark.promise("OPS-02")
def test_check_names_a_setting_that_is_misspelled(tmp_path: Path) -> None:
    misspelled = {"COUNTERSIGN_DATABSE_URL": "sqlite:///x"}
    ran = CliRunner().invoke(app, ["check", "--json", "--data", str(tmp_path)], env=misspelled)
    assert ran.exit_code == 1
    assert "COUNTERSIGN_DATABSE_URL" in ran.stdout
