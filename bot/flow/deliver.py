"""Deliver: brings what the outbox holds to people, after the commit; what fails is tried again."""

import asyncio
from collections.abc import Callable, Sequence
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
"""Persons who are served at the same time."""


class Deliver:
    """Empties the outbox."""

    def __init__(self, store: Store, seams_of: Callable[[TenantId], Seams | None], *, worker: str) -> None:
        self._store = store
        self._seams_of = seams_of
        self._worker = worker
        self._batches = count(1)
        self._holding: set[str] = set()
        self._waits = Waits()

    async def __call__(self, now: datetime, *, request: RequestId | None = None) -> int:
        """Gives how many notices were taken up, at most `BATCH`; 0 when there was nothing due.

        With a request, only its notices are looked at. What one person gets keeps its order; different
        persons do not wait for each other.
        """
        owner = f"{self._worker}/{next(self._batches)}"
        self._holding.add(owner)
        try:
            claimed = await self._store.claim_notices(
                owner, now=now, until=now + LEASE, limit=BATCH, request=request
            )
            lines: dict[tuple[TenantId, str], list[ClaimedNotice]] = {}
            for tenant, one in claimed:
                lines.setdefault((tenant, one.notice.person or ""), []).append(one)
            tenants = {tenant: self._seams_of(tenant) for tenant, _ in lines}
            rounds = {
                tenant: Round(seams, owner, now, self._waits) for tenant, seams in tenants.items() if seams
            }
            places = asyncio.Semaphore(PARALLEL)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._line(owner, rounds.get(tenant), line, places, now))
                    for (tenant, _), line in lines.items()
                ]
            done = [notice for task in tasks for notice in task.result()]
            if done:
                await self._store.finish_notice(owner, *done)
            for serving in rounds.values():
                await serving.close()
        finally:
            self._holding.discard(owner)
        return len(claimed)

    async def _line(
        self,
        owner: str,
        serving: Round | None,
        line: Sequence[ClaimedNotice],
        places: asyncio.Semaphore,
        now: datetime,
    ) -> list[int]:
        """Gives the notices that are delivered and only have to be noted as done."""
        done: list[int] = []
        async with places:
            for one in line:
                if serving is None:
                    pause, error = now + timedelta(minutes=1), "no such tenant in this process"
                    await self._store.retry_notice(owner, one.id, at=pause, error=error)
                elif await serving(one):
                    done.append(one.id)
        return done

    async def renew(self, now: datetime) -> None:
        """Prolongs the leases of what is being delivered at this moment; of nothing else."""
        for owner in tuple(self._holding):
            await self._store.renew(owner, until=now + LEASE)
