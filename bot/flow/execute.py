"""Execute: each call is decided once more and runs at most once, in the plan's order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.cards.words import outcome_words
from bot.domain.actions import Effect
from bot.domain.moves import REQUEST_MOVES, CallEvent, RequestEvent, moved
from bot.domain.people import TECHNICIANS
from bot.domain.requests import CallRecord, CallResult, CallStatus, Request, RequestStatus
from bot.domain.tools import shortened
from bot.flow import tell
from bot.flow.clear import Clear, moved_call
from bot.flow.diagnose import RESULT_LIMIT
from bot.flow.finish import finish
from bot.flow.gather import stored_story
from bot.flow.judge import call_entry
from bot.flow.seams import Seams
from bot.ports.outside import NotSent, OutcomeUnknown
from bot.ports.store import StoreUnreachable, Unit

PATIENCE: Final = timedelta(minutes=2)
"""How long an approved call waits for a connector that is away before it is given up."""
KEPT_TRIES: Final = 600
"""How often the store is asked to take what came of a call, so that ten minutes' outage loses nothing."""
KEPT_PAUSE_S: Final = 1.0

log = structlog.get_logger()


class Execute:
    """Runs an approved request's calls."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._clear = Clear(seams)

    async def __call__(self, request: Request) -> None:
        """Runs calls until the request is over, waits again, or needs a human's attention.

        A call found executing was begun by a worker that is gone: a read is made again, anything else is
        unknown and put to a technician.

        Raises:
            NotSent, DirectoryUnreachable: something is away; the request is tried again later.
            Overtaken: somebody else moved the request.
        """
        if not await self._recovered(request):
            return
        while True:
            cleared = await self._clear(request.id)
            if isinstance(cleared, CallRecord):
                await self._run(request, cleared)
            else:
                if cleared is not None:
                    await self._ended(request, cleared)
                return

    async def _recovered(self, request: Request) -> bool:
        async with self._seams.store.view(self._seams.tenant) as view:
            orphans = [c for c in await view.requests.calls(request.id) if c.status is CallStatus.EXECUTING]
        for call in orphans:
            if call.position < 0:
                continue
            if call.effect is not Effect.READ:
                await self._lost(request, call, "The program stopped while this was under way.")
                return False
            async with self._seams.store.unit(self._seams.tenant) as unit:
                again = replace(moved_call(call, CallEvent.NOT_SENT), started=None)
                await unit.requests.swap_call(call, again)
        return True

    async def _run(self, request: Request, call: CallRecord) -> None:
        try:
            result = await self._seams.connectors.call(call.call)
        except NotSent as refusal:
            not_sent = refusal
            await _kept(lambda: self._not_sent(request, call, not_sent))
            return
        except OutcomeUnknown as refusal:
            lost = refusal
            if call.effect is Effect.READ:
                away = NotSent(connector=call.tool.connector, why=lost.sentence)
                await _kept(lambda: self._not_sent(request, call, away))
            else:
                await _kept(lambda: self._lost(request, call, lost.sentence))
            return
        await _kept(lambda: self._returned(request, call, result))

    async def _returned(self, request: Request, call: CallRecord, result: CallResult) -> None:
        now = self._seams.clock.now()
        event = CallEvent.SUCCEEDED if result.ok else CallEvent.FAILED
        async with self._seams.store.unit(self._seams.tenant) as unit:
            stored = next((c for c in await unit.requests.calls(request.id) if c.id == call.id), call)
            ended = replace(moved_call(stored, event), result=shortened(result.text, RESULT_LIMIT), ended=now)
            await unit.requests.swap_call(stored, ended)
            entry = await call_entry(unit, "call.returned", ended, request, now=now)
            await unit.audit.append(replace(entry, status=ended.status.value, duration_s=result.duration_s))
            if stored.status is CallStatus.UNKNOWN:
                await self._known_after_all(unit, request, now)
            await tell.refresh(unit, request)

    async def _known_after_all(self, unit: Unit, request: Request, now: datetime) -> None:
        """Lets a request go on whose answer came after it was given up as unknown."""
        current = await unit.requests.get(request.id)
        if current is not None and current.status is RequestStatus.ATTENTION:
            status = moved(REQUEST_MOVES, current.status, RequestEvent.SETTLED)
            await unit.requests.swap(current, replace(current, status=status, updated=now))

    async def _not_sent(self, request: Request, call: CallRecord, refusal: NotSent) -> None:
        now = self._seams.clock.now()
        is_over = call.started is not None and now - call.started > PATIENCE
        event = CallEvent.FAILED if is_over else CallEvent.NOT_SENT
        async with self._seams.store.unit(self._seams.tenant) as unit:
            becomes = replace(moved_call(call, event), grants=())
            if is_over:
                becomes = replace(becomes, result=refusal.sentence, ended=now)
            for grant in call.grants:
                await unit.grants.give_back(grant)
            await unit.requests.swap_call(call, becomes)
            entry = await call_entry(unit, "call.not_sent", call, request, now=now)
            await unit.audit.append(replace(entry, status=becomes.status.value))
        if not is_over:
            raise refusal

    async def _lost(self, request: Request, call: CallRecord, why: str) -> None:
        """Puts a call whose outcome nobody knows to the technicians; it is never sent again.

        Raises:
            DirectoryUnreachable: nobody can be asked yet; the call stays as it is and is found again.
        """
        now = self._seams.clock.now()
        technicians = await self._seams.directory.members(TECHNICIANS)
        if not any(person.id != request.requester for person in technicians):
            technicians = await self._seams.directory.members(await self._seams.directory.fallback_group())
        async with self._seams.store.unit(self._seams.tenant) as unit:
            current = await unit.requests.get(request.id) or request
            lost = replace(moved_call(call, CallEvent.LOST_SIGHT), result=why, ended=now)
            await unit.requests.swap_call(call, lost)
            entry = await call_entry(unit, "call.unknown", lost, request, now=now)
            await unit.audit.append(replace(entry, status=lost.status.value))
            status = moved(REQUEST_MOVES, current.status, RequestEvent.LOST_SIGHT)
            stored = await unit.requests.swap(current, replace(current, status=status, updated=now))
            text = (
                "I sent it, but no answer came, so I do not know whether it worked. I will not try again by "
                "myself: a technician is looking."
            )
            for one in (stored, *await unit.requests.joined_to(request.id)):
                await tell.say(unit, one, one.requester, text)
            asked = [person.id for person in technicians if person.id != request.requester]
            await tell.send_attention(unit, stored, asked)
            await tell.refresh(unit, stored)

    async def _ended(self, request: Request, event: RequestEvent) -> None:
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            current = await unit.requests.get(request.id) or request
            outcome = outcome_words(await stored_story(self._seams, unit, current))
            await finish(unit, current, event, outcome, now=now, complete=True)


async def _kept(write: Callable[[], Awaitable[None]]) -> None:
    """Writes what came of a call as soon as the store takes it: nobody else knows it.

    Raises:
        StoreUnreachable: it was away for too long; the call counts as unknown then.
    """
    for _ in range(KEPT_TRIES):
        try:
            return await write()
        except StoreUnreachable:
            log.warning("call.not_written_yet")
            await asyncio.sleep(KEPT_PAUSE_S)
    return await write()
