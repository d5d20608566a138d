"""A `Reader` in memory."""

from collections.abc import Mapping

from typing_extensions import override

from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.domain.tools import ToolId
from bot.ports.outside import Reader, ReadRefused


def answered(content: JsonValue, text: str = "") -> CallResult:
    """Gives a tool's answer as data."""
    return CallResult(ok=True, text=text, content=content, duration_s=0.0)


def said_no(text: str, content: JsonValue = None) -> CallResult:
    """Gives a tool's answer that it cannot do this."""
    return CallResult(ok=False, text=text, content=content, duration_s=0.0)


class FakeReader(Reader):
    """Answers by tool, remembers every call, and refuses tools it has no answer for."""

    def __init__(self, answers: Mapping[ToolId, CallResult | Refusal] | None = None) -> None:
        self.answers = dict(answers or {})
        self.calls: list[ToolCall] = []

    @override
    async def __call__(self, call: ToolCall) -> CallResult:
        self.calls.append(call)
        answer = self.answers.get(call.tool, ReadRefused(tool=call.tool, reason="the policy asks first"))
        if isinstance(answer, Refusal):
            raise answer
        return answer
