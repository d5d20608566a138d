"""The reads of one planning: each at most once, and what could not be read."""

from collections.abc import Mapping

from bot.agent.runbook import ReadStep
from bot.domain.canonical import JsonObject, JsonValue, NotJson, TooDeep, parse
from bot.domain.errors import Refusal
from bot.domain.plans import ToolCall
from bot.domain.requests import CallResult
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId, shortened
from bot.ports.outside import NotSent, Reader, ReadRefused


class NotRead(Refusal):
    """{title} could not be read: {why}"""  # noqa: D415 - the reason ends it


class Reads:
    """Remembers what was read, so that a conversation does not ask a system twice."""

    def __init__(self, read: Reader, tools: Mapping[ToolId, CatalogTool]) -> None:
        self._read = read
        self._tools = tools
        self._results: dict[str, CallResult] = {}

    def may_use(self, tool: ToolId) -> bool:
        """Whether the tool is in the agent's list."""
        return tool in self._tools

    def title(self, tool: ToolId) -> str:
        """Gives what to call the tool in a sentence."""
        known = self._tools.get(tool)
        definition = known.definition if known else ToolDefinition(id=tool, input_schema={})
        return shortened(definition.plain_title)

    async def result(self, step: ReadStep, arguments: JsonObject) -> CallResult:
        """Gives what the tool answers.

        Raises:
            NotRead: it may not be read, or an optional read's system is away.
            NotSent: the system is away, and the read is needed.
        """
        title = self.title(step.tool)
        if not self.may_use(step.tool):
            raise NotRead(title=title, why="it is not among the tools that the agent may use here.")
        try:
            call = ToolCall(tool=step.tool, arguments=arguments).checked()
            if call.digest not in self._results:
                self._results[call.digest] = await self._read(call)
        except NotSent as refusal:
            if not step.optional:
                raise
            raise NotRead(title=title, why=refusal.sentence) from refusal
        except ReadRefused as refusal:
            raise NotRead(title=title, why=refusal.sentence) from refusal
        return self._results[call.digest]


def content_of(result: CallResult) -> JsonValue:
    """Gives the answer as data: structured, or the JSON that its text is, or its text under `text`."""
    if result.content is not None:
        return result.content
    if result.text.lstrip().startswith(("{", "[")):
        try:
            return parse(result.text)
        except (NotJson, TooDeep):
            pass
    return {"text": result.text}
