"""The worker: apscheduler ticks, and loops of our own do what there is to do and are drained at the end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import Final

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.requests import RequestId
from bot.flow.advance import Advance, Claimed
from bot.flow.deliver import BATCH, Deliver
from bot.ports.outside import Clock
from bot.scheduler.bell import ProcessBell

TICK_S: Final = 0.5
"""Seconds between looks for work that another process left."""
RENEW_S: Final = 4.0
"""Seconds between signs of life; well below a lease's length."""
EXPIRE_S: Final = 2.0
"""Seconds between looks for approvals whose time is over."""
PARALLEL: Final = 8
"""Requests of one tenant that a process drives at a time, so that a slow connector holds up no others.

Each tenant has as many: one whose every drive hangs takes no place from another.
"""
DRAIN: Final = timedelta(seconds=20)
"""How long what is under way may take to finish when the process is told to stop."""
LAST: Final = timedelta(seconds=10)
"""How long people may then be told of it; what is not told by then is told at the next start."""

log = structlog.get_logger()


async def guarded(step: Callable[[], Awaitable[None]]) -> None:
    """Does one step; what goes wrong is logged, and the next tick tries again."""
    name = getattr(step, "__qualname__", type(step).__name__)
    try:
        await step()
    except Refusal as refusal:
        log.warning("worker.away", step=name, why=type(refusal).__name__)
    except Exception:
        log.exception("worker.failed", step=name)


class Worker:
    """Drives requests, delivers notices and lets approvals expire, until it is told to stop.

    What hangs for one tenant holds up no other.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        bell: ProcessBell,
        advance: Advance,
        deliver: Deliver,
        expire: Callable[[], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._bell = bell
        self._advance = advance
        self._deliver = deliver
        self._expire = expire
        self._driving: dict[asyncio.Task[None], TenantId] = {}
        self._lanes = {tenant: asyncio.Event() for tenant in deliver.tenants}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Works until `stop`; then finishes what is under way, for `DRAIN` and `LAST` at most."""
        renew, expire = asyncio.Event(), asyncio.Event()
        # A tick only sets events of this loop: it is done on the spot, for no thread may touch them.
        scheduler = AsyncIOScheduler(timezone="UTC", executors={"default": DebugExecutor()})
        scheduler.add_job(self._bell.ring, "interval", seconds=TICK_S, max_instances=1, coalesce=True)
        scheduler.add_job(renew.set, "interval", seconds=RENEW_S, max_instances=1, coalesce=True)
        scheduler.add_job(expire.set, "interval", seconds=EXPIRE_S, max_instances=1, coalesce=True)
        scheduler.start()
        loops = [
            asyncio.create_task(self._drives(self._bell.listener()), name="drive"),
            asyncio.create_task(self._loop(self._bell.listener(), self._look_round), name="deliver"),
            asyncio.create_task(self._loop(renew, self.renew), name="renew"),
            asyncio.create_task(self._loop(expire, self._expire), name="expire"),
            *(
                asyncio.create_task(self._loop(wanted, self._bringing(tenant)), name="deliver")
                for tenant, wanted in self._lanes.items()
            ),
        ]
        telling: list[asyncio.Task[None]] = []
        self._bell.ring()
        try:
            await self._stopping.wait()
            await loops[0]
            await _ended(self._driving, DRAIN)
            telling = [asyncio.create_task(guarded(self._bringing(tenant))) for tenant in self._lanes]
            await _ended(telling, LAST)
        finally:
            scheduler.shutdown(wait=False)
            left = (*loops, *self._driving, *telling)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def stop(self) -> None:
        """Tells it to stop; repeating it changes nothing."""
        self._stopping.set()
        self._bell.ring()

    async def settle(self, request: RequestId | None, *, tenant: TenantId | None = None) -> None:
        """Delivers what is due now, for one request or for all, so that an answer finds chats up to date.

        What this process is delivering already is waited for; what comes up meanwhile is not. With a tenant,
        no other's is.
        """
        for one in self._lanes if tenant is None else (tenant,):
            while await self._deliver(one, request=request) == BATCH:
                pass

    async def _drives(self, event: asyncio.Event) -> None:
        """Takes up requests until it is told to stop; what it has leased by then is driven to its end."""
        while not self._stopping.is_set():
            await event.wait()
            event.clear()
            await guarded(self._drive)

    async def _loop(self, event: asyncio.Event, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await event.wait()
            event.clear()
            await guarded(step)

    async def _drive(self) -> None:
        while not self._stopping.is_set():
            driven = Counter(self._driving.values())
            free = [tenant for tenant in self._advance.tenants if driven[tenant] < PARALLEL]
            claimed = await self._advance.claim(self._clock.now(), tenants=free) if free else None
            if claimed is None:
                return
            task = asyncio.create_task(self._driven(claimed), name=f"request-{claimed.request}")
            self._driving[task] = claimed.tenant
            task.add_done_callback(self._done)

    async def _driven(self, claimed: Claimed) -> None:
        try:
            await self._advance(claimed, self._clock.now())
        except Refusal as refusal:
            log.warning("request.away", request_id=claimed.request, why=type(refusal).__name__)
        except Exception:
            log.exception("request.failed", request_id=claimed.request)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._driving[task]
        self._bell.ring()

    async def _look_round(self) -> None:
        """Has delivered what is due; that of each tenant beside that of the others."""
        for tenant in await self._deliver.due(self._clock.now()):
            self._lanes[tenant].set()

    def _bringing(self, tenant: TenantId) -> Callable[[], Awaitable[None]]:
        """Gives what delivers to the tenant's people until nothing is due."""

        async def bring() -> None:
            while await self._deliver(tenant):
                pass

        return bring

    async def renew(self) -> None:
        """Prolongs the leases of what this worker has in hand, which it does by itself every `RENEW_S`."""
        await self._advance.renew(self._clock.now())
        await self._deliver.renew(self._clock.now())


async def _ended(tasks: Collection[asyncio.Task[None]], within: timedelta) -> None:
    """Waits for the tasks, but not for longer than that."""
    if tasks:
        await asyncio.wait(tasks, timeout=within.total_seconds())
