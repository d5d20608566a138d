"""`countersign teams` ties accounts and unties them; `countersign manifest teams` writes what is uploaded."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.chat.teams.manifest import App, manifest
from bot.settings.teams import VARIABLES
from tests.command_line import CommandLine, a_command_line, said

ALEX = "00000000-0000-0000-0000-0000000000020"
MEGAN = "7d0f1c2a-91ab-4c3d-8e5f-00112233aabb"
HOME = "9f8e7d6c-aaaa-bbbb-cccc-ddddeeeeffff"
OTHER = "01234567-89ab-cdef-0123-456789abcdef"

APP_ID = "1a2b3c4d-0000-1111-2222-333344445555"
MANIFEST = ("manifest", "teams", "--app-id", APP_ID, "--domain", "bot.acme.test")


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Gives an environment without anything of Teams."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def countersign(tmp_path: Path) -> CommandLine:
    """Gives the command line of a deployment whose bot has no app id."""
    return a_command_line(tmp_path)


@pytest.fixture
def registered(unset: pytest.MonkeyPatch, countersign: CommandLine) -> CommandLine:
    """Gives the command line of a deployment whose bot is registered, for people of two tenants."""
    unset.setenv("MicrosoftAppId", APP_ID)
    unset.setenv("MicrosoftAppPassword", "hush")
    unset.setenv("MicrosoftAppTenantId", HOME)
    unset.setenv("TEAMS_TENANTS", f"{HOME},{OTHER}")
    return countersign


def links(countersign: CommandLine) -> list[tuple[str, str, str]]:
    """Gives what `teams links` lists: tenant, object id and person."""
    found = countersign("teams", "links", "--json").json["links"]
    return [(str(row["team"]), str(row["user"]), str(row["person"])) for row in found]


def test_without_an_app_id_accounts_are_tied_in_the_one_organisation_of_this_machine(
    countersign: CommandLine,
) -> None:
    assert countersign("teams", "link", "alice@acme.test", ALEX).code == 0
    assert links(countersign) == [("local", ALEX, "u-alice")]
    assert countersign("slack", "links", "--json").json == {"links": []}
    assert countersign("teams", "unlink", ALEX).code == 0
    assert links(countersign) == []
    assert "countersign teams links" in countersign("teams", "unlink", ALEX).err
    kinds = [row["kind"] for row in countersign("audit", "export", "--format", "jsonl").lines]
    assert kinds.count("person.linked") == kinds.count("person.unlinked") == 1


def test_an_account_is_tied_within_its_tenant(registered: CommandLine) -> None:
    assert registered("teams", "link", "alice@acme.test", MEGAN.upper(), "--tenant", OTHER.upper()).code == 0
    assert registered("teams", "link", "alice@acme.test", ALEX, "--tenant", HOME).code == 0
    assert links(registered) == [(OTHER, MEGAN, "u-alice"), (HOME, ALEX, "u-alice")]
    assert registered("teams", "unlink", MEGAN.upper(), "--tenant", OTHER).code == 0
    assert links(registered) == [(HOME, ALEX, "u-alice")]


def test_with_one_tenant_it_need_not_be_named(registered: CommandLine, unset: pytest.MonkeyPatch) -> None:
    answer = registered("teams", "link", "alice@acme.test", MEGAN)
    assert answer.code == 1
    assert f"--tenant which Entra tenant the account is in: {OTHER}, {HOME}" in answer.err
    unset.delenv("TEAMS_TENANTS")
    assert registered("teams", "link", "alice@acme.test", MEGAN).code == 0
    assert links(registered) == [(HOME, MEGAN, "u-alice")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nobody@acme.test", MEGAN, "--tenant", HOME), "nobody@acme.test"),
        (("alice@acme.test", "alice", "--tenant", HOME), "no object id"),
        (("alice@acme.test", MEGAN, "--tenant", APP_ID), "TEAMS_TENANTS"),
    ],
)
def test_what_cannot_be_tied_is_refused(registered: CommandLine, words: tuple[str, ...], told: str) -> None:
    answer = registered("teams", "link", *words)
    assert answer.code == 1
    assert told in answer.err
    assert links(registered) == []


def test_the_zip_holds_the_manifest_and_its_icons(tmp_path: Path) -> None:
    file = tmp_path / "it.zip"
    answer = said(*MANIFEST, "--name", "IT help", "--out", str(file))
    assert answer.code == 0
    assert "Upload new app" in answer.out
    wanted = manifest(App(app_id=APP_ID, domain="bot.acme.test", name="IT help"))
    assert said(*MANIFEST, "--name", "IT help", "--json").json == wanted
    with ZipFile(file) as archive:
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]


def test_the_manifest_is_printed_and_written_where_somebody_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said("--json", *MANIFEST).json["id"] == APP_ID
    assert list(tmp_path.iterdir()) == []
    assert said(*MANIFEST).code == 0
    assert [file.name for file in tmp_path.iterdir()] == ["countersign-teams.zip"]
    answer = said(*MANIFEST, "--out", str(tmp_path))
    assert answer.code == 1
    assert "Name another with --out" in answer.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--app-id", "countersign"), "--app-id"),
        (("--domain", "https://bot.acme.test"), "--domain"),
        (("--domain", "localhost"), "--domain"),
        (("--domain", "bot.acme.test/api"), "--domain"),
        (("--name", "x" * 31), "1 to 30"),
        (("--name", " "), "1 to 30"),
        (("--developer", "x" * 33), "1 to 32"),
        (("--website", "http://acme.test"), "--website"),
        (("--privacy", "acme.test"), "--privacy"),
        (("--terms", "ftp://acme.test"), "--terms"),
        (("--version", "1.0"), "1.0.1"),
    ],
)
def test_a_wrong_word_is_told_with_what_to_write_instead(words: tuple[str, ...], told: str) -> None:
    answer = said(*MANIFEST, *words, "--json")
    assert answer.code == 2
    assert told in answer.err
    assert answer.out == ""
