"""What cards in Teams say once nothing can be approved any more, or nobody knows whether a call worked."""

import pytest

from tests.journeys.arranging import list_tools, with_another_description
from tests.journeys.teams_decisions import LATE, approval_id, approval_of, new_card
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage
from tests.servers.teams_words import titles, words


@pytest.mark.promise("APR-11", "APR-12")
async def test_what_is_expired_withdrawn_or_void_shows_it_and_can_be_approved_no_more(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    for end in ("expired", "withdrawn", "void"):
        known = frozenset(one.id for one in stage.acme.answers(stage.user("alice")))
        request = await stage.asks("alice", "I forgot my password")
        card, asked = await stage.card("bob"), await stage.card("carol")
        approval, old = approval_id(card), asked.activity
        if end == "expired":
            await stage.stage.hours_pass(24.5)
        elif end == "withdrawn":
            await stage.presses("alice", await stage.status_card("alice", known=known), "Withdraw")
        else:
            await list_tools(stage.stage, with_another_description("reset_password"))
            await stage.stage.hours_pass(0)
        shown = "– No longer valid" if end == "void" else f"– {end.capitalize()}"
        for copy in (card, asked):
            await stage.shows("bob", copy, shown)
            assert titles(copy) == []
        await stage.stage.worker.settle(None)
        # As where an update was lost.
        asked.activity = old
        told = f"{LATE}Technician (technicians): {end}."
        assert (await stage.presses("carol", asked, "Approve")).text == told
        await stage.shows("carol", asked, shown)
        assert titles(asked) == []
        if end == "void":
            again = await new_card(stage, "bob", set())
            assert approval_id(again) != approval
            assert (await approval_of(stage, approval_id(again))).request == request
    assert stage.stage.changes() == []


@pytest.mark.promise("EXE-01", "APR-11")
@pytest.mark.parametrize("ran", [True, False], ids=["it was done", "it was not done"])
async def test_an_unknown_outcome_is_put_to_the_technicians_and_settled_by_one_of_them(
    teams_stage: TeamsStage, *, ran: bool
) -> None:
    stage = teams_stage
    stage.stage.connectors.silent.add("reset_password")
    request = await stage.asks("alice", "I forgot my password")
    await stage.approves("bob")
    await stage.stage.comes_to(request, "attention")
    button, other = ("It was done", "It was not done") if ran else ("It was not done", "It was done")
    cards = {who: await stage.card(who, button) for who in TECHNICIANS}
    assert "The call was sent, and no answer came." in words(cards["bob"])
    assert titles(cards["bob"]) == ["It was done", "It was not done"]
    old = cards["bob"].activity
    pressed = await stage.presses("carol", cards["carol"], button)
    assert pressed.card is not None
    assert titles(pressed.card) == []
    await stage.stage.comes_to(request, "done" if ran else "failed")
    await stage.told("alice", f"Carol Castillo looked: it {'was done' if ran else 'was not done'}.")
    shown = "The request\nDone." if ran else "The request\nIt did not work."
    for who, copy in cards.items():
        await stage.shows(who, copy, shown)
        assert titles(copy, stage.user(who)) == []
    await stage.stage.worker.settle(None)
    # As where an update was lost.
    cards["bob"].activity = old
    late = await stage.presses("bob", cards["bob"], other)
    assert late.text == f"{LATE}a technician has said already what became of it."
    await stage.shows("bob", cards["bob"], shown)
    assert len(stage.stage.connectors.called("reset_password")) == 1
