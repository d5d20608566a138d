"""One process of a race: `python -m tests.integration.racer EVENT URL NAME`.

It says "ready", starts at the first line it reads, and prints what came of it as JSON.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from cryptography.fernet import Fernet

from bot.domain.grants import GrantId
from bot.domain.people import PersonId
from bot.domain.requests import ApprovalId, ApprovalStatus, RequestId
from bot.ports.records import Overtaken
from bot.ports.store import ChatItem, Store
from bot.storage.chatlog import SqlChatLog
from bot.storage.engine import open_engine
from bot.storage.store import SqlStore
from tests.builders import NOW, a_policy
from tests.records import ACME, a_card, a_request, an_approval, an_entry

APPROVAL: Final = ApprovalId("approval-1")


async def settle(store: Store, name: str) -> str:
    """One of many clicks on one approval: reads nothing first, as the slowest reader would."""
    was = an_approval()
    try:
        async with store.unit(ACME) as unit:
            await unit.approvals.swap(was, replace(was, status=ApprovalStatus.APPROVED, explanation=name))
    except Overtaken:
        return "overtaken"
    return "won"


async def many_clicks(store: SqlStore, name: str) -> object:
    """Twenty-five clicks at once."""
    return Counter(await asyncio.gather(*(settle(store, f"{name}-{number}") for number in range(25))))


async def many_uses(store: SqlStore, _: str) -> int:
    """Twenty-five uses of one grant at once."""

    async def use() -> bool:
        async with store.unit(ACME) as unit:
            return await unit.grants.use(GrantId("grant-1"), now=NOW, today=NOW.date())

    return sum(await asyncio.gather(*(use() for _ in range(25))))


async def deliveries(store: SqlStore, name: str) -> object:
    """Delivers until nothing is left; gives the texts in their order."""
    delivered: list[str] = []
    while claimed := await store.claim_notices(name, now=NOW, until=NOW + timedelta(minutes=9), limit=10):
        for _, one in claimed:
            delivered.append(one.notice.text)
            await store.finish_notice(name, one.id)
    return delivered


async def driven(store: SqlStore, name: str) -> object:
    """Leases requests until none is left."""
    found: list[RequestId] = []
    while claimed := await store.claim_request(name, now=NOW, until=NOW + timedelta(minutes=9)):
        found.append(claimed[1])
    return found


async def many_entries(store: SqlStore, name: str) -> object:
    """Appends fifty entries, five to a unit, ten units at once; every fifth unit fails."""

    async def append(number: int) -> None:
        with suppress(ZeroDivisionError):
            async with store.unit(ACME) as unit:
                for step in range(5):
                    await unit.audit.append(an_entry(details={"by": name, "number": number, "step": step}))
                assert 1 / (number % 5 - 4)

    await asyncio.gather(*(append(number) for number in range(10)))
    return None


async def many_policies(store: SqlStore, name: str) -> object:
    """Changes one policy ten times at once; gives the versions."""

    async def change(number: int) -> int:
        try:
            async with store.unit(ACME) as unit:
                stored = await unit.policies.put(replace(a_policy(), description=f"{name}-{number}"), by=name)
        except Overtaken:
            return 0
        return stored.version

    return await asyncio.gather(*(change(number) for number in range(10)))


async def many_items(store: SqlStore, name: str) -> object:
    """Writes twenty items to a chat, ten of them with ids that every process uses."""
    log = SqlChatLog(store._engine)

    def item(identity: str) -> ChatItem:
        return ChatItem(id=identity, person=PersonId("alice"), at=NOW, content={})

    for number in range(10):
        await log.append(ACME, item(f"shared-{number}"))
        await log.append(ACME, item(f"{name}-{number}"))
    return None


async def half_done(store: SqlStore, _: str) -> object:
    """Writes one of everything, says so, and never ends the unit."""
    async with store.unit(ACME) as unit:
        await unit.requests.add(a_request("half"))
        await unit.approvals.add(an_approval("half", request="half"))
        await unit.outbox.add(a_card("half"))
        await unit.audit.append(an_entry())
        await unit.audit.read()
        say("inside")
        await asyncio.Event().wait()
    return None


EVENTS: Final[dict[str, Callable[[SqlStore, str], Awaitable[object]]]] = {
    event.__name__: event
    for event in (
        many_clicks,
        many_uses,
        deliveries,
        driven,
        many_entries,
        many_policies,
        many_items,
        half_done,
    )
}


def say(line: str) -> None:
    """Tells the process that started this one."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def run(event: str, url: str, name: str) -> None:
    """Waits for the start, runs, and prints the result."""
    store = SqlStore(open_engine(url, patience_s=60), key=Fernet.generate_key())
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    say(json.dumps(await EVENTS[event](store, name)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
