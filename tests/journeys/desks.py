"""Where an admin sits: the same commands in Slack, in Teams and in the terminal, on one company."""

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from bot.demo.company import PEOPLE
from bot.domain.people import PersonId
from bot.settings.data_dir import write_deployment
from tests.command_line import CommandLine
from tests.databases import KEY
from tests.journeys.slack_acts import ephemeral, presses_label
from tests.journeys.slack_acts import replied as replied_in_slack
from tests.journeys.slack_stage import SlackStage, slack_staged
from tests.journeys.stage import TENANT, Stage, staged
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.journeys.test_teams_commands import replied as replied_in_teams

SAVED = "Saved as change"


class Desk(Protocol):
    """A place to command from."""

    stage: Stage

    async def runs(self, who: str, line: str, *parts: str) -> None:
        """Has a person give a command, and waits for the answer that says all of this."""
        ...

    async def saves(self, who: str, line: str, part: str = "In the last 30 days") -> None:
        """Has a person make a change, see what it means, and save it."""
        ...


class SlackDesk(Desk):
    """Slash commands."""

    def __init__(self, slack: SlackStage) -> None:
        self.stage = slack.stage
        self._slack = slack

    @override
    async def runs(self, who: str, line: str, *parts: str) -> None:
        for part in parts:
            await replied_in_slack(self._slack, who, f"/{line}", part)

    @override
    async def saves(self, who: str, line: str, part: str = "In the last 30 days") -> None:
        preview = await replied_in_slack(self._slack, who, f"/{line}", part)
        before = len(self._slack.acme.ephemerals(self._slack.user(who)))
        await presses_label(self._slack, who, preview, "Save")
        await ephemeral(self._slack, who, SAVED, since=before)


class TeamsDesk(Desk):
    """Messages in the bot's chat."""

    def __init__(self, teams: TeamsStage) -> None:
        self.stage = teams.stage
        self._teams = teams

    @override
    async def runs(self, who: str, line: str, *parts: str) -> None:
        for part in parts:
            await replied_in_teams(self._teams, who, line, part)

    @override
    async def saves(self, who: str, line: str, part: str = "In the last 30 days") -> None:
        preview = await replied_in_teams(self._teams, who, line, part)
        await self._teams.presses(who, preview, "Save")
        await self._teams.acme.shows(preview, SAVED)


class Terminal(Desk):
    """The command line beside the running bot; the operator sits there, whoever the story names."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        data = stage.company.data
        known = {"tenant_id": TENANT, "tenant_name": "Acme", "mode": "execute", "secret_key": KEY.decode()}
        write_deployment(data, {**known, "directory_file": PEOPLE})
        stage.company.prepare()
        self._line = CommandLine(data)

    @override
    async def runs(self, who: str, line: str, *parts: str) -> None:
        assert await self.stage.seams.directory.person(PersonId(f"p-{who}"))
        said = await asyncio.to_thread(self._line, *_words(line))
        for part in parts:
            assert part in said.out + said.err, said

    @override
    async def saves(self, who: str, line: str, part: str = "In the last 30 days") -> None:
        await self.runs(who, f"{line} --dry-run", part)
        said = await asyncio.to_thread(self._line, *_words(line))
        assert said.code == 0, said


def _words(line: str) -> list[str]:
    """Gives the words as a shell would; an object at the end is one of them, as somebody would quote it."""
    words, brace, rest = line.partition(" {")
    return [*shlex.split(words), *([f"{{{rest}"] if brace else [])]


@asynccontextmanager
async def desk_at(where: str, database: str, folder: Path) -> AsyncIterator[Desk]:
    """Gives the desk in `slack`, `teams` or the `terminal`."""
    if where == "slack":
        async with slack_staged(database, folder) as slack:
            yield SlackDesk(slack)
    elif where == "teams":
        async with teams_staged(database, folder) as teams:
            yield TeamsDesk(teams)
    else:
        async with staged(database, folder) as stage:
            yield Terminal(stage)
