"""The demo company's MCP server as a real child process, driven with the SDK's own client."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from bot.demo.estate import Estate, recent_changes

EXIT_TIMEOUT_S = 20.0
TOKEN = "let-me-in"  # noqa: S105 - a token for a server that lives as long as one test


def command(database: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "bot.demo.server", "--database", str(database), *options]


def child(database: Path) -> StdioServerParameters:
    program, *arguments = command(database)
    return StdioServerParameters(command=program, args=arguments, cwd=Path.cwd())


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "acme.db"


def sentence(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


async def test_the_tools_say_what_they_do(database: Path) -> None:
    async with Client(child(database)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert len(tools) == 20
        grant = tools["grant_app_access"]
        assert grant.title == "Give someone access to an app"
        assert list(grant.input_schema["properties"]) == ["user", "app", "level"]
        assert grant.input_schema["properties"]["level"]["enum"] == ["viewer", "member", "admin"]
        assert grant.input_schema["additionalProperties"] is False
        read = {name for name, tool in tools.items() if tool.annotations and tool.annotations.read_only_hint}
        destroy = {
            name for name, tool in tools.items() if tool.annotations and tool.annotations.destructive_hint
        }
        assert "list_app_access" in read
        assert destroy == {
            "delete_user",
            "remove_user_from_group",
            "revoke_app_access",
            "wipe_device",
        }


async def test_a_call_changes_the_estate_and_says_so_in_words_and_in_data(database: Path) -> None:
    async with Client(child(database)) as client:
        arguments = {"user": "alice@acme.test", "app": "Zendesk", "level": "member"}
        result = await client.call_tool("grant_app_access", arguments)
        assert not result.is_error
        assert sentence(result) == "Alice Archer now has member access to Zendesk."
        assert result.structured_content["app"] == "zendesk"
        assert result.structured_content["level"] == "member"
        (change,) = recent_changes(database)
        assert (change.tool, change.arguments) == ("grant_app_access", arguments)
        listed = await client.call_tool("list_app_access", {"user": "alice@acme.test"})
        assert "zendesk" in [each["app"] for each in listed.structured_content["access"]]


async def test_a_call_that_makes_no_sense_is_answered_with_a_sentence(database: Path) -> None:
    async with Client(child(database)) as client:
        result = await client.call_tool(
            "grant_app_access", {"user": "alice@acme.test", "app": "Zoom", "level": "member"}
        )
        assert result.is_error
        assert sentence(result) == "Alice Archer already has member access to Zoom. There is nothing to do."
        assert result.structured_content is None
        garbage = await client.call_tool("reset_password", {"user": {"$ne": None}, "x" * 5000: []})
        assert garbage.is_error
        assert len(sentence(garbage)) < 500
        assert recent_changes(database) == []


async def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(database: Path) -> None:
    async with Client(child(database)) as client:
        with pytest.raises(MCPError, match="There is no tool 'format_disk'"):
            await client.call_tool("format_disk", {})


async def test_a_password_is_never_in_an_answer(database: Path) -> None:
    async with Client(child(database)) as client:
        result = await client.call_tool("reset_password", {"user": "alice@acme.test"})
        assert "one-time link" in sentence(result)
        assert set(result.structured_content) == {"user", "sent_to", "sent_at"}


async def test_calls_at_once_from_two_servers_never_give_out_a_licence_twice(database: Path) -> None:
    async with Client(child(database)) as client:
        people = [
            f"{name}@acme.test" for name in ("alice", "bob", "carol", "dan", "ada", "ahmed", "eve", "grace")
        ]
        async with Client(child(database)) as other:
            results = await asyncio.gather(
                *(
                    each.call_tool("grant_app_access", {"user": user, "app": "HubSpot", "level": "viewer"})
                    for user in people
                    for each in (client, other)
                )
            )
        assert sum(not result.is_error for result in results) == 3  # four licences, one of them Megan's
        assert len(recent_changes(database)) == 3


async def test_a_second_start_keeps_what_was_changed(database: Path) -> None:
    async with Client(child(database)) as first:
        await first.call_tool("delete_user", {"user": "eve@acme.test"})
    async with Client(child(database)) as second:
        result = await second.call_tool("get_user", {"user": "eve@acme.test"})
    assert result.is_error
    assert "Nobody at Acme has the address eve@acme.test" in sentence(result)


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def call_line(number: int, name: str, arguments: object) -> bytes:
    params = {"name": name, "arguments": arguments}
    return line({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})


def line(message: object) -> bytes:
    return json.dumps(message).encode() + b"\n"


@contextmanager
def raw_server(database: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that is spoken to byte by byte, past its handshake."""
    with subprocess.Popen(
        command(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            say(process, line(INITIALIZE))
            assert hear(process)["id"] == 0
            say(process, line(INITIALIZED))
            yield process
        finally:
            process.kill()


def say(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()


def hear(process: subprocess.Popen[bytes]) -> dict[str, object]:
    assert process.stdout is not None
    message = json.loads(process.stdout.readline())
    assert isinstance(message, dict)
    return message


def test_the_server_ends_when_stdin_closes_and_prints_nothing_but_protocol(database: Path) -> None:
    with raw_server(database) as process:
        say(process, call_line(1, "list_apps", {}))
        assert hear(process)["id"] == 1
        output, _ = process.communicate(timeout=EXIT_TIMEOUT_S)
        assert output == b""
        assert process.returncode == 0


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_server_ends_on_a_signal(database: Path, end: signal.Signals) -> None:
    with raw_server(database) as process:
        os.kill(process.pid, end)
        assert process.wait(timeout=EXIT_TIMEOUT_S) == -end


def test_the_server_goes_on_after_garbage(database: Path) -> None:
    garbage = [b"\n", b"not json\n", b"\xff\xfe\x00\n", b"[" * 5000 + b"\n", b"42\n", b'{"jsonrpc": "2.0"}\n']
    odd_calls = [
        b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"get_user","arguments":[1]}}\n',
        b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"get_user","arguments":{"user":"\\ud800"}}}\n',
        b'{"jsonrpc":"2.0","id":7,"method":"tools/call"}\n',
    ]
    with raw_server(database) as process:
        say(process, b"".join([*garbage, *odd_calls]) + call_line(8, "get_user", {"user": "dan@acme.test"}))
        answers = [hear(process)]
        while answers[-1].get("id") != 8:
            answers.append(hear(process))
        assert "Dan Dubois" in json.dumps(answers[-1])


def test_a_server_killed_between_many_calls_has_done_each_fully_or_not_at_all(database: Path) -> None:
    calls = 400
    with raw_server(database) as process:
        for number in range(1, calls + 1):
            email = f"new{number}@acme.test"
            person = {"name": f"New {number}", "email": email, "title": "Trainee", "department": "Sales"}
            say(process, call_line(number, "create_user", person))
        answered = {hear(process)["id"] for _ in range(10)}
        process.kill()
        process.wait(timeout=EXIT_TIMEOUT_S)
    changed = {str(change.arguments["email"]) for change in Estate.open(database).changes(limit=calls)}
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        created = {row[0] for row in connection.execute("SELECT email FROM accounts WHERE title = 'Trainee'")}
        in_group = connection.execute(
            "SELECT count(*) FROM memberships JOIN accounts ON accounts.id = account WHERE title = 'Trainee'"
        ).fetchone()[0]
    assert created == changed
    assert in_group == len(created)
    assert {f"new{number}@acme.test" for number in answered} <= created


@pytest.mark.parametrize("where", ["missing/acme.db", "."])
def test_a_file_that_can_not_be_written_stops_the_start_with_a_sentence(tmp_path: Path, where: str) -> None:
    done = subprocess.run(command(tmp_path / where), input=b"", capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"The demo's database cannot be used: unable to open database file." in done.stderr
    assert b"Traceback" not in done.stderr


@contextmanager
def http_server(database: Path, *options: str) -> Iterator[str]:
    """A server on a free local port; gives its address."""
    with subprocess.Popen(command(database, "--http", "0", *options), stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().decode().removeprefix("Listening on ").strip()
        finally:
            process.terminate()
            process.wait(timeout=EXIT_TIMEOUT_S)


async def test_the_same_tools_are_served_over_http(database: Path) -> None:
    with http_server(database) as address:
        async with Client(address) as client:
            result = await client.call_tool("unlock_account", {"user": "eve@acme.test"})
    assert sentence(result) == "The account of Eve Ericsson is unlocked; they can sign in again."


async def test_over_http_only_the_token_lets_in(database: Path) -> None:
    with http_server(database, "--bearer", TOKEN) as address:
        async with httpx2.AsyncClient() as stranger:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
                answer = await stranger.post(address, json=INITIALIZE, headers=headers)
                assert answer.status_code == 401
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as known,
            Client(streamable_http_client(address, http_client=known)) as client,
        ):
            assert len((await client.list_tools()).tools) == 20


def test_a_token_without_http_is_refused(database: Path) -> None:
    done = subprocess.run(command(database, "--bearer", TOKEN), input=b"", capture_output=True, check=False)
    assert done.returncode == 2
    assert b"--bearer needs --http" in done.stderr
