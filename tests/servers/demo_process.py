"""The real `countersign demo` as a child process."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import ClientError, ClientSession

PATIENCE_S: Final = 60.0


class DemoProcess:
    """One demo on one data directory; starting again after `kill` goes on with the same data and port."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        self._data = data
        self._options = options
        self.environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Starts it and waits until it is ready."""
        command = [sys.executable, "-m", "bot", "demo", "--data", str(self._data), "--port", str(self.port)]
        command += self._options
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **self.environment},  # noqa: TID251 - a child gets our own environment
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with ClientSession() as session, asyncio.timeout(PATIENCE_S):
            while not await self._is_ready(session):  # noqa: ASYNC110 - another process's doing
                await asyncio.sleep(0.05)

    async def ends(self) -> int:
        """Stops it as Ctrl-C does and gives its exit code; 0 when it was not running."""
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self._process.wait(), PATIENCE_S)

    async def stop(self) -> None:
        """Stops it as Ctrl-C does."""
        await self.ends()

    async def kill(self) -> None:
        """Kills it without a warning."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _is_ready(self, session: ClientSession) -> bool:
        if self._process is not None and self._process.returncode is not None:
            raise AssertionError(f"the demo ended with {self._process.returncode}")
        try:
            async with session.get(f"{self.url}readyz") as answer:
                return answer.status == 200
        except ClientError:
            return False


def child_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Gives our own environment, without what it may say of somebody's Slack, and with more."""
    own = os.environ  # noqa: TID251 - a child gets our own environment
    return {name: value for name, value in own.items() if not name.startswith("SLACK")} | dict(more)


def free_port() -> int:
    """Gives a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
