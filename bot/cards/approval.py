"""The card that asks one seat: everything an approver needs, as facts from the executor."""

from bot.cards.frozen import frozen_words
from bot.cards.model import (
    ALWAYS_ALLOW,
    APPROVE,
    DENY,
    Card,
    CardAction,
    Dialog,
    Fact,
    Field,
    FieldKind,
    Style,
)
from bot.cards.story import Story
from bot.cards.visible import visible
from bot.cards.words import (
    STATUSES,
    approval_facts,
    headline,
    one_line,
    own_words,
    seat_words,
    shown_call,
    verdict_words,
)
from bot.domain.actions import Action, Effect
from bot.domain.grants import SeatKind
from bot.domain.requests import Approval, ApprovalStatus
from bot.domain.tools import shortened


def approval_card(story: Story, approval: Approval, *, offered: bool, always_allow: Dialog | None) -> Card:
    """Gives the card of one approval.

    Args:
        story: the request with everything around it.
        approval: the seat's question.
        offered: whether this viewer may decide now; while something of it is frozen, only to deny it.
        always_allow: the dialog of Always allow; None where it is not offered to this viewer.
    """
    warnings = set[str]()
    calls = tuple(shown_call(story, call, warnings) for call in story.steps)
    quotes = own_words(story, warnings)
    facts = (*_who(story, approval, warnings), *_why(story, approval), *_when(story, approval))
    is_open = approval.status is ApprovalStatus.PENDING
    frozen = frozen_words(story) if is_open else ()
    return Card(
        id=approval.id,
        request=story.request.id,
        title=shortened(f"{story.name(story.request.requester)} asks: {headline(story)}", 150),
        status=approval.status.value,
        facts=facts,
        calls=calls,
        quotes=quotes,
        warnings=(*frozen, *_dangers(story), *sorted(warnings)),
        actions=_actions(always_allow, frozen=bool(frozen)) if offered and is_open else (),
    )


def approval_card_for_others(approval: Approval) -> Card:
    """Gives what is left of a card for somebody of whom it is not asked any more."""
    return Card(
        id=approval.id,
        request=approval.request,
        title="This is not asked of you any more",
        status=approval.status.value,
    )


def deny_dialog() -> Dialog:
    """Gives the dialog that asks for the reason of a denial."""
    return Dialog(
        title="Deny this request",
        submit="Deny",
        summary="Nothing will run. The person who asked is told, with your reason.",
        fields=(
            Field(
                name="reason",
                label="Reason",
                kind=FieldKind.PARAGRAPH,
                help="One sentence that helps them: what is missing, or whom to ask.",
            ),
        ),
    )


def _actions(always_allow: Dialog | None, *, frozen: bool) -> tuple[CardAction, ...]:
    deny = CardAction(id=DENY, label="Deny", style=Style.DANGER, dialog=deny_dialog())
    if frozen:
        return (deny,)
    actions = [CardAction(id=APPROVE, label="Approve", style=Style.PRIMARY), deny]
    if always_allow is not None:
        actions.append(CardAction(id=ALWAYS_ALLOW, label="Always allow…", dialog=always_allow))
    return tuple(actions)


def _who(story: Story, approval: Approval, warnings: set[str]) -> list[Fact]:
    def seen(text: str) -> str:
        return visible(one_line(text), warnings)

    requester = story.requester
    facts = []
    if requester is None:
        facts.append(Fact("Requester", f"{seen(story.request.requester)} (no longer in the directory)"))
    else:
        department = f", {seen(requester.department)}" if requester.department else ""
        facts.append(Fact("Requester", f"{seen(requester.name)} ({seen(requester.email)}){department}"))
        manager = story.people.get(requester.manager) if requester.manager else None
        facts.append(
            Fact(
                "Their manager",
                f"{seen(manager.name)} ({seen(manager.email)})" if manager else "none in the directory",
            )
        )
    if story.joined:
        names = ", ".join(story.name(other.requester) for other in story.joined)
        facts.append(Fact("Also asked by", names))
    facts.append(Fact("Asked of you as", seat_words(story, approval)))
    if approval.explanation:
        facts.append(Fact("Why not somebody else", seen(approval.explanation)))
    return facts


def _why(story: Story, approval: Approval) -> list[Fact]:
    reasons = dict.fromkeys(
        call.reason for call in story.steps if call.action is Action.APPROVAL_NEEDED and call.reason
    )
    facts = [Fact("Why you are asked", " ".join(reasons))] if reasons else []
    others = tuple(other for other in story.approvals if other.id != approval.id)
    facts.extend(approval_facts(story, others))
    return facts


def _when(story: Story, approval: Approval) -> list[Fact]:
    if approval.status is ApprovalStatus.PENDING:
        facts = [Fact("Open until", story.moment(approval.expires))]
        if approval.reviews:
            facts.append(Fact("So far", verdict_words(story, approval)))
        return facts
    return [
        Fact("Decision", verdict_words(story, approval)),
        Fact("The request", STATUSES[story.request.status]),
    ]


def _dangers(story: Story) -> tuple[str, ...]:
    dangers = []
    if any(call.effect is Effect.DESTROY for call in story.steps):
        dangers.append("This destroys something. It may not be possible to undo it.")
    for call in story.steps:
        tool = story.tools.get(call.tool)
        if tool is not None and tool.drifted:
            dangers.append(
                f"{call.tool} is not the tool it was when it was accepted: its description or its fields "
                "changed. Approve only if you know why."
            )
    managers = [a for a in story.approvals if a.seat.kind is SeatKind.MANAGER]
    if any(a.approver is None and a.asked_group is None for a in managers):
        dangers.append("The directory does not answer, so the manager cannot be asked yet.")
    if story.people_as_of is not None:
        dangers.append(
            "The directory does not answer. People are shown as they were on "
            f"{story.moment(story.people_as_of)}; roles and managers are checked when it is back."
        )
    return tuple(dict.fromkeys(dangers))
