"""`countersign reconcile`, and `grants resume` in the terminal."""

import asyncio
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from bot.app import Deployment
from bot.domain.events import AuditEntry
from bot.domain.grants import Grant, GrantId, HolderPerson
from bot.domain.leavers import night_of
from bot.domain.people import PersonId
from bot.domain.tools import ToolId
from bot.flow.tell_once import SURFACE
from bot.ports.chat import ChatUser, Link, Proof
from bot.processes.chat import Chat
from bot.processes.staff import staffed
from tests.builders import a_grant
from tests.command_line import PEOPLE, CommandLine, a_command_line

BOB = "  - {id: u-bob, name: Bob, email: bob@acme.test, groups: [it]}\n"
NEW = ("ned", "nia", "nils", "nora", "noor", "nuno")

PATIENCE_S = 60.0
GLANCE_S = 0.05


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    """Gives the command line on a deployment with a standing approval that Bob gave."""
    found = a_command_line(tmp_path)

    async def give(deployment: Deployment) -> None:
        now = deployment.clock.now()
        async with deployment.store.unit(deployment.tenant) as unit:
            tool = (await unit.connections.catalog())[ToolId("acme-it", "reset_password")]
            ends = now + timedelta(days=30)
            made = a_grant(
                "ab12cd34ef",
                giver="u-bob",
                holder=HolderPerson(PersonId("u-alice")),
                fingerprint=tool.fingerprint,
                ends=ends,
            )
            await unit.grants.add(made)
            user = ChatUser(surface="teams", team="T", id="29:bob")
            await unit.links.add(Link(user=user, person=PersonId("u-bob"), proof=Proof.OPERATOR, at=now))

    found.within(give)
    return found


def stored(line: CommandLine) -> Grant:
    async def look(deployment: Deployment) -> Grant:
        async with deployment.store.view(deployment.tenant) as view:
            found = await view.grants.get(GrantId("ab12cd34ef"))
        assert found is not None
        return found

    return line.within(look)


def log_of(line: CommandLine, kind: str) -> list[AuditEntry]:
    async def look(deployment: Deployment) -> list[AuditEntry]:
        async with deployment.store.view(deployment.tenant) as view:
            return [one.entry for one in await view.audit.read(limit=10_000) if one.entry.kind == kind]

    return line.within(look)


def test_a_dry_run_says_what_would_be_done_and_the_command_does_it_once(line: CommandLine) -> None:
    nobody = line("reconcile")
    assert (nobody.code, nobody.out) == (
        0,
        "2 people looked up; 0 people left since they were last reported.\n",
    )
    (line.data / "people.yaml").write_text(PEOPLE.replace(BOB, ""))
    left = [
        {
            "person": "u-bob", "name": "u-bob", "how": "missing", "suspended": ["ab12cd34ef"], "moved": [],
            "ended": [], "accounts": ["teams 29:bob"],
        }
    ]  # fmt: skip
    assert line("reconcile", "--dry-run", "--json").json == {"looked_up": 2, "changed": False, "left": left}
    assert line("reconcile", "--dry-run").out.splitlines()[1:] == [
        "u-bob is gone: 1 standing approval suspended (ab12cd34). Still tied: teams 29:bob.",
        "Nothing was changed. That is what would be done.",
    ]
    assert not stored(line).suspended
    assert line("reconcile", "--json").json == {"looked_up": 2, "changed": True, "left": left}
    assert stored(line).suspended_why.startswith("u-bob, who gave it, left the directory on ")
    assert line("reconcile", "--json").json == {"looked_up": 1, "changed": False, "left": []}
    assert len(log_of(line, "person.left")) == len(log_of(line, "leavers.reported")) == 1


def test_a_bot_that_was_off_at_night_does_it_when_it_is_started(line: CommandLine) -> None:
    (line.data / "people.yaml").write_text(PEOPLE.replace(BOB, ""))

    async def work(deployment: Deployment) -> None:
        async with staffed(deployment, chat=Chat(), has_page=False), asyncio.timeout(PATIENCE_S):
            while True:
                if await _is_over(deployment):
                    return
                await asyncio.sleep(GLANCE_S)

    line.within(work)
    assert stored(line).suspended
    assert line("reconcile", "--json").json["left"] == []


async def _is_over(deployment: Deployment) -> bool:
    """Whether the newest night's round came to its end."""
    tenant, now = deployment.tenant, deployment.clock.now()
    mark = await deployment.memory.postings.get(tenant, SURFACE, f"reconcile/{night_of(now, UTC)}")
    return mark is not None and bool(mark.reference)


def test_while_the_people_file_is_broken_nothing_is_concluded(line: CommandLine) -> None:
    (line.data / "people.yaml").write_text("people: [")
    for words in ((), ("--dry-run",), ("--anyway",)):
        answer = line("reconcile", *words)
        assert (answer.code, answer.out) == (1, "")
        assert "people.yaml" in answer.err
    assert not stored(line).suspended


def test_where_so_many_seem_gone_it_takes_anyway(line: CommandLine) -> None:
    async def tie(deployment: Deployment) -> None:
        async with deployment.store.unit(deployment.tenant) as unit:
            for one in NEW:
                user = ChatUser(surface="slack", team="T", id=f"U-{one}")
                now = deployment.clock.now()
                await unit.links.add(Link(user=user, person=PersonId(one), proof=Proof.EMAIL, at=now))

    line.within(tie)
    for words in ((), ("--dry-run",)):
        answer = line("reconcile", *words)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.startswith("6 of 8 people seem to have left the directory.")
    assert log_of(line, "person.left") == []
    assert line("reconcile", "--anyway").code == 0
    assert len(log_of(line, "person.left")) == 6


def test_the_operator_resumes_once_the_giver_is_back_and_the_list_says_why(line: CommandLine) -> None:
    assert line("grants", "resume", "ab12").err.startswith("This standing approval is not suspended")
    (line.data / "people.yaml").write_text(PEOPLE.replace(BOB, ""))
    assert line("reconcile").code == 0
    [listed] = line("grants", "list", "--json").json["grants"]
    assert (listed["state"], listed["why"]) == ("suspended", stored(line).suspended_why)
    assert f"suspended ({listed['why']})" in line("grants", "list").out
    assert line("grants", "resume", "ab12").err.startswith("u-bob is still gone or disabled")
    assert line("grants", "resume", "zz").err.startswith("There is no standing approval zz.")
    (line.data / "people.yaml").write_text(PEOPLE)
    foreseen = line("grants", "resume", "ab12", "--dry-run")
    assert (foreseen.code, foreseen.out) == (1, "")
    assert stored(line).suspended
    assert line("grants", "resume", "ab12", "--json").json == {"id": "ab12cd34ef", "resumed": True}
    assert not stored(line).suspended
    [entry] = log_of(line, "grant.resumed")
    assert (entry.actor, entry.agent) == (None, "operator")
