"""A Slack that others wrote: `local-slack` from npm, as a child process, driven by its own control API."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientError, ClientSession

from tests.servers.demo_process import free_port

PROGRAM: Final = Path.home() / ".cache/countersign-peers/node_modules/local-slack-linux-x64/bin/local-slack"
"""Where `.ci/run` installs it."""
BOT_TOKEN: Final = "xoxb-test-token"  # noqa: S105 - the program's own
APP_TOKEN: Final = "xapp-test-token"  # noqa: S105 - the program's own
SIGNING_SECRET: Final = "test-signing-secret"  # noqa: S105 - the program's own
PATIENCE_S: Final = 60.0

_USERS: Final = {"U0ALICE": "alice", "U0BOB": "bob", "U0MEGAN": "megan"}

Found = Mapping[str, Any]  # what the program answers is its own affair


@dataclass(frozen=True, kw_only=True)
class LocalSlack:
    """The program, at work."""

    port: int
    session: ClientSession

    @property
    def api_url(self) -> str:
        """The base of its Web API, as people tend to write it."""
        return f"http://127.0.0.1:{self.port}/api"

    async def direct(self, user: str) -> str:
        """Gives the channel of the bot's direct message with the user."""
        told = await self._post("/api/conversations.open", {"users": user})
        return str(told["channel"]["id"])

    async def says(self, user: str, text: str) -> None:
        """Has a user write to the bot."""
        channel = await self.direct(user)
        await self._post("/_control/message", {"channel": channel, "user": user, "text": text})

    async def message(self, user: str, fits: Callable[[Found], bool]) -> Found:
        """Waits for a message in the user's conversation with the bot."""
        channel = await self.direct(user)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with self.session.get(self._at(f"/_control/messages/{channel}")) as answer:
                    messages = (await answer.json())["messages"]
                for one in messages:
                    if fits(one):
                        return dict(one)
                await asyncio.sleep(0.05)

    async def presses(self, user: str, action: str) -> None:
        """Has a user press a button, as soon as it is there."""
        message = await self.message(user, lambda one: button(one, action) is not None)
        pressed = button(message, action)
        await self._post(
            "/_control/interact",
            {
                "channel": await self.direct(user),
                "messageTs": message["ts"],
                "user": user,
                "action": {"type": "button", "action_id": action, "value": pressed and pressed.get("value")},
            },
        )

    def _at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def _post(self, path: str, body: Mapping[str, object]) -> Found:
        async with self.session.post(self._at(path), json=body) as answer:
            found = await answer.json()
        assert found.get("ok", True), found
        return dict(found)


def button(message: Found, action: str) -> Found | None:
    """Gives a button of the message."""
    rows = [block for block in message.get("blocks", []) if block["type"] == "actions"]
    elements = [element for row in rows for element in row["elements"]]
    return next((one for one in elements if one["action_id"] == action), None)


@asynccontextmanager
async def local_slack(folder: Path, *, request_url: str = "") -> AsyncIterator[LocalSlack]:
    """Runs it while the block lasts; with a request URL it sends signed requests, else it serves sockets."""
    port = free_port()
    app = {"mode": "events", "requestUrl": request_url} if request_url else {"mode": "socket"}
    people = [
        {"id": user, "name": name, "email": f"{name}@acme.test", "real_name": name.capitalize()}
        for user, name in _USERS.items()
    ]
    config = folder / "local-slack.json"
    config.write_text(json.dumps({"app": app, "users": people, "channels": []}), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), "--config", str(config), "--port", str(port), "--files-dir", str(folder / "files"),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with ClientSession() as session:
            found = LocalSlack(port=port, session=session)
            async with asyncio.timeout(PATIENCE_S):
                while not await _is_up(found):  # noqa: ASYNC110 - another process's doing
                    await asyncio.sleep(0.05)
            yield found
    finally:
        process.terminate()
        await process.wait()


async def _is_up(slack: LocalSlack) -> bool:
    try:
        async with slack.session.get(f"http://127.0.0.1:{slack.port}/_control/state") as answer:
            return answer.status == 200
    except ClientError:
        return False
