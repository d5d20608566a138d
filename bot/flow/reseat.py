"""Moves a manager seat whose person cannot fill it any more to whoever the directory names now."""

from dataclasses import replace

from bot.cards.story import Story
from bot.domain.events import AuditEntry
from bot.domain.grants import SeatKind
from bot.domain.requests import Approval, ApprovalStatus, RequestId
from bot.flow import tell
from bot.flow.ask import with_persons
from bot.flow.gather import gather
from bot.flow.seams import Seams
from bot.flow.seats import ManagerAnswer, find_manager, seated_elsewhere
from bot.ports.directory import DirectoryUnreachable


class Reseat:
    """Looks a request's manager seat up anew."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request: RequestId) -> None:
        """Asks the right person for an open manager seat; changes nothing where they are asked already.

        While the directory is away nothing moves.
        """
        story = await gather(self._seams, request)
        for approval in story.approvals if story else ():
            if story is None or not _is_open_manager(approval):
                continue
            try:
                answer = await self._answer(story, approval)
                if answer is not None and not _is_asked(approval, answer):
                    await self._move(story, approval, answer)
            except DirectoryUnreachable:
                return

    async def is_moved(self, story: Story, approval: Approval) -> bool:
        """Whether the directory names another one for this manager seat than the card does."""
        answer = await self._answer(story, approval)
        return answer is None or not _is_asked(approval, answer)

    async def _answer(self, story: Story, approval: Approval) -> ManagerAnswer | None:
        requester = await self._seams.directory.person(story.request.requester)
        if requester is None:
            return None
        taken = story.requesters | seated_elsewhere(story.approvals, story.grants.values(), approval.seat)
        missed = story.missed.get(approval.id, frozenset())
        return await find_manager(self._seams.directory, requester, taken=taken, missed=missed)

    async def _move(self, story: Story, approval: Approval, answer: ManagerAnswer) -> None:
        moved_to = replace(
            approval,
            approver=answer.person.id if answer.person else None,
            asked_group=answer.group,
            explanation=answer.explanation,
        )
        taken = story.requesters | seated_elsewhere(story.approvals, story.grants.values(), approval.seat)
        asking = await with_persons(self._seams, moved_to, requesters=taken)
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            request = await unit.requests.get(approval.request)
            stored = await unit.approvals.get(approval.id)
            if (
                stored is None
                or request is None
                or replace(stored, reviews=()) != replace(approval, reviews=())
            ):
                return
            await unit.approvals.swap(stored, moved_to)
            await unit.audit.append(
                AuditEntry(
                    at=now,
                    kind="approval.moved",
                    agent=request.agent,
                    request=request.id,
                    digest=approval.digest,
                    details={
                        "approval": approval.id,
                        "from": approval.approver or approval.asked_group,
                        "to": moved_to.approver or moved_to.asked_group,
                        "why": moved_to.explanation,
                    },
                )
            )
            await tell.send_approval(unit, request, approval.id, [person.id for person in asking.persons])
            await tell.refresh(unit, request)


def _is_open_manager(approval: Approval) -> bool:
    return approval.seat.kind is SeatKind.MANAGER and approval.status is ApprovalStatus.PENDING


def _is_asked(approval: Approval, answer: ManagerAnswer) -> bool:
    named = answer.person.id if answer.person else None
    return approval.approver == named and approval.asked_group == answer.group
