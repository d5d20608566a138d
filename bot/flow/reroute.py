"""Reroutes what cannot be brought to whom it is asked of: the seat moves on, or admins are told."""

from dataclasses import replace

from bot.cards.story import Story
from bot.domain.events import AuditEntry
from bot.domain.grants import SeatKind
from bot.domain.people import Person
from bot.domain.requests import Approval, ApprovalStatus, RequestId
from bot.flow import tell
from bot.flow.gather import gather
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.seats import asked_persons
from bot.ports.directory import DirectoryUnreachable


class Reroute:
    """Looks at a request whose card did not reach somebody."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._reseat = Reseat(seams)

    async def __call__(self, request: RequestId) -> None:
        """Asks the next one for a manager's seat; tells the fallback group where no one of a group is.

        Repeating it tells nobody twice. While the directory is away nothing moves; later looks do it.
        """
        await self._reseat(request)
        story = await gather(self._seams, request)
        for approval in story.approvals if story else ():
            if story is None or approval.status is not ApprovalStatus.PENDING:
                continue
            try:
                await self._look_at(story, approval)
            except DirectoryUnreachable:
                return

    async def _look_at(self, story: Story, approval: Approval) -> None:
        missed = story.missed.get(approval.id, frozenset())
        asked = await asked_persons(self._seams.directory, approval, requesters=story.requesters)
        if not missed or any(person.id not in missed for person in asked):
            return
        if approval.seat.kind is SeatKind.MANAGER and await self._reseat.is_moved(story, approval):
            # The miss was noted, by another look at the same request, after the seat was looked up here.
            await self._reseat(story.request.id)
            return
        directory = self._seams.directory
        fallback = await directory.members(await directory.fallback_group())
        others = [one for one in fallback if one.id not in missed and one.id not in story.requesters]
        words = _words(approval)
        if approval.explanation != words:
            await self._tell(story, approval, words, others)

    async def _tell(self, story: Story, approval: Approval, words: str, others: list[Person]) -> None:
        async with self._seams.store.unit(self._seams.tenant) as unit:
            request = await unit.requests.get(approval.request)
            stored = await unit.approvals.get(approval.id)
            if (
                request is None
                or stored is None
                or replace(stored, reviews=()) != replace(approval, reviews=())
            ):
                return
            explained = replace(stored, explanation=words)
            await unit.approvals.swap(stored, explained)
            await unit.audit.append(
                AuditEntry(
                    at=story.now,
                    kind="approval.unreached",
                    agent=request.agent,
                    request=request.id,
                    digest=explained.digest,
                    details={"approval": explained.id, "told": [one.id for one in others]},
                )
            )
            for person in others:
                await tell.say(unit, request, person.id, f"A request waits. {explained.explanation}")
            told = "I have told an admin." if others else "Ask IT in another way."
            await tell.say(unit, request, request.requester, f"{explained.explanation} {told}")
            await tell.refresh(unit, request)


def _words(approval: Approval) -> str:
    if approval.asked_group:
        return f"Nobody of the group {approval.asked_group} can be reached in chat to approve this."
    return "Nobody who may approve this can be reached in chat."
