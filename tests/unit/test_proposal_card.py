"""The card of a change that a second admin has to approve."""

from datetime import timedelta

import pytest

from bot.cards.rule_change import ShownProposal, proposal_card
from bot.domain.people import PersonId
from bot.domain.proposals import Proposal, ProposalId
from tests.builders import NOW, RESET


def a_proposal() -> Proposal:
    return Proposal(
        id=ProposalId("1"),
        at=NOW,
        by=PersonId("ada"),
        reason="",
        edits=(),
        tools=(RESET,),
        expires=NOW + timedelta(days=7),
    )


@pytest.mark.parametrize(
    ("lines", "loosening", "told"),
    [
        (1, 1, None),
        (3, 3, None),
        (2, 1, "2. The first is about what may do more; the other one is not."),
        (100, 2, "100. The first 2 are about what may do more; the other 98 are not."),
    ],
)
def test_it_says_how_many_changes_there_are_beside_those_that_loosen(
    lines: int, loosening: int, told: str | None
) -> None:
    shown = ShownProposal(
        proposal=a_proposal(),
        author="Ada",
        decided_by="",
        lines=[f"line {number}" for number in range(lines)],
        loosening=loosening,
        open_until="tomorrow",
    )
    facts = {
        fact.label: fact.value for fact in proposal_card(shown, may_decide=True, may_withdraw=False).facts
    }
    assert facts.get("Changes") == told
    assert sum(label.startswith("Change ") or label == "Change" for label in facts) == lines
