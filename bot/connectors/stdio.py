"""Tool servers that we start ourselves: the child's command, its environment, and its last words."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TextIO

from mcp import StdioServerParameters
from mcp.client._transport import TransportStreams
from mcp.client.stdio import get_default_environment, stdio_client

from bot.connectors import leash
from bot.connectors.failures import CommandNotFound, printable
from bot.domain.connectors import OverStdio

_KEPT: Final = 4096
"""Bytes of a child's error output that are kept."""


class LastWords:
    """The end of what a child wrote to its error output; the rest is thrown away unseen."""

    def __init__(self) -> None:
        self._tail = b""

    def add(self, chunk: bytes) -> None:
        """Takes more in."""
        self._tail = (self._tail + chunk)[-_KEPT:]

    @property
    def line(self) -> str:
        """The last line that says something, fit for a sentence; empty when there is none."""
        lines = [printable(line) for line in self._tail.decode(errors="replace").splitlines()]
        return next((line for line in reversed(lines) if line), "")


def parameters(transport: OverStdio) -> StdioServerParameters:
    """Gives how to start the server: few variables of ours, and those that the connector names.

    Raises:
        CommandNotFound: there is no such command.
    """
    environment = {**get_default_environment(), **transport.environment}
    command = shutil.which(transport.command, path=environment.get("PATH"))
    if command is None:
        raise CommandNotFound(command=printable(transport.command))
    words = [command, *transport.arguments]
    if sys.platform == "linux":
        words = [sys.executable, "-I", "-S", str(Path(leash.__file__)), str(os.getpid()), *words]
    return StdioServerParameters(
        command=words[0],
        args=words[1:],
        env=dict(transport.environment),
        encoding_error_handler="replace",
    )


@asynccontextmanager
async def over_stdio(transport: OverStdio, words: LastWords) -> AsyncGenerator[TransportStreams]:
    """Starts the server and opens its streams; its error output goes to `words`.

    Raises:
        CommandNotFound: there is no such command.
    """
    start = parameters(transport)
    async with _heard(words) as errors, stdio_client(start, errlog=errors) as streams:
        errors.close()
        yield streams


@asynccontextmanager
async def _heard(words: LastWords) -> AsyncGenerator[TextIO]:
    reading, writing = os.pipe()
    listening = asyncio.create_task(_listen(reading, words))
    with os.fdopen(writing, "w") as errors:
        try:
            yield errors
        finally:
            errors.close()
            # A grandchild may hold the pipe open; what it still has to say is not waited for.
            await asyncio.wait({listening}, timeout=0.5)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(reading: int, words: LastWords) -> None:
    reader = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb")
    )
    try:
        while chunk := await reader.read(_KEPT):
            words.add(chunk)
    finally:
        pipe.close()
