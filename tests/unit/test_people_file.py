import os
from pathlib import Path

import pytest

from bot.directory.file import FileDirectory
from bot.directory.people import email_key, read_people
from bot.documents.findings import BadDocument
from bot.domain.people import TECHNICIANS, PersonId
from bot.ports.directory import DirectoryUnreachable

BOB = "  - {id: u2, name: Bob, email: bob@acme.test}\n"
SMALL = "version: 1\npeople:\n  - {id: u1, name: Alice, email: alice@acme.test}\n"


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadDocument) as caught:
        read_people(text, file="people.yaml")
    return [(finding.line, finding.sentence) for finding in caught.value.findings]


def test_what_may_be_left_out_has_a_sensible_value() -> None:
    people = read_people(SMALL, file="people.yaml")
    alice = people.persons[PersonId("u1")]
    assert alice.enabled
    assert alice.manager is None
    assert people.fallback_group == TECHNICIANS


def test_every_problem_is_told_at_once_with_its_line() -> None:
    found = problems(
        "version: 2\n"
        "peeple: []\n"
        "people:\n"
        "  - {id: u1, name: Alice, email: alice@acme.test, enabeld: false}\n"
        "  - id: u1\n"
        "    name: Other\n"
        "    email: ALICE@acme.test\n"
        "    manager: u9\n"
        "    groups: sales\n"
        "  - {name: Nobody}\n"
    )
    assert [line for line, _ in found] == [1, 2, 4, 5, 7, 8, 9, 10, 10]
    assert "Did you mean “people”?" in found[1][1]
    assert "Did you mean “enabled”?" in found[2][1]
    assert "stands in line 4 already" in found[3][1]
    assert "stands in line 4 already" in found[4][1]
    assert "u9" in found[5][1]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("[]", 1),
        ("version: 1\npeople:\n  - just a text\n", 3),
        ("version: 1\npeople: 7\n", 2),
        ("version: 1\npeople: []\nroles: {boss: [x]}\n", 3),
        ("version: 1\npeople:\n  - {id: 17, name: A, email: a@b.test}\n", 3),
        ("version: 1\npeople:\n  - {id: u, name: A, email: nowhere}\n", 3),
        ("version: 1\npeople:\n  - {id: u, name: ' ', email: a@b.test}\n", 3),
        ("version: 1\nversion: 1\npeople: []\n", 2),
        ("version: 1\npeople: [\n", 3),
    ],
)
def test_a_wrong_file_is_refused_with_the_line(text: str, line: int) -> None:
    assert line in [at for at, _ in problems(text)]


def test_two_persons_may_be_each_other_s_manager() -> None:
    people = read_people(
        "version: 1\npeople:\n"
        "  - {id: a, name: A, email: a@b.test, manager: b}\n"
        "  - {id: b, name: B, email: b@b.test, manager: a}\n",
        file="people.yaml",
    )
    assert len(people.persons) == 2


async def test_a_broken_edit_is_refused_with_file_and_line_until_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(SMALL)
    directory = FileDirectory(path)
    assert await directory.by_email("alice@acme.test") is not None
    path.write_text(SMALL + "  - {id: u2, name: Bob}\n")
    for _ in range(2):
        with pytest.raises(DirectoryUnreachable) as caught:
            await directory.by_email("alice@acme.test")
        assert str(path) in caught.value.sentence
        assert "line 4" in caught.value.sentence
    path.write_text(SMALL)
    assert await directory.by_email("alice@acme.test") is not None


async def test_a_replaced_file_of_the_same_size_and_time_is_read_again(tmp_path: Path) -> None:
    path, other = tmp_path / "people.yaml", tmp_path / "other.yaml"
    path.write_text(SMALL)
    directory = FileDirectory(path)
    assert await directory.person(PersonId("u1")) is not None
    other.write_text(SMALL.replace("u1", "u2"))
    moment = path.stat().st_mtime_ns
    os.utime(other, ns=(moment, moment))
    other.replace(path)
    assert await directory.person(PersonId("u1")) is None


async def test_a_folder_or_other_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DirectoryUnreachable, match="no ordinary file"):
        await FileDirectory(tmp_path).everyone()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DirectoryUnreachable, match="not UTF-8"):
        await FileDirectory(tmp_path / "bytes").everyone()


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("Alice@Acme.test", " alice@acme.TEST ", True),
        ("alice@straße.test", "alice@strasse.test", False),
        ("\u212aate@acme.test", "kate@acme.test", False),
        ("ali\u017fe@acme.test", "alise@acme.test", False),
        ("ÄNNE@acme.test", "änne@acme.test", False),
    ],
)
def test_addresses_that_two_people_can_have_are_two(one: str, other: str, are_one: bool) -> None:  # noqa: FBT001 - a column of the table
    assert (email_key(one) == email_key(other)) == are_one


async def test_a_file_that_is_still_being_written_is_not_read_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its beginning would be a file in which people are missing."""
    file = tmp_path / "people.yaml"
    file.write_text(SMALL)
    directory = FileDirectory(file)
    with monkeypatch.context() as patch:
        patch.setattr("bot.directory.file.time.sleep", lambda _: file.write_text(SMALL + BOB))
        with pytest.raises(DirectoryUnreachable, match="it is being written"):
            await directory.person(PersonId("u1"))
    assert await directory.person(PersonId("u2")) is not None
