"""Connectors over real processes and real HTTP: what fails, what comes back, and what is told of it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bot.connectors.addresses import Reach
from bot.connectors.failures import CannotConnect
from bot.connectors.opening import probe
from bot.connectors.upstream import Upstream
from bot.domain.canonical import JsonObject
from bot.domain.connectors import Connector, OverStdio
from bot.ports.outside import NotSent, OutcomeUnknown
from bot.storage.store import SqlStore
from tests.hubs import a_hub, a_store, health_of, put_connectors, tools_of
from tests.records import ACME
from tests.servers.mcp_http import DeskOverHttp, cut_off
from tests.tool_servers import (
    PATIENT,
    QUICK,
    ROOT,
    a_call_of,
    a_free_port,
    at_desk,
    at_sdk_server,
    at_url,
    counted,
    is_alive,
    pid_in,
    until,
    until_so,
)


@pytest.fixture
async def store(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with a_store(sqlite_template, tmp_path) as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[DeskOverHttp]:
    async with DeskOverHttp(folder) as server:
        yield server


async def kept(connector: Connector) -> Upstream:
    """Gives the connector, connected."""
    upstream = Upstream(connector, QUICK)
    upstream.start()
    await until(lambda: upstream.health is not None, "it is known how the connector is")
    return upstream


async def refusal_of(
    connector: Connector, *, reach: Reach = Reach.LOOPBACK, patience_s: float = PATIENT
) -> str:
    """Gives why the connector cannot be connected."""
    with pytest.raises(CannotConnect) as refused:
        await probe(connector, reach=reach, patience_s=patience_s)
    return refused.value.sentence


# What goes wrong at the start, in words that say what to do.


async def test_probing_lists_the_tools_and_leaves_nothing_behind(folder: Path) -> None:
    listing = await probe(at_desk(folder), reach=Reach.PUBLIC)
    assert "echo" in {tool.id.name for tool in listing.tools}
    assert listing.refused == ()
    assert not is_alive(pid_in(folder))


async def test_a_command_that_is_not_there_is_named() -> None:
    connector = Connector(id="1", name="desk", transport=OverStdio(command="no-such-command"))
    assert "the command no-such-command was not found; install it" in await refusal_of(connector)


async def test_a_server_that_ends_at_once_is_told_with_its_last_words(folder: Path) -> None:
    said = await refusal_of(at_desk(folder, "broken"))
    assert said.endswith(
        "it ended right after its start; it said: ModuleNotFoundError: no module called desk."
    )


async def test_a_server_that_never_answers_is_given_up(folder: Path) -> None:
    said = await refusal_of(at_desk(folder, "silent"), patience_s=0.5)
    assert "did not answer as an MCP server does within 0.5 seconds" in said
    assert not is_alive(pid_in(folder))


async def test_a_command_that_is_no_mcp_server_is_told_apart(folder: Path) -> None:
    said = await refusal_of(at_desk(folder, "chatty"), patience_s=1)
    assert "writes something else than MCP messages" in said


async def test_a_server_that_ends_at_an_unknown_first_message_is_asked_in_the_older_way(folder: Path) -> None:
    listing = await probe(at_desk(folder, "old"), reach=Reach.PUBLIC)
    assert listing.tools


async def test_a_slow_start_is_waited_for(folder: Path) -> None:
    upstream = Upstream(at_desk(folder, "slow"), QUICK)
    upstream.start()
    waiting = asyncio.create_task(upstream.call(a_call_of("echo", text="good morning")))
    await until(lambda: pid_in(folder) > 0, "the server starts")
    assert not waiting.done()
    (folder / "go").touch()
    assert (await waiting).text == "good morning"
    await upstream.stop()


async def test_a_call_does_not_wait_for_ever_for_a_connection(folder: Path) -> None:
    upstream = Upstream(at_desk(folder, "slow"), replace(QUICK, ready_s=0.05))
    upstream.start()
    with pytest.raises(NotSent, match="it is still being connected"):
        await upstream.call(a_call_of("echo", text="hello"))
    await upstream.stop()
    assert not is_alive(pid_in(folder))


async def test_a_child_sees_few_of_our_variables_and_those_that_are_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_SECRET", "hunter2")
    upstream = await kept(at_desk(folder, DESK_TOKEN="given"))
    environment = Path(f"/proc/{pid_in(folder)}/environ").read_text().split("\0")
    assert "DESK_TOKEN=given" in environment
    assert not [variable for variable in environment if "hunter2" in variable]
    await upstream.stop()


async def test_a_child_ends_with_us_even_when_we_are_killed(folder: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from bot.connectors.upstream import Upstream;"
        "from tests.tool_servers import QUICK, at_desk\n"
        "async def main():\n"
        "    upstream = Upstream(at_desk(Path(sys.argv[1]), 'stuck'), QUICK); upstream.start()\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT) as we:
        await until(lambda: is_alive(pid_in(folder)), "the child runs")
        we.kill()
    await until(lambda: not is_alive(pid_in(folder)), "the child has ended")


# What goes wrong later, and comes back.


async def test_a_killed_server_comes_back(folder: Path) -> None:
    upstream = await kept(at_desk(folder))
    first = pid_in(folder)
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_in(folder) not in {0, first}, "another server runs")
    assert (await upstream.call(a_call_of("echo", text="here again"))).text == "here again"
    assert upstream.health == ""
    await upstream.stop()


async def test_what_a_server_said_as_it_died_is_its_health(folder: Path) -> None:
    upstream = Upstream(at_desk(folder), replace(QUICK, first_pause_s=600))
    upstream.start()
    with pytest.raises(OutcomeUnknown):
        await upstream.call(a_call_of("die"))
    await until(lambda: bool(upstream.health), "its health is known")
    assert upstream.health == "It ended; it said: RuntimeError: out of paper."
    await upstream.stop()


async def test_other_output_of_a_server_harms_nothing(folder: Path) -> None:
    upstream = await kept(at_desk(folder))
    assert (await upstream.call(a_call_of("noise"))).text == "quiet again"
    assert (await upstream.call(a_call_of("echo", text="still here"))).ok
    await upstream.stop()


async def test_an_answer_with_a_part_that_nobody_knows_is_still_an_answer(folder: Path) -> None:
    upstream = await kept(at_desk(folder))
    assert "still here" in (await upstream.call(a_call_of("odd"))).text
    await upstream.stop()


async def test_a_server_that_is_busy_with_a_call_is_not_taken_for_dead(folder: Path) -> None:
    upstream = Upstream(at_desk(folder, timeout_s=1.0), replace(QUICK, list_s=0.2, relist_s=0.05))
    upstream.start()
    with pytest.raises(OutcomeUnknown):
        await upstream.call(a_call_of("hang"))
    first = pid_in(folder)
    assert (await upstream.call(a_call_of("echo", text="same server"))).ok
    assert pid_in(folder) == first
    await upstream.stop()


async def test_a_call_under_way_when_an_http_server_goes_down_has_an_unknown_outcome(
    server: DeskOverHttp,
) -> None:
    upstream = await kept(at_url(server.url))
    hanging = asyncio.create_task(upstream.call(a_call_of("hang")))
    await until(lambda: "hang" in server.calls, "the call has arrived")
    await server.close()
    with pytest.raises(OutcomeUnknown):
        await hanging
    await upstream.stop()


async def test_an_http_server_that_is_down_is_said_to_be_and_comes_back(
    server: DeskOverHttp, folder: Path
) -> None:
    upstream = Upstream(at_url(server.url), replace(QUICK, ready_s=0.2))
    upstream.start()
    await until(lambda: upstream.health == "", "it is connected")
    await server.close()
    with pytest.raises(NotSent, match="nothing listens at its URL"):
        await upstream.call(a_call_of("count"))
    await server.open()
    await until(lambda: upstream.health == "", "it is connected again")
    assert (await upstream.call(a_call_of("count"))).ok
    assert counted(folder) == 1
    await upstream.stop()


async def test_a_lost_session_is_opened_again(server: DeskOverHttp, folder: Path) -> None:
    upstream = await kept(at_url(server.url))
    server.forget_sessions()
    with pytest.raises(NotSent, match="it has ended our session"):
        await upstream.call(a_call_of("count"))
    assert (await upstream.call(a_call_of("count"))).ok
    assert counted(folder) == 1
    await upstream.stop()


def _rpc_error(code: int, *, status: int = 200) -> Callable[[], web.Response]:
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": "computer says no"}}
    return lambda: web.json_response(error, status=status)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=401),
        lambda: web.Response(status=403, text="<html>"),
        lambda: web.Response(status=413),
        lambda: web.Response(status=429),
        lambda: web.Response(status=307, headers={"location": "http://elsewhere.test/mcp"}),
        _rpc_error(-32000, status=400),
    ],
    ids=["401", "403", "413", "429", "redirect", "no session"],
)
async def test_a_call_turned_away_at_the_door_was_not_sent(
    server: DeskOverHttp, answer: Callable[[], web.Response]
) -> None:
    upstream = await kept(at_url(server.url))
    server.habit = lambda *_: answer()
    with pytest.raises(NotSent):
        await upstream.call(a_call_of("count"))
    await upstream.stop()


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=504, text="<html>"),
        lambda: web.Response(text="<html>", content_type="text/html"),
        lambda: web.Response(status=202),
        lambda: web.Response(text="{", content_type="application/json"),
        lambda: web.Response(body=b'"' + b"x" * 9_000_000 + b'"', content_type="application/json"),
        lambda: web.Response(text=": hello\n\n", content_type="text/event-stream"),
        lambda: web.Response(
            body=b"\x1f\x8b", headers={"content-encoding": "gzip"}, content_type="application/json"
        ),
    ],
    ids=["500", "504", "page", "202", "half", "huge", "no event", "squeezed"],
)
async def test_a_call_whose_answer_is_none_has_an_unknown_outcome(
    server: DeskOverHttp, answer: Callable[[], web.Response]
) -> None:
    upstream = await kept(at_url(server.url))
    server.habit = lambda *_: answer()
    with pytest.raises(OutcomeUnknown):
        await upstream.call(a_call_of("count"))
    server.habit = None
    assert (await upstream.call(a_call_of("count"))).ok
    await upstream.stop()


async def test_a_connection_that_breaks_after_the_call_leaves_its_outcome_unknown(
    server: DeskOverHttp,
) -> None:
    upstream = await kept(at_url(server.url))
    server.habit = lambda request, _: cut_off(request)
    with pytest.raises(OutcomeUnknown):
        await upstream.call(a_call_of("count"))
    assert server.calls == ["count"]
    await upstream.stop()


async def test_an_error_that_the_server_answers_is_certain(server: DeskOverHttp) -> None:
    upstream = await kept(at_url(server.url))
    for code, status in ((-32602, 200), (-32602, 400), (-32000, 200), (-32603, 500)):
        server.habit = lambda request, message, answer=_rpc_error(code, status=status): answer()
        result = await upstream.call(a_call_of("count"))
        assert (result.ok, result.text) == (False, "computer says no")
    await upstream.stop()


# Sign-in, addresses.


async def test_headers_are_shown_with_every_request(server: DeskOverHttp) -> None:
    server.token = "s3cret"
    listing = await probe(at_url(server.url, authorization="Bearer s3cret"), reach=Reach.LOOPBACK)
    assert listing.tools
    assert {headers["Authorization"] for headers in server.shown} == {"Bearer s3cret"}


async def test_a_refused_sign_in_is_told_without_the_token(server: DeskOverHttp) -> None:
    server.token = "another"
    said = await refusal_of(at_url(server.url, authorization="Bearer s3cret"))
    assert "it refuses our sign-in (HTTP 401); check the connector’s headers" in said
    assert "s3cret" not in said


async def test_a_wrong_path_or_port_is_told_apart(server: DeskOverHttp) -> None:
    assert "nothing at this URL (HTTP 404)" in await refusal_of(at_url(server.url + "/else"))
    unused = at_url(f"http://127.0.0.1:{a_free_port()}/mcp")
    assert "nothing listens at its URL" in await refusal_of(unused)
    assert "check http or https" in await refusal_of(at_url(server.url.replace("http:", "https:")))
    assert "cannot be found" in await refusal_of(at_url("http://no-such-host.invalid/mcp"))


async def test_attack_41_an_inner_address_is_not_even_connected(server: DeskOverHttp) -> None:
    for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
        assert "this machine itself" in await refusal_of(at_url(url), reach=Reach.PUBLIC)
    assert server.shown == []


async def test_attack_41_no_redirect_leads_to_another_server(server: DeskOverHttp, tmp_path: Path) -> None:
    async with DeskOverHttp(tmp_path) as inner:
        server.habit = lambda *_: web.Response(status=307, headers={"location": inner.url})
        upstream = await kept(at_url(server.url, authorization="Bearer s3cret"))
        with pytest.raises(NotSent, match="sends us to another address"):
            await upstream.call(a_call_of("count"))
        await upstream.stop()
        assert inner.shown == []


# Lists of tools.


def given(folder: Path, pages: object) -> None:
    (folder / "tools.json").write_text(json.dumps(pages))


def a_raw(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "inputSchema": {"type": "object"}, **more}


async def test_all_pages_are_read(folder: Path) -> None:
    given(folder, [[a_raw("one")], [a_raw("two"), a_raw("three")], [], [a_raw("four")]])
    listing = await probe(at_desk(folder), reach=Reach.PUBLIC)
    assert [tool.id.name for tool in listing.tools] == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("pages", "why"), [("endless", "more than 100 pages"), ("circle", "round in circles")]
)
async def test_a_list_without_an_end_is_refused(folder: Path, pages: str, why: str) -> None:
    given(folder, pages)
    assert why in await refusal_of(at_desk(folder))


async def test_a_tool_that_cannot_be_taken_costs_only_itself(folder: Path) -> None:
    deep: JsonObject = {"type": "object"}
    for _ in range(50):
        deep = {"type": "object", "properties": {"inner": deep}}
    given(
        folder,
        [
            [
                a_raw("good", annotations={"readOnlyHint": "yes", "ours": 1}),
                a_raw("söme nåme"),
                a_raw("twice"),
                a_raw("broken", inputSchema={"type": "object", "properties": 7}),
                a_raw("textual", inputSchema="none"),
                a_raw("deep", inputSchema=deep),
                a_raw("long", description="x" * 300_000),
                a_raw("tasks", execution={"taskSupport": "required"}),
                {"inputSchema": {"type": "object"}},
                "not a tool",
            ],
            [a_raw("twice")],
        ],
    )
    listing = await probe(at_desk(folder), reach=Reach.PUBLIC)
    assert {tool.id.name for tool in listing.tools} == {"good"}
    told = "\n".join(listing.refused)
    for name in ("söme nåme", "twice", "broken", "textual", "deep", "long", "without a name"):
        assert name in told
    assert "tasks" not in told


async def test_tools_are_listed_again_when_the_server_says_that_they_changed(
    folder: Path, store: SqlStore
) -> None:
    async with a_hub(store, at_desk(folder)) as hub:
        await until_so(lambda: _offers(store, "echo"), "the tools are in the catalog")
        given(folder, [[a_raw("announce"), a_raw("brand_new")]])
        await hub.for_tenant(ACME).call(a_call_of("announce"))
        await until_so(lambda: _offers(store, "brand_new"), "the new tool is in the catalog")
        assert await tools_of(store) == {"announce", "brand_new"}


@pytest.mark.parametrize("kind", ["sdk stdio", "http"])
async def test_a_change_is_heard_over_every_transport(
    kind: str, folder: Path, store: SqlStore, server: DeskOverHttp
) -> None:
    connector = at_sdk_server(folder) if kind == "sdk stdio" else at_url(server.url)
    async with a_hub(store, connector) as hub:
        await until_so(lambda: _offers(store, "echo"), "the tools are in the catalog")
        if kind == "http":
            await until(lambda: server.listens, "the client listens")
            given(folder, [[a_raw("delete_everything")]])
        await hub.for_tenant(ACME).call(a_call_of("announce" if kind == "http" else "grow"))
        await until_so(lambda: _offers(store, "delete_everything"), "the new tool is in the catalog")


async def test_tools_are_listed_again_unasked_and_after_a_restart(folder: Path, store: SqlStore) -> None:
    async with a_hub(store, at_desk(folder), settings=replace(QUICK, relist_s=0.05)):
        await until_so(lambda: _offers(store, "echo"), "the tools are in the catalog")
        given(folder, [[a_raw("after_a_while")]])
        await until_so(lambda: _offers(store, "after_a_while"), "the new tool is in the catalog")
    given(folder, [[a_raw("after_a_restart")]])
    async with a_hub(store):
        await until_so(lambda: _offers(store, "after_a_restart"), "the new tool is in the catalog")


# What the store says.


async def test_connectors_come_and_go_with_the_store(folder: Path, store: SqlStore) -> None:
    async with a_hub(store) as hub:
        connectors = hub.for_tenant(ACME)
        desk = at_desk(folder)
        await put_connectors(store, desk)
        await until_so(lambda: _offers(store, "echo"), "a new connector is connected")
        first = pid_in(folder)
        await put_connectors(store, replace(desk, on=False))
        await until(lambda: not is_alive(first), "the server of a connector that is turned off has ended")
        with pytest.raises(NotSent, match="turned off"):
            await connectors.call(a_call_of("count"))
        await put_connectors(store, desk)
        await until(lambda: pid_in(folder) != first, "it is back")
        second = pid_in(folder)
        await put_connectors(store, at_desk(folder, NEW="1"))
        await until(lambda: pid_in(folder) != second, "another transport is another server")
        assert (await connectors.call(a_call_of("count"))).ok
        assert not is_alive(second)
        third = pid_in(folder)
        async with store.unit(ACME) as unit:
            await unit.connections.remove("desk")
        await until(lambda: not is_alive(third), "the server of a removed connector has ended")


async def test_health_is_stored_when_it_changes(folder: Path, store: SqlStore) -> None:
    async with a_hub(store, at_desk(folder, "broken")):

        async def is_told() -> bool:
            return "no module called desk" in await health_of(store)

        await until_so(is_told, "the health is stored")
        await put_connectors(store, at_desk(folder))

        async def is_well() -> bool:
            return await health_of(store) == ""

        await until_so(is_well, "the health is stored")


async def test_a_tool_that_is_not_taken_is_told_as_the_connectors_health(
    folder: Path, store: SqlStore
) -> None:
    given(folder, [[a_raw("good"), a_raw("söme nåme")]])
    async with a_hub(store, at_desk(folder)):
        await until_so(lambda: _offers(store, "good"), "the good tool is in the catalog")

        async def is_told() -> bool:
            return "söme nåme" in await health_of(store)

        await until_so(is_told, "the health is stored")


async def test_a_hub_ends_at_any_moment_and_leaves_no_server_behind(folder: Path, store: SqlStore) -> None:
    for _ in range(5):
        async with a_hub(store, at_desk(folder)):
            await until(lambda: is_alive(pid_in(folder)), "the server has started")
        assert not is_alive(pid_in(folder))


async def _offers(store: SqlStore, tool: str) -> bool:
    return tool in await tools_of(store)
