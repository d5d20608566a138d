"""Lists of tools over real processes and real HTTP, and connectors that come and go with the store."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.connectors.addresses import Reach
from bot.connectors.failures import CannotConnect
from bot.connectors.hub import Hub
from bot.connectors.opening import probe
from bot.domain.actions import Effect
from bot.domain.canonical import JsonObject
from bot.domain.connectors import Connector
from bot.domain.people import TenantId
from bot.domain.tools import ToolDefinition, ToolId
from bot.flow.listing_report import ListingReport
from bot.ports.outside import NotSent
from bot.ports.records import Overtaken
from bot.storage.store import SqlStore
from tests.hubs import a_hub, a_stage, a_store, health_of, put_connectors, tools_of
from tests.records import ACME
from tests.servers.mcp_http import DeskOverHttp
from tests.tool_servers import (
    QUICK,
    a_call_of,
    at_desk,
    at_sdk_server,
    at_url,
    is_alive,
    pid_in,
    pids_in,
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
    with pytest.raises(CannotConnect, match=why):
        await probe(at_desk(folder), reach=Reach.PUBLIC)


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


@pytest.mark.parametrize("habit", ["", "old"])
async def test_a_hub_ends_at_any_moment_and_leaves_no_server_behind(
    folder: Path, store: SqlStore, habit: str
) -> None:
    for _ in range(5):
        async with a_hub(store, at_desk(folder, habit)):
            await until(lambda: is_alive(pid_in(folder)), "the server has started")
        # One that was ending by itself at that moment may need a moment more.
        await until(lambda: not [pid for pid in pids_in(folder) if is_alive(pid)], "no server is left")


async def _offers(store: SqlStore, tool: str) -> bool:
    return tool in await tools_of(store)


async def test_a_list_that_cannot_be_stored_now_is_stored_later(folder: Path, store: SqlStore) -> None:
    take = a_stage(store)
    tries = 0

    async def overtaken_once(
        tenant: TenantId,
        connector: Connector,
        definitions: Sequence[ToolDefinition],
        *,
        refused: Sequence[str] = (),
    ) -> ListingReport:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise Overtaken
        return await take(tenant, connector, definitions, refused=refused)

    await put_connectors(store, at_desk(folder))
    async with Hub(store=store, take=overtaken_once, settings=QUICK):
        await until_so(lambda: _offers(store, "echo"), "the tools are in the catalog")
    assert tries > 1


async def test_another_manifest_judges_the_tools_anew(folder: Path, store: SqlStore) -> None:
    async with a_hub(store, at_desk(folder)):
        await until_so(lambda: _offers(store, "count"), "the tools are in the catalog")
        first = pid_in(folder)
        await put_connectors(store, replace(at_desk(folder), manifest={"count": Effect.DESTROY}))

        async def is_judged() -> bool:
            async with store.view(ACME) as view:
                return (await view.connections.catalog())[ToolId("desk", "count")].effect is Effect.DESTROY

        await until_so(is_judged, "the manifest holds")
        assert pid_in(folder) == first
