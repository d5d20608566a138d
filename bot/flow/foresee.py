"""Foresees what a change would mean: for the calls of the last 30 days, and for the requests that wait."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from bot.domain.coverage import GrantIndex
from bot.domain.decide import PolicySet
from bot.domain.decisions import Decision
from bot.domain.events import DecisionRecord
from bot.domain.policies import Defaults
from bot.domain.reach import Reach
from bot.domain.requests import RequestId
from bot.domain.rule_changes import Edit, GrantEdit, PolicyEdit, Rulebook
from bot.domain.rules import RuleIndex
from bot.flow.rehearse import Outcome, Rehearsal, Stand, rehearse, situation_of
from bot.ports.store import Unit

HORIZON: Final = timedelta(days=30)
"""How far back calls are decided again."""
MOST_CALLS: Final = 5_000
"""Calls that are decided again, the latest ones; reading more of them would keep whoever asks waiting."""

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
    is_cut: bool = False
    """Whether there were more calls than the latest ones that were looked at."""
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
        looked_at = f", of the latest {self.rehearsal.calls:,} calls that this touches" if self.is_cut else ""
        return f"In the last {HORIZON.days} days{looked_at}: {past}{self._waiting()}."

    def _nothing(self) -> str:
        calls = self.rehearsal.calls
        if not calls:
            return "no calls that this touches were decided"
        told = "" if self.is_cut else f" ({calls:,} call{'' if calls == 1 else 's'} that this touches)"
        return f"nothing would have been decided otherwise{told}"

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
) -> Foreseen:
    """Gives what the edits would mean; nothing is written.

    A standing approval that would be given now could not have answered anything before; what is told is what
    it would have. Calls of tools that the edits cannot matter to are not looked at.
    """
    if not edits:
        return Foreseen(rehearsal=rehearse((), now=_NOTHING, then=_NOTHING, zone=zone))
    reach, since = Reach.of(edits), now - HORIZON
    records = await unit.audit.last_decisions(since, of=reach, limit=MOST_CALLS + 1)
    waiting = [request.id for request in await unit.requests.waiting()]
    pending = await unit.audit.decisions_for(waiting, since, of=reach)
    stand = Stand(await unit.policies.current(), rulebook.catalog)
    later = await asyncio.to_thread(_later, stand.rules, rulebook, edits, reach)
    rehearsal = await asyncio.to_thread(rehearse, records[-MOST_CALLS:], now=stand, then=later, zone=zone)
    return Foreseen(
        rehearsal=rehearsal,
        is_cut=len(records) > MOST_CALLS,
        pending=await asyncio.to_thread(_otherwise, pending, stand, later, zone),
    )


def _later(current: PolicySet, rulebook: Rulebook, edits: Sequence[Edit], reach: Reach) -> Stand:
    """Gives what would hold for what the edits reach; all that they leave alone is taken over as it is."""
    after = rulebook.after(edits)
    policies, rules, grants = current.policies, current.rules, current.grants
    if any(isinstance(edit, PolicyEdit) for edit in edits):
        homes = reach.homes
        policies = tuple(one for one in after.policies.values() if reach.is_all or one.connector in homes)
        rules = RuleIndex(policies, like=current.rules)
    if any(isinstance(edit, GrantEdit) for edit in edits):
        grants = GrantIndex(after.grants)
    later = PolicySet(
        policies=policies, rules=rules, defaults=after.defaults, grants=grants, freezes=current.freezes
    )
    return Stand(later, after.catalog)


def _otherwise(
    records: Iterable[DecisionRecord], now: Stand, then: Stand, zone: tzinfo
) -> tuple[RequestId, ...]:
    """Gives the requests of these records that would be asked something else."""
    situations = ((record.request, situation_of(record, now.catalog, zone)) for record in records)
    found = (
        request
        for request, situation in situations
        if request is not None and _asks(now.decision(situation)) != _asks(then.decision(situation))
    )
    return tuple(dict.fromkeys(found))


def _asks(decision: Decision) -> object:
    """Gives what a pending request would be asked; the same where nobody would see a difference."""
    return decision.action, decision.open_seats


_NOTHING: Final = Stand(PolicySet.of(policies=(), defaults=Defaults(), grants=(), freezes=()), {})
