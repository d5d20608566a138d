"""The card that asks one seat."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.approval import approval_card
from bot.cards.masking import MASK
from bot.cards.model import ALWAYS_ALLOW, APPROVE, DENY, Card, Dialog
from bot.domain.actions import Effect
from bot.domain.canonical import JsonObject
from bot.domain.grants import MANAGER_SEAT, GrantId, Seat, SeatKind
from bot.domain.people import PersonId
from bot.domain.requests import Approval, ApprovalStatus, Verdict
from tests.builders import NOW, RESET, a_definition, a_person, a_tool
from tests.records import a_record, a_request, a_review, an_approval
from tests.stories import a_story, an_asking_record, facts_of


def ids(card: Card) -> list[str]:
    return [action.id for action in card.actions]


def drawn(approval: Approval | None = None, *, offered: bool = True, **story: object) -> Card:
    asked = approval or an_approval()
    told = a_story(**{"approvals": [asked], **story})  # type: ignore[arg-type]  # the builder's own names
    return approval_card(told, asked, offered=offered, always_allow=None)


def decided(status: ApprovalStatus, *reviews: object, **changes: object) -> Approval:
    return replace(an_approval(status=status), reviews=reviews, decided=NOW, **changes)  # type: ignore[arg-type]  # reviews and fields of an approval


def test_every_argument_is_on_it_and_secrets_are_masked() -> None:
    arguments: JsonObject = {
        "user": "alice@acme.test",
        "password": "hunter2",
        "notes": ["a", {"b": 1}],
        "force": False,
    }
    [call] = drawn(steps=[an_asking_record(arguments)]).calls
    assert call.arguments == {**arguments, "password": MASK}


def test_the_buttons_are_only_for_who_may_decide_while_it_is_open() -> None:
    assert ids(drawn()) == [APPROVE, DENY]
    assert ids(drawn(offered=False)) == []
    dialog = Dialog(title="Always allow", submit="Save")
    story = a_story()
    card = approval_card(story, story.approvals[0], offered=True, always_allow=dialog)
    assert ids(card) == [APPROVE, DENY, ALWAYS_ALLOW]


@pytest.mark.parametrize("status", [status for status in ApprovalStatus if status != "pending"])
def test_a_decided_card_has_no_buttons_and_says_how_it_stands(status: ApprovalStatus) -> None:
    card = drawn(decided(status))
    assert card.actions == ()
    assert card.status == status.value
    assert facts_of(card)["Decision"] == status.value
    assert "Open until" not in facts_of(card)


def test_a_decision_names_who_when_and_why() -> None:
    review = replace(a_review(verdict=Verdict.DENY), reason="Not without\u202e a ticket.")
    card = drawn(decided(ApprovalStatus.DENIED, review))
    assert facts_of(card)["Decision"] == (
        "denied by Bob, 20 November 2026, 14:30 UTC: “Not without⟨U+202E⟩ a ticket.”"
    )


def test_times_are_in_the_tenants_zone() -> None:
    card = drawn(zone="America/New_York")
    assert facts_of(card)["Open until"] == "21 November 2026, 09:30 EST"


def test_an_approval_that_no_longer_counts_says_so() -> None:
    card = drawn(decided(ApprovalStatus.VOID, a_review()))
    assert facts_of(card)["Decision"].endswith("(no longer counts)")


def test_a_word_given_in_advance_says_so() -> None:
    review = replace(a_review(), grant=GrantId("grant-1"))
    card = drawn(decided(ApprovalStatus.APPROVED, review))
    assert "approved by Bob through a standing approval" in facts_of(card)["Decision"]


def test_a_quorum_shows_who_has_approved_so_far() -> None:
    seat = Seat(SeatKind.TECHNICIAN, "security", 2)
    card = drawn(replace(an_approval(seat=seat), reviews=(a_review(),)))
    assert facts_of(card)["Asked of you as"] == "Technician (2 of security)"
    assert facts_of(card)["So far"] == "waiting; already approved by Bob"


def test_the_other_seats_stand_on_it_too() -> None:
    manager = replace(
        an_approval("approval-2", seat=MANAGER_SEAT), approver=PersonId("megan"), asked_group=None
    )
    own = an_approval()
    card = approval_card(a_story(approvals=[own, manager]), own, offered=True, always_allow=None)
    assert facts_of(card)["Manager: Megan"] == "waiting"


def test_a_manager_seat_that_nobody_is_asked_for_yet_is_warned_of() -> None:
    unasked = replace(an_approval(seat=MANAGER_SEAT), approver=None, asked_group=None)
    assert any("manager cannot be asked yet" in warning for warning in drawn(unasked).warnings)


def test_what_destroys_and_what_drifted_is_warned_of_once() -> None:
    steps = [replace(a_record(f"call-{n}", position=n), effect=Effect.DESTROY) for n in range(3)]
    card = drawn(steps=steps, tools=[a_tool(drifted=True)])
    assert len(card.warnings) == 2
    assert "destroys something" in card.warnings[0]
    assert "is not the tool it was" in card.warnings[1]


def test_somebody_who_left_the_directory_is_named_by_their_id() -> None:
    card = drawn(people=[])
    assert facts_of(card)["Requester"] == "alice (no longer in the directory)"
    assert card.title.startswith("alice asks")


def test_own_words_are_marked_as_theirs_whole_and_visible() -> None:
    request = replace(a_request(text="a" * 4000 + "\u202e"), details=("And soon.",), diagnosis="Looks fine.")
    quotes = drawn(request=request).quotes
    assert [quote.label for quote in quotes] == [
        "In Alice’s words (not checked)",
        "Alice added (not checked)",
        "From the agent (not checked)",
    ]
    assert quotes[0].text == "a" * 4000 + "⟨U+202E⟩"


def test_everyone_who_asks_for_the_same_is_named_with_their_words() -> None:
    joined = replace(a_request("request-2", requester="megan", text="Me too"), details=("Please.",))
    card = drawn(joined=[joined])
    assert facts_of(card)["Also asked by"] == "Megan"
    texts = [(quote.label, quote.text) for quote in card.quotes]
    assert ("In Megan’s words (not checked)", "Me too") in texts
    assert ("Megan added (not checked)", "Please.") in texts


def test_a_tools_own_title_can_hide_nothing_in_the_cards() -> None:
    sly = a_definition(RESET, title="Reset\u202e a password\u200b")
    card = drawn(tools=[a_tool(definition=sly)])
    assert card.title == "Alice asks: Reset⟨U+202E⟩ a password⟨U+200B⟩"
    assert card.calls[0].title == "Reset⟨U+202E⟩ a password⟨U+200B⟩"


def test_a_tool_that_is_gone_from_the_catalog_is_named_by_its_id() -> None:
    card = drawn(tools=[])
    assert card.title == "Alice asks: acme-it:reset_password"


def test_a_title_says_how_many_more_steps_there_are() -> None:
    steps = [a_record(f"call-{n}", position=n) for n in range(3)]
    assert drawn(steps=steps).title.endswith(", and 2 more steps")
    assert drawn(steps=steps[:2]).title.endswith(", and 1 more step")


def test_the_replaced_manager_is_explained() -> None:
    asked = replace(
        an_approval(seat=MANAGER_SEAT),
        approver=PersonId("carol"),
        explanation="Megan’s account is disabled, so Carol is asked instead.",
    )
    card = drawn(asked)
    assert facts_of(card)["Why not somebody else"].startswith("Megan’s account is disabled")
    assert facts_of(card)["Their manager"] == "Megan (megan@acme.test)"


def test_who_has_no_manager_has_none_on_the_card() -> None:
    card = drawn(people=[a_person(manager=None)])
    assert facts_of(card)["Their manager"] == "none in the directory"


def test_the_card_is_open_until_the_approval_expires() -> None:
    card = drawn(an_approval(expires=NOW + timedelta(hours=2)))
    assert facts_of(card)["Open until"] == "20 November 2026, 16:30 UTC"
