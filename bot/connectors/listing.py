"""A server's list of tools, page by page, and the definitions that come of it."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.connectors.failures import ListingRefused, clause_of, printable
from bot.connectors.schemas import flaw_of
from bot.domain.canonical import JsonObject, TooDeep, canonical
from bot.domain.errors import Refusal
from bot.domain.tools import ToolDefinition, ToolId, check_tool_name

MAX_PAGES: Final = 100
MAX_TOOLS: Final = 5_000

MAX_DEFINITION: Final = 256_000
"""Characters that one tool's definition may have in canonical form."""

MAX_LISTING: Final = 20_000_000
"""Characters that all definitions of a server may have, as JSON."""

MAX_DESCRIPTION: Final = 8_000
MAX_TITLE: Final = 200

MAX_REFUSED: Final = 100
"""Refused tools that are named; above that only their number is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a connector offers."""

    tools: tuple[ToolDefinition, ...]
    refused: tuple[str, ...]
    """A sentence per tool that is not taken, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a server's list, as it came."""

    tools: Sequence[object]
    readable: frozenset[str]
    """Names of the tools that the protocol allows."""
    next: str | None


class _ToolRefused(Refusal):
    """The tool {tool} is not taken: {why}."""


async def all_pages(fetch: Callable[[str | None], Awaitable[Page]]) -> Page:
    """Gives all pages as one.

    Raises:
        ListingRefused: it does not end, or is too long.
    """
    tools: list[object] = []
    readable: set[str] = set()
    cursor: str | None = None
    seen: set[str] = set()
    size = 0
    for _ in range(MAX_PAGES):
        page = await fetch(cursor)
        tools.extend(page.tools)
        readable |= page.readable
        if len(tools) > MAX_TOOLS:
            raise ListingRefused(why=f"it has more than {MAX_TOOLS:,} tools")
        size += len(json.dumps(page.tools))
        if size > MAX_LISTING:
            raise ListingRefused(why=f"it has more than {MAX_LISTING:,} characters")
        cursor = page.next
        if cursor is None:
            return Page(tools=tools, readable=frozenset(readable), next=None)
        if cursor in seen:
            raise ListingRefused(why="its pages go round in circles")
        seen.add(cursor)
    raise ListingRefused(why=f"it has more than {MAX_PAGES} pages")


def read_listing(connector: str, page: Page) -> Listing:
    """Gives the definitions; a tool that cannot be taken costs only itself.

    Names are compared byte for byte. Of two tools with one name neither is taken: nobody could say which one
    was approved. A tool that only runs as a task is left out without a word; its server offers it to others.
    """
    names = Counter(_name(raw) for raw in page.tools)
    taken: list[ToolDefinition] = []
    refused: list[str] = []
    for raw in page.tools:
        if _needs_a_task(raw):
            continue
        try:
            if names[_name(raw)] > 1:
                raise _ToolRefused(tool=_shown(raw), why="the server lists this name more than once")
            taken.append(_definition(connector, raw, page.readable))
        except Refusal as refusal:
            refused.append(refusal.sentence)
    unlike = list(dict.fromkeys(refused))
    if len(unlike) > MAX_REFUSED:
        unlike[MAX_REFUSED:] = [f"{len(unlike) - MAX_REFUSED} more tools are not taken."]
    return Listing(tools=tuple(taken), refused=tuple(unlike))


def _definition(connector: str, raw: object, readable: frozenset[str]) -> ToolDefinition:
    name = _name(raw)
    if not isinstance(raw, Mapping) or not name:
        raise _ToolRefused(tool=_shown(raw), why="it has no name")
    check_tool_name(name)
    try:
        size = len(canonical(raw))
    except TooDeep:
        raise _ToolRefused(tool=name, why="its definition is nested too deep") from None
    except Refusal as refusal:
        raise _ToolRefused(tool=name, why=f"in its definition, {clause_of(refusal)}") from None
    if size > MAX_DEFINITION:
        raise _ToolRefused(tool=name, why=f"its definition has more than {MAX_DEFINITION:,} characters")
    schema = raw.get("inputSchema")
    if not isinstance(schema, Mapping):
        raise _ToolRefused(tool=name, why="it does not describe its arguments")
    if name not in readable:
        raise _ToolRefused(tool=name, why="its definition is not as the protocol wants it")
    wrong = flaw_of(schema)
    if wrong:
        raise _ToolRefused(tool=name, why=wrong)
    return ToolDefinition(
        id=ToolId(connector, name),
        title=_text(raw.get("title") or _mapping(raw.get("annotations")).get("title"), MAX_TITLE),
        description=_text(raw.get("description"), MAX_DESCRIPTION),
        input_schema=schema,
        output_schema=_mapping(raw.get("outputSchema")) or None,
        annotations=_mapping(raw.get("annotations")) or None,
    )


def _needs_a_task(raw: object) -> bool:
    return isinstance(raw, Mapping) and _mapping(raw.get("execution")).get("taskSupport") == "required"


def _name(raw: object) -> str:
    name = raw.get("name") if isinstance(raw, Mapping) else None
    return name if isinstance(name, str) else ""


def _shown(raw: object) -> str:
    return printable(_name(raw), 80) or "without a name"


def _mapping(value: object) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _text(value: object, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    return value if len(value) <= limit else value[: limit - 1] + "…"
