"""What `connector add`, `list` and `tools` print."""

from bot.cli.frame import Frame, counted, table
from bot.domain.canonical import JsonValue
from bot.domain.connectors import Connector, OverStdio
from bot.flow.connect import connector_named
from bot.flow.listing_report import ListingReport


def report_document(report: ListingReport) -> JsonValue:
    """Gives what a connector's first listing brought, as a JSON value."""
    return {
        "connector": report.connector,
        "tools": [
            {
                "tool": str(seeded.tool),
                "effect": seeded.effect.value,
                "action": seeded.action.value,
                "why": seeded.why.value,
                "sentence": seeded.sentence,
            }
            for seeded in report.seeded
        ],
        "refused": report.refused,
    }


def report_text(report: ListingReport, *, tools: int) -> str:
    """Gives the same as text for people; `tools` is how many the server listed."""
    rows = [
        (seeded.tool.name, seeded.effect, seeded.action, seeded.why, seeded.sentence)
        for seeded in report.seeded
    ]
    lines = [f"{report.connector} is connected; it has {counted(tools, 'tool')}."]
    if rows:
        lines.append(table(("TOOL", "EFFECT", "ACTION", "WHY", "BECAUSE"), rows))
    return "\n".join([*lines, *report.refused])


async def show_connectors(use: Frame) -> bool:
    """Prints every connector, what is wrong with it, and how many tools it has."""
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        connectors = await view.connections.all()
        catalog = await view.connections.catalog()
    entries: list[JsonValue] = []
    rows = []
    for connector in connectors:
        tools = sum(tool.connector == connector.name and known.present for tool, known in catalog.items())
        over = "command" if isinstance(connector.transport, OverStdio) else "url"
        state = "off" if not connector.on else connector.health or "on"
        rows.append((connector.name, over, tools, state))
        entries.append(
            {
                "name": connector.name,
                "over": over,
                "where": _where(connector),
                "on": connector.on,
                "health": connector.health,
                "tools": tools,
            }
        )
    text = table(("NAME", "OVER", "TOOLS", "STATE"), rows) if rows else "There are no connectors yet."
    use.answer({"connectors": entries}, text)
    return True


def _where(connector: Connector) -> str:
    """Gives the command's name, or the URL without what may be secret in it."""
    if isinstance(connector.transport, OverStdio):
        return connector.transport.command
    address = connector.transport.url.partition("?")[0]
    scheme, sign, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{sign}{host.rpartition('@')[2]}{slash}{path}"


async def show_tools(use: Frame, name: str | None) -> bool:
    """Prints the tools of one connector, or of all.

    Raises:
        UnknownConnector: there is none of this name.
    """
    async with use.deployment() as deployment, deployment.store.view(deployment.tenant) as view:
        if name is not None:
            _ = await connector_named(view, name)
        catalog = await view.connections.catalog()
        own = {policy.name: policy.action.value for policy in await view.policies.all()}
    entries: list[JsonValue] = []
    rows = []
    for tool, known in catalog.items():
        if name not in (None, tool.connector):
            continue
        state = "gone" if not known.present else "off" if not known.enabled else "on"
        state = "changed, to be accepted" if known.drifted and state == "on" else state
        action = own.get(str(tool))
        rows.append((str(tool), known.effect, action or "", known.why, state))
        entries.append(
            {
                "tool": str(tool),
                "title": known.definition.plain_title,
                "effect": known.effect.value,
                "action": action,
                "why": known.why,
                "on": known.enabled,
                "present": known.present,
                "drifted": known.drifted,
            }
        )
    heads = ("TOOL", "EFFECT", "OWN POLICY", "WHY", "STATE")
    use.answer({"tools": entries}, table(heads, rows) if rows else "There are no tools yet.")
    return True
