"""What every command has: which deployment, how to answer, and how to refuse."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import structlog
import typer

from bot.app import Deployment, open_deployment
from bot.cli.options import Before
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.settings import Settings

OPERATOR: Final = "operator"
"""Who changes things on the command line, in the audit log's words."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which deployment a command works on, and how it answers."""

    data: Path | None
    as_json: bool
    tenant: str = ""
    """The one that is meant; empty for the one of the settings."""

    def settings(self) -> Settings:
        """Gives the deployment's settings.

        Raises:
            Refusal: a setting is wrong.
        """
        return Settings.load(data=self.data)

    @asynccontextmanager
    async def deployment(self) -> AsyncIterator[Deployment]:
        """Opens the deployment; leaving the block closes it.

        Raises:
            Refusal: a setting is wrong, or the database cannot be used.
        """
        async with open_deployment(self.settings(), tenant=self.tenant) as deployment:
            yield deployment

    def answer(self, document: JsonValue, text: str) -> None:
        """Prints the document as JSON, or else the text."""
        say(spelled(document) if self.as_json else text)


def frame(context: typer.Context, data: Path | None, *, as_json: bool) -> Frame:
    """Gives the frame: what stands after the command goes before what stands in front of it."""
    before = context.find_root().obj
    if not isinstance(before, Before):
        before = Before()
    return Frame(data=data or before.data, as_json=as_json or before.as_json, tenant=before.tenant)


def of_all(use: Frame) -> Frame:
    """Gives the frame of a command that is about no single tenant.

    Raises:
        typer.BadParameter: one was named.
    """
    if use.tenant:
        raise typer.BadParameter("This command is about all tenants; leave it out.", param_hint="--tenant")
    return use


def run(work: Coroutine[object, object, bool]) -> None:
    """Runs a command to its end: exit code 0 if it gives true, else 1; a refusal is told on stderr.

    Raises:
        typer.Exit: with 1.
    """
    structlog.configure(logger_factory=_beside_the_answer)
    try:
        well = asyncio.run(work)
    except Refusal as refusal:
        refuse(refusal)
    if not well:
        raise typer.Exit(1)


def _beside_the_answer(*_: object) -> structlog.PrintLogger:
    """Gives what logs on standard error, where it breaks no JSON."""
    return structlog.PrintLogger(sys.stderr)


def refuse(refusal: Refusal) -> NoReturn:
    """Tells the refusal on stderr and ends with exit code 1.

    Raises:
        typer.Exit: always.
    """
    typer.echo(refusal.sentence, err=True)
    raise typer.Exit(1) from refusal


def say(text: str) -> None:
    """Prints the text and a line break."""
    typer.echo(text)


def spelled(document: JsonValue) -> str:
    """Gives the document as JSON in one line."""
    return json.dumps(document, ensure_ascii=False, default=list)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Gives aligned columns under their heads; the last column takes what room it needs."""
    lines = [tuple(heads), *(tuple(_one_line(cell) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    widths[-1] = 0
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def _one_line(cell: object) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in str(cell))


def counted(count: int, thing: str, things: str = "") -> str:
    """Gives `1 policy` or `2 policies`."""
    return f"{count} {thing if count == 1 else things or thing + 's'}"


def read_input(source: str) -> str:
    """Gives the text of the file, or of standard input for `-`.

    Raises:
        UnreadableFile: it cannot be read, or is not UTF-8.
    """
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(file=source, why=error.strerror or "it cannot be opened") from None
    except UnicodeDecodeError:
        raise UnreadableFile(file=source, why="it is not UTF-8 text") from None


class UnreadableFile(Refusal):
    """{file} cannot be read: {why}."""


def mapping_of(value: JsonValue) -> Mapping[str, JsonValue]:
    """Gives the object, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}
