"""Acme in a Slack of its own, for bots that run as processes: who works there, and what they do."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

from bot.app import open_deployment
from bot.chat.slack.manifest import EVENTS, SCOPES
from bot.chat.slack.shown.buttons import ACT
from bot.demo.company import Company
from bot.flow.catalog import TakeListing
from bot.settings import Settings
from tests.fakes.estate_connectors import estate_definitions
from tests.servers.countersign_process import CountersignProcess, eventually
from tests.servers.demo_process import free_port
from tests.servers.slack import SlackServer, Workspace, slack_server
from tests.servers.slack_elements import actionable
from tests.servers.slack_manners import bad_manners
from tests.servers.slack_sight import words
from tests.servers.slack_world import Message, SlackUser

Way = Literal["socket", "http"]
Found = TypeVar("Found")

UNSET: Final = "\0"
"""Takes a variable out of a process's environment."""
NAMES: Final = ("Alice Archer", "Megan Moreau", "Bob Brennan", "Carol Castillo", "Grace Goldberg")


@dataclass(frozen=True, kw_only=True)
class Acme:
    """The workspace and its people."""

    slack: SlackServer
    workspace: Workspace
    people: Mapping[str, SlackUser]

    def environment(self, way: Way) -> dict[str, str]:
        """Gives what a process needs to know of this Slack."""
        keys = self.slack.keys
        ears = {
            "socket": {"SLACK_APP_TOKEN": keys.app_token},
            "http": {"SLACK_SIGNING_SECRET": keys.signing_secret},
        }
        return {
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            **ears[way],
        }

    def demo(
        self, data: Path, way: Way = "socket", *words_: str, database: str = "", **environment: str
    ) -> CountersignProcess:
        """Gives the demo, in this Slack."""
        return self._process(
            ["demo", "--data", str(data), *words_],
            data,
            way,
            {"COUNTERSIGN_DATABASE_URL": database} if database else {},
            environment,
        )

    def serve(
        self, data: Path, way: Way = "socket", *, database: str = "", **environment: str
    ) -> CountersignProcess:
        """Gives the server, in this Slack, on a data directory into which Acme has moved."""
        return self._process(
            ["serve", "--data", str(data)],
            data,
            way,
            {"COUNTERSIGN_DATABASE_URL": database} if database else {},
            environment,
        )

    def _process(
        self,
        command: list[str],
        data: Path,
        way: Way,
        where: Mapping[str, str],
        environment: Mapping[str, str],
    ) -> CountersignProcess:
        port = free_port()
        is_demo = command[0] == "demo"
        known = {**self.environment(way), **where, **environment, "COUNTERSIGN_PORT": str(port)}
        found = CountersignProcess(
            *command,
            *(["--port", str(port)] if is_demo else []),
            output=data.with_name(f"{data.name}-{port}.txt"),
            **{name: value for name, value in known.items() if value != UNSET},
        )
        found.port = port
        if way == "http":
            self.slack.posts_to(f"http://127.0.0.1:{port}/slack/events")
        return found

    async def says(self, who: str, text: str) -> str:
        """Has a person write to the bot; gives the message's ts."""
        return await self.workspace.says(self.people[who], text)

    async def card(self, who: str, action: str = "approve") -> Message:
        """Waits for the newest message to a person with this button."""
        found = await self.eventually(lambda: self.asking(who, action) or None, f"a card for {who}")
        return found[-1]

    def asking(self, who: str, action: str = "approve") -> list[Message]:
        """Gives the messages in which a person can do this now."""
        answers = self.workspace.answers(self.people[who])
        return [one for one in answers if _has_button(one, action)]

    async def approves(self, who: str) -> Message:
        """Has a person approve what asks them."""
        card = await self.card(who)
        await self.workspace.presses(self.people[who], card, f"{ACT}approve")
        return card

    def read(self, who: str, part: str) -> list[Message]:
        """Gives what the bot wrote to a person that says these words."""
        return [one for one in self.workspace.answers(self.people[who]) if part in words(one)]

    async def told(self, who: str, part: str) -> list[Message]:
        """Waits until a person can read these words in what the bot wrote them."""
        return await self.eventually(lambda: self.read(who, part), f"{who} to be told “{part}”")

    async def eventually(self, look: Callable[[], Found | None], what: str) -> Found:
        """Waits as long as processes may take."""

        async def looked() -> Found | None:
            return look()

        return await eventually(looked, what)


def _has_button(seen: Message, action: str) -> bool:
    return any(element.get("action_id") == f"{ACT}{action}" for _, element in actionable(seen.blocks))


@asynccontextmanager
async def acme_in_slack(*, domain: str = "acme.test", rates: bool = True) -> AsyncIterator[Acme]:
    """Gives a running Slack with Acme in it; at the end it is looked whether the bot had good manners."""
    async with slack_server(rates=rates) as slack:
        workspace = slack.workspace("Acme", scopes=frozenset(SCOPES))
        workspace.subscribed = frozenset(EVENTS)
        people = {
            name.split()[0].lower(): workspace.adds_user(name, email=f"{name.split()[0].lower()}@{domain}")
            for name in NAMES
        }
        yield Acme(slack=slack, workspace=workspace, people=people)
        assert bad_manners(slack) == []


async def moved_in(data: Path) -> None:
    """Sets a deployment up as the demo company: its people, runbooks, connector with tools, and policies."""
    company = Company(data)
    company.prepare()
    async with open_deployment(Settings.load(data=data)) as deployment:
        store, clock, ids = deployment.store, deployment.clock, deployment.ids
        await company.move_in(store, deployment.tenant, clock, ids)
        async with store.view(deployment.tenant) as view:
            (connector,) = await view.connections.all()
        take = TakeListing(store=store, clock=clock, ids=ids, directory=lambda _: deployment.directory)
        await take(deployment.tenant, connector, estate_definitions())
