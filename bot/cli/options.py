"""The options that every command has; light, so that `countersign --help` is quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The deployment's data directory.", show_default=False),
]
TenantOption = Annotated[
    str | None,
    typer.Option(
        "--tenant", metavar="ID", help="Which tenant; else COUNTERSIGN_TENANT_ID.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@dataclass(frozen=True, slots=True)
class Before:
    """What stood before the command's name."""

    data: Path | None = None
    as_json: bool = False
    tenant: str = ""


def group(purpose: str, *, name: str | None = None, kind: type[TyperGroup] | None = None) -> typer.Typer:
    """Gives an empty group of commands."""
    return typer.Typer(
        name=name,
        cls=kind,
        help=purpose,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
