"""Countersign as it is started on a command line: what it prints, its children, and people's clicks."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from aiohttp import ClientError, ClientSession

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.demo_process import child_environment, free_port

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 90.0

Found = TypeVar("Found")


class CountersignProcess:
    """`python -m bot …`; entering the block starts nothing yet, leaving it kills what is left."""

    def __init__(self, *words: str | Path, output: Path, **environment: str) -> None:
        self._words = [str(word) for word in words]
        self._output = output
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._session: ClientSession | None = None
        self.port = 0

    @classmethod
    def demo(
        cls,
        data: Path,
        *,
        database: str | None = None,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Gives the demo on a data directory, on PostgreSQL if an address is given."""
        chosen = port or free_port()
        known = {"COUNTERSIGN_DATABASE_URL": database} if database else {}
        output = data.with_name(f"{data.name}-{chosen}.txt")
        more = environment or {}
        found = cls("demo", "--data", data, "--port", str(chosen), output=output, **known, **more)
        found.port = chosen
        return found

    async def __aenter__(self) -> Self:
        self._session = ClientSession(f"http://127.0.0.1:{self.port}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()
        if self._session is not None:
            await self._session.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        """What it has printed so far, in all its lives."""
        return self._output.read_text(encoding="utf-8") if self._output.exists() else ""

    async def launch(self) -> None:
        """Starts it, and waits for nothing."""
        with self._output.open("a") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *self._words,
                env=child_environment(self._environment),
                stdout=output, stderr=output, cwd=ROOT,
            )  # fmt: skip

    async def start(self) -> None:
        """Starts it and waits until it is ready."""
        await self.launch()
        await eventually(self.is_ready, f"the process to be ready; it said: {self.said[-2000:]}")

    async def is_ready(self) -> bool:
        """Whether it answers that it is ready."""
        assert self._process is not None
        assert self._process.returncode is None, self.said
        try:
            status, _ = await self.get("/readyz")
        except ClientError:
            return False
        return status == 200

    async def kill(self) -> None:
        """Kills it without a warning."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def ended(self, by: signal.Signals | None = None) -> int:
        """Gives its exit code, after the signal if one is given."""
        assert self._process is not None
        if by is not None:
            self._process.send_signal(by)
        return await asyncio.wait_for(self._process.wait(), PATIENCE_S)

    def children(self) -> list[int]:
        """Gives the ids of its children."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(child) for child in found.read_text(encoding="ascii").split()]

    async def get(self, path: str) -> tuple[int, JsonValue]:
        """Gives status and body of an answer."""
        assert self._session is not None
        async with self._session.get(path) as response:
            return response.status, await response.json()

    async def post(self, path: str, body: JsonObject) -> tuple[int, dict[str, JsonValue]]:
        """Gives status and body of an answer."""
        assert self._session is not None
        async with self._session.post(path, json=body) as response:
            answer = await response.json()
        assert isinstance(answer, dict)
        return response.status, answer

    async def says(self, who: str, text: str, *, key: str = "1") -> str:
        """Has a person write a message, and gives the request; the same key again is the same message."""
        body: JsonObject = {"as": f"{who}@acme.test", "text": text, "id": key}
        status, answer = await self.post("/api/chats", body)
        assert status == 200, answer
        return str(answer["request"])

    async def status_of(self, request: str) -> str:
        """Gives the request's status."""
        status, answer = await self.get(f"/api/requests/{request}")
        assert status == 200, answer
        assert isinstance(answer, dict)
        return str(answer["status"])

    async def comes_to(self, request: str, *wanted: str) -> str:
        """Waits until the request has one of the statuses, and gives it."""

        async def look() -> str | None:
            status = await self.status_of(request)
            return status if status in wanted else None

        return await eventually(look, f"request {request} to be {wanted}")

    async def card(self, who: str, request: str, action: str) -> str:
        """Waits for a card of a person about a request that offers the action, and gives its id."""

        async def look() -> str | None:
            for item in await self.items(who):
                actions = item.get("actions")
                offered = actions if isinstance(actions, list) else []
                ids = [one["id"] for one in offered if isinstance(one, dict)]
                if item.get("request") == request and action in ids:
                    return str(item["card"])
            return None

        return await eventually(look, f"a card for {who} that offers {action}")

    async def items(self, who: str) -> list[dict[str, JsonValue]]:
        """Gives a person's chat."""
        status, answer = await self.get(f"/api/chats/{who}@acme.test")
        assert status == 200, answer
        assert isinstance(answer, dict)
        items = answer["items"]
        assert isinstance(items, list)
        return [item for item in items if isinstance(item, dict)]

    async def presses(self, who: str, card: str, action: str) -> tuple[int, dict[str, JsonValue]]:
        """Has a person press a button."""
        return await self.post(
            "/api/actions", {"as": f"{who}@acme.test", "card": card, "action": action, "values": {}}
        )

    async def approves(self, who: str, request: str) -> None:
        """Has a person approve a request."""
        status, answer = await self.presses(who, await self.card(who, request, "approve"), "approve")
        assert status == 200, answer


async def eventually(look: Callable[[], Awaitable[Found | None]], what: str) -> Found:
    """Looks again and again until there is something, or fails with what was waited for."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while asyncio.get_running_loop().time() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")
