"""`countersign check`: what is missing or wrong, and where to get it."""

from typing import Annotated

import typer

from bot.cli.chat_findings import chat_answers, chat_findings
from bot.cli.findings import Finding, Level, findings
from bot.cli.frame import Frame, frame, run
from bot.cli.options import DataOption, JsonOption, group
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.settings import unknown_variables

app = group("Say what is missing or wrong in the settings, and where to get it.")


@app.command()
def check(
    context: typer.Context,
    *,
    connect: Annotated[
        bool, typer.Option("--connect", help="Connect to every connector, and ask Slack and Microsoft, now.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is missing or wrong in the settings, and where to get it."""
    run(_check(frame(context, data, as_json=as_json), connect=connect))


async def _check(use: Frame, *, connect: bool) -> bool:
    found = [Finding("settings", Level.WRONG, sentence) for sentence in unknown_variables()]
    try:
        async for finding in findings(use.settings(), connect=connect):
            found.append(finding)  # noqa: PERF401 - what came before a refusal is kept
    except Refusal as refusal:
        found.append(Finding("settings", Level.WRONG, refusal.sentence))
    found.extend(chat_findings())
    if connect:
        found.extend([finding async for finding in chat_answers()])
    well = all(finding.level is not Level.WRONG for finding in found)
    listed: list[JsonValue] = [
        {"about": finding.about, "level": finding.level.value, "sentence": finding.sentence}
        for finding in found
    ]
    lines = [f"{finding.level:<6}{finding.about}: {finding.sentence}" for finding in found]
    lines.append("Everything that is needed is there." if well else "Something is wrong; see above.")
    use.answer({"ok": well, "findings": listed}, "\n".join(lines))
    return well
