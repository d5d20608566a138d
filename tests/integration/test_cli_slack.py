"""`countersign slack`: accounts are tied and untied, and links for further workspaces are good once."""

from pathlib import Path

import pytest

from tests.command_line import CommandLine, a_command_line


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    return a_command_line(tmp_path)


def test_an_account_is_tied_to_a_person_and_both_are_free_of_what_they_were_tied_to(
    countersign: CommandLine,
) -> None:
    for email, user in (("alice@acme.test", "U1"), ("bob@acme.test", "U2"), ("alice@acme.test", "U2")):
        answer = countersign("slack", "link", email, user, "--team", "T1")
        assert answer.code == 0, answer
    assert [row["user"] for row in links(countersign)] == ["U2"]
    assert links(countersign)[0]["by"] == "operator"
    assert countersign("slack", "unlink", "U2", "--team", "T1").code == 0
    assert links(countersign) == []
    again = countersign("slack", "unlink", "U2", "--team", "T1")
    assert again.code != 0
    assert "tied to nobody" in again.err
    kinds = [row["kind"] for row in countersign("audit", "export", "--format", "jsonl").lines]
    assert kinds.count("person.linked") == 3
    assert kinds.count("person.unlinked") == 1


def test_tying_the_same_account_to_the_same_person_again_changes_nothing(countersign: CommandLine) -> None:
    for _ in range(2):
        assert countersign("slack", "link", "alice@acme.test", "U1", "--team", "T1").code == 0
    [row] = links(countersign)
    assert (row["user"], row["by"]) == ("U1", "operator")
    audit = countersign("audit", "export", "--format", "jsonl").lines
    [entry] = [row for row in audit if row["kind"] == "person.linked"]
    assert (entry["actor"], entry["agent"]) == ("u-alice", "operator")
    assert entry["details"] == {"surface": "slack", "team": "T1", "user": "U1", "by": "operator"}


def test_an_account_in_another_workspace_stays_tied(countersign: CommandLine) -> None:
    for team in ("T1", "T2"):
        assert countersign("slack", "link", "alice@acme.test", "U1", "--team", team).code == 0
    assert [row["team"] for row in links(countersign)] == ["T1", "T2"]


def test_nobody_in_the_directory_and_no_workspace_are_told(countersign: CommandLine) -> None:
    assert "nobody@acme.test" in countersign("slack", "link", "nobody@acme.test", "U1", "--team", "T1").err
    assert "--team" in countersign("slack", "link", "alice@acme.test", "U1").err


def links(countersign: CommandLine) -> list[dict[str, object]]:
    """Gives what `slack links` lists."""
    found = countersign("slack", "links", "--json").json["links"]
    assert isinstance(found, list)
    return [dict(row) for row in found if isinstance(row, dict)]
