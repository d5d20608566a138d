"""What hangs for one tenant holds up no other of the same process, and nobody takes what is not theirs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from typing_extensions import override

from bot.app import Deployment, RandomIds, open_deployment
from bot.chat.web.surface import WebSurface
from bot.domain.grants import Seat, SeatKind
from bot.domain.people import Person, PersonId, TenantId
from bot.domain.requests import Approval, RequestId, RequestStatus
from bot.flow.advance import Advance
from bot.flow.deliver import BATCH, Deliver
from bot.flow.seams import Seams
from bot.policyfile.files import YamlPolicyFiles
from bot.processes import staff
from bot.processes.apart import Apart
from bot.processes.chat import Chat, Inward
from bot.scheduler import worker as at_work
from bot.scheduler.bell import ProcessBell
from bot.scheduler.worker import PARALLEL, Worker
from bot.settings import Settings
from bot.storage.chatlog import SqlChatLog
from bot.storage.store import SqlStore
from tests.builders import NOW, a_person
from tests.fakes.clock import MovedClock
from tests.fakes.connectors import FakeConnectors
from tests.fakes.directory import FakeDirectory
from tests.fakes.planner import FakePlanner
from tests.fakes.schemas import FakeSchemas
from tests.records import ACME, GLOBEX, a_request, a_tenant, a_text, an_approval
from tests.servers.countersign_process import eventually

PATIENCE_S: Final = 20.0
BOB: Final = PersonId("bob")


class HangingDirectory(FakeDirectory):
    """Answers nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Semaphore(0)

    @override
    async def person(self, person: PersonId) -> Person | None:
        self.asked.release()
        await asyncio.Event().wait()
        return None


class NoticedDirectory(FakeDirectory):
    """Notes that it was asked."""

    def __init__(self) -> None:
        super().__init__([a_person("bob"), a_person("alice")])
        self.asked = asyncio.Event()

    @override
    async def person(self, person: PersonId) -> Person | None:
        self.asked.set()
        return await super().person(person)


class HeardSurface(WebSurface):
    """Notes that somebody was told something."""

    def __init__(self, tenant: TenantId, log: SqlChatLog) -> None:
        super().__init__(tenant, log, MovedClock(NOW))
        self.heard = asyncio.Event()

    @override
    async def say(self, place: str, text: str, *, key: str, thread: str = "") -> None:
        await super().say(place, text, key=key, thread=thread)
        self.heard.set()


class Both:
    """Acme, whose directory answers nobody, and Globex, in one process."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.bell = ProcessBell()
        self.hanging, self.answering = HangingDirectory(), NoticedDirectory()
        self.log = SqlChatLog(store._engine)
        self.surface = HeardSurface(GLOBEX, self.log)
        self.clock = MovedClock(NOW)
        acme = Seams(
            tenant=ACME, store=store, directory=self.hanging, planner=FakePlanner({}),
            connectors=FakeConnectors(), schemas=FakeSchemas(), policy_files=YamlPolicyFiles(),
            surfaces=(WebSurface(ACME, self.log, self.clock),), clock=self.clock, ids=RandomIds(),
            bell=self.bell,
        )  # fmt: skip
        globex = replace(acme, tenant=GLOBEX, directory=self.answering, surfaces=(self.surface,))
        self.served = {ACME: acme, GLOBEX: globex}
        self.worker = Worker(
            clock=self.clock,
            bell=self.bell,
            advance=Advance(store, self.served, worker="w"),
            deliver=Deliver(store, self.served, worker="w"),
            expire=self._nothing,
        )

    async def _nothing(self) -> None:
        pass

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Works while the block lasts."""
        running = asyncio.create_task(self.worker.run())
        try:
            async with asyncio.timeout(PATIENCE_S):
                yield
        finally:
            self.worker.stop()
            await running

    async def is_said(self, tenant: TenantId, *texts: str) -> None:
        async with self.store.unit(tenant) as unit:
            await unit.outbox.add(*(a_text(text, person=BOB) for text in texts))
        self.bell.ring()


@pytest.fixture
async def both(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Both:
    monkeypatch.setattr(at_work, "DRAIN", timedelta(seconds=0.1))
    monkeypatch.setattr(at_work, "LAST", timedelta(seconds=0.1))
    for tenant in (ACME, GLOBEX):
        async with store.unit(tenant) as unit:
            await unit.put_tenant(a_tenant(tenant))
    return Both(store)


async def test_a_directory_that_hangs_holds_up_no_message_of_another_tenant(both: Both) -> None:
    async with both.at_work():
        await both.is_said(ACME, *["hello"] * (BATCH + 1))
        await both.hanging.asked.acquire()
        await both.is_said(GLOBEX, "hello")
        await both.surface.heard.wait()


async def test_an_answer_of_one_tenant_waits_for_no_message_of_another(both: Both) -> None:
    async with both.at_work():
        await both.is_said(ACME, "hello")
        await both.hanging.asked.acquire()
        await both.is_said(GLOBEX, "hello")
        await both.worker.settle(None, tenant=GLOBEX)
        (item,) = await both.log.items(GLOBEX, BOB)
        assert item.content["text"] == "hello"


async def test_requests_of_one_tenant_that_hang_take_no_place_from_another(both: Both) -> None:
    for tenant, requests in ((ACME, 2 * PARALLEL), (GLOBEX, 1)):
        async with both.store.unit(tenant) as unit:
            for number in range(requests):
                await unit.requests.add(a_request(str(number), tenant=tenant))
    async with both.at_work():
        await both.answering.asked.wait()
    left = await both.store.claim_request("x", now=NOW, until=NOW, tenants=(ACME,))
    assert left is not None


async def test_a_worker_whose_tenants_directory_hangs_stops_in_time(both: Both) -> None:
    async with asyncio.timeout(PATIENCE_S):
        async with both.at_work():
            await both.is_said(ACME, "hello")
            await both.hanging.asked.acquire()


async def test_what_belongs_to_a_tenant_that_is_not_served_is_left_as_it_is(both: Both) -> None:
    await both.is_said(GLOBEX, "hello")
    async with both.store.unit(GLOBEX) as unit:
        await unit.requests.add(a_request("a", tenant=GLOBEX))
    served = {ACME: both.served[ACME]}
    advance, deliver = Advance(both.store, served, worker="w"), Deliver(both.store, served, worker="w")
    assert await advance.claim(NOW) is None
    assert await deliver.due(NOW) == frozenset()
    assert await deliver(ACME) == 0
    ((tenant, notice),) = await both.store.claim_notices("x", now=NOW, until=NOW, limit=9)
    assert (tenant, notice.attempts) == (GLOBEX, 0)
    assert await both.store.claim_request("x", now=NOW, until=NOW) == (GLOBEX, "a")


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    """Gives a deployment of which the own tenant's directory answers nobody, and with Globex beside it."""
    async with open_deployment(Settings.load(data=tmp_path)) as found:
        async with found.store.unit(GLOBEX) as unit:
            await unit.put_tenant(a_tenant(GLOBEX))
        yield replace(found, directory=HangingDirectory())


async def waits(deployment: Deployment, approval: Approval) -> None:
    """Has a request wait for the approval."""
    tenant = approval.tenant
    async with deployment.store.unit(tenant) as unit:
        await unit.requests.add(a_request(tenant=tenant, status=RequestStatus.WAITING))
        await unit.approvals.add(approval)


async def test_a_round_that_hangs_for_one_tenant_holds_up_no_other(deployment: Deployment) -> None:
    hanging = deployment.directory
    assert isinstance(hanging, HangingDirectory)
    now, own, day = deployment.clock.now(), deployment.tenant, timedelta(days=1)
    asks_for_manager = an_approval(tenant=own, seat=Seat(SeatKind.MANAGER), expires=now + day)
    await waits(deployment, replace(asks_for_manager, asked_group=None))
    await waits(deployment, an_approval(tenant=GLOBEX, created=now - 2 * day))

    async def is_over() -> bool:
        async with deployment.store.view(GLOBEX) as view:
            request = await view.requests.get(RequestId("request-1"))
        return request is not None and request.status is RequestStatus.EXPIRED

    async with staff.staffed(deployment, chat=Chat(), has_page=False):
        await hanging.asked.acquire()
        await eventually(is_over, "the request at Globex to be over")


async def test_what_is_taken_up_at_the_end_is_taken_up_before_the_offices_close(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_end = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def look() -> None:
        order.append("looks")
        began.set()
        await may_end.wait()
        order.append("has looked")

    @contextmanager
    def office() -> Iterator[None]:
        yield
        order.append("closes")

    async def in_one_office(stack: AsyncExitStack, _: object, **__: object) -> Inward:
        stack.enter_context(office())
        return Inward(looks=[look])

    monkeypatch.setattr(staff, "go_inward", in_one_office)
    async with asyncio.timeout(PATIENCE_S), staff.staffed(deployment, chat=Chat(), has_page=False):
        await began.wait()
        asyncio.get_running_loop().call_later(0.2, may_end.set)
    assert order == ["looks", "has looked", "closes"]


async def test_what_is_done_apart_is_not_begun_again_once_it_was_told_to_end() -> None:
    done: list[str] = []

    async def step() -> None:
        done.append("once")

    finished, stopped = Apart(step), Apart(step)
    await finished()
    await finished.finish()
    assert done == ["once"]
    await stopped.stop()
    for one in (finished, stopped):
        await one()
        await one.finish()
    assert done == ["once"]
