"""Which standing approvals what was approved lately suggests, as things are decided now."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.canonical import canonical
from bot.domain.errors import Refusal
from bot.domain.granting import check_may_give
from bot.domain.grants import Grant, GrantId, Seat, SeatKind
from bot.domain.people import Person, PersonId
from bot.domain.requests import Approval, ApprovalStatus, CallRecord, Request, RequestId, Verdict
from bot.domain.suggesting import ENOUGH, WINDOW, DecidedCall, Suggestion, suggestions
from bot.domain.tools import ToolId
from bot.flow.judge import Bench, bench_of, judge
from bot.flow.seams import Seams
from bot.flow.vouched import vouched
from bot.ports.directory import AmbiguousGroup
from bot.ports.store import Unit

TOOLS: Final = 25
"""Tools that one look goes through, those asked for most often first."""
CALLS: Final = 200
"""Calls of a tool that one look goes through, newest first."""

_VERDICTS: Final = {ApprovalStatus.APPROVED: Verdict.APPROVE, ApprovalStatus.DENIED: Verdict.DENY}


class NotSuggested(Refusal):
    """This is not suggested any more, so nothing was given. “grants suggestions” shows what is now."""

    kind = "conflict"


@dataclass(frozen=True, slots=True)
class Found:
    """What is suggested now, and what it was worked out from."""

    suggestions: tuple[Suggestion, ...]
    bench: Bench

    def of(self, start: str) -> Suggestion | None:
        """Gives the suggestion of this id; None when there is none now."""
        return next((one for one in self.suggestions if one.id == start), None)


@dataclass(frozen=True, slots=True)
class _Seated:
    """One call, and what was said about it for one technician seat."""

    call: CallRecord
    request: Request
    approval: Approval
    verdict: Verdict


def draft(rule: Suggestion, bench: Bench, *, giver: Person, grant_id: GrantId, now: datetime) -> Grant:
    """Gives the standing approval that says the rule, in this person's name and from a technician seat.

    Raises:
        NotSuggested: the tool is not there any more.
        Refusal: as for Always allow, it is not theirs to give.
    """
    tool = bench.catalog.get(rule.tool)
    if tool is None:
        raise NotSuggested
    grant = rule.grant(grant_id, giver=giver.id, fingerprint=tool.fingerprint, now=now)
    check_may_give(
        giver=giver,
        seat=Seat(SeatKind.TECHNICIAN, rule.group),
        grant=grant,
        requester=None,
        never_ends_allowed=bench.tenant.never_ending_grants,
        now=now,
    )
    return grant


class Suggestions:
    """Works suggestions out; nothing is written."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, *, since: datetime | None = None) -> Found:
        """Gives what is suggested now, for each tool what was approved last first.

        Args:
            since: only for tools about which something was decided since then; None for all.

        Raises:
            DirectoryUnreachable: it is not known who asked.
        """
        now = self._seams.clock.now()
        async with self._seams.store.view(self._seams.tenant) as view:
            bench = await bench_of(view)
            seated = [
                one
                for tool in await _tools(view, bench, max(since or now - WINDOW, now - WINDOW))
                for one in await _seated(view, tool, since=now - WINDOW)
                if (one.approval.decided or one.approval.created) > now - WINDOW
            ]
        people: dict[PersonId, Person] = {}
        for requester in sorted({one.request.requester for one in seated}):
            person = await self._seams.directory.person(requester)
            if person is not None and person.enabled:
                people[requester] = await vouched(self._seams.directory, person, bench.policy_set.groups)
        calls = await asyncio.to_thread(_decided_calls, bench, seated, people, now)
        sizes = await self._sizes(calls)
        found = suggestions(calls, now, sizes=sizes)
        return Found(tuple(sorted(found, key=lambda one: one.calls[-1].at, reverse=True)), bench)

    async def _sizes(self, calls: Sequence[DecidedCall]) -> dict[str, int]:
        """Gives the sizes of the groups that several requesters of one call have in common."""
        alike: dict[tuple[ToolId, str], list[Person]] = {}
        for call in calls:
            alike.setdefault((call.tool, canonical(call.arguments)), []).append(call.requester)
        wanted: set[str] = set()
        for persons in alike.values():
            if len(persons) >= ENOUGH and len({one.id for one in persons}) > 1:
                wanted |= frozenset.intersection(*(one.groups for one in persons))
        sizes = {}
        for group in sorted(wanted):
            # A rule for a group whose name others have would be for nobody.
            with suppress(AmbiguousGroup):
                sizes[group] = len(await self._seams.directory.members(group))
        return sizes


async def _tools(view: Unit, bench: Bench, since: datetime) -> list[ToolId]:
    """Gives the tools that people were asked about, and whose calls a rule may answer at all."""
    records = await view.audit.decisions(since)
    asked = Counter(record.call.tool for record in records if record.action is Action.APPROVAL_NEEDED)
    found = []
    for tool, _ in asked.most_common():
        known = bench.catalog.get(tool)
        if known is not None and known.effect is not Effect.DESTROY:
            found.append(tool)
    return found[:TOOLS]


async def _seated(view: Unit, tool: ToolId, *, since: datetime) -> list[_Seated]:
    """Gives the newest calls of the tool that people decided, once per technician seat.

    What any seat denied is denied, whoever sits there.
    """
    known: dict[RequestId, tuple[Approval, ...]] = {}
    found = []
    for call, request in await view.requests.recent_calls(tool, limit=CALLS):
        if call.action is not Action.APPROVAL_NEEDED or request.updated <= since:
            continue
        if request.id not in known:
            known[request.id] = await view.approvals.of(request.id)
        for approval in known[request.id]:
            verdict = _VERDICTS.get(approval.status)
            in_person = [one for one in approval.reviews if one.grant is None]
            if verdict is Verdict.DENY or (
                verdict is Verdict.APPROVE and in_person and approval.seat.kind is SeatKind.TECHNICIAN
            ):
                found.append(_Seated(call, request, approval, verdict))
    return found


def _decided_calls(
    bench: Bench, seated: Sequence[_Seated], people: Mapping[PersonId, Person], now: datetime
) -> list[DecidedCall]:
    """Gives what counts: all that was denied, and what was approved and would be asked now."""
    return [
        _decided(one, requester)
        for one in seated
        if (requester := people.get(one.request.requester)) is not None
        and (one.verdict is Verdict.DENY or _still_asks(bench, one, requester, now))
    ]


def _still_asks(bench: Bench, one: _Seated, requester: Person, now: datetime) -> bool:
    """Whether the same call would ask the same seat now, and a standing approval may answer it.

    What an existing one answers does not ask; what was approved of another definition of the tool does not
    count.
    """
    tool = bench.catalog.get(one.call.tool)
    if tool is None or tool.fingerprint != one.call.fingerprint:
        return False
    decision = judge(bench, one.call, request=one.request, requester=requester, now=now)
    asks = {seat.key for seat in decision.open_seats}
    return decision.standing_allowed and one.approval.seat.key in asks


def _decided(one: _Seated, requester: Person) -> DecidedCall:
    return DecidedCall(
        request=one.request.id,
        tool=one.call.tool,
        requester=requester,
        arguments=one.call.arguments,
        agent=one.request.agent,
        group=one.approval.seat.group,
        verdict=one.verdict,
        reviewers=tuple(
            review.reviewer
            for review in one.approval.reviews
            if review.grant is None and review.verdict is Verdict.APPROVE
        ),
        at=one.approval.decided or one.approval.created,
    )
