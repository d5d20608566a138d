"""What can be chosen in the request form: the tools that somebody may ask for."""

from bot.domain.people import Person
from bot.domain.tools import CatalogTool
from bot.flow.judge import bench_of
from bot.flow.plan import visible_tools
from bot.flow.seams import AGENT, Seams
from bot.flow.vouched import vouched_now


async def tools_for(seams: Seams, person: Person, *, surface: str) -> list[CatalogTool]:
    """Gives the tools that the person may ask for on this surface."""
    person = await vouched_now(seams, person)
    async with seams.store.view(seams.tenant) as view:
        bench = await bench_of(view)
    found = visible_tools(bench, person, agent=AGENT, surface=surface, now=seams.clock.now())
    return [tool for tool, _ in found.values()]
