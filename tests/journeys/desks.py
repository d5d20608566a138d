"""Where an admin sits: the same commands in Slack, in Teams and in the terminal, on one company."""

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from bot.chat.slack.kit.limits import TEXT_INPUT
from bot.chat.slack.kit.texts import pieces
from bot.chat.slack.modals.dialog import block_id
from bot.demo.company import PEOPLE
from bot.documents.json_reading import rows_at
from bot.domain.people import PersonId
from bot.settings.data_dir import write_deployment
from tests.command_line import CommandLine
from tests.databases import KEY
from tests.journeys.slack_acts import commands, ephemeral, presses_label
from tests.journeys.slack_acts import replied as replied_in_slack
from tests.journeys.slack_stage import SlackStage, slack_staged
from tests.journeys.stage import TENANT, Stage, staged
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.journeys.test_teams_commands import replied as replied_in_teams
from tests.servers.slack_sight import words as words_in_slack
from tests.servers.slack_views import View
from tests.servers.teams_words import words as words_in_teams

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

    async def exports(self, who: str) -> str:
        """Has a person copy the policy file, which fits one page, as it is shown to them."""
        ...

    async def applies(self, who: str, text: str, *, wrong: str, mistake: str) -> None:
        """Has a person try a policy file that is told to be wrong, then apply one and save it."""
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

    @override
    async def exports(self, who: str) -> str:
        shown = await replied_in_slack(self._slack, who, "/policy export", "Policy file")
        blocks = rows_at({"blocks": shown.blocks}, "blocks")
        elements = [one for block in blocks for one in rows_at(block, "elements")]
        copied = [one for one in elements if one["type"] == "rich_text_preformatted"]
        return "\n".join(str(run["text"]) for one in copied for run in rows_at(one, "elements"))

    @override
    async def applies(self, who: str, text: str, *, wrong: str, mistake: str) -> None:
        acme, user = self._slack.acme, self._slack.user(who)
        await commands(self._slack, who, "/policy", "apply --dry-run")
        form = await self._slack.modal(who, showing="Policy file")
        await self._pastes(who, form, wrong)
        await acme.submits(user, form)
        assert mistake in str(form.errors[block_id("part_1")])
        await acme.closes(form)
        await commands(self._slack, who, "/policy", "apply")
        form = await self._slack.modal(who, showing="Policy file")
        await self._pastes(who, form, text)
        await acme.submits(user, form)
        assert "In the last 30 days" in words_in_slack(form)
        await acme.submits(user, form)
        assert SAVED in words_in_slack(form)

    async def _pastes(self, who: str, form: View, text: str) -> None:
        """Fills as many fields as the text needs, each up to the end of a line."""
        for number, part in enumerate(pieces(text, TEXT_INPUT), start=1):
            place = block_id(f"part_{number}")
            action = next(action for block, action in form.elements() if block == place)
            await self._slack.acme.chooses(self._slack.user(who), form, action, part, place)


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

    @override
    async def exports(self, who: str) -> str:
        shown = await replied_in_teams(self._teams, who, "policy export", "Policy file")
        boxes = rows_at(shown.card or {}, "body")
        runs = [run for box in boxes for one in rows_at(box, "items") for run in rows_at(one, "inlines")]
        return "\n".join(str(run["text"]) for run in runs if run.get("fontType") == "Monospace")

    @override
    async def applies(self, who: str, text: str, *, wrong: str, mistake: str) -> None:
        acme, user = self._teams.acme, self._teams.user(who)
        opener = await replied_in_teams(self._teams, who, "policy apply", "Open the form")
        await self._teams.presses(who, opener, "Open the form")
        await acme.submits(user, {"Policy file": wrong}, "Next")
        assert mistake in words_in_teams(self._teams.dialog(who))
        await acme.submits(user, {"Policy file": text}, "Next")
        assert "In the last 30 days" in words_in_teams(self._teams.dialog(who))
        saved = await acme.submits(user, None, "Save")
        assert saved.dialog is not None
        assert SAVED in words_in_teams(saved.dialog)


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

    @override
    async def exports(self, who: str) -> str:
        return (await asyncio.to_thread(self._line, "policy", "export")).out

    @override
    async def applies(self, who: str, text: str, *, wrong: str, mistake: str) -> None:
        refused = await asyncio.to_thread(self._line, "policy", "apply", "-", typed=wrong)
        assert refused.code != 0
        assert mistake.casefold() in refused.err
        saved = await asyncio.to_thread(self._line, "policy", "apply", "-", typed=text)
        assert saved.code == 0, saved


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
