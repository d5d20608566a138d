"""`countersign tenant add`, `list`, `bind` and `--tenant`: several organisations of one deployment."""

from pathlib import Path

import pytest

from bot.app import Deployment
from bot.domain.people import TenantId
from tests.command_line import PEOPLE, CommandLine, a_command_line, said

ENTRA = "01234567-89ab-cdef-0123-456789abcdef"
SAM = "\n  - {id: u-alice, name: Sam, email: alice@acme.test, groups: [it]}\n"


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    line = a_command_line(tmp_path)
    assert line("tenant", "add", "globex", "--name", "Globex Corp").code == 0
    return line


def test_a_new_tenant_is_in_plan_mode_and_is_told_what_it_needs(tmp_path: Path) -> None:
    answer = a_command_line(tmp_path)("tenant", "add", "globex", "--name", "Globex Corp")
    assert answer.out.splitlines() == [
        "Globex Corp is there, in plan mode. What it needs next:",
        f"  its people: directory.yaml or people.yaml in {tmp_path / 'tenants' / 'globex'}",
        "  Slack: countersign --tenant globex slack install-link",
        "  Teams: countersign --tenant globex tenant bind ENTRA_TENANT_ID",
        "  tool servers: countersign --tenant globex connector add NAME …",
        "Processes that run already serve it after a restart.",
    ]


def test_tenants_are_listed_with_what_belongs_to_them(countersign: CommandLine, tmp_path: Path) -> None:
    countersign("tenant", "bind", ENTRA.upper(), "--tenant", "globex")
    first, second = countersign("tenant", "list", "--json").json["tenants"]
    assert (first["id"], first["mode"], first["teams_tenants"]) == ("default", "plan", [])
    assert first["directory"] == f"people file {tmp_path / 'people.yaml'}"
    assert (second["id"], second["name"], second["teams_tenants"]) == ("globex", "Globex Corp", [ENTRA])
    assert second["directory"].startswith("none; ")
    heads, *rows = countersign("tenant", "list").out.splitlines()
    assert heads.split() == ["ID", "NAME", "MODE", "SLACK", "TEAMS", "DIRECTORY"]
    assert [row.split()[0] for row in rows] == ["default", "globex"]


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("globex", "There is a tenant “globex” already"), ("../x", "no dot or dash"), ("", "no dot or dash"),
     (".hidden", "no dot or dash"), ("a" * 65, "at most 64"), ("a b", "letters, digits"),
     ("Globex", "There is a tenant “globex” already")],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused(countersign: CommandLine, wanted: str, part: str) -> None:
    answer = countersign("tenant", "add", wanted)
    assert answer.code == 1
    assert part in answer.err
    assert len(countersign("tenant", "list", "--json").json["tenants"]) == 2


@pytest.mark.parametrize("place", ["before", "behind", "equals"])
def test_every_command_takes_the_tenant_wherever_it_stands(
    countersign: CommandLine, tmp_path: Path, place: str
) -> None:
    folder = tmp_path / "tenants" / "globex"
    folder.mkdir(parents=True)
    (folder / "people.yaml").write_text(PEOPLE.split("people:")[0] + "people:" + SAM, encoding="utf-8")
    words = ["--data", str(tmp_path), "people", "show", "alice@acme.test"]
    words = {
        "before": ["--tenant", "globex", *words],
        "behind": [*words, "--tenant", "globex"],
        "equals": [*words, "--tenant=globex"],
    }[place]
    assert said(*words).out.startswith("Sam\n")
    assert countersign("people", "show", "alice@acme.test").out.startswith("Alice\n")


def test_a_word_of_a_command_that_is_started_is_no_tenant_of_ours(countersign: CommandLine) -> None:
    words = ["connector", "add", "x", "--", "false", "--tenant", "globex"]
    answer = said("--data", str(countersign.data), *words)
    assert answer.code == 1
    assert "globex" not in answer.err
    assert countersign("connector", "list", "--tenant", "globex", "--json").json["connectors"] == []


def test_a_tenant_that_is_not_there_is_made_by_no_typing_mistake(countersign: CommandLine) -> None:
    answer = countersign("policy", "list", "--tenant", "globx")
    assert answer.code == 1
    assert answer.err.strip() == (
        "There is no tenant “globx”. There are: default, globex. To make another: countersign tenant add ID."
    )


def test_a_microsoft_tenant_belongs_to_one_tenant(countersign: CommandLine) -> None:
    assert countersign("tenant", "bind", ENTRA, "--tenant", "globex").code == 0
    assert countersign("tenant", "bind", ENTRA, "--tenant", "globex").code == 0
    taken = countersign("tenant", "bind", ENTRA)
    assert taken.code == 1
    assert "belongs to another tenant" in taken.err
    foreign = countersign("tenant", "unbind", ENTRA)
    assert "is not bound to this tenant" in foreign.err
    assert countersign("tenant", "unbind", ENTRA, "--tenant", "globex").code == 0
    assert countersign("tenant", "bind", ENTRA).code == 0


def test_what_the_environment_gives_to_the_own_tenant_is_for_no_other(
    countersign: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("MicrosoftAppId", ENTRA),
        ("MicrosoftAppPassword", "s3cret"),
        ("MicrosoftAppTenantId", ENTRA),
    ):
        monkeypatch.setenv(name, value)
    assert countersign("tenant", "bind", ENTRA, "--tenant", "globex").code == 1
    assert countersign("tenant", "show", "--json").json["teams_tenants"] == [ENTRA]
    assert countersign("tenant", "show", "--tenant", "globex", "--json").json["teams_tenants"] == []


@pytest.mark.parametrize("wrong", ["acme", "", "0123", ENTRA + "0"])
def test_what_is_no_microsoft_tenant_is_bound_to_nobody(countersign: CommandLine, wrong: str) -> None:
    answer = countersign("tenant", "bind", wrong, "--tenant", "globex")
    assert answer.code == 1
    assert "Microsoft Entra ID → Overview" in answer.err


def test_all_of_it_stands_in_the_audit_log_of_the_tenant_that_it_is_about(countersign: CommandLine) -> None:
    countersign("tenant", "bind", ENTRA, "--tenant", "globex")
    countersign("tenant", "unbind", ENTRA, "--tenant", "globex")
    countersign("tenant", "set", "mode", "execute", "--tenant", "globex")

    async def kinds(deployment: Deployment) -> tuple[list[str], list[str]]:
        found = []
        for tenant in (deployment.tenant, TenantId("globex")):
            async with deployment.store.view(tenant) as view:
                found.append([one.entry.kind for one in await view.audit.read()])
        return found[0], found[1]

    own, globex = countersign.within(kinds)
    assert own == []
    assert globex == ["tenant.added", "workspace.bound", "workspace.unbound", "tenant.changed"]


@pytest.mark.parametrize(("said_", "shown"), [("0", 0), ("600", 600)])
def test_how_old_the_directory_s_word_may_be_is_set_in_seconds(
    countersign: CommandLine, said_: str, shown: int
) -> None:
    assert countersign("tenant", "set", "directory_seconds", said_).code == 0
    assert countersign("tenant", "show", "--json").json["directory_seconds"] == shown


@pytest.mark.parametrize("wrong", ["601", "1.5", "", "a minute", "٣"])
def test_the_directory_s_word_is_never_older_than_ten_minutes(countersign: CommandLine, wrong: str) -> None:
    assert countersign("tenant", "set", "directory_seconds", wrong).code == 1
    assert countersign("tenant", "show", "--json").json["directory_seconds"] == 60


def test_the_environment_is_about_one_tenant_for_good(
    countersign: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the people, files and tokens of the one would count for the other."""
    for named in ("globex", "zeta"):
        monkeypatch.setenv("COUNTERSIGN_TENANT_ID", named)
        answer = countersign("people", "show")
        assert answer.code == 1
        assert answer.err.strip() == (
            f"COUNTERSIGN_TENANT_ID names {named}, but this deployment’s own tenant is default. Set it to "
            "default; for other tenants, write --tenant ID."
        )
    monkeypatch.setenv("COUNTERSIGN_TENANT_ID", "default")
    assert countersign("people", "show").code == 0


@pytest.mark.parametrize("words", [["--tenant", ""], ["--tenant="]])
def test_an_empty_tenant_is_not_the_own_one(countersign: CommandLine, words: list[str]) -> None:
    answer = countersign("tenant", "set", "mode", "execute", *words)
    assert answer.code == 2
    assert countersign("tenant", "show", "--json").json["mode"] == "plan"


@pytest.mark.parametrize("command", ["serve", "work", "demo", "migrate"])
def test_what_is_about_all_tenants_takes_none(countersign: CommandLine, command: str) -> None:
    answer = countersign(command, "--tenant", "globex")
    assert answer.code == 2
    assert "about all tenants" in answer.err
