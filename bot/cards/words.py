"""Sentences about a request that several cards and texts share."""

from collections.abc import Sequence
from typing import Final

from bot.cards.masking import masked
from bot.cards.model import CardCall, Fact, Quote
from bot.cards.story import Story
from bot.cards.visible import visible, visible_value
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, canonical
from bot.domain.grants import SeatKind
from bot.domain.requests import Approval, ApprovalStatus, CallRecord, CallStatus, RequestStatus, Verdict
from bot.domain.tools import shortened

STATUSES: Final = {
    RequestStatus.RECEIVED: "Received. I am looking into it.",
    RequestStatus.PLANNING: "I am looking into it.",
    RequestStatus.WAITING: "Waiting for approval.",
    RequestStatus.EXECUTING: "Approved. I am doing it now.",
    RequestStatus.ANSWERED: "Answered.",
    RequestStatus.DONE: "Done.",
    RequestStatus.FAILED: "It did not work.",
    RequestStatus.DENIED: "Not approved.",
    RequestStatus.EXPIRED: "Nobody decided in time. Ask again if you still need it.",
    RequestStatus.WITHDRAWN: "Withdrawn.",
    RequestStatus.ATTENTION: "A technician is checking whether it worked.",
    RequestStatus.NOTED: "Passed to IT.",
}


def headline(story: Story) -> str:
    """Gives the request in a few words: what its plan would do, or what was asked."""
    if not story.steps:
        return f"“{shortened(visible(one_line(story.request.text), set()), 70)}”"
    first = visible(one_line(story.title(story.steps[0].tool)), set())
    more = len(story.steps) - 1
    return first if not more else f"{first}, and {more} more step{'s' if more > 1 else ''}"


def one_line(text: str) -> str:
    """Gives the text with every run of white space as one space."""
    return " ".join(text.split())


def shown_call(story: Story, call: CallRecord, warnings: set[str], *, with_result: bool = False) -> CardCall:
    """Gives the call as a card shows it: every argument, secrets masked, hidden characters visible."""
    tool = story.tools.get(call.tool)
    return CardCall(
        tool=str(call.tool),
        title=visible(one_line(story.title(call.tool)), warnings),
        arguments=legible(call.arguments, tool.definition.input_schema if tool else {}, warnings),
        effect=call.effect.value,
        decision=call.action.value if call.action else "",
        reason=visible(call.reason, warnings),
        status=call.status.value,
        result=visible(shortened(call.result, 2000), set()) if with_result else "",
    )


def legible(arguments: JsonObject, schema: JsonObject, warnings: set[str]) -> JsonObject:
    """Gives the arguments with secrets masked and hidden characters visible."""
    shown = visible_value(masked(arguments, schema), warnings)
    return shown if isinstance(shown, dict) else {}


def shown_arguments(story: Story, call: CallRecord) -> str:
    """Gives the arguments in one line for a sentence, masked and visible."""
    shown = shown_call(story, call, set()).arguments
    return ", ".join(
        f"{name} = {value if isinstance(value, str) else canonical(value)}" for name, value in shown.items()
    )


def seat_words(story: Story, approval: Approval) -> str:
    """Gives who is asked, e.g. `Manager: Megan Moss` or `Technician (2 of security)`."""
    if approval.seat.kind is SeatKind.MANAGER:
        group = visible(one_line(approval.asked_group or ""), set())
        who = story.name(approval.approver) if approval.approver else f"group {group}"
        return f"Manager: {who}"
    quorum = f"{approval.seat.quorum} of " if approval.seat.quorum > 1 else ""
    return f"Technician ({quorum}{visible(one_line(approval.seat.group), set())})"


def verdict_words(story: Story, approval: Approval) -> str:
    """Gives how the approval stands and by whom, in a few words."""
    if approval.status is ApprovalStatus.PENDING:
        given = [story.name(review.reviewer) for review in approval.reviews]
        return f"waiting; already approved by {', '.join(given)}" if given else "waiting"
    if not approval.reviews:
        return approval.status.value
    words = {Verdict.APPROVE: "approved", Verdict.DENY: "denied"}
    parts = []
    for review in approval.reviews:
        through = " through a standing approval" if review.grant else ""
        reason = f": “{visible(shortened(review.reason, 300), set())}”" if review.reason else ""
        parts.append(
            f"{words[review.verdict]} by {story.name(review.reviewer)}{through}, "
            f"{story.moment(review.at)}{reason}"
        )
    suffix = " (no longer counts)" if approval.status is ApprovalStatus.VOID else ""
    return "; ".join(parts) + suffix


def approval_facts(story: Story, approvals: Sequence[Approval]) -> tuple[Fact, ...]:
    """Gives one fact per approval: who is asked, and how it stands."""
    return tuple(Fact(seat_words(story, approval), verdict_words(story, approval)) for approval in approvals)


def own_words(story: Story, warnings: set[str]) -> tuple[Quote, ...]:
    """Gives the requester's and the agent's words, each marked as theirs."""
    quotes = []
    for request in (story.request, *story.joined):
        name = story.name(request.requester)
        if request.text:
            quotes.append(Quote(f"In {name}’s words (not checked)", visible(request.text, warnings)))
        quotes.extend(
            Quote(f"{name} added (not checked)", visible(detail, warnings)) for detail in request.details
        )
    if story.request.diagnosis:
        quotes.append(Quote("From the agent (not checked)", visible(story.request.diagnosis, warnings)))
    return tuple(quotes)


def outcome_words(story: Story) -> str:
    """Gives what to tell the requester when the calls are through, one line a step."""
    if all(call.status is CallStatus.SUCCEEDED for call in story.steps):
        opening = "Done."
    elif any(call.status is CallStatus.SUCCEEDED for call in story.steps):
        opening = "It stopped before the end. What was done stays done."
    else:
        opening = "It did not work."
    total = len(story.steps)
    lines = [opening]
    for number, call in enumerate(story.steps, start=1):
        prefix = f"{number} of {total}. " if total > 1 else ""
        lines.append(f"{prefix}{_step_words(story, call)}")
    return "\n".join(lines)


def _step_words(story: Story, call: CallRecord) -> str:
    title = visible(story.title(call.tool), set())
    answer = visible(shortened(call.result.strip(), 1500), set())
    granted = ""
    if call.grants and call.action is Action.APPROVAL_NEEDED:
        granted = f"\nNobody had to be asked: standing approval {', '.join(call.grants)} covers it."
    match call.status:
        case CallStatus.SUCCEEDED:
            return f"{answer or title + '.'}{granted}"
        case CallStatus.FAILED:
            return f"{title} failed: {answer or 'no reason was given.'}"
        case CallStatus.REFUSED:
            return f"{title} was refused: {call.reason}"
        case CallStatus.UNKNOWN:
            return f"{title}: it is not known whether it worked."
        case CallStatus.SKIPPED | CallStatus.PROPOSED | CallStatus.EXECUTING:
            return f"{title}: not done."
