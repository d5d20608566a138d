"""The agent's reads: each through the policy, each recorded, none that changes anything."""

from dataclasses import replace
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.events import AuditDecision, AuditEntry
from bot.domain.moves import CALL_MOVES, CallEvent, moved
from bot.domain.people import Person
from bot.domain.plans import ToolCall
from bot.domain.requests import CallRecord, CallResult, CallStatus, Request
from bot.domain.tools import shortened
from bot.flow.form import proposed
from bot.flow.judge import Bench, bench_of, call_entry, decided, judge, record
from bot.flow.seams import Seams
from bot.ports.outside import NotSent, OutcomeUnknown, ReadRefused

MAX_READS: Final = 40
"""Reads that one diagnosis may make."""
RESULT_LIMIT: Final = 20_000
"""Characters of a tool's answer that are kept."""


class Diagnose:
    """One request's `Reader`."""

    def __init__(self, seams: Seams, request: Request, requester: Person) -> None:
        self._seams = seams
        self._request = request
        self._requester = requester
        self._count = 0

    async def __call__(self, call: ToolCall) -> CallResult:
        """Gives what the tool answers, if the policy lets it run unasked and it only reads.

        Raises:
            ReadRefused: the policy says otherwise, the tool is no read, or the arguments do not fit it.
            NotSent: the connector cannot be reached, or did not answer.
        """
        self._count += 1
        if self._count > MAX_READS:
            raise ReadRefused(tool=call.tool, reason=f"{MAX_READS} reads are the most for one request")
        started = await self._start(call.checked())
        try:
            result = await self._seams.connectors.call(call)
        except (NotSent, OutcomeUnknown) as refusal:
            await self._end(started, CallEvent.FAILED, refusal.sentence, None)
            raise NotSent(connector=call.tool.connector, why=refusal.sentence) from None
        event = CallEvent.SUCCEEDED if result.ok else CallEvent.FAILED
        await self._end(started, event, shortened(result.text, RESULT_LIMIT), result.duration_s)
        return result

    async def _start(self, call: ToolCall) -> CallRecord:
        now = self._seams.clock.now()
        refused: str | None
        async with self._seams.store.unit(self._seams.tenant) as unit:
            bench = await bench_of(unit)
            refused, running = self._judged(bench, call)
            if running is not None:
                decision = judge(bench, running, request=self._request, requester=self._requester, now=now)
                running = decided(running, decision)
                refused = None if decision.action is Action.AUTO else decision.reason
                status = CallStatus.REFUSED if refused else CallStatus.EXECUTING
                running = replace(running, status=status, started=now)
                await unit.requests.add_calls([running])
                await record(unit, bench, self._request, self._requester, [(running, decision)], now)
                if not refused:
                    await unit.audit.append(
                        await call_entry(unit, "call.started", running, self._request, now=now)
                    )
            else:
                await unit.audit.append(
                    AuditEntry(
                        at=now,
                        kind="call.refused",
                        actor=self._request.requester,
                        agent=self._request.agent,
                        connector=call.tool.connector,
                        tool=str(call.tool),
                        digest=call.digest,
                        decision=AuditDecision.BLOCK,
                        request=self._request.id,
                    )
                )
        if refused or running is None:
            raise ReadRefused(tool=call.tool, reason=refused)
        return running

    def _judged(self, bench: Bench, call: ToolCall) -> tuple[str | None, CallRecord | None]:
        tool = bench.catalog.get(call.tool)
        if tool is None:
            return "no connector offers it", None
        if tool.effect is not Effect.READ:
            return "it changes something, and a diagnosis only reads", None
        problems = self._seams.schemas.problems(tool.definition.input_schema, call.arguments)
        if problems:
            return "; ".join(f"{path or 'arguments'}: {why}" for path, why in problems.items()), None
        return None, proposed(self._seams, self._request, tool, call, position=self._count - MAX_READS - 1)

    async def _end(self, call: CallRecord, event: CallEvent, result: str, duration_s: float | None) -> None:
        now = self._seams.clock.now()
        ended = replace(call, status=moved(CALL_MOVES, call.status, event), result=result, ended=now)
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.requests.swap_call(call, ended)
            entry = await call_entry(unit, "call.returned", ended, self._request, now=now)
            await unit.audit.append(replace(entry, status=ended.status.value, duration_s=duration_s))
