"""The tools that a form offers, and those that a search finds among them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.domain.tools import CatalogTool, ToolId

Named = tuple[ToolId, str, str]
"""A tool, its title and what it says of itself."""


class OfferedTool(NamedTuple):
    """One tool that can be picked."""

    id: ToolId
    title: str
    description: str = ""


def offered(tools: Iterable[CatalogTool]) -> list[OfferedTool]:
    """Gives the tools for the picker, by connector and title."""
    found = [OfferedTool(one.id, one.definition.plain_title, one.definition.description) for one in tools]
    return sorted(found, key=lambda one: (one.id.connector, one.title.casefold(), one.id.name))


def matching(tools: Sequence[Named], query: str) -> list[Named]:
    """Gives the tools that a search finds, the best matches first; every word has to be found."""
    wanted = query.casefold().split()
    ranked = [(_rank(tool, wanted), tool) for tool in tools]
    found = sorted((one for one in ranked if one[0] is not None), key=lambda one: one[0] or 0)
    return [tool for _, tool in found]


def _rank(tool: Named, wanted: Sequence[str]) -> int | None:
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
