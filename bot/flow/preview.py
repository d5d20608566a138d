"""Previews a standing approval: its sentence, the past it would have matched, and what it would settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.canonical import JsonObject
from bot.domain.coverage import in_scope
from bot.domain.decisions import Situation
from bot.domain.grants import Grant
from bot.domain.people import Person, PersonId
from bot.domain.requests import ApprovalId, CallRecord, Request, RequestStatus
from bot.flow.approve import Approve, check_thawed
from bot.flow.grant import GiveGrant, grant_words
from bot.flow.judge import Bench, bench_of
from bot.flow.seams import Seams
from bot.flow.settle import Settle, request_title
from bot.flow.terms import Terms

HISTORY: Final = 60
"""Past requests that a rule is previewed against."""

Step = tuple[CallRecord, Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a standing approval would do, before it is saved."""

    sentence: str
    history: str
    settles: tuple[str, ...]


class PreviewGrant:
    """Answers what the terms of Always allow would do."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._approve = Approve(seams)
        self._give = GiveGrant(seams)
        self._settle = Settle(seams)

    async def __call__(self, approval: ApprovalId, giver: PersonId, values: JsonObject) -> Preview:
        """Gives what these terms would do; nothing is stored.

        Raises:
            Refusal: as for giving it.
        """
        terms = Terms.read(values)
        await self._give.check_group(terms)
        standing = await self._approve.standing(approval, giver)
        check_thawed(standing.story)
        requester = await self._give.requester(standing)
        async with self._seams.store.view(self._seams.tenant) as view:
            grants = await self._give.drafts(view, standing, terms, requester)
            bench = await bench_of(view)
            tools = {grant.tool for grant in grants}
            past = [
                step
                for tool in sorted(tools)
                for step in await view.requests.recent_calls(tool, limit=HISTORY)
            ]
            waiting = [
                (call, request)
                for request in await view.requests.waiting()
                if request.id != standing.approval.request and not request.joined_to
                for call in await view.requests.calls(request.id)
                if call.position >= 0
            ]
        holders = [grant.holder for grant in grants]
        people = await self._settle.requesters(holders, (request.requester for _, request in past))
        settles = self._matching(bench, grants, waiting, people)
        own = standing.approval.request
        return Preview(
            sentence=" ".join(grant_words(standing, grant) for grant in grants),
            history=self._history(bench, grants, [step for step in past if step[1].id != own], people),
            settles=tuple(
                dict.fromkeys(f"{people[one.requester].name}: {request_title(one)}" for _, one in settles)
            ),
        )

    def _history(
        self, bench: Bench, grants: Sequence[Grant], past: Sequence[Step], people: Mapping[PersonId, Person]
    ) -> str:
        if not past:
            return "Nobody has asked for this tool before."
        matched = self._matching(bench, grants, past, people)
        denied = sum(request.status is RequestStatus.DENIED for _, request in matched)
        ending = (
            "none was denied"
            if not denied
            else f"{denied} of these {'was' if denied == 1 else 'were'} denied"
        )
        total = len(past)
        requests = "request" if total == 1 else f"{total} requests"
        return f"Matches {len(matched)} of the last {requests} for this tool; {ending}."

    def _matching(
        self, bench: Bench, grants: Sequence[Grant], steps: Sequence[Step], people: Mapping[PersonId, Person]
    ) -> list[Step]:
        return [
            (call, request)
            for call, request in steps
            if any(self._matches(bench, grant, call, request, people) for grant in grants)
        ]

    def _matches(
        self,
        bench: Bench,
        grant: Grant,
        call: CallRecord,
        request: Request,
        people: Mapping[PersonId, Person],
    ) -> bool:
        requester = people.get(request.requester)
        if requester is None or requester.id == grant.giver:
            return False
        situation = Situation(
            call=call.call,
            digest=call.digest,
            tool=bench.catalog.get(call.tool),
            requester=requester,
            agent=request.agent,
            surface=request.surface,
            now=self._seams.clock.now(),
            zone=bench.tenant.zone,
        )
        return in_scope(grant, situation)
