"""What a test lets go wrong between the bot and Microsoft: in the connector, in Graph, and with the keys."""

import asyncio
import math
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

CODES: Final = {
    401: "BotNotRegistered",
    403: "BotNotInConversationRoster",
    404: "ConversationNotFound",
    412: "PreconditionFailed",
    413: "MessageSizeTooBig",
    429: "Throttled",
    500: "ServiceError",
    502: "ServiceError",
    503: "ServiceError",
    504: "ServiceError",
}
"""The error code that goes with a status.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
"""
PER_CONVERSATION: Final = ((7, 1.0), (60, 30.0), (1800, 3600.0))
"""Sends to one conversation, and the seconds in which they may be.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""


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

    kind: Literal["status", "hang", "delay", "drop"]
    status: int = 500
    code: str = ""
    after_s: int = 0
    """What `Retry-After` says; zero leaves it out."""
    delay_s: float = 0
    after_effect: bool = False
    """Whether the call does its work before the answer is lost."""
    hold: Hold = field(default_factory=Hold)


class Faults:
    """The faults that wait for the next calls of each operation, in order; `*` stands for every operation.

    Operations: `create`, `post`, `update`, `delete`, `member`, `members`; `graph.user`, `graph.catalog`,
    `graph.installed`, `graph.install`, `graph.chat`; `metadata`, `keys`.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._holds: list[Hold] = []

    def fails(
        self,
        operation: str,
        status: int,
        *,
        code: str = "",
        after_s: int | None = None,
        times: int = 1,
        after_effect: bool = False,
    ) -> None:
        """Answers the next calls with this status; 429 says `Retry-After: 1` unless told otherwise."""
        wait = after_s if after_s is not None else int(status == 429)
        said = code or CODES.get(status, "ServiceError")
        fault = Fault(kind="status", status=status, code=said, after_s=wait, after_effect=after_effect)
        self._waiting[operation].extend([fault] * times)

    def hangs(self, operation: str, *, times: int = 1) -> Hold:
        """Keeps the next calls waiting before they do anything."""
        hold = Hold()
        self._holds.append(hold)
        self._waiting[operation].extend([Fault(kind="hang", hold=hold)] * times)
        return hold

    def delays(self, operation: str, seconds: float, *, times: int | None = None) -> None:
        """Lets the next calls take so long; all calls from now on when no number is given."""
        fault = Fault(kind="delay", delay_s=seconds)
        if times is None:
            self._always[operation] = fault
        else:
            self._waiting[operation].extend([fault] * times)

    def drops(self, operation: str, *, after_effect: bool, times: int = 1) -> None:
        """Breaks the connection of the next calls, before or after they did what they were for."""
        self._waiting[operation].extend([Fault(kind="drop", after_effect=after_effect)] * times)

    def is_away(self, operation: str) -> None:
        """Answers every call from now on with 503."""
        self._always[operation] = Fault(kind="status", status=503, code="ServiceError")

    def clear(self) -> None:
        """Takes back what has not happened yet, and lets everything go on that hangs."""
        self._waiting.clear()
        self._always.clear()
        for hold in self._holds:
            hold.release()

    def next(self, operation: str) -> Fault | None:
        """Gives the fault that this call meets."""
        for name in (operation, "*"):
            if self._waiting[name]:
                return self._waiting[name].popleft()
            if name in self._always:
                return self._always[name]
        return None


class Rates:
    """How many sends a conversation takes."""

    def __init__(self, windows: Sequence[tuple[int, float]] = PER_CONVERSATION) -> None:
        self.windows = windows
        self._sent: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, conversation: str, now: float) -> int:
        """Gives the seconds that the conversation must rest; zero takes the send."""
        sent = self._sent[conversation]
        while sent and self.windows and sent[0] <= now - max(period for _, period in self.windows):
            sent.popleft()
        for most, period in self.windows:
            within = [at for at in sent if at > now - period]
            if len(within) >= most:
                return max(1, math.ceil(within[-most] + period - now))
        sent.append(now)
        return 0
