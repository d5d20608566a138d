"""The manifest keeps to Slack's limits, and asks for exactly what the code needs.

Source: https://github.com/slackapi/manifest-schema/blob/main/schemas/manifest.schema.2.0.0.json
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from bot.chat.commands import SomethingMissing, parse_command
from bot.chat.slack import manifest as home
from bot.chat.slack.manifest import ASK, ASK_ABOUT, EVENTS, METHODS, SCOPES, manifest
from bot.cli.manifest import manifest_yaml

ROOT: Final = Path(__file__).parents[2]
URL: Final = "https://bot.example.com"


def text(most: int, least: int = 1) -> dict[str, object]:
    return {"type": "string", "minLength": least, "maxLength": most}


def some(item: dict[str, object], most: int) -> dict[str, object]:
    return {"type": "array", "items": item, "minItems": 1, "maxItems": most, "uniqueItems": True}


def table(*needed: str, **fields: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(needed),
        "additionalProperties": False,
    }


YES_OR_NO: Final = {"type": "boolean"}
ADDRESS: Final = {**text(3000), "pattern": "^https?://"}

SCHEMA: Final = table(
    "display_information",
    _metadata=table(major_version={"const": 2}, minor_version={"type": "integer"}),
    display_information=table(
        "name",
        name=text(35),
        description=text(140),
        long_description=text(4000, 175),
        background_color={"type": "string", "pattern": "^#[0-9a-f]{6}$"},
    ),
    features=table(
        app_home=table(
            home_tab_enabled=YES_OR_NO,
            messages_tab_enabled=YES_OR_NO,
            messages_tab_read_only_enabled=YES_OR_NO,
        ),
        bot_user=table("display_name", display_name=text(80), always_online=YES_OR_NO),
        shortcuts=some(
            table(
                *("name", "type", "callback_id", "description"),
                name=text(24),
                type={"enum": ["message", "global"]},
                callback_id=text(255),
                description=text(150),
            ),
            10,
        ),
        slash_commands=some(
            table(
                *("command", "description"),
                command={**text(32, 2), "pattern": "^/[a-z]+$"},
                url=ADDRESS,
                description=text(2000),
                usage_hint=text(1000),
                should_escape=YES_OR_NO,
            ),
            50,
        ),
        agent_view=table(
            agent_description=text(300),
            suggested_prompts=some(table("title", "message", title=text(75), message=text(300)), 4),
        ),
    ),
    oauth_config=table(redirect_urls=some(ADDRESS, 1000), scopes=table("bot", bot=some(text(50), 255))),
    settings=table(
        event_subscriptions=table(request_url=ADDRESS, bot_events=some(text(50), 100)),
        interactivity=table(
            "is_enabled", is_enabled=YES_OR_NO, request_url=ADDRESS, message_menu_options_url=ADDRESS
        ),
        org_deploy_enabled=YES_OR_NO,
        socket_mode_enabled=YES_OR_NO,
        token_rotation_enabled=YES_OR_NO,
    ),
)


def dug(url: str | None) -> dict[str, Any]:
    return dict(manifest(url=url))


def addresses(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from addresses(inner)
    elif isinstance(value, str) and "://" in value:
        yield value


@pytest.mark.parametrize("url", [None, URL, f"{URL}/", "http://127.0.0.1:8080"])
@pytest.mark.parametrize("name", ["Countersign", "I", "x" * 35])
def test_the_manifest_keeps_to_slack_s_schema(url: str | None, name: str) -> None:
    jsonschema_rs.validator_for(SCHEMA).validate(manifest(url=url, name=name))


def test_for_socket_mode_it_names_no_address() -> None:
    document = dug(None)
    assert list(addresses(document)) == []
    assert document["settings"]["socket_mode_enabled"] is True


@pytest.mark.parametrize("url", [URL, f"{URL}/"])
def test_for_signed_requests_everything_comes_to_one_address(url: str) -> None:
    document = dug(url)
    settings = document["settings"]
    assert settings["socket_mode_enabled"] is False
    assert document["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]
    assert settings["event_subscriptions"]["request_url"] == f"{URL}/slack/events"
    assert settings["interactivity"]["request_url"] == f"{URL}/slack/events"
    assert settings["interactivity"]["message_menu_options_url"] == f"{URL}/slack/events"
    commands = document["features"]["slash_commands"]
    assert {command["url"] for command in commands} == {f"{URL}/slack/events"}
    assert set(addresses(document)) == {f"{URL}/slack/events", f"{URL}/slack/oauth_redirect"}


def test_it_has_our_commands_and_shortcuts_and_mentions_arrive_as_ids() -> None:
    features = dug(None)["features"]
    commands = {command["command"]: command["should_escape"] for command in features["slash_commands"]}
    assert commands == dict.fromkeys(home.COMMANDS, True)
    assert {(one["type"], one["callback_id"]) for one in features["shortcuts"]} == {
        ("message", ASK_ABOUT),
        ("global", ASK),
    }
    assert features["app_home"]["messages_tab_read_only_enabled"] is False


def needed_scopes() -> set[str]:
    needed = {scope for scopes in (*METHODS.values(), *EVENTS.values()) for scope in scopes.split(",")}
    return (needed | {"commands"}) - {""}


def test_every_scope_is_needed_and_everything_needed_is_asked_for() -> None:
    assert set(SCOPES) == needed_scopes()
    assert dug(None)["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    assert all(SCOPES.values())


def called_methods() -> set[str]:
    """The methods that the code names where it calls Slack."""
    found = set()
    for file in Path(home.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="answer"), args=[ast.Constant(value=str(method)), *_]):
                    found.add(method)
                case _:
                    pass
    return found


def test_every_method_that_the_code_calls_is_known() -> None:
    called = called_methods()
    assert "chat.postMessage" in called
    assert called <= set(METHODS)


def test_the_committed_file_is_what_the_code_gives() -> None:
    committed = (ROOT / "manifests" / "slack.yaml").read_text(encoding="utf-8")
    assert committed == manifest_yaml(manifest(url=None))
    assert YAML(typ="safe", pure=True).load(committed) == dug(None)


@pytest.mark.parametrize(
    "line",
    [
        f"{name} {words.strip(' []')}"
        for name, command in home.COMMANDS.items()
        for words in command.usage.split("|")
    ],
)
def test_what_a_commands_hint_says_is_understood(line: str) -> None:
    try:
        parse_command(line)
    except SomethingMissing:
        return  # the hint leaves out what differs from one time to the next
