"""`countersign migrate`."""

from typing import Annotated

import typer

from bot.cli.frame import Frame, frame, of_all, run
from bot.cli.options import DataOption, JsonOption, group
from bot.storage.migrate import migrate as migrate_database
from bot.storage.migrate import revision_state, take_back

app = group("Prepare the database for this version.")


@app.command()
def migrate(
    context: typer.Context,
    *,
    down_to: Annotated[
        str | None,
        typer.Option("--down-to", metavar="REVISION", help="Go back to it; what newer tables hold is lost."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prepare the database for this version; repeating it changes nothing."""
    run(_migrate(of_all(frame(context, data, as_json=as_json)), down_to))


async def _migrate(use: Frame, down_to: str | None) -> bool:
    settings = use.settings()
    if settings.database_url is None:
        settings.prepare_data_dir()
    if down_to is None:
        await migrate_database(settings.database)
    else:
        await take_back(settings.database, to=down_to)
    state = await revision_state(settings.database)
    use.answer({"state": state.value}, f"The database is {state.value}.")
    return True
