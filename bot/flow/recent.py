"""What a person asked for lately and is over, for the lists of their own things."""

from bot.domain.people import Person
from bot.domain.requests import OPEN_STATUSES
from bot.flow.gather import gather
from bot.flow.queue import QueueItem, request_item
from bot.flow.seams import Seams


async def recent_items(seams: Seams, person: Person, *, limit: int = 5) -> tuple[QueueItem, ...]:
    """Gives the person's newest requests that are over, newest first, of their last twenty."""
    async with seams.store.view(seams.tenant) as view:
        newest = await view.requests.newest(person.id, limit=20)
    ended = [request for request in newest if request.status not in OPEN_STATUSES][:limit]
    stories = [await gather(seams, request.id) for request in ended]
    return tuple(request_item(story) for story in stories if story is not None)
