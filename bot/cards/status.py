"""The requester's card: what happens now, who is waited for, until when."""

from bot.cards.frozen import frozen_words
from bot.cards.model import (
    ADD_DETAILS,
    IT_DID_NOT_RUN,
    IT_RAN,
    NUDGE,
    WITHDRAW,
    Card,
    CardAction,
    Dialog,
    Fact,
    Field,
    FieldKind,
    Quote,
    Style,
)
from bot.cards.story import Story
from bot.cards.visible import visible
from bot.cards.words import STATUSES, approval_facts, headline, own_words, shown_call
from bot.domain.requests import ApprovalStatus, CallStatus, RequestStatus
from bot.domain.tools import shortened

_WITHDRAWABLE = {RequestStatus.RECEIVED, RequestStatus.PLANNING, RequestStatus.WAITING}


def status_card_id(request: str) -> str:
    """Gives the id of the requester's card."""
    return f"status-{request}"


def attention_card_id(request: str) -> str:
    """Gives the id of the card that puts an unknown outcome to technicians."""
    return f"attention-{request}"


def status_card(story: Story) -> Card:
    """Gives the requester's card; it says nothing of the diagnosis, which is for technicians."""
    request = story.request
    facts = [Fact("Now", _now(story))]
    approvals = story.approvals
    if request.status is not RequestStatus.PLANNING:
        facts.extend(approval_facts(story, approvals))
    if request.status is RequestStatus.WAITING and approvals:
        facts.append(Fact("Open until", story.moment(min(approval.expires for approval in approvals))))
    facts.extend(
        Fact("Allowed in advance", f"by {story.name(grant.giver)}, standing approval {grant.id}")
        for grant in story.grants.values()
    )
    words = shortened(visible(request.text, set()), 1000)
    decided = request.status not in {RequestStatus.RECEIVED, RequestStatus.PLANNING}
    return Card(
        id=status_card_id(request.id),
        request=request.id,
        title=shortened(f"Your request: {headline(story) if decided else 'received'}", 150),
        status=request.status.value,
        facts=tuple(facts),
        calls=tuple(shown_call(story, call, set()) for call in story.steps) if decided else (),
        quotes=(Quote("You asked", words),) if words else (),
        warnings=frozen_words(story),
        actions=_actions(story),
    )


def _now(story: Story) -> str:
    request = story.request
    if request.status is RequestStatus.EXECUTING and len(story.steps) > 1:
        done = sum(call.status is CallStatus.SUCCEEDED for call in story.steps)
        return f"Approved. Step {min(done + 1, len(story.steps))} of {len(story.steps)} is running."
    if request.status is RequestStatus.WAITING and story.leading is not None:
        if story.leading.status is not RequestStatus.WAITING:
            return STATUSES[story.leading.status]
        return "Waiting for approval, together with an equal request."
    if request.question_open:
        return "I need one more answer from you."
    denied = any(approval.status is ApprovalStatus.DENIED for approval in story.approvals)
    if request.status is RequestStatus.DENIED and not denied:
        return "Not allowed."
    return STATUSES[request.status]


def _actions(story: Story) -> tuple[CardAction, ...]:
    status = story.request.status
    shared = story.leading.status if story.leading is not None else status
    if not {status, shared} <= _WITHDRAWABLE:
        return ()
    actions = []
    if status is RequestStatus.WAITING:
        actions.append(CardAction(id=NUDGE, label="Nudge"))
        dialog = Dialog(
            title="Add details",
            submit="Add",
            summary="The approvers see what you add.",
            fields=(Field(name="text", label="Details", kind=FieldKind.PARAGRAPH, required=True),),
        )
        actions.append(CardAction(id=ADD_DETAILS, label="Add details", dialog=dialog))
    actions.append(CardAction(id=WITHDRAW, label="Withdraw", style=Style.DANGER))
    return tuple(actions)


def attention_card(story: Story, *, offered: bool) -> Card:
    """Gives the card that asks technicians what became of a call whose answer never came."""
    lost = [call for call in story.steps if call.status is CallStatus.UNKNOWN]
    warnings = set[str]()
    shown = tuple(shown_call(story, call, warnings) for call in (lost or story.steps))
    actions = (
        CardAction(id=IT_RAN, label="It was done", style=Style.PRIMARY),
        CardAction(id=IT_DID_NOT_RUN, label="It was not done", style=Style.DANGER),
    )
    facts = (
        Fact("Requester", story.name(story.request.requester)),
        Fact(
            "What happened",
            "The call was sent, and no answer came. It may or may not have worked. It is not sent again.",
        ),
        Fact("What to do", "Look in the system itself, then say here what you found."),
        Fact("The request", STATUSES[story.request.status]),
    )
    is_open = story.request.status is RequestStatus.ATTENTION
    return Card(
        id=attention_card_id(story.request.id),
        request=story.request.id,
        title=shortened(f"Did it work? {headline(story)}", 150),
        status=story.request.status.value,
        facts=facts,
        calls=shown,
        quotes=own_words(story, warnings),
        warnings=tuple(sorted(warnings)),
        actions=actions if offered and is_open else (),
    )
