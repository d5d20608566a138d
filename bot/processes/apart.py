"""Work that takes long and is done beside the worker's look, so that it holds up nothing else."""

import asyncio
from contextlib import suppress

from bot.processes.chat import Look
from bot.scheduler.worker import guarded


class Apart:
    """Does a step by itself, once at a time; what goes wrong is logged, and the next look tries again.

    After `stop` or `finish` it is not begun again, whoever looks.
    """

    def __init__(self, step: Look) -> None:
        self._step = step
        self._doing: asyncio.Task[None] | None = None
        self._is_over = False

    async def __call__(self) -> None:
        """Begins the step, unless it is being done."""
        if not self._is_over and (self._doing is None or self._doing.done()):
            self._doing = asyncio.create_task(guarded(self._step), name="apart")

    async def stop(self) -> None:
        """Cuts the step off; it has to bear that."""
        self._is_over = True
        if self._doing is not None:
            self._doing.cancel()
            with suppress(asyncio.CancelledError):
                await self._doing

    async def finish(self) -> None:
        """Waits for the step that is being done."""
        self._is_over = True
        if self._doing is not None:
            await self._doing
