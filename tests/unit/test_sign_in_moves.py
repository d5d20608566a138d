"""How a sign-in moves: every status with every event."""

import pytest

from bot.domain.signing_in import SIGN_IN_MOVES, SignInEvent, SignInStatus, after, before

MOVES = {
    "asked": {"began": "begun"},
    "begun": {"began": "begun", "came_back": "taken"},
    "taken": {"began": "begun", "signed_in": "signed_in"},
    "signed_in": {"began": "begun", "proved": "proven", "tried_out": "spent"},
    "proven": {},
    "spent": {},
}


@pytest.mark.parametrize("status", SignInStatus)
@pytest.mark.parametrize("event", SignInEvent)
def test_every_status_moves_on_every_event_as_the_table_says(
    status: SignInStatus, event: SignInEvent
) -> None:
    wanted = MOVES[status.value].get(event.value)
    assert (SIGN_IN_MOVES.get((status, event)) or None) == wanted
    assert (status in before(event)) is (wanted is not None)
    assert wanted in (None, after(event))
