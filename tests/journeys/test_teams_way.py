"""The whole way of a request in Teams: asked, approved, done, told; every card right in the end."""

import pytest

from tests.journeys.teams_stage import TeamsStage
from tests.servers.teams_words import titles, words


@pytest.mark.promise("INT-03", "APR-01", "APR-11", "RPY-01")
async def test_a_message_opens_a_request_that_a_technician_approves_and_everybody_is_told(
    teams_stage: TeamsStage,
) -> None:
    request = await teams_stage.asks("alice", "reset my password")
    card = await teams_stage.card("bob")
    pressed = await teams_stage.presses("bob", card, "Approve")
    assert pressed.kind == "card"
    await teams_stage.stage.ends(request)
    await teams_stage.told("alice", "Done")
    await teams_stage.shows("bob", card, "approved by Bob Brennan")
    other = await teams_stage.acme.eventually(
        lambda: next(
            (one for one in teams_stage.acme.answers(teams_stage.user("carol")) if one.updates), None
        )
    )
    await teams_stage.shows("carol", other, "approved by Bob Brennan")
    assert "Approve" not in titles(other)
    assert "Alice" in words(card)
