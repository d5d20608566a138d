"""What the command line says of a further organisation: commands to copy are about it, files are its own."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import Deployment
from bot.chat.commands import FORMS
from bot.cli.shell_words import to_type
from bot.domain.actions import Effect
from bot.domain.connectors import Connector, OverStdio
from bot.domain.grants import HolderPerson
from bot.domain.people import PersonId, TenantId
from bot.domain.terminal import in_terminal
from bot.domain.tools import ToolId
from bot.flow.commands.form import Form
from bot.ports.chat import ChatUser, Link, Proof
from tests.builders import a_grant, a_tool
from tests.command_line import PEOPLE, CommandLine, a_command_line, said

GLOBEX = TenantId("globex")
ENTRA = "01234567-89ab-cdef-0123-456789abcdef"
OTHER_ENTRA = ENTRA.replace("01234567", "76543210")
COMMAND = re.compile(r"countersign (?!--tenant globex |manifest )[a-z-]+[^”\n]*")
"""A command that is not about Globex; manifests are the deployment’s."""

MISSING = "There is no tenant “{}”. There are: default, globex. To make another: countersign tenant add ID."


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    """Gives the command line on a deployment with something of every kind in a further tenant."""
    line = a_command_line(tmp_path)
    assert line("tenant", "add", GLOBEX, "--name", "Globex Corp").code == 0
    folder = tmp_path / "tenants" / GLOBEX
    folder.mkdir(parents=True)
    (folder / "people.yaml").write_text(PEOPLE, encoding="utf-8")

    async def fill(deployment: Deployment) -> None:
        now = deployment.clock.now()
        reset = a_tool(ToolId("globex-it", "reset_password"), effect=Effect.WRITE)
        async with deployment.store.unit(GLOBEX) as unit:
            transport = OverStdio(command="true")
            await unit.connections.put(Connector(id="c2", name="globex-it", transport=transport))
            off = Connector(id="c3", name="globex-off", transport=transport, on=False)
            await unit.connections.put(off)
            await unit.connections.put_tool(replace(reset, accepted="another"))
            holder = HolderPerson(PersonId("u-alice"))
            ends = now + timedelta(days=30)
            await unit.grants.add(
                a_grant("ab12cd34ef", tool=reset.id, giver="u-bob", holder=holder, ends=ends)
            )
            gone = ChatUser(surface="slack", team="T1", id="U1")
            await unit.links.add(Link(user=gone, person=PersonId("u-gone"), proof=Proof.OPERATOR, at=now))

    line.within(fill)
    for words in (
        ("policy", "set", "globex-it:reset_password", "auto"),
        ("freeze", "connector", "globex-it", "a", "key", "leaked"),
    ):
        assert line(*words, "--tenant", GLOBEX).code == 0
    return line


SHOWN: list[tuple[str, ...]] = [
    ("check",),
    ("freezes",),
    ("people", "show", "eve@acme.test"),
    ("people", "show", "u-gone"),
    ("check", "directory", "--as", "eve@acme.test"),
    ("policy", "connector", "globex-it"),
    ("policy", "list", "globex-it", "--page", "1"),
    ("policy", "history"),
    ("grants", "show", "ab12cd34"),
    ("grants", "list", "--page", "1"),
]
"""What ends with commands to copy."""

REFUSED: list[tuple[str, ...]] = [
    ("policy", "export", "nowhere"),
    ("policy", "edit", "globex-it:reset_password"),
    ("grants", "revoke", "ab12cd34", "--dry-run"),
    ("people", "unlink", "--slack", "U9", "--team", "T1"),
]
"""What is refused with a command to copy."""


@pytest.mark.parametrize("words", [*SHOWN, *REFUSED], ids=" ".join)
def test_every_command_to_copy_is_about_the_tenant_that_was_named(
    countersign: CommandLine, words: Sequence[str]
) -> None:
    answer = countersign(*words, "--tenant", GLOBEX)
    told = answer.out + answer.err
    assert "countersign --tenant globex " in told
    assert COMMAND.findall(told) == []


def test_the_commands_that_check_names_change_that_tenant(countersign: CommandLine) -> None:
    told = countersign("check", "--tenant", GLOBEX).out
    for command in ("tenant set mode execute", "connector on globex-off"):
        assert in_terminal(command, GLOBEX) in told
        assert said("--data", str(countersign.data), *in_terminal(command, GLOBEX).split()[1:]).code == 0
    assert countersign("tenant", "show", "--tenant", GLOBEX, "--json").json["mode"] == "execute"
    assert countersign("tenant", "show", "--json").json["mode"] == "plan"


def test_a_command_about_the_own_tenant_names_none(countersign: CommandLine) -> None:
    told = countersign("check").out
    assert "To go on: countersign tenant set mode execute\n" in told
    assert "To look at one: countersign --tenant globex check\n" in told
    assert "--tenant" not in countersign("people", "show", "eve@acme.test").out


@pytest.mark.parametrize(
    ("tenant", "own", "command"),
    [
        ("", "", "countersign reconcile"),
        ("acme", "acme", "countersign reconcile"),
        ("acme", "", "countersign --tenant acme reconcile"),
        ("globex", "acme", "countersign --tenant globex reconcile"),
    ],
)
def test_a_tenant_is_named_unless_it_is_the_own_one(tenant: str, own: str, command: str) -> None:
    assert in_terminal("reconcile", tenant, own=own) == command


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_command_of_the_chat_is_typed_with_the_tenant_in_front(form: Form) -> None:
    for example in form.examples:
        assert to_type(example, GLOBEX).partition(" --tenant globex")[::2] == (
            "countersign",
            to_type(example)[11:],
        )


@pytest.mark.parametrize("words", [("check",), ("check", "--connect"), ("check", "directory")], ids=" ".join)
@pytest.mark.parametrize("tenant", ["globx", "../../../etc", "..", "/etc"])
def test_nothing_is_looked_at_of_a_tenant_that_is_not_there(
    countersign: CommandLine, words: Sequence[str], tenant: str
) -> None:
    answer = countersign(*words, "--tenant", tenant)
    assert answer.code == 1
    told = answer.out + answer.err
    assert MISSING.format(tenant) in told
    assert "yaml" not in told


def test_before_there_is_a_database_no_further_tenant_is_looked_at(tmp_path: Path) -> None:
    answer = CommandLine(tmp_path)("check", "--tenant", "../globex", "--json")
    assert answer.code == 1
    told = [(one["about"], one["sentence"]) for one in answer.json["findings"] if one["level"] == "wrong"]
    assert told == [("tenant", "Which tenants there are is only known once the database is prepared.")]
    assert list(tmp_path.iterdir()) == []


def test_a_further_tenant_is_told_of_its_own_files_only(countersign: CommandLine) -> None:
    folder = countersign.data / "tenants" / GLOBEX
    (folder / "people.yaml").unlink()
    for words in (("check",), ("check", "directory")):
        told = countersign(*words, "--tenant", GLOBEX).out
        assert f"There is no people file {folder}/people.yaml. Write one there. It looks like this:" in told
        assert "_FILE" not in told
    told = countersign("check", "--tenant", GLOBEX).out
    assert f"There is no file {folder}/runbooks.yaml. Without one " in told
    assert "COUNTERSIGN_RUNBOOKS_FILE" in countersign("check").out


def test_a_directory_file_that_cannot_be_used_is_listed_as_that(countersign: CommandLine) -> None:
    file = countersign.data / "tenants" / GLOBEX / "directory.yaml"
    file.write_text("version: 1\nprovider: nonsense\n", encoding="utf-8")
    _, second = countersign("tenant", "list", "--json").json["tenants"]
    assert second["directory"] == "unusable; check directory says why"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"MicrosoftAppTenantId": ENTRA}, "MicrosoftAppTenantId"),
        ({"MicrosoftAppTenantId": OTHER_ENTRA, "TEAMS_TENANTS": ENTRA}, "TEAMS_TENANTS"),
    ],
)
def test_what_the_environment_binds_is_unbound_there(
    countersign: CommandLine, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    for name, value in {"MicrosoftAppId": ENTRA, "MicrosoftAppPassword": "s3cret", **variables}.items():
        monkeypatch.setenv(name, value)
    assert countersign("tenant", "show", "--json").json["teams_tenants"] == [ENTRA]
    answer = countersign("tenant", "unbind", ENTRA)
    assert answer.code == 1
    assert answer.err.startswith(f"{named} names the Teams tenant {ENTRA}, so it belongs to this tenant.")
    assert "is not bound to this tenant" in countersign("tenant", "unbind", ENTRA, "--tenant", GLOBEX).err


@pytest.mark.parametrize("name", ["Globex\nCorp", "Globex\u2028Corp", "Globex\x1b[2J", "Globex\u202e"])
def test_a_tenants_name_is_one_line_of_visible_signs(countersign: CommandLine, name: str) -> None:
    for words in (("tenant", "set", "name", name), ("tenant", "add", "initech", "--name", name)):
        answer = countersign(*words)
        assert answer.code == 1
        assert "in one line" in answer.err
        assert answer.err.count("\n") == 1
    assert countersign("tenant", "show", "--json").json["name"] == "Our company"


@pytest.mark.parametrize("topic", ["freeze", "unfreeze", "tools", "policy", "grants"])
def test_what_a_misspelt_command_names_lists_what_there_is(countersign: CommandLine, topic: str) -> None:
    refused = countersign(topic, "frobnicate")
    [(first, second)] = re.findall(r"“([a-z]+) ([a-z]+)” lists what there is", refused.err)
    shown = countersign(first, second)
    assert (refused.code, shown.code) == (1, 0)
    assert f"\n{topic} " in shown.out
