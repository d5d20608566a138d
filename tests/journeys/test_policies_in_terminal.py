from pathlib import Path

import jsonschema_rs
import pytest

from bot.documents.tree import plain, read_tree
from tests.command_line import a_command_line

TOOL = "acme-it:reset_password"


@pytest.mark.promise("CMD-03", "POL-13")
def test_an_admin_changes_compares_and_undoes_in_the_terminal_and_keeps_it_in_a_file(tmp_path: Path) -> None:
    countersign = a_command_line(tmp_path)
    assert "is approval_needed for everyone now" in countersign("policy", "set", TOOL, "approval_needed").out
    countersign("policy", "set", TOOL, "auto", "--reason", "nobody ever said no")

    history = countersign("policy", "history").out
    assert history.startswith("2 changes\n")
    assert "Reason: nobody ever said no" in history
    difference = countersign("policy", "diff", "1", "2").out
    assert "Action: approval_needed → auto" in difference

    before = countersign("policy", "export").out
    looked = countersign("policy", "undo", "2", "--dry-run").out
    assert "Action: auto → approval_needed" in looked
    assert countersign("policy", "export").out == before
    undone = countersign("policy", "undo", "2", "it did harm").out
    assert undone.startswith(f"Saved as change 3: {TOOL}")
    (stored,) = countersign("policy", "list", "--json").json["policies"]
    assert (stored["action"], stored["version"]) == ("approval_needed", 3)

    kept = countersign("policy", "export").out
    schema = jsonschema_rs.validator_for(countersign("policy", "schema").json)
    assert schema.is_valid(plain(read_tree(kept, file="policies.yaml")))
    again = countersign("policy", "apply", "-", "--dry-run", "--json", typed=before).json
    assert [change["fields"] for change in again["changes"]] == [
        ["action: approval_needed → auto", "description: nothing → nobody ever said no"]
    ]
    assert again["effect"]["sentence"] == "In the last 30 days: no calls that this touches were decided."
    assert countersign("policy", "export").out == kept
