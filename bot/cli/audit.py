"""`countersign audit`: export and verify the audit log."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Final

import typer

from bot.app import Deployment
from bot.cli.frame import Frame, counted, frame, run, say, spelled
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.events import SealedEntry
from bot.domain.people import TenantId
from bot.flow.question import read_time

app = group("Export and verify the audit log.")

_BATCH: Final = 1000

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""


_COLUMNS: Final = (
    "sequence", "at", "tenant", "kind", "actor", "agent", "connector_id", "connector", "method", "path",
    "tool", "digest", "decision", "policies", "grants", "status", "duration_s", "request", "details",
    "previous", "hash",
)  # fmt: skip


@app.command()
def export(
    context: typer.Context,
    *,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Only from this moment on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only before this moment.")] = None,
    person: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only what this person did.")] = None,
    tool: Annotated[str | None, typer.Option(metavar="C:T", help="Only about this tool.")] = None,
    form: Annotated[str, typer.Option("--format", metavar="jsonl|csv", help="How to print it.")] = "jsonl",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the audit log, oldest first."""
    if form not in ("jsonl", "csv"):
        raise typer.BadParameter("Use jsonl or csv.", param_hint="--format")
    use = frame(context, data, as_json=as_json)
    run(_export(use, since, until, person, tool, as_csv=form == "csv" and not as_json))


async def _export(
    use: Frame, since: str | None, until: str | None, person: str | None, tool: str | None, *, as_csv: bool
) -> bool:
    async with use.deployment() as deployment:
        async with deployment.store.view(deployment.tenant) as view:
            zone = (await view.tenant()).zone
        earliest = read_time(since, zone) if since else None
        latest = read_time(until, zone) if until else None
        actor = await _person(deployment, person) if person else None
        if as_csv:
            say(_csv(_COLUMNS))
        async for sealed in _entries(deployment):
            entry = sealed.entry
            if not _within(entry.at, earliest, latest) or tool not in (None, entry.tool):
                continue
            if actor not in (None, entry.actor):
                continue
            line = _line(sealed, deployment.tenant)
            say(_csv([_cell(line[column]) for column in _COLUMNS]) if as_csv else spelled(line))
    return True


async def _person(deployment: Deployment, who: str) -> str:
    """Gives the id behind an address; what is no address here is taken for an id of somebody who left."""
    found = await deployment.directory.by_email(who)
    return found.id if found else who


async def _entries(deployment: Deployment) -> AsyncIterator[SealedEntry]:
    after = 0
    while True:
        async with deployment.store.view(deployment.tenant) as view:
            batch = await view.audit.read(after=after, limit=_BATCH)
        for sealed in batch:
            yield sealed
        if len(batch) < _BATCH:
            return
        after = batch[-1].sequence


def _within(at: datetime, earliest: datetime | None, latest: datetime | None) -> bool:
    return (earliest is None or at >= earliest) and (latest is None or at < latest)


def _line(sealed: SealedEntry, tenant: TenantId) -> JsonObject:
    entry = sealed.entry
    return {
        "sequence": sealed.sequence,
        "at": entry.at.isoformat(),
        "tenant": tenant,
        "kind": entry.kind,
        "actor": entry.actor,
        "agent": entry.agent,
        "connector_id": entry.connector_id,
        "connector": entry.connector,
        "method": entry.method,
        "path": entry.path,
        "tool": entry.tool,
        "digest": entry.digest,
        "decision": entry.decision.value if entry.decision else None,
        "policies": list(entry.policies),
        "grants": list(entry.grants),
        "status": entry.status,
        "duration_s": entry.duration_s,
        "request": entry.request,
        "details": entry.details,
        "previous": sealed.previous,
        "hash": sealed.hash,
    }


def _cell(value: JsonValue) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else spelled(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _csv(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


@app.command()
def verify(context: typer.Context, *, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check that the audit log is as it was written."""
    run(_verify(frame(context, data, as_json=as_json)))


async def _verify(use: Frame) -> bool:
    async with use.deployment() as deployment:
        verification = await deployment.store.verify_audit(deployment.tenant)
    well = not verification.fault
    use.answer(
        {"ok": well, "entries": verification.entries, "fault": verification.fault or None},
        f"All {counted(verification.entries, 'entry', 'entries')} are as they were written."
        if well
        else f"{verification.fault} The {counted(verification.entries, 'entry', 'entries')} before it hold.",
    )
    return well
