"""Prints how long lists, previews and saves take with 10,000 policies and 100,000 decisions, beside peers.

`python -m tests.benchmarks.rule_changes` on SQLite, and with `postgresql://…` on an empty database.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, TypeAlias

from sqlalchemy import func
from sqlmodel import SQLModel, col, insert, select

from bot.app import RandomIds
from bot.cards.answer import Answer
from bot.chat.commands import parse_command
from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject
from bot.domain.events import DecisionRecord
from bot.domain.policies import Policy
from bot.domain.requests import CallId, RequestId
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker
from bot.flow.rehearse import Stand, situation_of
from bot.flow.seams import Seams
from bot.policyfile.files import YamlPolicyFiles
from bot.scheduler.bell import ProcessBell
from bot.storage.documents import written
from bot.storage.engine import open_engine
from bot.storage.mapping import call_columns, columns_of, tool_columns
from bot.storage.migrate import migrate
from bot.storage.store import SqlStore
from bot.storage.tables.audit import DecisionRow
from bot.storage.tables.connections import ToolRow
from bot.storage.tables.policies import PolicyRow
from bot.storage.tables.requests import CallRow
from tests import builders, records
from tests.benchmarks.decide import grants_of, policies_of, tool_of
from tests.databases import KEY
from tests.fakes.clock import MovedClock
from tests.fakes.connectors import FakeConnectors
from tests.fakes.directory import FakeDirectory
from tests.fakes.planner import FakePlanner
from tests.fakes.schemas import FakeSchemas

POLICIES: Final = 10_000
GRANTS: Final = 500
CALLS: Final = 100_000
PEOPLE: Final = 1_000
TOOLS: Final = POLICIES // 5
ROUNDS: Final = 3
LIMIT_S: Final = 3.0
"""What chat platforms wait for an answer. Source: https://docs.slack.dev/interactivity/handling-user-interaction"""
BUSY: Final = tool_of(1)
"""The tool that is called most often but one, and not of effect destroy."""
RARE: Final = tool_of(TOOLS // 2 + 1)
_BATCH: Final = 500

Row: TypeAlias = dict[str, object]


class Company:
    """Twenty connectors of a hundred tools, one in four of effect destroy, and a month of calls."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.store = SqlStore(self.engine, key=KEY)
        self.admin = builders.an_admin()
        self.tenant = records.a_tenant()
        self.clock = MovedClock()
        self._random = random.Random(20_261_121)  # noqa: S311 - nothing is secret here
        self.seams = Seams(
            tenant=self.tenant.id,
            store=self.store,
            directory=FakeDirectory([self.admin, builders.an_admin("ahmed")]),
            planner=FakePlanner({}),
            connectors=FakeConnectors(),
            schemas=FakeSchemas(),
            policy_files=YamlPolicyFiles(),
            surfaces=(),
            clock=self.clock,
            ids=RandomIds(),
            bell=ProcessBell(),
        )

    async def move_in(self) -> None:
        """Stores everything; calls of a few tools are many, as they are anywhere."""
        async with self.store.unit(self.tenant.id) as unit:
            await unit.put_tenant(self.tenant)
            for connector in sorted({tool_of(number).connector for number in range(TOOLS)}):
                await unit.connections.put(records.a_connector(connector))
            for grant in grants_of(GRANTS):
                await unit.grants.add(grant)
            await unit.requests.add(records.a_request(tenant=self.tenant.id))
        tools = [builders.a_tool(tool_of(number), effect=_effect(number)) for number in range(TOOLS)]
        await self._insert(ToolRow, [tool_columns(tool) for tool in tools])
        await self._insert(PolicyRow, [_policy_row(policy) for policy in policies_of(POLICIES)])
        for start in range(0, CALLS, _BATCH):
            made = [self._record(number) for number in range(start, start + _BATCH)]
            await self._insert(CallRow, [_call_row(one) for one in made])
            await self._insert(DecisionRow, [_decision_row(one) for one in made])

    async def _insert(self, kind: type[SQLModel], rows: Sequence[Row]) -> None:
        async with self.engine.write() as session:
            await session.exec(insert(kind), params=[{**row, "tenant": self.tenant.id} for row in rows])

    def _record(self, number: int) -> DecisionRecord:
        tool = tool_of(min(TOOLS - 1, int(self._random.paretovariate(0.6)) - 1))
        person = self._random.randrange(PEOPLE)
        groups = [f"group-{person % 97}", f"site-{person % 7}", "staff"]
        arguments: JsonObject = {
            "user": f"user-{self._random.randrange(5_000)}@acme.test",
            "amount": person % 900,
        }
        ago = timedelta(days=29) * (CALLS - number) / CALLS
        return DecisionRecord(
            at=self.clock.now() - ago,
            request=RequestId("request-1"),
            call_id=CallId(f"call-{number}"),
            call=builders.a_call(tool, arguments),
            requester=builders.a_person(f"person-{person}", groups=groups),
            agent=self._random.choice(("chatgpt", "countersign")),
            surface="slack",
            action=Action.APPROVAL_NEEDED,
            runs=False,
            reason="Policy “Policy 12” (version 3) says approval_needed.",
            policies=(("Policy 12", 3),),
        )

    async def asked(self, line: str) -> Answer:
        """Gives the answer to a line that the admin writes."""
        found = await Dispatch(self.seams)(parse_command(line), Asker(person=self.admin, surface="slack"))
        assert isinstance(found, Answer), found
        return found

    async def saves(self, line: str) -> Answer:
        """Gives the answer to saving what the line previews."""
        return await self.asked((await self.asked(line)).buttons[0].value)

    async def one_page(self) -> object:
        """Gives what the database alone says to the same question as `policy list`: a count and ten names."""
        mine = col(PolicyRow.tenant) == self.tenant.id
        async with self.engine.read() as session:
            count = (await session.exec(select(func.count()).select_from(PolicyRow).where(mine))).one()
            names = select(PolicyRow.name).where(mine).order_by(col(PolicyRow.name)).limit(10)
            return count, (await session.exec(names)).all()

    async def one_by_one(self) -> object:
        """Reads the month's decisions and decides every one again, as a preview could do it, too."""
        async with self.store.view(self.tenant.id) as view:
            found = await view.audit.decisions(self.clock.now() - timedelta(days=30))
            stand = Stand(await view.policies.current(), await view.connections.catalog())
        zone = self.tenant.zone
        return [stand.decision(situation_of(one, stand.catalog, zone)).action for one in found]

    async def one_write(self) -> None:
        """Writes one row durably."""
        async with self.store.unit(self.tenant.id) as unit:
            await unit.put_tenant(self.tenant)


def _effect(number: int) -> Effect:
    return Effect.DESTROY if number % 4 == 0 else Effect.WRITE


def _policy_row(policy: Policy) -> Row:
    columns = columns_of(policy)
    names = ("id", "name", "connector", "source", "version")
    return {**{name: columns[name] for name in names}, "document": written(policy)}


def _call_row(one: DecisionRecord) -> Row:
    return call_columns(records.a_record(str(one.call_id), tool=one.call.tool, arguments=one.call.arguments))


def _decision_row(one: DecisionRecord) -> Row:
    return {"at": one.at, "call_id": one.call_id, "document": written(one)}


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    """Gives how long it takes."""
    start = perf_counter()
    await work()
    return perf_counter() - start


async def usual(*works: Callable[[], Awaitable[object]]) -> list[float]:
    """Gives the median time of each, in seconds; they take turns, so that they share the noise."""
    rounds = [[await seconds(work) for work in works] for _ in range(ROUNDS)]
    return [median(times) for times in zip(*rounds, strict=True)]


def told(what: str, took: float, peer: str, peer_took: float) -> None:
    """Prints a time, its peer's, and how they relate."""
    over = "" if took < LIMIT_S else f" - over {LIMIT_S:.0f} s"
    ratio = took / peer_took
    print(f"    {what:<42} {took * 1_000:8.0f} ms = {ratio:8.2f} x {peer} ({peer_took * 1_000:.0f} ms){over}")


async def measure(url: str) -> None:
    """Prints all of it for this database."""
    await migrate(url)
    company = Company(url)
    try:
        await company.move_in()
        kind, _, _ = url.partition(":")
        print(f"{POLICIES:,} policies, {GRANTS:,} standing approvals, {CALLS:,} decisions on {kind}")
        first = await seconds(lambda: company.asked("policy list"))
        page, plain = await usual(lambda: company.asked("policy list"), company.one_page)
        told("policy list, first of a process", first, "one page by SQL", plain)
        told("policy list", page, "one page by SQL", plain)
        for flags in ("--search 123", "connector-3 --action auto --sort changed --page 2"):
            [took] = await usual(partial(company.asked, f"policy list {flags}"))
            told(f"policy list {flags}"[:42], took, "one page by SQL", plain)
        everything = await seconds(company.one_by_one)
        for target in (BUSY, RARE, f"{BUSY.connector}:*", "*"):
            [took] = await usual(partial(company.asked, f"policy set {target} disabled"))
            told(f"preview of {target}", took, "deciding all one by one", everything)
        write = median([await seconds(company.one_write) for _ in range(ROUNDS)])
        for action in ("step_up", "disabled"):
            ask = (await company.asked(f"policy set {BUSY} {action}")).buttons[0].value
            told(f"save of {BUSY} {action}", await seconds(partial(company.asked, ask)), "one write", write)
        again = await seconds(lambda: company.asked("policy list"))
        told("policy list, first after a save", again, "one page by SQL", plain)
    finally:
        await company.store.close()


def main() -> None:
    """Measures on the database that is named, or on SQLite in a directory of its own."""
    with TemporaryDirectory() as folder:
        asyncio.run(measure(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}"))


if __name__ == "__main__":
    main()
