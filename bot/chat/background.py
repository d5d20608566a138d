"""Work that goes on after a platform was answered."""

import asyncio
from collections.abc import Coroutine

import structlog

from bot.domain.errors import Refusal

log = structlog.get_logger()


class Background:
    """Work that goes on by itself; it is finished before the process ends."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[object, object, None], what: str) -> None:
        """Starts the work; what goes wrong in it is logged."""
        task = asyncio.create_task(self._guarded(work, what), name=what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[object, object, None], what: str) -> None:
        try:
            await work
        except Refusal as refusal:
            log.warning("chat.untold", what=what, why=type(refusal).__name__)
        except Exception:
            log.exception("chat.failed", what=what)

    async def drain(self) -> None:
        """Waits for all that was started, and for what that starts."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
