"""Gathers a request's story: what is stored, and the people in it as the directory knows them now."""

from collections.abc import Iterable
from typing import Final

from bot.cards.frozen import freezers
from bot.cards.story import Story
from bot.domain.grants import Grant, GrantId
from bot.domain.people import PersonId
from bot.domain.policies import Freeze
from bot.domain.requests import ApprovalStatus, CallRecord, CallStatus, Request, RequestId, RequestStatus
from bot.flow.seams import Seams
from bot.flow.shown_people import ShownPeople, shown_people
from bot.ports.directory import Directory
from bot.ports.store import Unit

_UNDER_WAY: Final = frozenset({RequestStatus.WAITING, RequestStatus.EXECUTING})


async def gather(seams: Seams, request: RequestId) -> Story | None:
    """Gives the request with everything around it; None when there is none.

    While the directory is away people are named as they were last, or by their ids; nothing else depends on
    it here.
    """
    async with seams.store.view(seams.tenant) as view:
        found = await view.requests.get(request)
        if found is None:
            return None
        story = await stored_story(seams, view, found)
    shown = await _people(seams.directory, story)
    return Story(
        request=story.request,
        steps=story.steps,
        reads=story.reads,
        approvals=story.approvals,
        joined=story.joined,
        leading=story.leading,
        people=shown.people,
        people_as_of=shown.as_of,
        tools=story.tools,
        grants=story.grants,
        missed=story.missed,
        freezes=story.freezes,
        zone=story.zone,
        now=story.now,
    )


async def stored_story(seams: Seams, unit: Unit, request: Request) -> Story:
    """Gives the story without people, from within a transaction.

    A request that joined an equal one shows that one's approvals and calls.
    """
    leading = request.joined_to or request.id
    calls = await unit.requests.calls(request.id)
    shown = await unit.requests.calls(leading) if request.joined_to else calls
    catalog = await unit.connections.catalog()
    tenant = await unit.tenant()
    grants = await _grants(unit, {grant for call in shown for grant in call.grants})
    approvals = await unit.approvals.of(leading)
    leader = await unit.requests.get(request.joined_to) if request.joined_to else None
    return Story(
        request=request,
        steps=tuple(call for call in shown if call.position >= 0),
        reads=tuple(call for call in calls if call.position < 0),
        approvals=approvals,
        joined=await unit.requests.joined_to(request.id),
        leading=leader,
        people={},
        tools={call.tool: catalog[call.tool] for call in (*calls, *shown) if call.tool in catalog},
        grants={grant.id: grant for grant in grants},
        missed={
            one.id: await unit.outbox.missed(one.id)
            for one in approvals
            if one.status is ApprovalStatus.PENDING
        },
        freezes=await freezes_over(unit, request, shown, leading=leader),
        zone=tenant.zone,
        now=seams.clock.now(),
    )


async def freezes_over(
    unit: Unit, request: Request, calls: Iterable[CallRecord], *, leading: Request | None = None
) -> tuple[Freeze, ...]:
    """Gives what is frozen, oldest first, of the calls that have still to run for the requester.

    A request that joined another waits with it, so whoever asked for that one counts, too.
    """
    if request.status not in _UNDER_WAY:
        return ()
    frozen = await unit.policies.freezes()
    left = [call.tool for call in calls if call.position >= 0 and call.status is CallStatus.PROPOSED]
    asking = {request.requester, *([leading.requester] if leading else [])}
    return tuple(one for one in frozen if any(one.covers(tool, who) for tool in left for who in asking))


async def _grants(unit: Unit, wanted: Iterable[GrantId]) -> list[Grant]:
    found = [await unit.grants.get(grant) for grant in sorted(wanted)]
    return [grant for grant in found if grant is not None]


def _named(story: Story) -> set[PersonId]:
    named = {story.request.requester, *(other.requester for other in story.joined)}
    for approval in story.approvals:
        named.update(review.reviewer for review in approval.reviews)
        if approval.approver:
            named.add(approval.approver)
    named.update(grant.giver for grant in story.grants.values())
    named |= freezers(story.freezes)
    return named


async def _people(directory: Directory, story: Story) -> ShownPeople:
    """Gives everyone in the story, and the manager of whoever asked."""
    named = await shown_people(directory, _named(story))
    requester = named.people.get(story.request.requester)
    if requester is None or requester.manager is None or requester.manager in named.people:
        return named
    above = await shown_people(directory, {requester.manager})
    moments = [one.as_of for one in (named, above) if one.as_of is not None]
    return ShownPeople(people={**named.people, **above.people}, as_of=min(moments, default=None))
