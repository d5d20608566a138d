"""`countersign check`: what is missing or wrong, and where to get it."""

from dataclasses import replace
from typing import Annotated

import typer

from bot.cli.chat_findings import chat_answers, chat_findings
from bot.cli.check_directory import check_directory
from bot.cli.finding import Finding, Level, tell
from bot.cli.findings import findings
from bot.cli.frame import Frame, frame, run
from bot.cli.options import Before, DataOption, JsonOption, group
from bot.domain.errors import Refusal
from bot.settings import unknown_variables

app = group("Say what is missing or wrong in the settings, and where to get it.")


@app.callback(invoke_without_command=True, no_args_is_help=False)
def check(
    context: typer.Context,
    *,
    connect: Annotated[
        bool,
        typer.Option(
            "--connect", help="Connect to every connector, and ask the directory, Slack and Microsoft, now."
        ),
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is missing or wrong in the settings, and where to get it."""
    if context.invoked_subcommand is None:
        run(_check(frame(context, data, as_json=as_json), connect=connect))
        return
    root = context.find_root()
    if isinstance(root.obj, Before):
        root.obj = replace(root.obj, data=data or root.obj.data, as_json=as_json or root.obj.as_json)


@app.command()
def directory(
    context: typer.Context,
    *,
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="EMAIL", help="Look at one person, by address or by the provider’s id."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the directory: permissions, roles, who stands in for managers; or what it says of one person."""
    run(check_directory(frame(context, data, as_json=as_json), person))


async def _check(use: Frame, *, connect: bool) -> bool:
    found = [Finding("settings", Level.WRONG, sentence) for sentence in unknown_variables()]
    try:
        async for finding in findings(use.settings(), tenant=use.tenant, connect=connect):
            found.append(finding)  # noqa: PERF401 - what came before a refusal is kept
    except Refusal as refusal:
        found.append(Finding("settings", Level.WRONG, refusal.sentence))
    found.extend(chat_findings())
    if connect:
        found.extend([finding async for finding in chat_answers()])
    return tell(use, found)
