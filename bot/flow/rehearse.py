"""What another policy set would have done with the calls of the past, by deciding them again."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum

from bot.domain.actions import Action
from bot.domain.alike import Likeness
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


@dataclass(frozen=True, slots=True)
class Stand:
    """What is laid down at one moment, ready for decisions, and the tools that it is about."""

    rules: PolicySet
    catalog: Catalog

    def decision(self, situation: Situation) -> Decision:
        """Gives the decision on a call, with the tool as it is here."""
        return decide(self.rules, replace(situation, tool=self.catalog.get(situation.call.tool)))


def situation_of(
    record: DecisionRecord, catalog: Catalog, zone: tzinfo, *, digest: str | None = None
) -> Situation:
    """Gives the situation of the record, with the tool as it is in this catalog.

    Nothing can be decided of one with another digest than the call's; to ask what is alike, none is needed.
    """
    return Situation(
        call=record.call,
        digest=record.call.digest if digest is None else digest,
        tool=catalog.get(record.call.tool),
        requester=record.requester,
        agent=record.agent,
        surface=record.surface,
        now=record.at,
        zone=zone,
    )


def outcome_of(decision: Decision) -> Outcome:
    """Gives what the decision means for the requester; a step-up counts as asked."""
    if decision.runs:
        return Outcome.RAN
    return Outcome.REFUSED if decision.action is Action.DISABLED else Outcome.ASKED


def rehearse(records: Iterable[DecisionRecord], *, now: Stand, then: Stand, zone: tzinfo) -> Rehearsal:
    """Gives what both say about each recorded call, at the moment and for the person of its record.

    Of calls that are alike to both, one is decided.
    """
    likeness = Likeness(now.rules, then.rules)
    counts: Counter[Hashable] = Counter()
    examples: dict[Hashable, DecisionRecord] = {}
    for record in records:
        key = likeness.key(situation_of(record, now.catalog, zone, digest=""))
        counts[key] += 1
        examples.setdefault(key, record)
    before: Counter[Outcome] = Counter()
    after: Counter[Outcome] = Counter()
    shifts: Counter[tuple[ToolId, Outcome, Outcome]] = Counter()
    for key, record in examples.items():
        situation = situation_of(record, now.catalog, zone)
        was, becomes = outcome_of(now.decision(situation)), outcome_of(then.decision(situation))
        before[was] += counts[key]
        after[becomes] += counts[key]
        if was is not becomes:
            shifts[situation.call.tool, was, becomes] += counts[key]
    ordered = sorted(shifts.items(), key=lambda item: (-item[1], item[0]))
    return Rehearsal(
        before={outcome: before[outcome] for outcome in Outcome},
        after={outcome: after[outcome] for outcome in Outcome},
        shifts=tuple(
            Shift(tool=tool, before=was, after=becomes, calls=calls)
            for (tool, was, becomes), calls in ordered
        ),
    )
