"""Microsoft's stand-in for Teams, the Microsoft 365 Agents Playground from npm: one process per person."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, Final, Self

import pytest
from aiohttp import ClientError, ClientSession

from tests.servers.demo_process import free_port

PROGRAM: Final = Path.home() / ".cache/countersign-peers/node_modules/@microsoft/m365agentsplayground/cli.js"
"""Where `.ci/run` installs it."""
PATIENCE_S: Final = 60.0
TENANT: Final = "7a6f2f3e-51f5-4c1c-9d7c-0d6a0c5b0001"
CHANNEL: Final = "channel-announcements"
BOT: Final = {"id": "7a6f2f3e-51f5-4c1c-9d7c-0d6a0c5b00b0", "name": "Countersign"}

_COLLEAGUES: Final = 5
"""The program wants exactly so many users beside the one who sits before it."""

Found = Mapping[str, Any]  # what the program sends is its own affair


@dataclass(frozen=True, kw_only=True)
class Player:
    """Who sits before a playground."""

    name: str
    object_id: str

    @property
    def email(self) -> str:
        """Their sign-in name, which proves nobody of the demo company."""
        return f"{self.name.lower()}@contoso.test"


ALICE: Final = Player(name="Alice", object_id="7a6f2f3e-51f5-4c1c-9d7c-0d6a0c5b0a11")
BOB: Final = Player(name="Bob", object_id="7a6f2f3e-51f5-4c1c-9d7c-0d6a0c5b0b0b")


def require_playground() -> None:
    """Skips the test where the program is not installed; in CI it fails."""
    if PROGRAM.exists() and which("node"):
        return
    reason = "Microsoft's Agents Playground is not installed; .ci/run installs it."
    if os.environ.get("CI") == "true":  # noqa: TID251 - tests have no settings
        pytest.fail(reason)
    pytest.skip(reason)


class AgentsPlayground:
    """One person's Teams: a page in a browser, and beneath it an API that does what the page does."""

    def __init__(self, folder: Path, player: Player, *, bot_url: str) -> None:
        self.player = player
        self._folder = folder
        self._bot_url = bot_url
        self._port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def log(self) -> Path:
        """What it printed, for whoever looks after a failure."""
        return self._folder / "playground.log"

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True)
        config = self._folder / ".m365agentsplayground.yml"
        config.write_text(json.dumps(_config(self.player)), encoding="utf-8")  # JSON is YAML
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                "node", str(PROGRAM), "start", "--disable-telemetry", "--channel-id", "msteams",
                "--app-endpoint", self._bot_url, "--port", str(self._port),
                cwd=self._folder, stdout=log, stderr=log,
            )  # fmt: skip
        async with ClientSession() as session, asyncio.timeout(PATIENCE_S):
            while not await self._is_up(session):  # noqa: ASYNC110 - another process's doing
                await asyncio.sleep(0.05)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def answer_to_post(self, text: str) -> Found:
        """Posts a mention of the bot in the team's channel; gives the bot's first message in that thread."""
        mention = f"<at>{BOT['name']}</at>"
        body = {
            "from": {"id": _account(self.player)},
            "text": f"{mention} {text}",
            "textFormat": "xml",
            "mentions": [{"mentioned": {"id": BOT["id"]}, "text": mention}],
        }
        watched = f"{self.url}_ws_conversation/v1/conversations/stream"
        posts = f"{self.url}_conversation/v1/conversations/{CHANNEL}/messages"
        async with (
            asyncio.timeout(PATIENCE_S),
            ClientSession() as session,
            session.ws_connect(watched) as stream,
            session.post(posts, json=body) as posted,
        ):
            thread = (await posted.json())["postConversationId"]
            while True:
                event = await stream.receive_json()
                if event["action"] == "createMessage" and event["actionConversationId"] == thread:
                    return dict(event["message"])

    async def _is_up(self, session: ClientSession) -> bool:
        if self._process is not None and self._process.returncode is not None:
            raise AssertionError(f"the playground ended: {self.log.read_text(encoding='utf-8')}")
        try:
            async with session.get(f"{self.url}_internal/v1/config") as answer:
                return answer.status == 200
        except ClientError:
            return False


def _account(player: Player) -> str:
    return f"29:{player.name.lower()}"


def _config(player: Player) -> Found:
    """Source: https://aka.ms/teams-app-test-tool-config-guide ."""
    colleagues = [Player(name=f"Colleague{n}", object_id=f"{TENANT[:-1]}{n}") for n in range(_COLLEAGUES)]
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": BOT,
        "currentUser": _user(player),
        "users": [_user(one) for one in colleagues],
        "personalChat": {"id": f"a:{player.name.lower()}"},
        "groupChat": {"id": f"19:group-of-{player.name.lower()}", "name": "Group Chat"},
        "team": {
            "id": "team",
            "name": "Acme",
            "aadGroupId": f"{TENANT[:-1]}9",
            "channels": [{"id": CHANNEL, "name": "Announcements"}],
        },
    }


def _user(player: Player) -> Found:
    return {
        "id": _account(player),
        "name": player.name,
        "userPrincipleName": player.email,  # spelled as the program does
        "aadObjectId": player.object_id,
        "givenName": player.name,
        "surname": "Acme",
        "email": player.email,
    }
