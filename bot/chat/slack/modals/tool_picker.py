"""The picker of a tool: one menu where they are few, else a search that Slack asks us about."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, field, option, plain
from bot.chat.slack.modals.inputs import code, grouped, held_text, state_of, words
from bot.chat.tool_choice import Named, matching
from bot.domain.canonical import JsonObject
from bot.domain.tools import ToolId

TOOL: Final = "tool"
"""The id of the picker's block, and of its action."""
_MENU_BYTES: Final = 40_000


def picker_field(
    tools: Sequence[Named],
    *,
    label: str,
    chosen: ToolId | None,
    optional: bool,
    hint: str = "",
) -> Block:
    """Gives the field that picks a tool; every pick is reported under the action `tool`."""
    element = _menu(tools)
    if element is None:
        element = {"type": "external_select", "min_query_length": 0}
    element["action_id"] = TOOL
    element["placeholder"] = plain("Choose or search", limits.PLACEHOLDER)
    picked = next((one for one in tools if one[0] == chosen), None)
    if picked is not None:
        element["initial_option"] = _option(*picked)
    return field(TOOL, label, element, optional=optional, hint=hint, live=True)


def _menu(tools: Sequence[Named]) -> Block | None:
    """Gives the menu of all tools under their connectors; None where that would be too large."""
    if not 0 < len(tools) <= limits.OPTIONS:
        return None
    groups: dict[str, list[Block]] = {}
    for tool in tools:
        groups.setdefault(tool[0].connector, []).append(_option(*tool))
    element: Block = {"type": "static_select"}
    if len(groups) == 1:
        [element["options"]] = groups.values()
    else:
        element["option_groups"] = grouped(groups)
    return element if len(json.dumps(element)) <= _MENU_BYTES else None


def _option(tool: ToolId, title: str, description: str) -> Block:
    about = words(description, limits.OPTION_DESCRIPTION) if description.strip() else str(tool)
    return option(code(str(tool)), words(title, limits.OPTION_TEXT) or tool.name, description=about)


def tool_options(tools: Sequence[Named], query: str) -> dict[str, list[Block]]:
    """Gives the answer to a search, the best matches first; every word has to be found."""
    return {"options": [_option(*tool) for tool in matching(tools, query)[: limits.OPTIONS]]}


def picked_code(view: JsonObject) -> str:
    """Gives what stands for the tool that is picked; empty for none."""
    return held_text(state_of(view), TOOL)


def picked_tool(view: JsonObject, tools: Iterable[Named]) -> ToolId | None:
    """Gives the tool that is picked; None for none, or for one that is not offered any more."""
    found = picked_code(view)
    return next((tool[0] for tool in tools if found and code(str(tool[0])) == found), None)
