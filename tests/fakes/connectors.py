from collections.abc import Callable
from dataclasses import dataclass

from typing_extensions import override

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.domain.tools import ToolId
from bot.ports.outside import Connectors, NotSent, OutcomeUnknown

Answer = str | CallResult | NotSent | OutcomeUnknown | Callable[[JsonObject], "str | CallResult"]


@dataclass(frozen=True, slots=True)
class _Told:
    answer: Answer


class FakeConnectors(Connectors):
    """Tool servers in memory; `answer` says what a tool does, `away` takes a whole connector down.

    `calls` is every call that left, in order, answered or not.
    """

    def __init__(self) -> None:
        self.calls: list[ToolCall] = []
        self._told: dict[ToolId, _Told] = {}
        self._away: dict[str, str] = {}

    def answer(self, tool: ToolId, answer: Answer) -> None:
        self._told[tool] = _Told(answer)

    def away(self, connector: str, why: str = "it is being restarted.") -> None:
        self._away[connector] = why

    def back(self, connector: str) -> None:
        self._away.pop(connector, None)

    @override
    async def call(self, call: ToolCall) -> CallResult:
        connector = call.tool.connector
        if connector in self._away:
            raise NotSent(connector=connector, why=self._away[connector])
        if connector not in {tool.connector for tool in self._told}:
            raise NotSent(connector=connector, why="it is turned off, or not set up here.")
        told = self._told.get(call.tool)
        if told is None:
            self.calls.append(call)
            return answered(f"There is no tool {call.tool.name}.", ok=False)
        if isinstance(told.answer, NotSent):
            raise told.answer
        self.calls.append(call)
        if isinstance(told.answer, OutcomeUnknown):
            raise told.answer
        made = told.answer(call.arguments) if callable(told.answer) else told.answer
        return answered(made) if isinstance(made, str) else made


def answered(text: str, *, ok: bool = True, content: JsonValue = None) -> CallResult:
    """Gives what a tool answers."""
    return CallResult(ok=ok, text=text, content=content, duration_s=0.01)
