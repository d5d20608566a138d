"""Advance: drives one request through its stages, from wherever the last worker left it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Final

import structlog

from bot.domain.errors import Refusal
from bot.domain.moves import RequestEvent
from bot.domain.people import TenantId
from bot.domain.requests import DRIVEN_STATUSES, Request, RequestId, RequestStatus
from bot.flow.decide import Decide
from bot.flow.execute import Execute
from bot.flow.finish import finish
from bot.flow.plan import MakePlan
from bot.flow.refusals import DisabledPerson, UnknownPerson
from bot.flow.seams import Seams
from bot.ports.records import Overtaken
from bot.ports.store import Store

LEASE: Final = timedelta(seconds=15)
"""How long a worker holds a request without a sign of life."""
PAUSE: Final = timedelta(seconds=3)
"""How long a request waits when something that it needs is away; longer each time."""
LONGEST_PAUSE: Final = timedelta(minutes=5)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A request that this process drives, and the name that its lease runs under."""

    tenant: TenantId
    request: RequestId
    owner: str


class Advance:
    """Does a worker's part of the way: plan, decide, execute."""

    def __init__(self, store: Store, served: Mapping[TenantId, Seams], *, worker: str) -> None:
        self._store = store
        self._served = served
        self._worker = worker
        self._drives = count(1)
        self._holding: set[str] = set()

    @property
    def tenants(self) -> Collection[TenantId]:
        """Whose requests are driven here."""
        return self._served.keys()

    async def claim(self, now: datetime, *, tenants: Collection[TenantId] | None = None) -> Claimed | None:
        """Leases the next request that has work to do, of one of the tenants if given; None if there is none.

        Each lease has a name of its own: one that the store could not end ends by itself, because nobody
        renews it, and a drive that lost its lease cannot end its successor's.
        """
        owner = f"{self._worker}/{next(self._drives)}"
        asked = self.tenants if tenants is None else tenants
        found = await self._store.claim_request(owner, now=now, until=now + LEASE, tenants=asked)
        if found is None:
            return None
        self._holding.add(owner)
        return Claimed(tenant=found[0], request=found[1], owner=owner)

    async def renew(self, now: datetime) -> None:
        """Prolongs the leases of what is being driven at this moment; of nothing else."""
        for owner in tuple(self._holding):
            await self._store.renew(owner, until=now + LEASE)

    async def __call__(self, claimed: Claimed, now: datetime) -> None:
        """Drives a leased request until it waits or is over, and ends the lease.

        What is away for the moment, or goes wrong, is tried again after a pause; a request whose requester
        is gone fails.
        """
        tenant, request = claimed.tenant, claimed.request
        seams = self._served[tenant]
        retry_at: datetime | None = now + PAUSE
        try:
            await self._driven(seams, request)
            retry_at = None
        except (UnknownPerson, DisabledPerson) as refusal:
            await self._given_up(seams, request, refusal)
            retry_at = None
        except Overtaken:
            retry_at = now
        except Refusal as refusal:
            log.warning("request.waits", request_id=request, why=type(refusal).__name__)
            retry_at = await self._next_try(seams, request, refusal)
        finally:
            self._holding.discard(claimed.owner)
            await self._store.release(claimed.owner, tenant, request, retry_at=retry_at)

    async def _driven(self, seams: Seams, request_id: RequestId) -> None:
        request = await _current(seams, request_id)
        if request is not None and request.status in {RequestStatus.RECEIVED, RequestStatus.PLANNING}:
            request = await MakePlan(seams)(request)
            if request.status is RequestStatus.PLANNING:
                request = await Decide(seams)(request)
        if request is not None and request.status is RequestStatus.EXECUTING:
            await Execute(seams)(request)

    async def _next_try(self, seams: Seams, request_id: RequestId, refusal: Refusal) -> datetime | None:
        """Gives when to try again; None when a plan cannot be made: then the requester is told."""
        now = seams.clock.now()
        request = await _current(seams, request_id)
        if request is None or request.status is RequestStatus.EXECUTING:
            return now + PAUSE
        if refusal.kind == "unavailable" and now < request.expires:
            age = now - request.updated
            return now + max(PAUSE, min(age / 2, LONGEST_PAUSE))
        await self._given_up(seams, request_id, refusal)
        return None

    async def _given_up(self, seams: Seams, request_id: RequestId, refusal: Refusal) -> None:
        now = seams.clock.now()
        async with seams.store.unit(seams.tenant) as unit:
            request = await unit.requests.get(request_id)
            if request is None or request.status not in DRIVEN_STATUSES:
                return
            await finish(unit, request, RequestEvent.FAILED, refusal.sentence, now=now)


async def _current(seams: Seams, request: RequestId) -> Request | None:
    async with seams.store.view(seams.tenant) as view:
        return await view.requests.get(request)
