"""`countersign connector`: add, list, switch and remove tool servers, and look at their tools."""

from collections.abc import Sequence
from typing import Annotated

import typer

from bot.app import Deployment
from bot.cli.classify import classified
from bot.cli.connector_views import report_document, report_text, show_connectors, show_tools
from bot.cli.frame import OPERATOR, Frame, frame, read_input, run, say, spelled
from bot.cli.options import DataOption, JsonOption, group
from bot.connectors.addresses import Reach
from bot.connectors.opening import probe
from bot.domain.actions import Effect
from bot.domain.canonical import JsonValue
from bot.domain.connectors import Connector, OverHttp, OverStdio, Transport
from bot.domain.errors import Refusal
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.accept import AcceptTool
from bot.flow.catalog import TakeListing
from bot.flow.connect import (
    AddConnector,
    CheckConnector,
    RemoveConnector,
    SwitchConnector,
    SwitchTool,
    connector_named,
)

app = group("Connect tool servers, and see what their tools do.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The connector's name.")]
ToolArgument = Annotated[str, typer.Argument(metavar="C:T", help="The tool, as connector:tool.")]


@app.command()
def add(
    context: typer.Context,
    name: NameArgument,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND …", help="What starts the tool server.")
    ] = None,
    *,
    url: Annotated[str | None, typer.Option(help="The URL of a tool server that runs already.")] = None,
    env: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="For the command's environment.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="For every request to the URL.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Connect a tool server: connector add NAME -- COMMAND …, or connector add NAME --url URL."""
    if (url is None) == (not command):
        raise typer.BadParameter("Give either -- and a command, or --url.", param_hint="connector add")
    if (url is None and header) or (url is not None and env):
        raise typer.BadParameter(
            "--env is for a command, and --header for a URL.", param_hint="connector add"
        )
    transport: Transport
    if url is not None:
        transport = OverHttp(url=url, headers=_pairs(header or (), "--header"))
    else:
        start = command or [""]
        transport = OverStdio(
            command=start[0], arguments=tuple(start[1:]), environment=_pairs(env or (), "--env")
        )
    run(_add(frame(context, data, as_json=as_json), name, transport))


def _pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise typer.BadParameter("Write NAME=VALUE.", param_hint=option)
        found[key.strip()] = value
    return found


async def _add(use: Frame, name: str, transport: Transport) -> bool:
    async with use.deployment() as deployment:
        await CheckConnector(store=deployment.store, tenant=deployment.tenant)(name)
        connector = Connector(id=deployment.ids.new(), name=name, transport=transport)
        listing = await probe(connector, reach=Reach(deployment.settings.connector_reach))
        add_it = AddConnector(
            store=deployment.store,
            tenant=deployment.tenant,
            clock=deployment.clock,
            take=TakeListing(
                store=deployment.store,
                clock=deployment.clock,
                ids=deployment.ids,
                directory=lambda _: deployment.directory,
            ),
        )
        report = await add_it(connector, listing.tools, refused=listing.refused, by=OPERATOR)
    use.answer(report_document(report), report_text(report, tools=len(listing.tools)))
    return True


@app.command("list")
def list_connectors(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the connectors."""
    run(show_connectors(frame(context, data, as_json=as_json)))


@app.command()
def tools(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this connector's.")] = None,
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the tools that connectors offer, with what they do."""
    run(show_tools(frame(context, data, as_json=as_json), name))


@app.command()
def classify(
    context: typer.Context,
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read MCP tool definitions as JSON lines, and print what each would be seeded with."""
    _ = frame(context, data, as_json=as_json)
    run(_classify())


async def _classify() -> bool:
    well = True
    for line in read_input("-").splitlines():
        if not line.strip():
            continue
        try:
            say(spelled(classified(line)))
        except Refusal as refusal:
            well = False
            say(spelled({"error": refusal.sentence}))
    return well


@app.command()
def remove(
    context: typer.Context, name: NameArgument, *, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Remove a connector with its tools and their seeded policies."""
    run(_remove(frame(context, data, as_json=as_json), name))


async def _remove(use: Frame, name: str) -> bool:
    async with use.deployment() as deployment:
        end = RemoveConnector(store=deployment.store, tenant=deployment.tenant, clock=deployment.clock)
        await end(name, by=OPERATOR)
    use.answer({"connector": name, "removed": True}, f"{name} is removed.")
    return True


@app.command()
def on(
    context: typer.Context, name: NameArgument, *, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Switch a connector on."""
    run(_switch(frame(context, data, as_json=as_json), name, to=True))


@app.command()
def off(
    context: typer.Context, name: NameArgument, *, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Switch a connector off; no policy can allow its tools then."""
    run(_switch(frame(context, data, as_json=as_json), name, to=False))


@app.command("tool-on")
def tool_on(
    context: typer.Context, tool: ToolArgument, *, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Switch one tool on."""
    run(_switch_tool(frame(context, data, as_json=as_json), tool, to=True))


@app.command("tool-off")
def tool_off(
    context: typer.Context, tool: ToolArgument, *, data: DataOption = None, as_json: JsonOption = False
) -> None:
    """Switch one tool off; no policy can allow it then."""
    run(_switch_tool(frame(context, data, as_json=as_json), tool, to=False))


async def _switch(use: Frame, name: str, *, to: bool) -> bool:
    async with use.deployment() as deployment:
        switch = SwitchConnector(store=deployment.store, tenant=deployment.tenant, clock=deployment.clock)
        await switch(name, on=to, by=OPERATOR)
    use.answer({"connector": name, "on": to}, f"{name} is {'on' if to else 'off'} now.")
    return True


async def _switch_tool(use: Frame, tool: str, *, to: bool) -> bool:
    async with use.deployment() as deployment:
        switch = SwitchTool(store=deployment.store, tenant=deployment.tenant, clock=deployment.clock)
        await switch(ToolId.parse(tool), on=to, by=OPERATOR)
    use.answer({"tool": tool, "on": to}, f"{tool} is {'on' if to else 'off'} now.")
    return True


@app.command()
def accept(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="NAME[:TOOL]", help="A connector, or one tool of it.")],
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accept tools whose definition has changed, as they are now, and believe what they say they do."""
    run(_accept(frame(context, data, as_json=as_json), target))


async def _accept(use: Frame, target: str) -> bool:
    async with use.deployment() as deployment:
        chosen = await _changed(deployment, target)
        async with deployment.store.view(deployment.tenant) as view:
            known = await view.connections.catalog()
        take = AcceptTool(store=deployment.store, clock=deployment.clock)
        accepted = [await take(deployment.tenant, tool, by=OPERATOR) for tool in chosen]
    told = [_with_effect(tool, known[tool.id].effect) for tool in accepted]
    names: list[JsonValue] = [str(tool.id) for tool in accepted]
    use.answer({"accepted": names}, f"Accepted: {', '.join(told)}." if told else "No tool has changed.")
    return True


def _with_effect(tool: CatalogTool, before: Effect) -> str:
    """Gives the tool's name, and what it counts as from now on where that is something else."""
    return str(tool.id) if tool.effect is before else f"{tool.id} ({before} → {tool.effect})"


async def _changed(deployment: Deployment, target: str) -> list[ToolId]:
    if ":" in target:
        return [ToolId.parse(target)]
    async with deployment.store.view(deployment.tenant) as view:
        connector = await connector_named(view, target)
        catalog = await view.connections.catalog()
    return [
        tool
        for tool, known in catalog.items()
        if tool.connector == connector.name and known.drifted and known.present
    ]
