"""Which tools an edit can matter to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.domain.policies import NamedTools
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, SwitchEdit
from bot.domain.tools import ToolId

MOST: Final = 200
"""Tools, and connectors, that are told apart; of more, all of their connectors, and all there are, count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Tools: some by name, all of some connectors, or all that there are."""

    is_all: bool = False
    connectors: frozenset[str] = frozenset()
    tools: frozenset[ToolId] = frozenset()

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> "Reach":
        """Gives the tools whose calls the edits can decide otherwise; all others stay as they are."""
        connectors: set[str] = set()
        tools: set[ToolId] = set()
        for edit in edits:
            match edit:
                case PolicyEdit(before=before, after=after):
                    for policy in (before, after):
                        if policy is not None and isinstance(policy.tools, NamedTools):
                            tools |= {ToolId(policy.connector, name) for name in policy.tools.names}
                        elif policy is not None:
                            connectors.add(policy.connector)
                case DefaultEdit(connector=""):
                    return cls(is_all=True)
                case DefaultEdit(connector=connector) | SwitchEdit(connector=connector, tool=""):
                    connectors.add(connector)
                case SwitchEdit(connector=connector, tool=name):
                    tools.add(ToolId(connector, name))
                case GrantEdit(grant=grant):
                    tools.add(grant.tool)
        return cls._bounded(connectors, tools)

    @classmethod
    def _bounded(cls, connectors: set[str], tools: set[ToolId]) -> "Reach":
        if len(tools) > MOST:
            connectors |= {tool.connector for tool in tools}
        if len(connectors) > MOST:
            return cls(is_all=True)
        left = frozenset(tool for tool in tools if tool.connector not in connectors)
        return cls(connectors=frozenset(connectors), tools=left)

    def holds(self, tool: ToolId) -> bool:
        """Whether the tool is one of them."""
        return self.is_all or tool.connector in self.connectors or tool in self.tools

    @property
    def homes(self) -> frozenset[str]:
        """The connectors that they are of, where not all are meant."""
        return self.connectors | {tool.connector for tool in self.tools}
