"""`countersign demo`, `serve` and `work`: what runs until it is told to stop."""

import tempfile
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from bot import processes
from bot.cli.frame import frame, of_all, run, say
from bot.cli.options import DataOption, group
from bot.cli.play_as import read_play_as

DEMO_DATA: Final = Path("countersign-data/demo")
DEMO_PORT: Final = 8700

app = group("Run the bot.")


@app.command()
def demo(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port of its web page.")] = DEMO_PORT,
    data: DataOption = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget everything first.")] = False,
    transcript: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Play one request with these words in the terminal, and end."),
    ] = None,
    play_as: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=ID",
            help="Be this person of the demo: alice=U0123456789 in Slack, alice=GUID in Teams.",
        ),
    ] = None,
    teams: Annotated[
        bool,
        typer.Option(
            "--teams", help="Serve Teams too; without an app id, for Microsoft's Agents Playground."
        ),
    ] = False,
) -> None:
    """Run the demo company in your browser; no account is needed."""
    directory = of_all(frame(context, data, as_json=False)).data
    if transcript is None:
        run(_demo(data=directory or DEMO_DATA, port=port, fresh=fresh, teams=teams, play_as=play_as or ()))
        return
    for option, is_used in (("--play-as", play_as), ("--teams", teams)):
        if is_used:
            raise typer.BadParameter("It is for chat; --transcript plays without it.", param_hint=option)
    with tempfile.TemporaryDirectory(prefix="countersign-") as own:
        played = processes.run_transcript(data=directory or Path(own), fresh=fresh, text=transcript, say=say)
        run(_ended(played))


@app.command()
def serve(context: typer.Context, *, data: DataOption = None) -> None:
    """Run the bot: chat, web pages and worker, for all tenants."""
    run(_ended(processes.run_serve(of_all(frame(context, data, as_json=False)).settings(), say)))


@app.command()
def work(context: typer.Context, *, data: DataOption = None) -> None:
    """Run one more worker beside others, on PostgreSQL."""
    run(_ended(processes.run_work(of_all(frame(context, data, as_json=False)).settings(), say)))


async def _demo(*, data: Path, port: int, fresh: bool, teams: bool, play_as: Sequence[str]) -> bool:
    parts = read_play_as(play_as)
    await processes.run_demo(data=data, port=port, fresh=fresh, say=say, play_as=parts, teams=teams)
    return True


async def _ended(running: Coroutine[object, object, None]) -> bool:
    await running
    return True
