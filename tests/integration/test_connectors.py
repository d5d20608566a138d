"""Connectors over real processes and real HTTP: what fails, what comes back, and what is told of it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bot.connectors.addresses import Reach
from bot.connectors.failures import CannotConnect
from bot.connectors.opening import probe
from bot.connectors.upstream import Upstream
from bot.domain.connectors import Connector, OverStdio
from bot.ports.outside import NotSent, OutcomeUnknown
from tests.servers.mcp_http import DeskOverHttp, cut_off
from tests.tool_servers import (
    PATIENT,
    QUICK,
    ROOT,
    a_call_of,
    a_free_port,
    at_desk,
    at_url,
    counted,
    environment_of,
    is_alive,
    pid_in,
    until,
    until_so,
)

SHOWN = "what-only-the-desk-knows"


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
    upstream = await kept(at_desk(folder, DESK_COLOUR="green"))
    environment = environment_of(pid_in(folder))
    assert "DESK_COLOUR=green" in environment
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
    we = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(folder), cwd=ROOT)
    await until(lambda: is_alive(pid_in(folder)), "the child runs")
    we.kill()
    await we.wait()
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

    async def is_back() -> bool:
        with suppress(NotSent):
            return (await upstream.call(a_call_of("count"))).ok
        return False

    await until_so(is_back, "it is connected again")
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


def an_error(code: int, *, status: int, request: object = None) -> web.Response:
    error = {"code": code, "message": "computer says no"}
    return web.json_response({"jsonrpc": "2.0", "id": request, "error": error}, status=status)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=401),
        lambda: web.Response(status=403, text="<html>"),
        lambda: web.Response(status=413),
        lambda: web.Response(status=429),
        lambda: web.Response(status=307, headers={"location": "http://elsewhere.test/mcp"}),
        lambda: an_error(-32000, status=400),
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


@pytest.mark.parametrize(("code", "status"), [(-32602, 200), (-32602, 400), (-32000, 200), (-32603, 500)])
async def test_an_error_that_the_server_answers_is_certain(
    server: DeskOverHttp, code: int, status: int
) -> None:
    upstream = await kept(at_url(server.url))
    server.habit = lambda _, message: an_error(code, status=status, request=message["id"])
    result = await upstream.call(a_call_of("count"))
    assert (result.ok, result.text) == (False, "computer says no")
    await upstream.stop()


# Sign-in, addresses.


async def test_headers_are_shown_with_every_request(server: DeskOverHttp) -> None:
    server.token = SHOWN
    listing = await probe(at_url(server.url, authorization=f"Bearer {SHOWN}"), reach=Reach.LOOPBACK)
    assert listing.tools
    assert {headers["Authorization"] for headers in server.shown} == {f"Bearer {SHOWN}"}


async def test_a_refused_sign_in_is_told_without_the_token(server: DeskOverHttp) -> None:
    server.token = SHOWN + "but another"
    said = await refusal_of(at_url(server.url, authorization=f"Bearer {SHOWN}"))
    assert "it refuses our sign-in (HTTP 401); check the connector’s headers" in said
    assert SHOWN not in said


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
        upstream = await kept(at_url(server.url, authorization=f"Bearer {SHOWN}"))
        with pytest.raises(NotSent, match="sends us to another address"):
            await upstream.call(a_call_of("count"))
        await upstream.stop()
        assert inner.shown == []
