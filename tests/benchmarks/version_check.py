"""Prints what it costs to ask, before every decision, whether the policies are still the same.

`python -m tests.benchmarks.version_check` on SQLite, and with `postgresql://…` on an empty database.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter_ns

from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Situation
from bot.domain.people import TenantId
from bot.domain.tenants import Tenant
from bot.ports.store import Unit
from bot.storage.engine import open_engine
from bot.storage.migrate import migrate
from bot.storage.store import SqlStore
from tests.benchmarks.decide import policies_of, situations_of
from tests.databases import KEY

SIZES = (10, 1_000)
ROUNDS = 4


async def usual_us(ask: Callable[[Situation], Awaitable[object]], situations: Sequence[Situation]) -> float:
    """Gives the median time of one question, in microseconds."""
    times = []
    for _ in range(ROUNDS):
        for situation in situations:
            start = perf_counter_ns()
            await ask(situation)
            times.append(perf_counter_ns() - start)
    return median(times) / 1_000


async def measured(store: SqlStore, size: int) -> None:
    """Prints the times with this many policies."""
    tenant = Tenant(id=TenantId(f"company-{size}"), name="Company")
    situations = situations_of(random.Random(20_261_121), size)  # noqa: S311 - nothing is secret here
    async with store.unit(tenant.id) as unit:
        await unit.put_tenant(tenant)
        for policy in policies_of(size):
            await unit.policies.put(policy, by="benchmark")
    async with store.view(tenant.id) as view:
        remembered = await view.policies.current()

        async def bare(situation: Situation) -> object:
            return decide(remembered, situation)

        async def checked(situation: Situation) -> object:
            return decide(await _current(view), situation)

        alone, with_check = await usual_us(bare, situations), await usual_us(checked, situations)
        assert await _current(view) is remembered, "the set was read again, so this measures something else"

    async def whole(situation: Situation) -> object:
        async with store.view(tenant.id) as view:
            return decide(await _current(view), situation)

    opened = await usual_us(whole, situations)
    print(f"{size:,} policies")
    print(f"    decision alone                     {alone:8.1f} µs")
    print(f"    with the check of the version      {with_check:8.1f} µs = {with_check / alone:6.1f} × alone")
    print(f"    the check itself, one SELECT       {with_check - alone:8.1f} µs")
    print(f"    check in a transaction of its own  {opened:8.1f} µs = {opened / alone:6.1f} × alone")


async def _current(view: Unit) -> PolicySet:
    return await view.policies.current()


async def compare(url: str) -> None:
    """Prints all sizes on this database."""
    await migrate(url)
    store = SqlStore(open_engine(url), key=KEY)
    try:
        for size in SIZES:
            await measured(store, size)
    finally:
        await store.close()


def main() -> None:
    """Measures on the database that is named, or on SQLite in a directory of its own."""
    with TemporaryDirectory() as folder:
        asyncio.run(compare(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}"))


if __name__ == "__main__":
    main()
