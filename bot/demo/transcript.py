"""Plays one request of the demo company in the terminal: ask, approve, run, reply."""

import asyncio
from collections.abc import Callable
from typing import Final

from bot.cards.model import APPROVE
from bot.cards.story import Story
from bot.cards.words import seat_words, shown_arguments
from bot.demo.company import Company
from bot.demo.estate import recent_changes
from bot.domain.errors import Refusal
from bot.domain.people import PersonId
from bot.domain.requests import (
    DRIVEN_STATUSES,
    Approval,
    ApprovalStatus,
    CallStatus,
    RequestId,
    RequestStatus,
)
from bot.flow.act import Act
from bot.flow.gather import gather
from bot.flow.intake import Intake, Message
from bot.flow.seams import Seams
from bot.flow.seats import asked_persons

REQUESTER: Final = PersonId("p-alice")
PATIENCE_S: Final = 60.0

Say = Callable[[str], None]


class NothingChanged(Refusal):
    """The request ended as “{status}”, and nothing was changed in Acme's systems."""


class TookTooLong(Refusal):
    """The request did not come to an end within {seconds:.0f} seconds."""


async def play(company: Company, seams: Seams, text: str, say: Say) -> None:
    """Plays the request through as Alice; everyone who is asked approves.

    Raises:
        NothingChanged: it ended without a change in Acme's systems.
        TookTooLong: it did not end.
        Refusal: the text was refused.
    """
    before = {change.id for change in recent_changes(company.estate, limit=10_000)}
    say(f"Alice: {text}")
    message = Message(surface="web", place=REQUESTER, person=REQUESTER, text=text)
    request = await Intake(seams)(message)
    try:
        async with asyncio.timeout(PATIENCE_S):
            story = await _decided(seams, request, say)
    except TimeoutError:
        raise TookTooLong(seconds=PATIENCE_S) from None
    for line in story.request.outcome.splitlines():
        say(f"Countersign → Alice: {line}")
    changed = [one for one in recent_changes(company.estate, limit=10_000) if one.id not in before]
    for change in reversed(changed):
        say(f"Acme's systems: {change.summary}")
    if not changed or story.request.status is not RequestStatus.DONE:
        raise NothingChanged(status=story.request.status.value)


async def _decided(seams: Seams, request: RequestId, say: Say) -> Story:
    shown = False
    while True:
        story = await gather(seams, request)
        if story is None or story.request.status in DRIVEN_STATUSES:
            await asyncio.sleep(0.05)
            continue
        if not shown:
            _show_plan(story, say)
            shown = True
        pending = [one for one in story.approvals if one.status is ApprovalStatus.PENDING]
        if story.request.status is not RequestStatus.WAITING or not pending:
            return story
        await _approve(seams, story, pending[0], say)


def _show_plan(story: Story, say: Say) -> None:
    if story.request.diagnosis:
        say(f"Internal note: {story.request.diagnosis}")
    for call in story.reads:
        answer = "answered" if call.status is CallStatus.SUCCEEDED else "no answer"
        say(f"  read {call.tool} ({shown_arguments(story, call)}): {answer}")
    for number, call in enumerate(story.steps, start=1):
        decision = call.action.value if call.action else "undecided"
        say(f"  step {number} {call.tool} ({shown_arguments(story, call)}): {decision}. {call.reason}")


async def _approve(seams: Seams, story: Story, approval: Approval, say: Say) -> None:
    reviewed = frozenset(review.reviewer for one in story.approvals for review in one.reviews)
    asked = await asked_persons(seams.directory, approval, requesters=story.requesters | reviewed)
    if not asked:
        raise TookTooLong(seconds=0)
    approver = min(asked, key=lambda person: (person.is_admin, person.name))
    answer = await Act(seams)(approval.id, approver.id, APPROVE, {})
    say(f"{seat_words(story, approval)} → {approver.name} approves. {answer}")
