"""How requests, approvals and calls move: every status with every event."""

import pytest

from bot.domain.moves import (
    APPROVAL_MOVES,
    CALL_MOVES,
    REQUEST_MOVES,
    ApprovalEvent,
    CallEvent,
    RequestEvent,
    WrongMoment,
    moved,
)
from bot.domain.requests import DRIVEN_STATUSES, OPEN_STATUSES, ApprovalStatus, CallStatus, RequestStatus

REQUESTS = """
received:  taken_up=planning withdrawn=withdrawn failed=failed
planning:  answered=answered noted=noted asked=waiting cleared=executing refused=denied failed=failed
           withdrawn=withdrawn
waiting:   cleared=executing asked=waiting refused=denied denied=denied expired=expired withdrawn=withdrawn
           taken_up=planning finished=done failed=failed
executing: asked=waiting refused=denied finished=done failed=failed lost_sight=attention
attention: settled=executing failed=failed
answered:  continued=received
noted:     continued=received
done:
failed:
denied:
expired:
withdrawn:
"""
APPROVALS = """
pending:   approved=approved denied=denied expired=expired withdrawn=withdrawn voided=void
approved:  voided=void
denied:
expired:
withdrawn:
void:
"""
CALLS = """
proposed:  started=executing refused=refused skipped=skipped
executing: succeeded=succeeded failed=failed lost_sight=unknown not_sent=proposed
unknown:   succeeded=succeeded failed=failed
succeeded:
failed:
refused:
skipped:
"""


def table(text: str) -> dict[str, dict[str, str]]:
    """Gives where each status goes on which event."""
    found: dict[str, dict[str, str]] = {}
    status = ""
    for word in text.split():
        if word.endswith(":"):
            status = word.removesuffix(":")
            found[status] = {}
        else:
            event, _, following = word.partition("=")
            found[status][event] = following
    return found


def test_every_status_has_its_line() -> None:
    assert table(REQUESTS).keys() == {status.value for status in RequestStatus}
    assert table(APPROVALS).keys() == {status.value for status in ApprovalStatus}
    assert table(CALLS).keys() == {status.value for status in CallStatus}


@pytest.mark.parametrize("status", RequestStatus)
@pytest.mark.parametrize("event", RequestEvent)
def test_a_request_moves_as_laid_down_and_in_no_other_way(status: RequestStatus, event: RequestEvent) -> None:
    following = table(REQUESTS)[status.value].get(event.value)
    if following is not None:
        assert moved(REQUEST_MOVES, status, event) == following
        return
    with pytest.raises(WrongMoment) as refused:
        moved(REQUEST_MOVES, status, event)
    assert status.value in refused.value.sentence


@pytest.mark.parametrize("status", ApprovalStatus)
@pytest.mark.parametrize("event", ApprovalEvent)
def test_an_approval_moves_as_laid_down_and_in_no_other_way(
    status: ApprovalStatus, event: ApprovalEvent
) -> None:
    following = table(APPROVALS)[status.value].get(event.value)
    if following is not None:
        assert moved(APPROVAL_MOVES, status, event) == following
        return
    with pytest.raises(WrongMoment):
        moved(APPROVAL_MOVES, status, event)


@pytest.mark.parametrize("status", CallStatus)
@pytest.mark.parametrize("event", CallEvent)
def test_a_call_moves_as_laid_down_and_in_no_other_way(status: CallStatus, event: CallEvent) -> None:
    following = table(CALLS)[status.value].get(event.value)
    if following is not None:
        assert moved(CALL_MOVES, status, event) == following
        return
    with pytest.raises(WrongMoment):
        moved(CALL_MOVES, status, event)


def test_nothing_leads_to_running_but_a_decision_or_a_technicians_word() -> None:
    to_executing = {move for move, following in REQUEST_MOVES.items() if following == "executing"}
    assert {event for _, event in to_executing} == {RequestEvent.CLEARED, RequestEvent.SETTLED}
    to_approved = {move for move, following in APPROVAL_MOVES.items() if following == "approved"}
    assert to_approved == {(ApprovalStatus.PENDING, ApprovalEvent.APPROVED)}
    to_running = {move for move, following in CALL_MOVES.items() if following == "executing"}
    assert to_running == {(CallStatus.PROPOSED, CallEvent.STARTED)}


def test_a_call_that_has_run_or_may_have_run_is_never_proposed_again() -> None:
    behind = {CallStatus.SUCCEEDED, CallStatus.FAILED, CallStatus.UNKNOWN}
    assert not [
        status for (status, _), becomes in CALL_MOVES.items() if status in behind and becomes == "proposed"
    ]


def test_open_requests_are_those_that_still_move_by_themselves_or_by_somebody() -> None:
    over = {status for status in RequestStatus if not table(REQUESTS)[status.value]}
    assert over.isdisjoint(OPEN_STATUSES)
    assert DRIVEN_STATUSES < OPEN_STATUSES
    assert set(RequestStatus) - over - OPEN_STATUSES == {RequestStatus.ANSWERED, RequestStatus.NOTED}
