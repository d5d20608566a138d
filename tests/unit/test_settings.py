import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.tenants import Mode
from bot.settings import (
    BadDeploymentFile,
    BadSecretKey,
    BadSettings,
    NoDataDirectory,
    Settings,
    TwoDeployments,
    unknown_variables,
    write_deployment,
)

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COUNTERSIGN_{name.upper()}", raising=False)


def test_without_any_setting_everything_lies_in_the_data_directory(tmp_path: Path) -> None:
    settings = Settings.load(data=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path}/countersign.db"
    assert settings.people == tmp_path / "people.yaml"
    assert settings.mode is Mode.PLAN
    assert settings.approval_hours == 24


def test_the_environment_goes_before_the_data_directory_s_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_deployment(tmp_path, {"tenant_name": "Acme", "port": 9001, "directory_file": "who.yaml"})
    monkeypatch.setenv("COUNTERSIGN_PORT", "9002")
    settings = Settings.load(data=tmp_path)
    assert (settings.tenant_name, settings.port) == ("Acme", 9002)
    assert settings.people == tmp_path / "who.yaml"


def test_the_data_directory_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_deployment(tmp_path, {"tenant_name": "Acme"})
    monkeypatch.setenv("COUNTERSIGN_DATA_DIR", str(tmp_path))
    assert Settings.load().tenant_name == "Acme"


def test_every_wrong_setting_is_told_with_what_to_write_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_PORT", "many")
    monkeypatch.setenv("COUNTERSIGN_TIME_ZONE", "Mars/Olympus")
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "hush-hush")
    with pytest.raises(BadSettings) as caught:
        Settings.load(data=tmp_path)
    sentence = caught.value.sentence
    assert "COUNTERSIGN_PORT is “many”" in sentence
    assert "Europe/Amsterdam" in sentence
    assert "COUNTERSIGN_SECRET_KEY cannot be used" in sentence
    assert "hush-hush" not in sentence


@pytest.mark.parametrize("text", ["[]", "{", '{"prot": 1}', '{"data_dir": "/elsewhere"}'])
def test_a_wrong_deployment_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "deployment.json").write_text(text)
    with pytest.raises(BadDeploymentFile, match=r"deployment\.json"):
        Settings.load(data=tmp_path)


def test_a_misspelt_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATBASE_URL", "x")
    assert unknown_variables() == (
        "COUNTERSIGN_DATBASE_URL is not a setting. Did you mean COUNTERSIGN_DATABASE_URL?",
    )


def test_a_directory_with_its_own_database_and_another_address_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", "postgresql://db.acme.test/countersign")
    assert Settings.load(data=tmp_path).database.startswith("postgresql")
    (tmp_path / "countersign.db").touch()
    with pytest.raises(TwoDeployments):
        Settings.load(data=tmp_path)


def test_the_key_is_made_once_for_the_owner_only_whoever_asks_at_once(tmp_path: Path) -> None:
    settings = Settings.load(data=tmp_path / "new")
    with ThreadPoolExecutor(8) as pool:
        keys = {future.result() for future in [pool.submit(settings.sealing_key) for _ in range(16)]}
    assert len(keys) == 1
    path = tmp_path / "new" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_the_key_of_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", KEY)
    settings = Settings.load(data=tmp_path)
    assert settings.sealing_key() == KEY.encode()
    assert KEY not in repr(settings)
    assert not list(tmp_path.iterdir())


def test_a_damaged_key_is_refused_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("damaged")
    with pytest.raises(BadSecretKey):
        Settings.load(data=tmp_path).sealing_key()
    assert (tmp_path / "secret.key").read_text() == "damaged"


def test_a_data_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NoDataDirectory):
        Settings.load(data=tmp_path / "file" / "inside").sealing_key()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_deployment(tmp_path, {"mode": "execute", "approval_hours": 1.5})
    assert json.loads((tmp_path / "deployment.json").read_text())["mode"] == "execute"
    settings = Settings.load(data=tmp_path)
    assert (settings.mode, settings.approval_hours) == (Mode.EXECUTE, 1.5)


def test_the_public_address_is_a_setting_and_no_misspelling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", "https://bot.example.com")
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URI", "https://bot.example.com")
    assert unknown_variables() == (
        "COUNTERSIGN_PUBLIC_URI is not a setting. Did you mean COUNTERSIGN_PUBLIC_URL?",
    )
