import pytest

from bot.settings import BadSlackSettings, SlackSettings, slack_misses
from bot.settings.slack import SLACK_API, VARIABLES

BOT = {"SLACK_BOT_TOKEN": "xoxb-1-hush"}
APP = {"SLACK_APP_TOKEN": "xapp-1-hush"}
SIGNED = {"SLACK_SIGNING_SECRET": "hush-hush"}
CLIENT = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush"}
PUBLIC = {"COUNTERSIGN_PUBLIC_URL": "https://bot.example.com/"}


def loaded(**environ: str) -> SlackSettings:
    found = SlackSettings.load(environ)
    assert found is not None
    return found


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(BadSlackSettings) as caught:
        SlackSettings.load(environ)
    return caught.value.problems


@pytest.mark.parametrize(
    "environ", [{}, {"PATH": "/bin", **PUBLIC}, {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "  "}]
)
def test_without_anything_of_slack_there_are_no_settings(environ: dict[str, str]) -> None:
    assert SlackSettings.load(environ) is None


def test_a_bot_token_and_an_app_token_are_enough_for_socket_mode() -> None:
    settings = loaded(**BOT, **APP)
    assert (settings.is_on, settings.socket, settings.http) == (True, True, False)
    assert settings.api_url == SLACK_API
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == "xoxb-1-hush"


def test_a_bot_token_and_a_signing_secret_are_enough_for_signed_requests() -> None:
    settings = loaded(**BOT, **SIGNED)
    assert (settings.is_on, settings.socket, settings.http) == (True, False, True)


def test_an_app_for_several_workspaces_needs_no_bot_token() -> None:
    settings = loaded(**CLIENT, **SIGNED, **PUBLIC)
    assert settings.is_on
    assert settings.public_url == "https://bot.example.com"


def test_values_lose_the_blanks_that_pasting_brings_along() -> None:
    settings = SlackSettings.load({**APP, "SLACK_BOT_TOKEN": " xoxb-1 \n"})
    assert settings is not None
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == "xoxb-1"


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert SlackSettings.load() is None
    for name, value in {**BOT, **APP}.items():
        monkeypatch.setenv(name, value)
    found = SlackSettings.load()
    assert found is not None
    assert found.socket


def test_no_secret_is_shown() -> None:
    assert "hush" not in repr(loaded(**BOT, **APP, **SIGNED, **CLIENT, **PUBLIC))
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        assert "hush" not in " ".join(problems({**BOT, **APP, name: "hush"}))
    assert "hush" not in " ".join(problems({**BOT, "SLACK_SIGNING_SECRET": "hush\nhush"}))


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        (BOT, ("SLACK_APP_TOKEN", "Basic Information → App-Level Tokens", "SLACK_SIGNING_SECRET")),
        ({**BOT, "SLACK_SIGNING_SECRET": ""}, ("SLACK_SIGNING_SECRET is empty", "Signing Secret")),
        ({**BOT, "SLACK_SIGNING_SECRET": "  "}, ("SLACK_SIGNING_SECRET is empty",)),
        ({"SLACK_SIGNING_SECRET": ""}, ("SLACK_SIGNING_SECRET is empty",)),
        ({**APP, "SLACK_BOT_TOKEN": "xoxp-1"}, ("OAuth & Permissions → Bot User OAuth Token", "xoxb-")),
        ({**APP, "SLACK_BOT_TOKEN": "xoxb-"}, ("SLACK_BOT_TOKEN",)),
        ({**APP, "SLACK_BOT_TOKEN": "xoxb-1 2"}, ("SLACK_BOT_TOKEN",)),
        ({**BOT, "SLACK_APP_TOKEN": "xoxb-1"}, ("SLACK_APP_TOKEN", "xapp-", "connections:write")),
        (APP, ("SLACK_BOT_TOKEN is not",)),
        (SIGNED, ("SLACK_BOT_TOKEN is not",)),
        ({**SIGNED, **PUBLIC, "SLACK_CLIENT_ID": "1.2"}, ("SLACK_CLIENT_SECRET is not",)),
        ({**BOT, **APP, "SLACK_CLIENT_SECRET": "x"}, ("SLACK_CLIENT_ID is not", "Client ID")),
        ({**CLIENT, **SIGNED}, ("COUNTERSIGN_PUBLIC_URL is not",)),
        ({**CLIENT, **PUBLIC}, ("SLACK_SIGNING_SECRET is not",)),
        ({**CLIENT, **PUBLIC, **BOT, **APP}, ("SLACK_SIGNING_SECRET is not",)),
        ({**BOT, **APP, "SLACK_TRIAGE_CHANNEL": "#it-triage"}, ("SLACK_TRIAGE_CHANNEL", "C0123456789")),
    ],
)
def test_what_does_not_fit_together_is_refused_with_where_to_get_it(
    environ: dict[str, str], named: tuple[str, ...]
) -> None:
    (sentence,) = problems(environ)
    for words in named:
        assert words in sentence


def test_every_mistake_is_told_at_once() -> None:
    environ = {"SLACK_BOT_TOKEN": "x", "SLACK_APP_TOKEN": "x", "SLACK_TRIAGE_CHANNEL": "x"}
    with pytest.raises(BadSlackSettings) as caught:
        SlackSettings.load(environ)
    assert len(caught.value.problems) == 3
    for problem in caught.value.problems:
        assert problem.removesuffix(".") in caught.value.sentence


def test_an_empty_signing_secret_does_no_harm_beside_socket_mode() -> None:
    assert not loaded(**BOT, **APP, SLACK_SIGNING_SECRET="").http


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://slack-gov.com/api", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:3000/api/", "http://127.0.0.1:3000/api/"),
        ("http://localhost:3000/api", "http://localhost:3000/api/"),
        ("http://[::1]:3000/api", "http://[::1]:3000/api/"),
    ],
)
def test_the_api_s_address_ends_with_a_slash(given: str, used: str) -> None:
    assert loaded(**BOT, **APP, SLACK_API_URL=given).api_url == used


@pytest.mark.parametrize(
    "address",
    [
        "http://slack.example.com/api/",
        "http://10.0.0.1/api/",
        "http://localhost.example.com/api/",
        "ftp://127.0.0.1/",
        "slack.com/api",
        "https://",
        "https://user:word@slack.com/api/",
        "https://slack.com:99999/api/",
        "https://slack.com/api/?x=1",
        "https://sla ck.com/",
    ],
)
@pytest.mark.parametrize("name", ["SLACK_API_URL", "COUNTERSIGN_PUBLIC_URL"])
def test_an_address_that_secrets_could_be_read_from_on_the_way_is_refused(name: str, address: str) -> None:
    (sentence,) = problems({**BOT, **APP, name: address})
    assert sentence.startswith(f"{name} must be an https address")


def test_names_that_other_programs_use_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-hush")
    monkeypatch.setenv("SLACK_SIGNING_KEY", "hush")
    monkeypatch.setenv("SLACK_APP_TOKN", "hush")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.example.com/")
    told = slack_misses()
    assert [sentence.partition(" ")[0] for sentence in told] == [
        "SLACK_APP_TOKN",
        "SLACK_SIGNING_KEY",
        "SLACK_TOKEN",
    ]
    assert "Did you mean SLACK_BOT_TOKEN?" in told[2]
    assert "hush" not in " ".join(told)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert not [sentence for sentence in slack_misses() if sentence.startswith("SLACK_TOKEN")]
