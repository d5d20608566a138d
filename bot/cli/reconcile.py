"""`countersign reconcile`: does now what is done every night about people who left."""

from typing import Annotated

import typer

from bot.cli.frame import Frame, counted, frame, run
from bot.cli.operator import operator_seams
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.canonical import JsonValue
from bot.flow.reconcile.report import Departed, departed_words
from bot.flow.reconcile.round import Reconcile, Round
from bot.flow.reconcile.step import Effect

app = group("Suspend, move and end what people left behind who left.")


@app.command()
def reconcile(
    context: typer.Context,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Do it also where so many seem to have left that it is doubted.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look everybody up in the directory, and suspend, move and end what those left behind who left.

    The bot does it every night by itself. The admins are told in chat.
    """
    run(_reconcile(frame(context, data, as_json=as_json), dry_run=dry_run, anyway=anyway))


async def _reconcile(use: Frame, *, dry_run: bool, anyway: bool) -> bool:
    async with use.deployment() as deployment:
        round_of = Reconcile(operator_seams(deployment), deployment.memory.postings)
        found = await (round_of.foresee if dry_run else round_of)(anyway=anyway)
    use.answer(_document(found, dry_run=dry_run), _text(found, dry_run=dry_run))
    return True


def _document(found: Round, *, dry_run: bool) -> JsonValue:
    return {
        "looked_up": found.count,
        "changed": bool(found.departed) and not dry_run,
        "left": [_entry(one) for one in found.departed],
    }


def _entry(one: Departed) -> JsonValue:
    return {
        "person": one.leaver.id,
        "name": one.leaver.name,
        "how": one.leaver.how.value,
        **{effect.value: list(one.things(effect)) for effect in Effect},
        "accounts": list(one.accounts),
    }


def _text(found: Round, *, dry_run: bool) -> str:
    people = counted(len(found.departed), "person", "people")
    first = (
        f"{counted(found.count, 'person', 'people')} looked up; {people} left since they were last reported."
    )
    lines = [departed_words(one) for one in found.departed]
    if dry_run and found.departed:
        lines.append("Nothing was changed. That is what would be done.")
    return "\n".join([first, *lines])
