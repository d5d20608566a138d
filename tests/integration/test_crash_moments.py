"""Single moments at which a process, a connection or a person comes in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from typing_extensions import override

from bot.cards.model import Card
from bot.chat.web.surface import WebSurface
from bot.domain.events import Notice, NoticeKind
from bot.domain.people import PersonId, TenantId
from bot.domain.requests import RequestId
from bot.flow.advance import LEASE, Advance
from bot.flow.deliver import Deliver
from bot.flow.seams import Seams
from bot.ports.store import StoreUnreachable
from bot.storage.chatlog import SqlChatLog
from bot.storage.store import SqlStore
from bot.storage.unit import SqlUnit
from tests.databases import KEY
from tests.journeys.stage import TENANT, Stage, action_ids, staged

RESET = "I forgot my password"


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work, once per kind of database."""
    async with staged(database, tmp_path) as found:
        yield found


async def stopped(stage: Stage) -> None:
    """Stops the stage's own worker and waits until it has ended."""
    stage.worker.stop()

    async def look() -> dict[str, str] | None:
        names = {task.get_name() for task in asyncio.all_tasks()}
        return None if names & {"drive", "deliver", "expire", "renew"} else {"is": "stopped"}

    await stage.eventually(look, "the worker to end")


async def forget_copy(stage: Stage, card: str, who: str) -> None:
    """Puts a card's delivery back to the moment when it was sent and nobody had noted it yet."""
    person = PersonId(f"p-{who}")
    async with stage.store._engine.write() as session:
        await (await session.connection()).execute(
            text("DELETE FROM card_copies WHERE card = :card AND person = :person"),
            {"card": card, "person": person},
        )
    async with stage.store.unit(TENANT) as unit:
        approval = next(one for one in await unit.approvals.pending() if one.id == card)
        await unit.outbox.add(
            Notice(kind=NoticeKind.CARD, request=approval.request, card=card, person=person)
        )


class HeldSurface(WebSurface):
    """Sends a card only when a test lets it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(TENANT, SqlChatLog(stage.store._engine), stage.clock)
        self.sending = asyncio.Event()
        self.may_send = asyncio.Event()

    @override
    async def send(self, place: str, card: Card, *, key: str, thread: str = "") -> str:
        self.sending.set()
        await self.may_send.wait()
        return await super().send(place, card, key=key, thread=thread)


class AwayStore(SqlStore):
    """The stage's database, which is away for parts of the time."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.store._engine, key=KEY)
        self.is_away = False
        self.asked_in_vain = asyncio.Event()

    @override
    @asynccontextmanager
    async def unit(self, tenant: TenantId) -> AsyncIterator[SqlUnit]:
        self._check()
        async with super().unit(tenant) as unit:
            yield unit

    @override
    async def release(self, worker: str, tenant: TenantId, request: RequestId, **times: object) -> None:
        self._check()
        await super().release(worker, tenant, request)

    def _check(self) -> None:
        if self.is_away:
            self.asked_in_vain.set()
            raise StoreUnreachable


async def test_a_card_that_was_sent_just_before_a_kill_is_not_stale_after_it(stage: Stage) -> None:
    request = await stage.says("alice", RESET)
    card = await stage.card("bob", request)
    await stopped(stage)
    await forget_copy(stage, str(card["card"]), "bob")
    assert (await stage.presses("carol", card, "approve")).status == 200
    assert action_ids(await stage.card("bob", request)) == []


async def test_a_decision_during_the_sending_of_a_card_reaches_that_card(stage: Stage) -> None:
    request = await stage.says("alice", RESET)
    card = await stage.card("bob", request)
    await stopped(stage)
    await forget_copy(stage, str(card["card"]), "bob")
    surface = HeldSurface(stage)
    seams: Seams = replace(stage.seams, surfaces=(surface,))
    deliver = Deliver(stage.store, {TENANT: seams}, worker="slow")
    delivering = asyncio.create_task(deliver(TENANT))
    await surface.sending.wait()
    assert (await stage.presses("carol", card, "approve")).status == 200
    surface.may_send.set()
    await delivering
    assert action_ids(await stage.card("bob", request)) == []


async def test_a_lease_that_could_not_be_ended_ends_by_itself(stage: Stage) -> None:
    request = await stage.says("alice", RESET)
    card = await stage.card("bob", request)
    await stopped(stage)
    await stage.presses("bob", card, "approve")
    store = AwayStore(stage)
    advance = Advance(store, {TENANT: replace(stage.seams, store=store)}, worker="w")
    claimed = await advance.claim(stage.clock.now())
    assert claimed is not None
    store.is_away = True
    with pytest.raises(StoreUnreachable):
        await advance(claimed, stage.clock.now())
    store.is_away = False
    stage.clock.advance(LEASE / 2)
    await advance.renew(stage.clock.now())
    stage.clock.advance(LEASE / 2)
    again = await advance.claim(stage.clock.now())
    assert again is not None
    assert again.request == request


async def test_a_result_that_the_database_cannot_take_yet_is_kept(stage: Stage) -> None:
    request = await stage.says("alice", RESET)
    card = await stage.card("bob", request)
    await stopped(stage)
    await stage.presses("bob", card, "approve")
    store = AwayStore(stage)
    seams = replace(stage.seams, store=store)
    stage.connectors.started.clear()
    stage.connectors.held["reset_password"] = asyncio.Event()
    advance = Advance(store, {TENANT: seams}, worker="w")
    claimed = await advance.claim(stage.clock.now())
    assert claimed is not None
    driving = asyncio.create_task(advance(claimed, stage.clock.now()))
    await stage.connectors.started.wait()
    store.is_away = True
    stage.connectors.held["reset_password"].set()
    await store.asked_in_vain.wait()
    store.is_away = False
    await driving
    assert (await stage.request(request))["status"] == "done"
    assert len(stage.changes()) == 1
