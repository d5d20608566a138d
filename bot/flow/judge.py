"""Judging calls: the pure decision with the facts of one moment, and its record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.actions import Action
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Decision, Situation
from bot.domain.events import AuditDecision, AuditEntry, DecisionRecord
from bot.domain.grants import Grant, GrantId, Seat
from bot.domain.people import Person
from bot.domain.policies import PolicySource
from bot.domain.requests import CallRecord, Request
from bot.domain.tenants import Tenant
from bot.domain.tools import Catalog, ToolId
from bot.ports.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What decisions are made from: policies, catalog and settings of one moment."""

    policy_set: PolicySet
    catalog: Catalog
    tenant: Tenant

    def same_as(self, other: "Bench") -> bool:
        """Whether nothing that decisions are made from changed in between."""
        return (
            self.policy_set is other.policy_set
            and self.catalog is other.catalog
            and self.tenant == other.tenant
        )


async def bench_of(unit: Unit) -> Bench:
    """Gives what decisions are made from in this transaction."""
    return Bench(
        policy_set=await unit.policies.current(),
        catalog=await unit.connections.catalog(),
        tenant=await unit.tenant(),
    )


def judge(
    bench: Bench,
    call: CallRecord,
    *,
    request: Request,
    requester: Person,
    now: datetime,
    spent: frozenset[GrantId] = frozenset(),
) -> Decision:
    """Gives the decision about one call of a request at this moment."""
    return decide(
        bench.policy_set,
        Situation(
            call=call.call,
            digest=call.digest,
            tool=bench.catalog.get(call.tool),
            requester=requester,
            agent=request.agent,
            surface=request.surface,
            now=now,
            zone=bench.tenant.zone,
            spent=spent,
        ),
    )


def decided(call: CallRecord, decision: Decision) -> CallRecord:
    """Gives the call with the decision's action, reason and grants on it.

    What an admin wrote about the winning policy follows the reason: it says it in the company's own words.
    """
    said = (spoke.policy for spoke in decision.spoke if spoke.won)
    words = dict.fromkeys(policy.description for policy in said if policy.source is not PolicySource.SEED)
    return replace(
        call,
        action=decision.action,
        reason=" ".join([decision.reason, *filter(None, words)]),
        policies=tuple(spoke.policy.name for spoke in decision.spoke if spoke.won),
        grants=decision.grants,
        standing=decision.standing_allowed,
    )


def asking(
    bench: Bench,
    calls: Iterable[CallRecord],
    seat: Seat,
    *,
    request: Request,
    requester: Person,
    now: datetime,
) -> list[tuple[CallRecord, Decision]]:
    """Gives the calls that leave this seat open at this moment, with their decisions."""
    judged = [(call, judge(bench, call, request=request, requester=requester, now=now)) for call in calls]
    return [(call, one) for call, one in judged if seat.key in {other.key for other in one.open_seats}]


async def grants_of(unit: Unit, decisions: Iterable[Decision]) -> tuple[Grant, ...]:
    """Gives the standing approvals that fill seats; their givers fill no other seat of the request."""
    wanted = dict.fromkeys(grant for decision in decisions for grant in decision.grants)
    found = [await unit.grants.get(grant) for grant in wanted]
    return tuple(grant for grant in found if grant is not None)


def joined_seats(seats: Iterable[Seat]) -> tuple[Seat, ...]:
    """Gives each seat once with its largest quorum; technicians by group, then the manager."""
    largest: dict[object, Seat] = {}
    for seat in seats:
        known = largest.get(seat.key)
        if known is None or known.quorum < seat.quorum:
            largest[seat.key] = seat
    return tuple(sorted(largest.values(), key=lambda seat: (seat.kind.value != "technician", seat.group)))


async def record(
    unit: Unit,
    bench: Bench,
    request: Request,
    requester: Person,
    judged: Sequence[tuple[CallRecord, Decision]],
    now: datetime,
) -> None:
    """Writes each decision to the audit log and keeps it with what it was made from."""
    if requester.doubtful:
        requester = replace(requester, doubtful=requester.doubtful & bench.policy_set.groups)
    for call, decision in judged:
        await unit.audit.append(
            replace(
                await call_entry(unit, "call.decided", call, request, now=now),
                decision=_audit_word(decision),
                status=decision.cause.value,
                details={"reason": decision.reason},
            )
        )
        await unit.audit.record(
            DecisionRecord(
                at=now,
                request=request.id,
                call_id=call.id,
                call=call.call,
                requester=requester,
                agent=request.agent,
                surface=request.surface,
                action=decision.action,
                runs=decision.runs,
                reason=decision.reason,
                policies=tuple((spoke.policy.name, spoke.policy.version) for spoke in decision.spoke),
                won=tuple(spoke.policy.name for spoke in decision.spoke if spoke.won),
                grants=decision.grants,
            )
        )


async def call_entry(
    unit: Unit, kind: str, call: CallRecord, request: Request, *, now: datetime
) -> AuditEntry:
    """Gives an audit entry about a call, with everything that does not depend on what happened."""
    connector = await _connector(unit, call.tool)
    return AuditEntry(
        at=now,
        kind=kind,
        actor=request.requester,
        agent=request.agent,
        connector_id=connector[0],
        connector=call.tool.connector,
        method="tools/call",
        path=connector[1],
        tool=str(call.tool),
        digest=call.digest,
        policies=call.policies,
        grants=call.grants,
        request=request.id,
    )


async def _connector(unit: Unit, tool: ToolId) -> tuple[str, str]:
    for connector in await unit.connections.all():
        if connector.name == tool.connector:
            return connector.id, connector.path
    return "", ""


def _audit_word(decision: Decision) -> AuditDecision:
    if decision.runs:
        return AuditDecision.ALLOW
    match decision.action:
        case Action.DISABLED:
            return AuditDecision.BLOCK
        case Action.STEP_UP:
            return AuditDecision.STEP_UP
        case Action.APPROVAL_NEEDED | Action.AUTO:
            return AuditDecision.REVIEW
