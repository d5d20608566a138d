"""The demo's tools as connectors in this process: the same estate, without a server in between."""

import asyncio
from collections.abc import Mapping
from functools import cache

from typing_extensions import override

from bot.connectors.listing import Page, read_listing
from bot.demo.company import CONNECTOR
from bot.demo.estate import Estate
from bot.demo.tools import TOOLS
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.domain.tools import ToolDefinition
from bot.ports.outside import Connectors, NotSent, OutcomeUnknown


@cache
def estate_definitions() -> tuple[ToolDefinition, ...]:
    """Gives the demo's tools as a hub would list them."""
    raw = [tool.definition().model_dump(by_alias=True, exclude_none=True) for tool in TOOLS.values()]
    return read_listing(CONNECTOR, Page(tools=raw, readable=frozenset(TOOLS), next=None)).tools


class EstateConnectors(Connectors):
    """Calls the demo's tools; counts what it was asked, and fails as a test wants."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.calls: list[ToolCall] = []
        """Every call that left, in order."""
        self.away = False
        """Whether nothing can be sent."""
        self.silent: set[str] = set()
        """Tools that do their work and never answer."""
        self.held: dict[str, asyncio.Event] = {}
        """Tools that wait for a test before they do anything."""
        self.started = asyncio.Event()
        """Set whenever a call leaves."""

    @override
    async def call(self, call: ToolCall) -> CallResult:
        if self.away or call.tool.connector != CONNECTOR:
            raise NotSent(connector=call.tool.connector, why="it is away.")
        self.calls.append(call)
        self.started.set()
        if call.tool.name in self.held:
            await self.held[call.tool.name].wait()
        result = self._answer(call.tool.name, call.arguments)
        if call.tool.name in self.silent:
            raise OutcomeUnknown(connector=call.tool.connector)
        return result

    def called(self, tool: str) -> list[JsonObject]:
        """Gives the arguments of every call of this tool."""
        return [call.arguments for call in self.calls if call.tool.name == tool]

    def _answer(self, tool: str, arguments: Mapping[str, object]) -> CallResult:
        try:
            answer = TOOLS[tool].call(self._estate, arguments)
        except Refusal as refusal:
            return CallResult(ok=False, text=refusal.sentence, duration_s=0.0)
        content = answer.record.model_dump(mode="json", by_alias=True)
        return CallResult(ok=True, text=answer.sentence, content=content, duration_s=0.0)
