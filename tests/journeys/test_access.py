"""An employee asks for an app; technician and manager approve; it runs once; the employee is told."""

import pytest

from tests.journeys.stage import Stage, rows


@pytest.mark.promise("APR-03", "RPY-01", "POL-01")
async def test_access_is_granted_when_technician_and_manager_have_approved(any_stage: Stage) -> None:
    request = await any_stage.says("alice", "I need access to Zendesk")
    await any_stage.comes_to(request, "waiting")
    first = await any_stage.approves("bob", request)
    assert "Megan" in str(first.json["message"])
    assert any_stage.changes() == []
    assert (await any_stage.request(request))["status"] == "waiting"
    await any_stage.approves("megan", request)
    done = await any_stage.ends(request)
    assert done["status"] == "done"
    assert [row["status"] for row in rows(done["approvals"])] == ["approved", "approved"]
    assert len(any_stage.changes()) == 1
    assert "Zendesk" in (await any_stage.texts("alice"))[-1]
