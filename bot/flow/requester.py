"""What the requester can do with an open request: withdraw it, nudge the approvers, add details."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.cards.story import Story
from bot.cards.words import STATUSES, headline, seat_words
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.moves import REQUEST_MOVES, ApprovalEvent, RequestEvent
from bot.domain.people import PersonId
from bot.domain.requests import ApprovalStatus, Request, RequestId, RequestStatus
from bot.flow import tell
from bot.flow.finish import NOTHING_DONE, STOPPED, close_approvals, finish, has_begun
from bot.flow.gather import gather
from bot.flow.intake import check_details
from bot.flow.refusals import NotPossibleNow, NudgedAlready, UnknownCard
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.seats import asked_persons

ADDED: Final = "Added. The approvers see it."


class Withdraw:
    """Takes a request back."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request: RequestId, person: PersonId) -> str:
        """Withdraws the person's own request, unless its calls have begun.

        Raises:
            Refusal: not theirs, or over already.
        """
        await own_story(self._seams, request, person)
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            current = await unit.requests.get(request)
            if current is None or (current.status, RequestEvent.WITHDRAWN) not in REQUEST_MOVES:
                raise NotPossibleNow(status=STATUSES[current.status] if current else "it is gone.")
            leading = await unit.requests.get(current.joined_to) if current.joined_to else None
            if leading is not None and leading.status is not RequestStatus.WAITING:
                raise NotPossibleNow(status=STATUSES[leading.status])
            if current.joined_to is None:
                await close_approvals(unit, current, ApprovalEvent.WITHDRAWN, now=now)
            began = await has_begun(unit, current.joined_to or current.id)
            words = "You withdrew this request."
            await finish(unit, current, RequestEvent.WITHDRAWN, words, now=now, actor=person)
        self._seams.bell.ring()
        return f"Withdrawn. {STOPPED if began else NOTHING_DONE}"


class Nudge:
    """Reminds those who are waited for."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._reseat = Reseat(seams)

    async def __call__(self, request: RequestId, person: PersonId) -> str:
        """Tells everyone who still has to decide that the requester is waiting.

        Raises:
            NudgedAlready: too soon after the last nudge.
            Refusal: not theirs, or nobody is waited for.
        """
        story = await own_story(self._seams, request, person)
        await self._reseat(story.request.joined_to or request)
        story = await own_story(self._seams, request, person)
        pending = [one for one in story.approvals if one.status is ApprovalStatus.PENDING]
        if story.request.status is not RequestStatus.WAITING or not pending:
            raise NotPossibleNow(status=STATUSES[story.request.status])
        asked: dict[PersonId, None] = {}
        lacking: list[str] = []
        for approval in pending:
            reviewed = {review.reviewer for review in approval.reviews}
            requesters = story.requesters | reviewed
            found = await asked_persons(self._seams.directory, approval, requesters=requesters)
            asked.update((one.id, None) for one in found)
            if not found:
                lacking.append(
                    approval.explanation or f"Nobody can approve as {seat_words(story, approval)}."
                )
        if not asked:
            raise NotPossibleNow(status=" ".join(lacking))
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            current = await unit.requests.get(request) or story.request
            interval = (await unit.tenant()).nudge_interval
            if current.nudged is not None and now < current.nudged + interval:
                raise NudgedAlready(
                    at=story.moment(current.nudged), again=story.moment(current.nudged + interval)
                )
            await unit.requests.swap(current, replace(current, nudged=now, updated=now))
            text = f"{story.name(person)} is still waiting for your decision: {headline(story)}."
            await unit.outbox.add(
                *(Notice(kind=NoticeKind.SAY, request=request, person=one, text=text) for one in asked)
            )
            await unit.audit.append(_entry(story.request, "request.nudged", person, now=now))
        self._seams.bell.ring()
        reminded = f"I have reminded {len(asked)} {'person' if len(asked) == 1 else 'people'}."
        return " ".join([reminded, *lacking])


class AddDetails:
    """Adds the requester's words to an open request."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request: RequestId, person: PersonId, text: str) -> str:
        """Shows the approvers what the requester adds; the calls stay as they are.

        The same words as the last ones add nothing: they are what was sent twice.

        Raises:
            Refusal: not theirs, or not open any more.
        """
        story = await own_story(self._seams, request, person)
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            current = await unit.requests.get(request) or story.request
            if current.status is not RequestStatus.WAITING:
                raise NotPossibleNow(status=STATUSES[current.status])
            if current.details[-1:] == (text,):
                return ADDED
            check_details(current)
            more = replace(current, details=(*current.details, text), updated=now)
            stored = await unit.requests.swap(current, more)
            await unit.audit.append(_entry(stored, "request.continued", person, now=now))
            await tell.refresh(unit, stored)
        self._seams.bell.ring()
        return ADDED


async def own_story(seams: Seams, request: RequestId, person: PersonId) -> Story:
    """Gives the story of the person's own request.

    Raises:
        UnknownCard: there is none, or it is somebody else's; both look the same.
    """
    story = await gather(seams, request)
    if story is None or story.request.requester != person:
        raise UnknownCard
    return story


def _entry(request: Request, kind: str, actor: PersonId, *, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now, kind=kind, actor=actor, agent=request.agent, request=request.id, status=request.status.value
    )
