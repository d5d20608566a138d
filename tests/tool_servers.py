"""Real tool servers for tests: connectors that lead to them, and waiting for what they do."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from bot.connectors.addresses import Reach
from bot.connectors.settings import ConnectorSettings
from bot.domain.canonical import JsonValue
from bot.domain.connectors import Connector, OverHttp, OverStdio
from bot.domain.plans import ToolCall
from bot.domain.tools import ToolId

ROOT: Final = Path(__file__).parent.parent
PATIENT: Final = 30.0
"""Seconds after which a test gives up; a machine under load is slow."""

QUICK: Final = ConnectorSettings(
    reach=Reach.LOOPBACK,
    ready_s=PATIENT,
    quiet_s=0.01,
    first_pause_s=0.01,
    longest_pause_s=0.05,
    poll_s=0.02,
)


def at_desk(
    folder: Path, habit: str = "", *, name: str = "desk", timeout_s: float = PATIENT, **environment: str
) -> Connector:
    """Gives a connector to a desk that is our child."""
    folder.mkdir(exist_ok=True)
    arguments = ("-m", "tests.servers.mcp_stdio", str(folder), *([habit] if habit else []))
    return _child(arguments, name=name, timeout_s=timeout_s, environment=environment)


def at_sdk_server(folder: Path, *, name: str = "desk", timeout_s: float = PATIENT) -> Connector:
    """Gives a connector to a server of the official SDK that is our child."""
    folder.mkdir(exist_ok=True)
    arguments = ("-m", "tests.servers.mcp_sdk", str(folder), "stdio")
    return _child(arguments, name=name, timeout_s=timeout_s, environment={})


def at_url(url: str, *, name: str = "desk", timeout_s: float = PATIENT, **headers: str) -> Connector:
    """Gives a connector to a URL."""
    transport = OverHttp(url=url, headers=headers)
    return Connector(id=f"id-of-{name}", name=name, transport=transport, timeout_s=timeout_s)


def a_call_of(tool: str, *, connector: str = "desk", **arguments: JsonValue) -> ToolCall:
    """Gives a call of the desk's tool."""
    return ToolCall(tool=ToolId(connector, tool), arguments=arguments)


def counted(folder: Path) -> int:
    """Gives how often the tool `count` has run."""
    file = folder / "counted"
    return len(file.read_text().splitlines()) if file.exists() else 0


def pid_in(folder: Path) -> int:
    """Gives the process that the desk in this folder is, or 0 before it is one."""
    file = folder / "pid"
    return int(file.read_text() or 0) if file.exists() else 0


def pids_in(folder: Path) -> list[int]:
    """Gives every process that was ever the desk in this folder."""
    file = folder / "starts"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def environment_of(pid: int) -> list[str]:
    """Gives the variables that the process was started with."""
    return Path(f"/proc/{pid}/environ").read_text().split("\0")


def a_free_port() -> int:
    """Gives a port that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


async def until(holds: Callable[[], bool], what: str) -> None:
    """Waits until it holds; fails, saying what did not come, when it takes too long."""

    async def look() -> bool:
        return holds()

    await until_so(look, what)


async def until_so(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Waits until it holds; fails, saying what did not come, when it takes too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENT
    while not await holds():
        assert loop.time() < deadline, f"in {PATIENT:g} seconds it did not come about: {what}"
        await asyncio.sleep(0.01)


def _child(
    arguments: tuple[str, ...], *, name: str, timeout_s: float, environment: dict[str, str]
) -> Connector:
    transport = OverStdio(
        command=sys.executable, arguments=arguments, environment={"PYTHONPATH": str(ROOT), **environment}
    )
    return Connector(id=f"id-of-{name}", name=name, transport=transport, timeout_s=timeout_s)
