"""`countersign check directory` as a process that asks a provider over HTTP."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.directories.http import HttpStage
from tests.directories.scim import scim_stage
from tests.directories.stage import someone
from tests.servers.countersign_process import ROOT
from tests.servers.demo_process import child_environment
from tests.servers.scim import TOKEN

PEOPLE = (
    someone("alice", "sales", manager="bob"),
    someone("bob", "it", manager="ada"),
    someone("ada", "it-admins", enabled=False),
    someone("ahmed", "it-admins"),
)

FILE = """\
version: 1
provider: scim
scim: {{url: "{url}", token: {{env: SCIM_TOKEN}}}}
roles: {{technician: [{technicians}], admin: [it-admins]}}
fallback_group: it-admins
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[HttpStage]:
    async with scim_stage(tmp_path) as made:
        made.holds(PEOPLE)
        yield made


async def checked(
    stage: HttpStage, folder: Path, *words: str, technicians: str = "it", token: str = TOKEN
) -> tuple[int, Any]:
    """Gives how `check` ended and what it answered; what it logs stands elsewhere."""
    file = folder / "directory.yaml"
    file.write_text(FILE.format(url=stage.server.url, technicians=technicians))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "check", *words, "--json", "--data", str(folder)),
        env=child_environment({"SCIM_TOKEN": token}),
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert b"Traceback" not in err, err.decode()
    return process.returncode or 0, json.loads(out)


def found(answer: Any, level: str) -> list[str]:
    return [f"{one['about']}: {one['sentence']}" for one in answer["findings"] if one["level"] == level]


async def test_a_provider_that_says_everything_is_well(stage: HttpStage, tmp_path: Path) -> None:
    code, answer = await checked(stage, tmp_path, "directory")
    assert (code, answer["ok"]) == (0, True)
    assert found(answer, "ok") == [
        "directory: The SCIM server answers. The bot lacks no permission there.",
        "role technician: 1 person has it: Bob.",
        "role technician: The group “it” gives it; 1 person is in it.",
        "role admin: 1 person has it: Ahmed.",
        "role admin: The group “it-admins” gives it; 1 person is in it.",
        "fallback group: it-admins stands in for missing managers: Ahmed.",
    ]


async def test_a_group_that_is_named_by_its_id_gives_its_role(stage: HttpStage, tmp_path: Path) -> None:
    code, answer = await checked(stage, tmp_path, "directory", technicians="g-it")
    assert code == 0
    assert "role technician: 1 person has it: Bob." in found(answer, "ok")
    assert ["“g-it”" in one for one in found(answer, "note")] == [True]


async def test_groups_of_one_name_end_with_1(stage: HttpStage, tmp_path: Path) -> None:
    stage.server.adds_group("g-other", "it-admins", ["u-alice"])
    code, answer = await checked(stage, tmp_path, "directory")
    assert code == 1
    assert [one.partition(":")[0] for one in found(answer, "wrong")] == ["role admin", "fallback group"]


async def test_a_person_is_shown_as_the_provider_tells_of_them(stage: HttpStage, tmp_path: Path) -> None:
    code, answer = await checked(stage, tmp_path, "directory", "--as", "BOB@acme.test")
    assert code == 0
    assert [one["name"] for one in answer["managers"]] == ["Ada"]
    assert answer["managers_end"] == "Ada has no manager in the directory"
    assert answer["asked"]["explanation"].startswith("Ada’s account is disabled and Ada has no manager")
    assert answer["fallback"] == {"group": "it-admins", "members": ["ahmed@acme.test"]}
    assert answer["role_groups"]["technician"] == ["it"]


async def test_check_asks_the_provider_only_with_connect(stage: HttpStage, tmp_path: Path) -> None:
    code, answer = await checked(stage, tmp_path)
    assert code == 0
    told = f"people: {tmp_path}/directory.yaml names the SCIM server. To ask it: countersign check directory"
    assert told in found(answer, "ok")
    assert stage.server.asked == []
    code, answer = await checked(stage, tmp_path, "--connect")
    assert code == 0
    assert "people: The SCIM server answers, with 1 admin among 2 who can approve." in found(answer, "ok")


async def test_a_provider_that_takes_no_credentials_is_told_and_no_token_is_printed(
    stage: HttpStage, tmp_path: Path
) -> None:
    code, answer = await checked(stage, tmp_path, "directory", "--as", "u-bob", token="stolen-token")  # noqa: S106 - made up
    assert code == 1
    [wrong] = found(answer, "wrong")
    assert "does not accept the bot's credentials" in wrong
    assert "stolen-token" not in json.dumps(answer)
