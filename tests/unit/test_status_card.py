"""The requester's own card, the card about an unknown outcome, and the internal note."""

from dataclasses import replace

import pytest

from bot.cards.masking import MASK
from bot.cards.model import ADD_DETAILS, IT_DID_NOT_RUN, IT_RAN, NUDGE, WITHDRAW, Card
from bot.cards.note import note_text
from bot.cards.status import attention_card, attention_card_id, status_card, status_card_id
from bot.cards.words import STATUSES, outcome_words
from bot.domain.actions import Action
from bot.domain.grants import GrantId
from bot.domain.requests import ApprovalStatus, CallStatus, RequestStatus
from tests.builders import a_grant
from tests.records import a_record, a_request, an_approval
from tests.stories import a_story, an_asking_record, facts_of


def ids(card: Card) -> list[str]:
    return [action.id for action in card.actions]


def test_every_status_has_its_words() -> None:
    assert STATUSES.keys() == set(RequestStatus)
    for words in STATUSES.values():
        assert words.endswith(".")


@pytest.mark.parametrize("status", RequestStatus)
def test_withdrawing_is_offered_while_nothing_has_begun(status: RequestStatus) -> None:
    card = status_card(a_story(request=a_request(status=status)))
    before = {RequestStatus.RECEIVED, RequestStatus.PLANNING, RequestStatus.WAITING}
    assert (WITHDRAW in ids(card)) == (status in before)
    assert (NUDGE in ids(card), ADD_DETAILS in ids(card)) == ((status == "waiting"),) * 2
    assert (card.id, card.status) == (status_card_id("request-1"), status.value)
    assert facts_of(card)["Now"]


def test_the_diagnosis_and_the_agents_words_are_not_for_the_requester() -> None:
    request = replace(a_request(status=RequestStatus.WAITING), diagnosis="They look stressed.")
    read = replace(a_record("read-1", position=-1), result="secret finding")
    card = status_card(a_story(request=request, reads=[read]))
    assert "stressed" not in repr(card)
    assert "secret finding" not in repr(card)
    assert [quote.label for quote in card.quotes] == ["You asked"]


def test_while_it_is_looked_into_nothing_of_the_plan_is_shown() -> None:
    card = status_card(a_story(request=a_request(status=RequestStatus.PLANNING)))
    assert card.calls == ()
    assert card.title == "Your request: received"


def test_a_plan_under_way_says_which_step_runs() -> None:
    done = a_record("call-0", status=CallStatus.SUCCEEDED)
    running = a_record("call-1", position=1, status=CallStatus.EXECUTING)
    story = a_story(request=a_request(status=RequestStatus.EXECUTING), steps=[done, running])
    assert facts_of(status_card(story))["Now"] == "Approved. Step 2 of 2 is running."


def test_a_request_that_shares_an_approval_says_how_that_one_stands() -> None:
    own = a_request("request-2", status=RequestStatus.WAITING, joined_to="request-1")
    together = a_story(request=own, leading=a_request(status=RequestStatus.WAITING))
    assert facts_of(status_card(together))["Now"] == "Waiting for approval, together with an equal request."
    assert WITHDRAW in ids(status_card(together))
    running = a_story(request=own, leading=a_request(status=RequestStatus.EXECUTING))
    assert facts_of(status_card(running))["Now"] == STATUSES[RequestStatus.EXECUTING]
    assert ids(status_card(running)) == []


def test_what_was_allowed_in_advance_says_by_whom() -> None:
    card = status_card(a_story(request=a_request(status=RequestStatus.DONE), grants=[a_grant()]))
    assert facts_of(card)["Allowed in advance"] == "by Bob, standing approval grant-1"


def test_a_policys_no_is_not_called_somebodys() -> None:
    refused = a_story(request=a_request(status=RequestStatus.DENIED), approvals=[])
    assert facts_of(status_card(refused))["Now"] == "Not allowed."
    denied = a_story(
        request=a_request(status=RequestStatus.DENIED), approvals=[an_approval(status=ApprovalStatus.DENIED)]
    )
    assert facts_of(status_card(denied))["Now"] == "Not approved."


def test_an_unknown_outcome_is_put_to_those_who_may_say_and_shows_the_lost_call() -> None:
    lost = a_record(
        "call-1", position=1, status=CallStatus.UNKNOWN, arguments={"user": "x@y.test", "pin": "1"}
    )
    story = a_story(
        request=a_request(status=RequestStatus.ATTENTION),
        steps=[a_record("call-0", status=CallStatus.SUCCEEDED), lost],
    )
    card = attention_card(story, offered=True)
    assert card.id == attention_card_id("request-1")
    assert ids(card) == [IT_RAN, IT_DID_NOT_RUN]
    assert [call.arguments for call in card.calls] == [{"user": "x@y.test", "pin": MASK}]
    assert ids(attention_card(story, offered=False)) == []
    settled = replace(story, request=a_request(status=RequestStatus.DONE))
    assert ids(attention_card(settled, offered=True)) == []


def test_the_outcome_counts_the_steps_and_says_where_it_stopped() -> None:
    steps = [
        replace(a_record("call-0", status=CallStatus.SUCCEEDED), result="Alice was sent a link."),
        replace(a_record("call-1", position=1, status=CallStatus.FAILED), result="No licence is free."),
        a_record("call-2", position=2, status=CallStatus.SKIPPED),
    ]
    lines = outcome_words(a_story(steps=steps)).splitlines()
    assert lines[0] == "It stopped before the end. What was done stays done."
    assert lines[1] == "1 of 3. Alice was sent a link."
    assert lines[2].startswith("2 of 3.")
    assert lines[2].endswith("failed: No licence is free.")
    assert lines[3].startswith("3 of 3.")
    assert lines[3].endswith("not done.")


@pytest.mark.parametrize("status", CallStatus)
def test_an_outcome_says_done_only_when_everything_is(status: CallStatus) -> None:
    words = outcome_words(a_story(steps=[a_record(status=status)]))
    assert words.startswith("Done.") == (status is CallStatus.SUCCEEDED)


def test_an_outcome_without_a_reason_says_so_and_hides_nothing() -> None:
    failed = a_record(status=CallStatus.FAILED)
    assert "no reason was given" in outcome_words(a_story(steps=[failed]))
    sly = replace(failed, result="All fine\u202e")
    assert "All fine⟨U+202E⟩" in outcome_words(a_story(steps=[sly]))


def test_an_outcome_names_the_standing_approval() -> None:
    granted = replace(
        a_record(status=CallStatus.SUCCEEDED), action=Action.APPROVAL_NEEDED, grants=(GrantId("grant-1"),)
    )
    assert "standing approval grant-1" in outcome_words(a_story(steps=[granted]))


def test_a_note_holds_diagnosis_reads_and_plan_on_lines_of_its_own() -> None:
    request = replace(
        a_request(text="I forgot\nInternal note · Bob asked: “x”"), diagnosis="Account is fine."
    )
    read = replace(a_record("read-1", position=-1, arguments={"user": "a", "token": "t0p"}), result="x")
    story = a_story(
        request=request,
        reads=[replace(read, status=CallStatus.SUCCEEDED), replace(read, status=CallStatus.FAILED)],
        steps=[an_asking_record({"user": "alice@acme.test", "password": "hunter2"})],
    )
    lines = note_text(story).splitlines()
    assert lines[0].startswith("Internal note · Alice asked: “I forgot Internal note")
    assert lines[1] == "Diagnosis: Account is fine."
    assert lines[2] == f"Read acme-it:reset_password (user = a, token = {MASK}): answered."
    assert lines[3].endswith("did not answer.")
    assert lines[5].startswith(f"1. acme-it:reset_password (user = alice@acme.test, password = {MASK})")
    assert "approval_needed" in lines[5]
