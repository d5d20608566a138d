"""What another policy set would have done with the calls of the past, by deciding them again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum

from bot.domain.actions import Action
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Decision, Situation
from bot.domain.events import DecisionRecord
from bot.domain.tools import Catalog, ToolId


class Outcome(StrEnum):
    """What became of a call, as its requester felt it."""

    RAN = "ran unasked"
    ASKED = "asked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Calls of one tool whose outcome would be another one."""

    tool: ToolId
    before: Outcome
    after: Outcome
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The outcomes of the past calls now and then, and the calls in between."""

    before: dict[Outcome, int]
    after: dict[Outcome, int]
    shifts: tuple[Shift, ...]
    """The most frequent first."""

    @property
    def calls(self) -> int:
        """How many calls were decided again."""
        return sum(self.before.values())


def outcome_of(decision: Decision) -> Outcome:
    """Gives what the decision means for the requester; a step-up counts as asked."""
    if decision.runs:
        return Outcome.RAN
    return Outcome.REFUSED if decision.action is Action.DISABLED else Outcome.ASKED


def rehearse(
    records: Iterable[DecisionRecord],
    *,
    now: PolicySet,
    then: PolicySet,
    catalog: Catalog,
    zone: tzinfo,
    catalog_then: Catalog | None = None,
) -> Rehearsal:
    """Gives what both sets say about each recorded call, at the moment and for the person of its record.

    `catalog_then` is the catalog that goes with the other set, where tools are switched too.
    """
    later = catalog if catalog_then is None else catalog_then
    before: Counter[Outcome] = Counter()
    after: Counter[Outcome] = Counter()
    shifts: Counter[tuple[ToolId, Outcome, Outcome]] = Counter()
    for record in records:
        situation = Situation(
            call=record.call,
            digest=record.call.digest,
            tool=catalog.get(record.call.tool),
            requester=record.requester,
            agent=record.agent,
            surface=record.surface,
            now=record.at,
            zone=zone,
        )
        was = outcome_of(decide(now, situation))
        becomes = outcome_of(decide(then, replace(situation, tool=later.get(record.call.tool))))
        before[was] += 1
        after[becomes] += 1
        if was is not becomes:
            shifts[record.call.tool, was, becomes] += 1
    ordered = sorted(shifts.items(), key=lambda item: (-item[1], item[0]))
    return Rehearsal(
        before={outcome: before[outcome] for outcome in Outcome},
        after={outcome: after[outcome] for outcome in Outcome},
        shifts=tuple(
            Shift(tool=tool, before=was, after=becomes, calls=calls)
            for (tool, was, becomes), calls in ordered
        ),
    )
