"""Tool calls and plans: what an agent proposes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.canonical import JsonObject, bounded, digest
from bot.domain.tools import ToolId


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call, exactly as it would run."""

    tool: ToolId
    arguments: JsonObject

    @property
    def digest(self) -> str:
        """SHA-256 of connector, tool and arguments: what an approver approves.

        Nothing else is in it: the agent's and the requester's words may change and need no new approval.
        """
        return digest({"connector": self.tool.connector, "tool": self.tool.name, "arguments": self.arguments})

    def checked(self) -> "ToolCall":
        """Gives the call back if its arguments are small enough to be shown in full.

        Raises:
            Refusal: too deep, too long or no JSON.
        """
        bounded(self.arguments)
        return self


def plan_digest(calls: Sequence[ToolCall]) -> str:
    """Gives the SHA-256 over the calls in their order: equal plans have equal digests."""
    return digest([call.digest for call in calls])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The calls that answer a request, in order, and what the agent found out before."""

    diagnosis: str
    calls: tuple[ToolCall, ...]
    runbook: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The agent has nothing to change: it answers in words."""

    diagnosis: str
    text: str
    runbook: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The agent needs one more fact from the requester before it can plan."""

    text: str
    choices: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """The agent does not recognise the request."""

    diagnosis: str = ""


Proposal = Plan | Answer | Question | Unplaced
