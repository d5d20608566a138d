"""The command line in this process, on a deployment of its own."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from typer.testing import CliRunner

from bot.app import Deployment, open_deployment
from bot.cli.main import app
from bot.domain.actions import Effect
from bot.domain.connectors import Connector, OverStdio
from bot.domain.tools import ToolId
from bot.settings import Settings
from tests.builders import a_tool

PEOPLE: Final = """\
version: 1
roles: {technician: [it], admin: [it-admins]}
fallback_group: it-admins
people:
  - {id: u-alice, name: Alice, email: alice@acme.test, manager: u-megan, groups: [sales]}
  - {id: u-megan, name: Megan, email: megan@acme.test, manager: u-grace, groups: [sales]}
  - {id: u-grace, name: Grace, email: grace@acme.test, enabled: false}
  - {id: u-eve, name: Eve, email: eve@acme.test, manager: u-grace, groups: [contractors]}
  - {id: u-bob, name: Bob, email: bob@acme.test, groups: [it]}
  - {id: u-ada, name: Ada, email: ada@acme.test, groups: [it-admins]}
"""

TOOLS: Final = {
    "get_user": Effect.READ,
    "reset_password": Effect.WRITE,
    "delete_user": Effect.DESTROY,
}

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that it printed."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON documents that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Commands on the deployment of one data directory."""

    data: Path

    def __call__(self, *words: str, typed: str = "") -> Said:
        """Runs the command; what is `typed` is its standard input."""
        return said(*words, "--data", str(self.data), typed=typed)

    def within(self, work: Callable[[Deployment], Awaitable[Answer]]) -> Answer:
        """Gives what the work gives, on the opened deployment."""

        async def opened() -> Answer:
            async with open_deployment(Settings.load(data=self.data)) as deployment:
                return await work(deployment)

        return asyncio.run(opened())


def said(*words: str, typed: str = "") -> Said:
    """Runs a command line as it is and gives what it said."""
    result = CliRunner().invoke(app, list(words), input=typed, prog_name="countersign")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def a_command_line(data: Path) -> CommandLine:
    """Gives the command line on a deployment with people, one connector and three tools without policies."""
    line = CommandLine(data)
    (data / "people.yaml").write_text(PEOPLE)

    async def fill(deployment: Deployment) -> None:
        async with deployment.store.unit(deployment.tenant) as unit:
            transport = OverStdio(command="true", environment={"TOKEN": "hush-hush"})
            await unit.connections.put(Connector(id="c1", name="acme-it", transport=transport))
            for name, effect in TOOLS.items():
                await unit.connections.put_tool(a_tool(ToolId("acme-it", name), effect=effect))

    line.within(fill)
    return line
