"""The picker of a tool: one menu where they are few, else a search that Slack asks us about."""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, field, option, plain
from bot.chat.slack.modals.inputs import code, grouped, held_text, state_of, words
from bot.domain.canonical import JsonObject
from bot.domain.tools import CatalogTool, ToolId

TOOL: Final = "tool"
"""The id of the picker's block, and of its action."""
_MENU_BYTES: Final = 40_000


class OfferedTool(NamedTuple):
    """One tool that can be picked."""

    id: ToolId
    title: str
    description: str = ""


def offered(tools: Iterable[CatalogTool]) -> list[OfferedTool]:
    """Gives the tools for the picker, by connector and title."""
    found = [OfferedTool(one.id, one.definition.plain_title, one.definition.description) for one in tools]
    return sorted(found, key=lambda one: (one.id.connector, one.title.casefold(), one.id.name))


def picker_field(
    tools: Sequence[tuple[ToolId, str, str]],
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


def _menu(tools: Sequence[tuple[ToolId, str, str]]) -> Block | None:
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


def tool_options(tools: Sequence[tuple[ToolId, str, str]], query: str) -> dict[str, list[Block]]:
    """Gives the answer to a search, the best matches first; every word has to be found."""
    wanted = query.casefold().split()
    ranked = [(_rank(tool, wanted), tool) for tool in tools]
    found = sorted((one for one in ranked if one[0] is not None), key=lambda one: one[0] or 0)
    return {"options": [_option(*tool) for _, tool in found[: limits.OPTIONS]]}


def _rank(tool: tuple[ToolId, str, str], wanted: Sequence[str]) -> int | None:
    """Gives how well the tool fits, 0 for best; None if a word is not found."""
    identity, title, description = tool
    places = (title.casefold(), str(identity).casefold(), description.casefold())
    total = 0
    for word in wanted:
        rank = next((2 * at for at, text in enumerate(places) if word in text), None)
        if rank is None:
            return None
        starts = any(part.startswith(word) for part in places[rank // 2].split())
        total += rank + (0 if starts else 1)
    return total


def picked_code(view: JsonObject) -> str:
    """Gives what stands for the tool that is picked; empty for none."""
    return held_text(state_of(view), TOOL)


def picked_tool(view: JsonObject, tools: Iterable[tuple[ToolId, str, str]]) -> ToolId | None:
    """Gives the tool that is picked; None for none, or for one that is not offered any more."""
    found = picked_code(view)
    return next((tool[0] for tool in tools if found and code(str(tool[0])) == found), None)
