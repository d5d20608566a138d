"""Secrets are masked by their names and by what the schema says."""

import pytest

from bot.cards.masking import MASK, is_secret_name, masked
from bot.domain.canonical import JsonObject, JsonValue


@pytest.mark.parametrize(
    "name",
    [
        "password", "Password", "new_password", "newPassword", "passwd", "user-pwd", "db.password", "secret",
        "clientSecret", "client_secret", "token", "accessToken", "api_key", "apiKey", "APIKey", "apikey",
        "X-API-Key", "private_key", "recoveryKey", "recovery code", "credentials", "Authorization", "cookie",
        "otp", "OTPCode", "pin", "userPIN", "passphrase", "connectionString", "HTTPToken", "password2",
        "newPassword1", "signing_key",
    ],
)  # fmt: skip
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "user", "app", "level", "message", "key", "keyboard", "passenger", "compass", "tokenizer",
        "secretary", "pinned", "shipping", "spine", "opinion", "code", "authors", "bypass_check",
        "recovery", "private",
    ],
)  # fmt: skip
def test_a_name_of_something_else_is_not(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize("secret", ["hunter2", 1234, 1.5, ["a", "b"], {"a": "b"}, ""])
def test_whatever_kind_a_secret_has_nothing_of_it_is_shown(secret: JsonValue) -> None:
    assert masked({"password": secret}, {}) == {"password": MASK}


@pytest.mark.parametrize("value", [True, False, None])
def test_yes_no_and_nothing_hold_no_secret(value: JsonValue) -> None:
    assert masked({"reset_password": value}, {}) == {"reset_password": value}


@pytest.mark.parametrize("said", [{"format": "password"}, {"writeOnly": True}])
def test_what_the_schema_says_is_masked_at_any_depth(said: JsonObject) -> None:
    schema: JsonObject = {
        "properties": {
            "plain": {"type": "string"},
            "odd": said,
            "deep": {"properties": {"odd": said}},
            "list": {"items": {"properties": {"odd": said}}},
            "referred": {"$ref": "#/$defs/odd"},
            "either": {"anyOf": [{"type": "null"}, {"allOf": [said]}]},
        },
        "$defs": {"odd": said},
    }
    arguments: JsonObject = {
        "plain": "seen",
        "odd": "x",
        "deep": {"odd": "x", "plain": "seen"},
        "list": [{"odd": "x"}, {"plain": "seen"}],
        "referred": "x",
        "either": "x",
    }
    assert masked(arguments, schema) == {
        "plain": "seen",
        "odd": MASK,
        "deep": {"odd": MASK, "plain": "seen"},
        "list": [{"odd": MASK}, {"plain": "seen"}],
        "referred": MASK,
        "either": MASK,
    }


def test_names_count_at_any_depth_without_a_schema() -> None:
    arguments: JsonObject = {"config": [{"env": {"API_KEY": "x", "REGION": "eu"}}]}
    assert masked(arguments, {}) == {"config": [{"env": {"API_KEY": MASK, "REGION": "eu"}}]}


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema: JsonObject = {
        "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}, "pw": {"writeOnly": True}}}},
        "properties": {"root": {"$ref": "#/$defs/node"}, "odd": {"$ref": "#"}, "gone": {"$ref": "#/$defs/x"}},
    }
    arguments: JsonObject = {"root": {"next": {"next": {"pw": "x"}}}, "odd": {"a": 1}, "gone": "seen"}
    assert masked(arguments, schema) == {
        "root": {"next": {"next": {"pw": MASK}}},
        "odd": {"a": 1},
        "gone": "seen",
    }


def test_masking_leaves_the_arguments_themselves_alone() -> None:
    arguments: dict[str, JsonValue] = {"password": "hunter2", "inner": {"token": "x"}}
    masked(arguments, {})
    assert arguments == {"password": "hunter2", "inner": {"token": "x"}}
