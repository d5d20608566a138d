"""`countersign manifest teams` writes what is uploaded."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.chat.teams.manifest import App, manifest
from tests.command_line import said

APP_ID = "1a2b3c4d-0000-1111-2222-333344445555"
MANIFEST = ("manifest", "teams", "--app-id", APP_ID, "--domain", "bot.acme.test")


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
