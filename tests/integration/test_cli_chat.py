"""What `check` says of Slack and of Teams, and who may play whom in the demo."""

from pathlib import Path

import pytest

from bot.settings import slack, teams
from tests.command_line import said

APP = "1a2b3c4d-0000-1111-2222-333344445555"
HOME = "9f8e7d6c-aaaa-bbbb-cccc-ddddeeeeffff"


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Gives an environment without anything of a chat platform."""
    for name in (*slack.VARIABLES, *teams.VARIABLES):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def told(data: Path) -> list[tuple[str, str, str]]:
    answer = said("check", "--json", "--data", str(data)).json
    found = [(one["about"], one["level"], one["sentence"]) for one in answer["findings"]]
    return [one for one in found if one[0] in ("chat", "slack", "teams")]


def test_check_says_how_to_set_a_chat_surface_up(unset: pytest.MonkeyPatch, tmp_path: Path) -> None:
    [(about, level, sentence)] = told(tmp_path)
    assert (about, level) == ("chat", "note")
    assert sentence.startswith("No chat surface is set up")
    assert "MicrosoftAppId" in sentence
    unset.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    [(about, level, sentence)] = told(tmp_path)
    assert (about, level) == ("slack", "wrong")
    assert "Basic Information → App-Level Tokens" in sentence
    unset.setenv("SLACK_APP_TOKEN", "xapp-1")
    [(about, level, sentence)] = told(tmp_path)
    assert (about, level) == ("slack", "ok")
    assert "Socket Mode" in sentence


def test_check_says_what_is_missing_for_teams_and_then_where_it_listens(
    unset: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unset.setenv("MicrosoftAppId", APP)
    assert [one[:2] for one in told(tmp_path)] == [("teams", "wrong")] * 2
    unset.setenv("MicrosoftAppPassword", "hush")
    unset.setenv("MICROSOFT_APP_TENANT_ID", HOME)
    [(about, level, sentence)] = told(tmp_path)
    assert (about, level) == ("teams", "ok")
    assert "/api/messages" in sentence
    assert "1 tenant " in sentence
    unset.setenv("TEAMS_GRAPH_URL", "http://127.0.0.1:9/")
    assert ("teams", "note", "It is not https://graph.microsoft.com/, but http://127.0.0.1:9/") in told(
        tmp_path
    )


def test_check_refuses_teams_without_an_app_id(unset: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unset.setenv("TEAMS_TENANTS", HOME)
    [(about, level, sentence)] = told(tmp_path)
    assert (about, level) == ("teams", "wrong")
    assert "set MicrosoftAppId" in sentence


@pytest.mark.parametrize(
    ("name", "about", "meant"),
    [("SLACK_TOKEN", "slack", "SLACK_BOT_TOKEN"), ("TEAMS_APP_PASSWORD", "teams", "MicrosoftAppPassword")],
)
def test_check_tells_a_variable_that_is_named_otherwise(
    unset: pytest.MonkeyPatch, tmp_path: Path, name: str, about: str, meant: str
) -> None:
    unset.setenv(name, "xoxb-hush")
    [found] = told(tmp_path)
    assert found[:2] == (about, "note")
    assert f"Did you mean {meant}?" in found[2]
    assert "hush" not in found[2]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("alice",), "does not say who plays whom"),
        (("=U0123",), "does not say who plays whom"),
        (("alice=bob",), "no member’s ID"),
        (("alice=00000000-0000",), "no object id"),
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


@pytest.mark.parametrize("option", [("--play-as", "alice=U0123"), ("--teams",)])
def test_parts_are_for_chat_and_not_for_the_terminal(option: tuple[str, ...], tmp_path: Path) -> None:
    answer = said("demo", "--data", str(tmp_path), "--transcript", "hello", *option)
    assert answer.code == 2
    assert "--transcript" in answer.err
    assert option[0] in answer.err
