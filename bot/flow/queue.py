"""The queue: what a person may decide now, what they asked for themselves, and what admins should see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.cards.status import status_card_id
from bot.cards.story import Story
from bot.cards.visible import visible
from bot.cards.words import STATUSES, headline, one_line, seat_words, verdict_words
from bot.domain.people import Person, PersonId
from bot.domain.policies import Freeze, FreezeScope
from bot.domain.requests import Approval, ApprovalId, ApprovalStatus, Request, RequestId, RequestStatus
from bot.domain.tools import ToolId, shortened
from bot.flow.commands.people import people_of
from bot.flow.gather import stored_story
from bot.flow.offered import is_free, sits_here
from bot.flow.seams import Seams
from bot.ports.store import Unit

LIMIT: Final = 50
"""Approvals that are looked at closely and given, unless another number is wanted."""

MOST: Final = 300
"""Approvals that are given at most, so that nobody's list takes long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """One thing that waits for the person, or that the person waits for; texts may hold outside text."""

    card: str
    request: RequestId
    title: str
    why: str
    """Who asks, and as what the person is asked; for an own request, who is waited for."""
    since: datetime
    until: datetime | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorGlance:
    """How a connector is."""

    name: str
    on: bool
    health: str
    """Empty when it answers; else one sentence on what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What an admin should see at a glance."""

    frozen: tuple[str, ...]
    """A sentence per freeze."""
    connectors: tuple[ConnectorGlance, ...]
    drifted: tuple[ToolId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Everything that waits, as one person sees it."""

    approvals: tuple[QueueItem, ...]
    """What the person may decide now, oldest first."""
    approvals_left: int
    """How many more there may be; 0 when all are given."""
    requests: tuple[QueueItem, ...]
    """The person's own requests that are under way, oldest first."""
    glance: Glance | None
    """For admins only."""
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A pending approval that may be the person's to decide, and who asks."""

    approval: ApprovalId
    request: Request
    joined: tuple[Request, ...]

    @property
    def requesters(self) -> frozenset[PersonId]:
        return frozenset({self.request.requester, *(other.requester for other in self.joined)})


class MyQueue:
    """Draws up queues."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, person: Person, *, limit: int = LIMIT) -> Queue:
        """Gives the person's queue with at most this many approvals.

        While the directory is away, seats that only it can tell about are left out, and people are named by
        their ids.
        """
        candidates = await self._candidates(person)
        offered: list[tuple[Story, Approval]] = []
        at, most = 0, min(limit, MOST)
        async with self._seams.store.view(self._seams.tenant) as view:
            zone = (await view.tenant()).zone
            while at < len(candidates) and len(offered) < most:
                found = await self._free(view, person, candidates[at], zone)
                offered += [found] if found else []
                at += 1
            own = [
                await stored_story(self._seams, view, request)
                for request in reversed(await view.requests.open_of(person.id))
            ]
        people = await self._people([story for story, _ in offered] + own)
        return Queue(
            approvals=tuple(
                _approval_item(replace(story, people=people), approval) for story, approval in offered
            ),
            approvals_left=len(candidates) - at,
            requests=tuple(request_item(replace(story, people=people)) for story in own),
            glance=await self._glance() if person.is_admin else None,
            zone=zone,
            now=self._seams.clock.now(),
        )

    async def _candidates(self, person: Person) -> list[_Candidate]:
        """Gives the pending approvals where the person sits, oldest first, but for their own requests."""
        async with self._seams.store.view(self._seams.tenant) as view:
            pending = await view.approvals.pending()
            waiting = await view.requests.waiting()
        requests = {request.id: request for request in waiting}
        joined: dict[RequestId, list[Request]] = {}
        for request in waiting:
            if request.joined_to is not None:
                joined.setdefault(request.joined_to, []).append(request)
        now = self._seams.clock.now()
        found = []
        seats: dict[tuple[object, ...], bool] = {}
        for approval in pending:
            asked = requests.get(approval.request)
            if asked is None or approval.expires <= now:
                continue
            one = _Candidate(approval.id, asked, tuple(joined.get(asked.id, ())))
            if not is_free(approval, person, requesters=one.requesters, approvals=(), grants=()):
                continue
            place = (approval.seat, approval.approver, approval.asked_group)
            if place not in seats:
                seats[place] = await sits_here(self._seams.directory, approval, person)
            if seats[place]:
                found.append(one)
        return found

    async def _free(
        self, view: Unit, person: Person, one: _Candidate, zone: ZoneInfo
    ) -> tuple[Story, Approval] | None:
        """Gives the approval with its request if the person's word does not count there already."""
        steps = [call for call in await view.requests.calls(one.request.id) if call.position >= 0]
        approvals = await view.approvals.of(one.request.id)
        wanted = dict.fromkeys(grant for call in steps for grant in call.grants)
        grants = [grant for grant_id in wanted if (grant := await view.grants.get(grant_id)) is not None]
        stored = next((approval for approval in approvals if approval.id == one.approval), None)
        requesters = one.requesters
        if stored is None or not is_free(
            stored, person, requesters=requesters, approvals=approvals, grants=grants
        ):
            return None
        catalog = await view.connections.catalog()
        story = Story(
            request=one.request,
            steps=tuple(steps),
            approvals=approvals,
            joined=one.joined,
            people={},
            tools={call.tool: catalog[call.tool] for call in steps if call.tool in catalog},
            zone=zone,
            now=self._seams.clock.now(),
        )
        return story, stored

    async def _people(self, stories: Iterable[Story]) -> Mapping[PersonId, Person]:
        wanted: set[PersonId] = set()
        for story in stories:
            wanted |= story.requesters
            for one in story.approvals:
                wanted.update(review.reviewer for review in one.reviews)
                wanted.update([one.approver] if one.approver else [])
        return await people_of(self._seams.directory, wanted)

    async def _glance(self) -> Glance:
        async with self._seams.store.view(self._seams.tenant) as view:
            freezes = await view.policies.freezes()
            connectors = await view.connections.all()
            catalog = await view.connections.catalog()
        persons = {PersonId(one.target) for one in freezes if one.scope is FreezeScope.PERSON}
        people = await people_of(self._seams.directory, persons)
        return Glance(
            frozen=tuple(_frozen(freeze, people) for freeze in freezes),
            connectors=tuple(
                ConnectorGlance(name=one.name, on=one.on, health=visible(one.health, set()))
                for one in connectors
            ),
            drifted=tuple(sorted(tool.id for tool in catalog.values() if tool.present and tool.drifted)),
        )


def _approval_item(story: Story, approval: Approval) -> QueueItem:
    others = len(story.requesters) - 1
    asks = "asks" if not others else f"and {others} other{'s' if others > 1 else ''} ask"
    who = visible(story.name(story.request.requester), set())
    return QueueItem(
        card=approval.id,
        request=approval.request,
        title=headline(story),
        why=f"{who} {asks}. You are asked as {visible(seat_words(story, approval), set())}.",
        since=approval.created,
        until=approval.expires,
        status=visible(verdict_words(story, approval), set()),
    )


def request_item(story: Story) -> QueueItem:
    """Gives the request as the one who asked sees it in a list."""
    request = story.request
    pending = [one for one in story.approvals if one.status is ApprovalStatus.PENDING]
    is_waiting = request.status is RequestStatus.WAITING and bool(pending)
    waits = ", ".join(visible(seat_words(story, one), set()) for one in pending)
    words = shortened(visible(one_line(request.text), set()), 150)
    return QueueItem(
        card=status_card_id(request.id),
        request=request.id,
        title=headline(story),
        why=f"Waits for: {waits}." if is_waiting else f"You asked: “{words}”" if words else "",
        since=request.created,
        until=min(one.expires for one in pending) if is_waiting else None,
        status=STATUSES[request.status],
    )


def _frozen(freeze: Freeze, people: Mapping[PersonId, Person]) -> str:
    what = freeze.target
    if freeze.scope is FreezeScope.TENANT:
        what = "Everything"
    elif freeze.scope is FreezeScope.PERSON:
        person = people.get(PersonId(freeze.target))
        what = f"What {person.name if person else freeze.target} asks for"
    why = one_line(freeze.reason)
    return visible(f"{what} is frozen: {why}" if why else f"{what} is frozen.", set())
