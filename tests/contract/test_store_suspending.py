"""Suspending and resuming standing approvals, on each kind of database."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.grants import GrantId
from bot.storage.store import SqlStore
from tests.builders import NOW, a_grant
from tests.records import ACME, GLOBEX, HOSTILE, a_tenant

TODAY = NOW.date()


@pytest.fixture(autouse=True)
async def tenants(store: SqlStore) -> None:
    """Two tenants, because whatever is stored belongs to one."""
    for tenant in (ACME, GLOBEX):
        async with store.unit(tenant) as unit:
            await unit.put_tenant(a_tenant(tenant))


async def test_a_grant_is_suspended_once_with_its_reason_and_used_no_more(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.grants.add(a_grant())
    async with store.unit(GLOBEX) as unit:
        assert not await unit.grants.suspend(GrantId("grant-1"), why="Not yours.")
    async with store.unit(ACME) as unit:
        assert await unit.grants.suspend(GrantId("grant-1"), why=HOSTILE)
        assert not await unit.grants.suspend(GrantId("grant-1"), why="Somebody else left, too.")
        assert not await unit.grants.suspend(GrantId("grant-2"), why="There is none.")
        assert not await unit.grants.use(GrantId("grant-1"), now=NOW, today=TODAY)
        found = await unit.grants.get(GrantId("grant-1"))
    assert found == replace(a_grant(), suspended=True, suspended_why=HOSTILE)


async def test_a_grant_is_resumed_only_from_what_it_was_suspended_for(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.grants.add(a_grant())
        assert not await unit.grants.resume(GrantId("grant-1"), why="")
        await unit.grants.suspend(GrantId("grant-1"), why="Bob left.")
    async with store.unit(GLOBEX) as unit:
        assert not await unit.grants.resume(GrantId("grant-1"), why="Bob left.")
    async with store.unit(ACME) as unit:
        assert not await unit.grants.resume(GrantId("grant-1"), why="Alice left.")
        assert await unit.grants.resume(GrantId("grant-1"), why="Bob left.")
        assert not await unit.grants.resume(GrantId("grant-1"), why="Bob left.")
        assert await unit.grants.get(GrantId("grant-1")) == a_grant()
        assert await unit.grants.use(GrantId("grant-1"), now=NOW, today=TODAY)


async def test_what_is_revoked_is_neither_suspended_nor_resumed(store: SqlStore) -> None:
    revoked = a_grant("grant-1", revoked=NOW)
    suspended = replace(a_grant("grant-2", revoked=NOW, suspended=True), suspended_why="Bob left.")
    async with store.unit(ACME) as unit:
        await unit.grants.add(revoked)
        await unit.grants.add(suspended)
        assert not await unit.grants.suspend(revoked.id, why="Bob left.")
        assert not await unit.grants.resume(suspended.id, why="Bob left.")
        assert await unit.grants.all() == (suspended, revoked)


async def test_of_many_who_suspend_or_resume_at_once_one_does(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.grants.add(a_grant())

    async def change(*, to: bool) -> bool:
        async with store.unit(ACME) as unit:
            swap = unit.grants.suspend if to else unit.grants.resume
            return await swap(GrantId("grant-1"), why="Bob left.")

    assert sum(await asyncio.gather(*(change(to=True) for _ in range(8)))) == 1
    assert sum(await asyncio.gather(*(change(to=False) for _ in range(8)))) == 1
