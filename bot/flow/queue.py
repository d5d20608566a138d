"""The queue: what a person may decide now, what they asked for themselves, and what admins should see."""

from collections.abc import Iterable, Mapping, Sequence
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
from bot.domain.requests import Approval, ApprovalStatus, Request, RequestId, RequestStatus
from bot.domain.tools import ToolId, shortened
from bot.flow.commands.people import people_of
from bot.flow.gather import stored_story
from bot.flow.offered import is_free, sits_here
from bot.flow.seams import Seams

LIMIT: Final = 50
"""Approvals that are looked at closely and given, unless more are wanted."""


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
        async with self._seams.store.view(self._seams.tenant) as view:
            zone = (await view.tenant()).zone
            own = [
                await stored_story(self._seams, view, request)
                for request in reversed(await view.requests.open_of(person.id))
            ]
        offered: list[tuple[Story, Approval]] = []
        at = 0
        while at < len(candidates) and len(offered) < limit:
            some = candidates[at : at + limit - len(offered)]
            at += len(some)
            offered += await self._free(person, some)
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

    async def _candidates(self, person: Person) -> list[Approval]:
        """Gives the pending approvals where the person sits, oldest first, but for their own requests."""
        async with self._seams.store.view(self._seams.tenant) as view:
            pending = await view.approvals.pending()
            requesters = _requesters(await view.requests.waiting())
        now = self._seams.clock.now()
        found = []
        seats: dict[tuple[object, ...], bool] = {}
        for approval in pending:
            asked_by = requesters.get(approval.request, frozenset())
            is_mine = is_free(approval, person, requesters=asked_by, approvals=(), grants=())
            if approval.expires <= now or not is_mine:
                continue
            place = (approval.seat, approval.approver, approval.asked_group)
            if place not in seats:
                seats[place] = await sits_here(self._seams.directory, approval, person)
            if seats[place]:
                found.append(approval)
        return found

    async def _free(self, person: Person, approvals: Sequence[Approval]) -> list[tuple[Story, Approval]]:
        """Gives those of them that the person may decide, with all that is known of the request."""
        found = []
        async with self._seams.store.view(self._seams.tenant) as view:
            for approval in approvals:
                request = await view.requests.get(approval.request)
                story = await stored_story(self._seams, view, request) if request else None
                stored = _stored(story, approval)
                if story is None or stored is None:
                    continue
                requesters, grants = story.requesters, story.grants.values()
                if is_free(stored, person, requesters=requesters, approvals=story.approvals, grants=grants):
                    found.append((story, stored))
        return found

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


def _requesters(waiting: Iterable[Request]) -> Mapping[RequestId, frozenset[PersonId]]:
    """Gives everyone who asks, by the request whose approvals they share."""
    found: dict[RequestId, set[PersonId]] = {}
    for request in waiting:
        found.setdefault(request.joined_to or request.id, set()).add(request.requester)
    return {request: frozenset(persons) for request, persons in found.items()}


def _stored(story: Story | None, approval: Approval) -> Approval | None:
    return next((one for one in story.approvals if one.id == approval.id), None) if story else None


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
    match freeze.scope:
        case FreezeScope.TENANT:
            what = "Everything is"
        case FreezeScope.PERSON:
            person = people.get(PersonId(freeze.target))
            what = f"What {person.name if person else freeze.target} asks for is"
        case FreezeScope.CONNECTOR | FreezeScope.TOOL:
            what = f"{freeze.target} is"
    return visible(f"{what} frozen: {one_line(freeze.reason)}", set())
