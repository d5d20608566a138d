"""The card of a change that a second admin has to approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.cards.model import (
    APPROVE,
    DENY,
    WITHDRAW,
    Card,
    CardAction,
    Dialog,
    Fact,
    Field,
    FieldKind,
    Style,
)
from bot.cards.visible import visible
from bot.domain.proposals import Proposal, ProposalStatus

PREFIX: Final = "change-"
"""What the ids of these cards begin with."""

_STATUSES: Final = {
    ProposalStatus.DRAFT: "Not sent yet.",
    ProposalStatus.PENDING: "It waits for another admin to approve it.",
    ProposalStatus.APPROVED: "Approved by {who}. It holds now, as change {number}.",
    ProposalStatus.DENIED: "Denied by {who}. Nothing was changed.",
    ProposalStatus.WITHDRAWN: "Withdrawn. Nothing was changed.",
    ProposalStatus.OVERTAKEN: "Something of it was changed meanwhile, so nothing came of it.",
    ProposalStatus.EXPIRED: "No other admin decided in time. Nothing was changed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProposal:
    """A proposal with the words that only the directory knows."""

    proposal: Proposal
    author: str
    decided_by: str
    lines: Sequence[str]
    """What changes, a line each."""
    loosening: int = 0
    """How many of the lines, the first ones, are about the tools that it lets do more."""
    open_until: str


def proposal_card_id(proposal: str) -> str:
    """Gives the id of the proposal's card."""
    return PREFIX + proposal


def proposal_status(shown: ShownProposal) -> str:
    """Gives how the proposal stands, in a sentence."""
    proposal = shown.proposal
    return _STATUSES[proposal.status].format(who=shown.decided_by, number=proposal.number)


def proposal_card(shown: ShownProposal, *, may_decide: bool, may_withdraw: bool) -> Card:
    """Gives the card; its buttons are for those who may press them."""
    proposal = shown.proposal
    warnings = set[str]()
    tools = ", ".join(map(str, proposal.tools))
    several = len(shown.lines) > 1
    facts = [
        Fact("Now", proposal_status(shown)),
        *_in_all(shown),
        *(
            Fact(f"Change {number}" if several else "Change", visible(line, warnings))
            for number, line in enumerate(shown.lines, 1)
        ),
    ]
    if proposal.reason:
        facts.append(Fact("Reason", visible(proposal.reason, warnings)))
    if proposal.effect:
        facts.append(Fact("What it would have meant", proposal.effect))
    facts += [
        Fact("Lets these do more", visible(tools, warnings)),
        Fact("Why a second admin", "What these do destroys something, so two people have to want it."),
    ]
    if proposal.note:
        is_denied = proposal.status is ProposalStatus.DENIED
        facts.append(Fact("Reason of the denial" if is_denied else "Why", visible(proposal.note, warnings)))
    is_open = proposal.status is ProposalStatus.PENDING
    if is_open:
        facts.append(Fact("Open until", shown.open_until))
    return Card(
        id=proposal_card_id(proposal.id),
        request="",
        title=f"{visible(shown.author, warnings)} wants to change {visible(_what(proposal), warnings)}",
        status=proposal.status.value,
        facts=tuple(facts),
        warnings=tuple(sorted(warnings)),
        actions=_actions(may_decide=is_open and may_decide, may_withdraw=is_open and may_withdraw),
    )


def _what(proposal: Proposal) -> str:
    names = [edit.name for edit in proposal.edits]
    return names[0] if len(names) == 1 else f"{len(names)} things of the policies"


def _in_all(shown: ShownProposal) -> list[Fact]:
    """Gives how many changes there are, where some of them come first."""
    count, first = len(shown.lines), shown.loosening
    if not 0 < first < count:
        return []
    told = "The first is" if first == 1 else f"The first {first} are"
    others = "the other one is not" if count - first == 1 else f"the other {count - first} are not"
    return [Fact("Changes", f"{count}. {told} about what may do more; {others}.")]


def _actions(*, may_decide: bool, may_withdraw: bool) -> tuple[CardAction, ...]:
    actions = []
    if may_decide:
        actions.append(CardAction(id=APPROVE, label="Approve", style=Style.PRIMARY))
        dialog = Dialog(
            title="Deny the change",
            submit="Deny",
            summary="Nothing is changed, and whoever asked for it is told why.",
            fields=(Field(name="reason", label="Reason", kind=FieldKind.PARAGRAPH, required=True),),
        )
        actions.append(CardAction(id=DENY, label="Deny", style=Style.DANGER, dialog=dialog))
    if may_withdraw:
        actions.append(CardAction(id=WITHDRAW, label="Withdraw", style=Style.DANGER))
    return tuple(actions)
