"""A freeze holds at once, also for what waits, and only another admin lifts it."""

import pytest

from bot.domain.actions import Action
from tests.commanding import answer, facts, refusal
from tests.journeys.arranging import set_tool, tried_in_vain
from tests.journeys.stage import Json, Stage, action_ids

A_MOMENT = 10 / 3600
"""Hours after which what was away is tried again."""
FREEZE = "freeze tool acme-it:reset_password a key leaked"
UNFREEZE = "unfreeze tool acme-it:reset_password the key was changed"


async def asks(stage: Stage, who: str = "alice") -> str:
    request = await stage.fills(who, "reset_password", user=f"{who}@acme.test")
    await stage.comes_to(request, "waiting")
    return request


async def drawn(stage: Stage, who: str, request: str, *actions: str) -> Json:
    """Waits until the person's card offers just these actions, and gives it."""

    async def look() -> Json | None:
        found = await stage.card(who, request)
        return found if tuple(action_ids(found)) == actions else None

    return await stage.eventually(look, f"{who}'s card to offer {actions}")


def warned(card: Json) -> str:
    warnings = card["warnings"]
    assert isinstance(warnings, list)
    return " ".join(map(str, warnings))


@pytest.mark.promise("POL-15")
async def test_what_waits_is_stopped_on_every_card_until_another_admin_lifts_the_freeze(stage: Stage) -> None:
    request = await asks(stage)
    offered = tuple(action_ids(await stage.card("bob", request)))
    assert "approve" in offered
    done = await answer(stage, "ada", FREEZE)
    assert facts(done)["Stops"].startswith("1 waiting request;")
    card = await drawn(stage, "bob", request, "deny")
    assert "acme-it:reset_password is frozen by Ada Adeyemi since" in warned(card)
    assert "“a key leaked”" in warned(card)
    own = await stage.status_card("alice", request)
    assert "Nothing of it runs until another admin lifts it." in warned(own)
    for action in ("approve", "always_allow"):
        refused = await stage.presses("bob", card, action)
        assert refused.status == 409
        assert "is frozen by Ada Adeyemi" in refused.error
    assert "another admin has to lift it: Ahmed Aziz" in (await refusal(stage, "ada", UNFREEZE)).sentence
    assert (await stage.request(request))["status"] == "waiting"
    await answer(stage, "ahmed", UNFREEZE)
    card = await drawn(stage, "bob", request, *offered)
    assert "frozen" not in warned(card)
    assert "frozen" not in warned(await stage.status_card("alice", request))
    assert (await stage.approves("bob", request)).status == 200
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("POL-15", "RPY-02")
async def test_what_is_frozen_can_still_be_denied(stage: Stage) -> None:
    request = await asks(stage)
    joined = await stage.fills("megan", "reset_password", user="alice@acme.test")
    await stage.comes_to(joined, "waiting")
    done = await answer(stage, "ada", "freeze person alice@acme.test they left in anger")
    assert facts(done)["Stops"].startswith("2 waiting requests;")
    card = await drawn(stage, "bob", request, "deny")
    assert "what Alice Archer asks for is frozen" in warned(card)
    beside = warned(await stage.status_card("megan", joined))
    assert "the equal request that yours waits with is frozen by Ada Adeyemi" in beside
    assert "Alice" not in beside
    assert "anger" not in beside
    assert (await stage.presses("bob", card, "deny", reason="Not now.")).status == 200
    assert (await stage.ends(request))["status"] == "denied"
    assert "Not now." in (await stage.texts("alice"))[-1]


@pytest.mark.promise("POL-15")
async def test_nothing_runs_that_was_approved_before_the_freeze_and_everyone_is_told(stage: Stage) -> None:
    request = await asks(stage)
    stage.connectors.away = True
    await stage.approves("bob", request)
    await tried_in_vain(stage, request)
    await answer(stage, "ada", "freeze connector acme-it a key leaked")
    stage.connectors.away = False
    await stage.hours_pass(A_MOMENT)
    assert (await stage.ends(request))["status"] == "denied"
    assert stage.connectors.called("reset_password") == []
    assert (await stage.texts("alice"))[-1] == (
        "acme-it:reset_password cannot be used now. acme-it is frozen by an admin: a key leaked. "
        "Ask again when the freeze is lifted. Nothing was done."
    )
    await drawn(stage, "bob", request)


@pytest.mark.promise("POL-15")
@pytest.mark.parametrize("scope", ["tenant", "person alice@acme.test"])
async def test_a_new_request_is_refused_whatever_else_allows_it(stage: Stage, scope: str) -> None:
    await set_tool(stage, "reset_password", Action.AUTO)
    await answer(stage, "ada", f"freeze {scope} a key leaked")
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    assert (await stage.ends(request))["status"] == "denied"
    said = (await stage.texts("alice"))[-1]
    assert "frozen by an admin: a key leaked." in said
    assert "Ask again when the freeze is lifted." in said
    assert stage.connectors.called("reset_password") == []
