"""What every adapter of the port `Connectors` keeps: in memory, over stdio, and over streamable HTTP."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from bot.domain.connectors import Connector, OverStdio
from bot.domain.requests import CallResult
from bot.domain.tools import ToolId
from bot.ports.outside import Connectors, NotSent, OutcomeUnknown
from bot.ports.store import Store
from tests.fakes.connectors import FakeConnectors, answered
from tests.hubs import a_hub, a_store, tools_of
from tests.records import ACME, GLOBEX
from tests.servers.mcp_http import DeskOverHttp
from tests.tool_servers import (
    QUICK,
    ROOT,
    a_call_of,
    a_free_port,
    at_desk,
    at_url,
    counted,
    until_so,
)

AWAY = Connector(id="id-of-away", name="away", transport=OverStdio(command="no-such-command"))
PATIENCE_S = 0.3
"""How long the connector `brief` waits for an answer."""


SETTINGS = replace(QUICK, ready_s=0.5)


@dataclass(frozen=True, slots=True)
class Bench:
    """An adapter under test.

    Its connector `desk` answers, `brief` has the same tools and gives up early, `away` cannot be reached.
    """

    connectors: Connectors
    of_another_tenant: Connectors
    counted: Callable[[], int]


@pytest.fixture(params=["memory", "stdio", "http", "http events", "sdk http"])
async def bench(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> AsyncIterator[Bench]:
    if request.param == "memory":
        yield _in_memory()
        return
    async with AsyncExitStack() as stack:
        desk, brief = await _servers(request.param, tmp_path, stack)
        store = await stack.enter_async_context(a_store(sqlite_template, tmp_path))
        hub = await stack.enter_async_context(a_hub(store, desk, brief, AWAY, settings=SETTINGS))
        for name in ("desk", "brief"):
            await until_so(partial(_offers_tools, store, name), f"{name} is connected")
        yield Bench(hub.for_tenant(ACME), hub.for_tenant(GLOBEX), lambda: counted(tmp_path / "desk"))


async def _offers_tools(store: Store, name: str) -> bool:
    return bool(await tools_of(store, name))


def _in_memory() -> Bench:
    fake = FakeConnectors()
    fake.answer(ToolId("desk", "echo"), lambda given: answered(str(given["text"]), content=given))
    fake.answer(ToolId("desk", "fail"), answered("the account is locked", ok=False))
    fake.answer(ToolId("desk", "count"), "counted")
    fake.answer(ToolId("brief", "hang"), OutcomeUnknown(connector="brief"))
    fake.answer(ToolId("desk", "die"), OutcomeUnknown(connector="desk"))
    fake.away("away")
    return Bench(fake, FakeConnectors(), lambda: sum(1 for call in fake.calls if call.tool.name == "count"))


async def _servers(kind: str, folder: Path, stack: AsyncExitStack) -> tuple[Connector, Connector]:
    (folder / "desk").mkdir()
    if kind == "stdio":
        return at_desk(folder / "desk"), at_desk(folder / "brief", name="brief", timeout_s=PATIENCE_S)
    if kind == "sdk http":
        url = _sdk_over_http(folder / "desk", stack)
    else:
        server = await stack.enter_async_context(DeskOverHttp(folder / "desk"))
        server.sse = kind == "http events"
        url = server.url
    return at_url(url), at_url(url, name="brief", timeout_s=PATIENCE_S)


def _sdk_over_http(folder: Path, stack: AsyncExitStack) -> str:
    port = a_free_port()
    command = [sys.executable, "-m", "tests.servers.mcp_sdk", str(folder), str(port)]
    server = stack.enter_context(subprocess.Popen(command, cwd=ROOT))
    stack.callback(server.kill)
    return f"http://127.0.0.1:{port}/mcp"


async def test_the_answer_comes_as_text_and_as_json(bench: Bench) -> None:
    result = await bench.connectors.call(a_call_of("echo", text="Grüße"))
    assert (result.ok, result.content) == (True, {"text": "Grüße"})
    assert "Grüße" in result.text
    assert result.duration_s >= 0


async def test_a_tools_own_failure_is_an_answer(bench: Bench) -> None:
    result = await bench.connectors.call(a_call_of("fail"))
    assert not result.ok
    assert "the account is locked" in result.text


async def test_a_tool_that_the_server_does_not_have_is_an_answer(bench: Bench) -> None:
    result = await bench.connectors.call(a_call_of("no_such_tool"))
    assert not result.ok
    assert "no_such_tool" in result.text


async def test_what_cannot_be_reached_says_that_nothing_was_sent(bench: Bench) -> None:
    with pytest.raises(NotSent, match=r"away cannot be reached .* Nothing was changed"):
        await bench.connectors.call(a_call_of("echo", connector="away", text="hello"))


async def test_a_connector_that_nobody_set_up_says_that_nothing_was_sent(bench: Bench) -> None:
    with pytest.raises(NotSent):
        await bench.connectors.call(a_call_of("echo", connector="nobody", text="hello"))


async def test_attack_16_a_connector_of_one_tenant_is_none_of_anothers(bench: Bench) -> None:
    with pytest.raises(NotSent):
        await bench.of_another_tenant.call(a_call_of("count"))
    assert bench.counted() == 0


async def test_a_call_without_an_answer_in_time_has_an_unknown_outcome(bench: Bench) -> None:
    with pytest.raises(OutcomeUnknown, match="brief did not answer"):
        await bench.connectors.call(a_call_of("hang", connector="brief"))


async def test_a_server_that_dies_of_a_call_leaves_its_outcome_unknown(bench: Bench) -> None:
    with pytest.raises(OutcomeUnknown, match="desk did not answer"):
        await bench.connectors.call(a_call_of("die"))


async def test_every_call_leaves_exactly_once(bench: Bench) -> None:
    results = await asyncio.gather(*(bench.connectors.call(a_call_of("count")) for _ in range(5)))
    assert [result.text for result in results] == ["counted"] * 5
    assert bench.counted() == 5


async def test_a_call_that_hangs_holds_up_no_other(bench: Bench) -> None:
    hanging = asyncio.create_task(_called(bench.connectors, "hang", connector="brief"))
    result = await bench.connectors.call(a_call_of("echo", text="meanwhile"))
    assert result.ok
    assert isinstance(await hanging, OutcomeUnknown)


async def _called(
    connectors: Connectors, tool: str, *, connector: str
) -> CallResult | NotSent | OutcomeUnknown:
    try:
        return await connectors.call(a_call_of(tool, connector=connector))
    except (NotSent, OutcomeUnknown) as refusal:
        return refusal
