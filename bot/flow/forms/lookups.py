"""What can be looked up while one types: tools, connectors, persons and groups."""

from collections.abc import Iterable
from typing import Final

from rapidfuzz import fuzz, process

from bot.cards.model import Option
from bot.cards.visible import visible
from bot.domain.people import Person
from bot.domain.tools import CatalogTool
from bot.flow.seams import Seams
from bot.ports.directory import DirectoryUnreachable

MOST: Final = 50
"""Options that a look-up gives; a surface may show fewer."""
_ALIKE: Final = 60


async def find_tools(seams: Seams, typed: str, *, connector: str = "") -> tuple[Option, ...]:
    """Gives tools that fit the text, by name or title."""
    async with seams.store.view(seams.tenant) as view:
        catalog = await view.connections.catalog()
    options = [
        _tool_option(tool, short=bool(connector))
        for tool in catalog.values()
        if not connector or tool.id.connector == connector
    ]
    return fitting(options, typed)


async def find_connectors(seams: Seams, typed: str) -> tuple[Option, ...]:
    """Gives connectors that fit the text."""
    async with seams.store.view(seams.tenant) as view:
        names = [one.name for one in await view.connections.all()]
    return fitting([Option(name, name) for name in names], typed)


async def find_people(seams: Seams, typed: str) -> tuple[Option, ...]:
    """Gives persons whose name or address fits; nobody while the directory is away."""
    try:
        return tuple(person_option(one) for one in await seams.directory.search_people(typed, limit=MOST))
    except DirectoryUnreachable:
        return ()


async def find_groups(seams: Seams, typed: str) -> tuple[Option, ...]:
    """Gives groups of the directory whose name fits; none while it is away."""
    try:
        return tuple(Option(name, name) for name in await seams.directory.search_groups(typed, limit=MOST))
    except DirectoryUnreachable:
        return ()


def person_option(person: Person) -> Option:
    """Gives the person as an option; its value is their id."""
    return Option(person.id, visible(f"{person.name} ({person.email})", set()))


def fitting(options: Iterable[Option], typed: str) -> tuple[Option, ...]:
    """Gives the options whose label holds the text, then those that are like it."""
    every = sorted(options, key=lambda option: option.label.casefold())
    wanted = typed.strip().casefold()
    if not wanted:
        return tuple(every[:MOST])
    holding = [option for option in every if wanted in option.label.casefold()]
    if len(holding) >= MOST:
        return tuple(holding[:MOST])
    labels = {option: option.label.casefold() for option in every if option not in holding}
    alike = process.extract(
        wanted, labels, scorer=fuzz.partial_ratio, score_cutoff=_ALIKE, limit=MOST - len(holding)
    )
    return (*holding, *(option for _, _, option in alike))


def _tool_option(tool: CatalogTool, *, short: bool) -> Option:
    value = tool.id.name if short else str(tool.id)
    title = visible(tool.definition.plain_title, set())
    return Option(value, f"{value} · {title}")
