"""The root of the command line: it loads a group of commands only when that group is called."""

import gc
from importlib import import_module
from typing import Any, Final

import typer
from typer._click.core import Command, Context
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

from bot.cli.options import Before, DataOption, JsonOption, TenantOption

_COMMANDS: Final = {
    "demo": ("run", "Run the demo company in your browser; no account is needed."),
    "serve": ("run", "Run the bot: chat, web pages and worker."),
    "work": ("run", "Run one more worker beside others, on PostgreSQL."),
    "check": ("check", "Say what is missing or wrong, and where to get it."),
    "manifest": ("manifest", "Write the app's manifest for a chat platform."),
    "migrate": ("migrate", "Prepare the database for this version."),
    "people": ("people", "See who people are, and tie their accounts to them."),
    "slack": ("slack", "Further Slack workspaces."),
    "connector": ("connector", "Connect tool servers, and see what their tools do."),
    "policy": ("policy", "See, test and change what may run."),
    "grants": ("grants", "See, give and revoke standing approvals."),
    "reconcile": ("reconcile", "Suspend, move and end what people left behind who left."),
    "freeze": ("chat_command", "Stop everything, a connector, a tool or a person at once."),
    "unfreeze": ("chat_command", "Lift a freeze."),
    "freezes": ("chat_command", "List what is frozen, by whom and why."),
    "tools": ("chat_command", "See new and changed tools, and deal with them."),
    "tenant": ("tenant", "See and change your organisation's own settings."),
    "audit": ("audit", "Export and verify the audit log."),
}
"""By name: the file of `bot/cli` that has the command, and what it is for."""


class _LazyGroup(TyperGroup):
    """Knows the commands' names and purposes; their files are imported when they are called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_, purpose) in _COMMANDS.items():
            self.add_command(TyperCommand(name, help=purpose))

    @override
    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Reads `--tenant` wherever it stands before `--`, since every command has it."""
        return super().parse_args(ctx, _tenant_first(args))

    @override
    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name = args[0] if args else ""
        if name not in _COMMANDS:
            return super().resolve_command(ctx, args)
        file, _ = _COMMANDS[name]
        found = typer.main.get_command(_loaded(f"bot.cli.{file}"))
        if isinstance(found, TyperGroup) and name in found.commands:
            found = found.commands[name]
        return name, found, args[1:]


def _tenant_first(args: list[str]) -> list[str]:
    found: list[str] = []
    rest: list[str] = []
    mine = args[: args.index("--")] if "--" in args else args
    for place, word in enumerate(mine):
        is_value = place > 0 and mine[place - 1] == "--tenant"
        (found if is_value or word == "--tenant" or word.startswith("--tenant=") else rest).append(word)
    return [*found, *rest, *args[len(mine) :]]


def _loaded(module: str) -> typer.Typer:
    """Gives a file's commands; what is imported for them stays, so nobody looks for garbage in it.

    A start is a fifth quicker by that.
    """
    gc.disable()
    try:
        app: typer.Typer = import_module(module).app
    finally:
        gc.freeze()
        gc.enable()
    return app


app = typer.Typer(
    cls=_LazyGroup,
    name="countersign",
    help="Countersign: an IT help bot that does nothing your policies do not allow.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def root(
    context: typer.Context,
    *,
    data: DataOption = None,
    as_json: JsonOption = False,
    tenant: TenantOption = None,
) -> None:
    """Countersign: an IT help bot that does nothing your policies do not allow."""
    if tenant == "":
        raise typer.BadParameter("Name one; countersign tenant list has them.", param_hint="--tenant")
    context.obj = Before(data=data, as_json=as_json, tenant=tenant or "")
