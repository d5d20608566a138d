"""An event loop on a thread of its own: whatever blocks there keeps nobody else waiting."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from bot.chat.teams.connector.calls import TeamsAway

CLOSING_S: Final = 5.0
"""How long work under way may take to end when the thread is to end."""

Answer = TypeVar("Answer")


class LoopThread:
    """The thread, as seen from the loop that opened it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._is_closing = False

    async def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Gives what the coroutine gives on the thread's loop; cancelling one cancels the other.

        Raises:
            TeamsAway: the thread is ending, and nothing was begun.
        """
        if self._is_closing:
            work.close()
            raise TeamsAway(name="connector", surface="Microsoft Teams", why="the bot is stopping")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def finish(self, last: Callable[[], Awaitable[None]], closing_s: float) -> None:
        """Takes nothing new, waits for what is under way or cancels it, and does the last thing."""
        self._is_closing = True
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_finished(last, closing_s), self._loop))


@asynccontextmanager
async def loop_thread(
    name: str, *, last: Callable[[], Awaitable[None]], closing_s: float = CLOSING_S
) -> AsyncIterator[LoopThread]:
    """Gives the thread; leaving the block ends it when what is under way is done, or took too long.

    Args:
        name: of the thread.
        last: what is done on the thread's loop at the end.
        closing_s: seconds that work under way may take to end.
    """
    inner, outer = asyncio.new_event_loop(), asyncio.get_running_loop()
    ended = asyncio.Event()

    def serve() -> None:
        asyncio.set_event_loop(inner)
        try:
            inner.run_forever()
            inner.run_until_complete(inner.shutdown_asyncgens())
        finally:
            inner.close()
            outer.call_soon_threadsafe(ended.set)

    thread = threading.Thread(target=serve, name=name, daemon=True)
    thread.start()
    opened = LoopThread(inner)
    try:
        yield opened
    finally:
        try:
            await opened.finish(last, closing_s)
        finally:
            inner.call_soon_threadsafe(inner.stop)
            await ended.wait()
            thread.join()


async def _finished(last: Callable[[], Awaitable[None]], closing_s: float) -> None:
    mine = asyncio.current_task()
    under_way = {task for task in asyncio.all_tasks() if task is not mine}
    if under_way:
        _, late = await asyncio.wait(under_way, timeout=closing_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=closing_s)
    await last()
