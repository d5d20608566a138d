"""What a test lets go wrong between the app and the test server."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Hold:
    """A call that hangs; `arrived` is set when it is there, and it goes on when a test says so."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Lets the call, and all that follow, go on."""
        self.released.set()


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one call."""

    kind: Literal["error", "limit", "status", "hang", "drop"]
    error: str = "fatal_error"
    after_s: int = 1
    status: int = 500
    after_effect: bool = False
    """Whether the call does its work before the connection breaks."""
    hold: Hold = field(default_factory=Hold)


class Faults:
    """The faults that wait for the next calls of each method; each is met once, in order."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)
        self._holds: list[Hold] = []

    def fails(self, method: str, error: str, *, times: int = 1) -> None:
        """Answers the next calls with the error."""
        self._add(method, Fault(kind="error", error=error), times)

    def limits(self, method: str, *, after_s: int = 1, times: int = 1) -> None:
        """Answers the next calls with 429 and `Retry-After`."""
        self._add(method, Fault(kind="limit", after_s=after_s), times)

    def breaks(self, method: str, *, status: int = 500, times: int = 1) -> None:
        """Answers the next calls with a page that is not JSON."""
        self._add(method, Fault(kind="status", status=status), times)

    def hangs(self, method: str, *, times: int = 1) -> Hold:
        """Keeps the next calls waiting before they do anything."""
        hold = Hold()
        self._holds.append(hold)
        self._add(method, Fault(kind="hang", hold=hold), times)
        return hold

    def drops(self, method: str, *, after_effect: bool, times: int = 1) -> None:
        """Breaks the connection of the next calls, before or after they did what they were for."""
        self._add(method, Fault(kind="drop", after_effect=after_effect), times)

    def clear(self) -> None:
        """Takes back what has not happened yet, and lets everything go on that hangs."""
        self._waiting.clear()
        for hold in self._holds:
            hold.release()

    def next(self, method: str) -> Fault | None:
        """Gives the fault that this call meets."""
        waiting = self._waiting[method]
        return waiting.popleft() if waiting else None

    def _add(self, method: str, fault: Fault, times: int) -> None:
        self._waiting[method].extend([fault] * times)
