"""Foresees what a change would mean: for the calls of the last 30 days, and for the requests that wait."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Decision, Situation
from bot.domain.events import DecisionRecord
from bot.domain.grants import Grant
from bot.domain.requests import RequestId
from bot.domain.rule_changes import Edit, Rulebook
from bot.domain.tools import Catalog
from bot.flow.rehearse import Outcome, Rehearsal, rehearse
from bot.ports.store import Unit

HORIZON: Final = timedelta(days=30)
"""How far back calls are decided again."""

_WOULD: Final = {
    Outcome.RAN: "would have run",
    Outcome.ASKED: "would have asked",
    Outcome.REFUSED: "would have been refused",
}
_DID: Final = {Outcome.RAN: "ran", Outcome.ASKED: "asked", Outcome.REFUSED: "were refused"}
_DID_ONE: Final = {Outcome.RAN: "ran", Outcome.ASKED: "asked", Outcome.REFUSED: "was refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a change would mean."""

    rehearsal: Rehearsal
    pending: tuple[RequestId, ...] = ()
    """The requests that wait for approvals and would be decided otherwise."""

    @property
    def sentence(self) -> str:
        """It in one sentence, with the days it is about."""
        shifts: dict[tuple[Outcome, Outcome], int] = {}
        for shift in self.rehearsal.shifts:
            key = (shift.before, shift.after)
            shifts[key] = shifts.get(key, 0) + shift.calls
        told = [_told(count, *key) for key, count in sorted(shifts.items(), key=lambda one: -one[1])]
        past = ", ".join(told) if told else self._nothing()
        return f"In the last {HORIZON.days} days: {past}{self._waiting()}."

    def _nothing(self) -> str:
        calls = self.rehearsal.calls
        if not calls:
            return "no calls were decided"
        return f"nothing would have been decided otherwise ({calls} call{'' if calls == 1 else 's'})"

    def _waiting(self) -> str:
        count = len(self.pending)
        if not count:
            return ""
        return f"; {count} pending request{' changes' if count == 1 else 's change'}"


def _told(count: int, was: Outcome, becomes: Outcome) -> str:
    did = _DID_ONE[was] if count == 1 else _DID[was]
    return f"{count} call{'' if count == 1 else 's'} that {did} {_WOULD[becomes]}"


async def foresee(
    unit: Unit,
    rulebook: Rulebook,
    edits: Sequence[Edit],
    *,
    now: datetime,
    zone: tzinfo,
    grants: tuple[Grant, ...] | None = None,
) -> Foreseen:
    """Gives what the edits would mean; nothing is written.

    `grants` are the standing approvals that there would be then, where they change too.
    """
    records = await unit.audit.decisions(now - HORIZON)
    waiting = frozenset(request.id for request in await unit.requests.waiting())
    current = await unit.policies.current()
    later = rulebook.after(edits)
    if grants is not None:
        later = replace(later, grants=grants)
    return await asyncio.to_thread(_foreseen, records, waiting, current, rulebook, later, zone)


def _foreseen(
    records: Sequence[DecisionRecord],
    waiting: frozenset[RequestId],
    now: PolicySet,
    rulebook: Rulebook,
    later: Rulebook,
    zone: tzinfo,
) -> Foreseen:
    then = later.policy_set
    rehearsal = rehearse(
        records, now=now, then=then, catalog=rulebook.catalog, zone=zone, catalog_then=later.catalog
    )
    pending = [
        record.request
        for record in records
        if record.request in waiting
        and _asks(now, record, rulebook.catalog, zone) != _asks(then, record, later.catalog, zone)
    ]
    return Foreseen(rehearsal=rehearsal, pending=tuple(dict.fromkeys(filter(None, pending))))


def _asks(policy_set: PolicySet, record: DecisionRecord, catalog: Catalog, zone: tzinfo) -> object:
    """Gives what a pending request would be asked; the same where nobody would see a difference."""
    decision: Decision = decide(
        policy_set,
        Situation(
            call=record.call,
            digest=record.call.digest,
            tool=catalog.get(record.call.tool),
            requester=record.requester,
            agent=record.agent,
            surface=record.surface,
            now=record.at,
            zone=zone,
        ),
    )
    return decision.action, decision.open_seats
