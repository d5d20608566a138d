from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.chat.slack.manifest import manifest
from bot.settings.slack import VARIABLES
from tests.command_line import said

MANIFEST = ("manifest", "slack")


def test_the_manifest_for_socket_mode_is_printed_as_yaml() -> None:
    answer = said(*MANIFEST, "--socket")
    assert answer.code == 0
    assert YAML(typ="safe", pure=True).load(answer.out) == manifest(url=None)


def test_the_manifest_for_an_address_is_printed_with_the_app_s_name() -> None:
    answer = said(*MANIFEST, "--url", "https://bot.example.com/", "--name", "Acme’s: IT #1")
    wanted = manifest(url="https://bot.example.com", name="Acme’s: IT #1")
    assert YAML(typ="safe", pure=True).load(answer.out) == wanted


def test_the_manifest_is_printed_as_json_too() -> None:
    assert said(*MANIFEST, "--socket", "--json").json == manifest(url=None)
    assert said("--json", *MANIFEST, "--socket").json == manifest(url=None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "either --socket, or --url"),
        (("--socket", "--url", "https://bot.example.com"), "either --socket, or --url"),
        (("--url", "http://bot.example.com"), "https"),
        (("--url", "bot.example.com"), "https"),
        (("--url", ""), "https"),
        (("--socket", "--name", "x" * 36), "35"),
        (("--socket", "--name", " "), "35"),
    ],
)
def test_a_wrong_word_is_told_with_what_to_write_instead(words: tuple[str, ...], told: str) -> None:
    answer = said(*MANIFEST, *words)
    assert answer.code == 2
    assert told in answer.err
    assert answer.out == ""


def test_http_will_do_on_this_machine() -> None:
    assert said(*MANIFEST, "--url", "http://localhost:3000").code == 0


@pytest.fixture
def no_slack(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def told_of_slack(data: Path) -> list[tuple[str, str]]:
    answer = said("check", "--json", "--data", str(data)).json
    return [(one["level"], one["sentence"]) for one in answer["findings"] if one["about"] == "slack"]


def test_check_says_how_to_set_slack_up(no_slack: pytest.MonkeyPatch, tmp_path: Path) -> None:
    [(level, sentence)] = told_of_slack(tmp_path)
    assert level == "note"
    assert sentence.startswith("No chat surface is set up.")
    no_slack.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    [(level, sentence)] = told_of_slack(tmp_path)
    assert level == "wrong"
    assert "Basic Information → App-Level Tokens" in sentence
    no_slack.setenv("SLACK_APP_TOKEN", "xapp-1")
    [(level, sentence)] = told_of_slack(tmp_path)
    assert level == "ok"
    assert "Socket Mode" in sentence


def test_check_tells_a_variable_that_is_named_otherwise(no_slack: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_slack.setenv("SLACK_TOKEN", "xoxb-hush")
    [(level, sentence)] = told_of_slack(tmp_path)
    assert level == "note"
    assert "Did you mean SLACK_BOT_TOKEN?" in sentence
    assert "hush" not in sentence


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("alice",), "does not say who plays whom"),
        (("=U0123",), "does not say who plays whom"),
        (("alice=bob",), "no member’s ID"),
        (("alice=U0123", "alice@acme.test=U0124"), "alice@acme.test is played by two members"),
        (("alice=U0123", "bob=U0123"), "U0123 cannot be two people"),
    ],
)
def test_a_part_that_cannot_be_played_is_refused(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    options = [option for word in words for option in ("--play-as", word)]
    answer = said("demo", "--data", str(tmp_path), *options)
    assert answer.code == 1
    assert told in answer.err
    assert list(tmp_path.iterdir()) == []


def test_parts_are_for_slack_and_not_for_the_terminal(tmp_path: Path) -> None:
    answer = said("demo", "--data", str(tmp_path), "--transcript", "hello", "--play-as", "alice=U0123")
    assert answer.code == 2
    assert "--transcript" in answer.err
