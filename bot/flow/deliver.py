"""Deliver: brings what the outbox holds to people, after the commit; what fails is tried again."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from bot.domain.events import ClaimedNotice
from bot.domain.people import TenantId
from bot.domain.requests import RequestId
from bot.flow.bring import Round
from bot.flow.seams import Seams
from bot.flow.waits import Waits
from bot.ports.store import Store

LEASE: Final = timedelta(seconds=30)
BATCH: Final = 50
PARALLEL: Final = 8
"""Persons of one tenant who are served at the same time."""


class Deliver:
    """Empties the outbox; no tenant waits for another."""

    def __init__(self, store: Store, served: Mapping[TenantId, Seams], *, worker: str) -> None:
        self._store = store
        self._served = served
        self._worker = worker
        self._batches = count(1)
        self._holding: set[str] = set()
        self._waits = Waits()
        self._turns: defaultdict[TenantId, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def tenants(self) -> Collection[TenantId]:
        """Whose notices are delivered here."""
        return self._served.keys()

    async def due(self, now: datetime) -> frozenset[TenantId]:
        """Gives whose notices there are to deliver."""
        return await self._store.due_tenants(now=now) & self._served.keys()

    async def __call__(self, tenant: TenantId, *, request: RequestId | None = None) -> int:
        """Gives how many of the tenant's notices were taken up, at most `BATCH`; 0 when nothing was due.

        With a request, only its notices are looked at. What one person gets keeps its order; different
        persons do not wait for each other. A batch begins when those of the tenant that were asked for
        before have ended.
        """
        async with self._turns[tenant]:
            return await self._batch(self._served[tenant], request)

    async def _batch(self, seams: Seams, request: RequestId | None) -> int:
        now = seams.clock.now()
        owner = f"{self._worker}/{next(self._batches)}"
        self._holding.add(owner)
        try:
            claimed = await self._store.claim_notices(
                owner, now=now, until=now + LEASE, limit=BATCH, tenants=(seams.tenant,), request=request
            )
            lines: dict[str, list[ClaimedNotice]] = {}
            for _, one in claimed:
                lines.setdefault(one.notice.person or "", []).append(one)
            serving = Round(seams, owner, now, self._waits)
            places = asyncio.Semaphore(PARALLEL)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(_line(serving, line, places)) for line in lines.values()]
            done = [notice for task in tasks for notice in task.result()]
            if done:
                await self._store.finish_notice(owner, *done)
            await serving.close()
        finally:
            self._holding.discard(owner)
        return len(claimed)

    async def renew(self, now: datetime) -> None:
        """Prolongs the leases of what is being delivered at this moment; of nothing else."""
        for owner in tuple(self._holding):
            await self._store.renew(owner, until=now + LEASE)


async def _line(serving: Round, line: Sequence[ClaimedNotice], places: asyncio.Semaphore) -> list[int]:
    """Gives the notices that are delivered and only have to be noted as done."""
    async with places:
        return [one.id for one in line if await serving(one)]
